//! The queries in Athena's SQL. Each is bounded by the partitions, so that it reads little, and by the lines' own time.
use super::{
    Archive, Export, columns,
    question::{Only, Question},
};

/// The hours that are looked at.
const HOURS: u32 = 24;

/// An object lies in the folder of its oldest records' arrival. Firehose gathers for 15 minutes at most.
const SLACK: u32 = 1;

pub fn query(export: &Export, archive: &Archive, question: Question) -> String {
    let asked = |plain: &str| {
        let field = archive.records.asked(question, plain)?;
        Some(format!("\"{}\"", columns::name_of(archive, field)))
    };
    let has = |plain| asked(plain).unwrap_or_default();
    let all = |plains: &[&str]| plains.iter().filter_map(|plain| asked(plain)).collect::<Vec<_>>();
    let select = Select { from: format!("\"{}\".\"{}\"", export.database, export.view(archive)), ..Select::default() };
    let select = match question {
        Question::ErrorsByPath => {
            let (path, status) = (has("path"), has("status"));
            Select {
                columns: vec![
                    path.clone(),
                    format!("count_if({status} >= 500) AS server_errors"),
                    format!("count_if({status} BETWEEN 400 AND 499) AS client_errors"),
                    "count(*) AS requests".into(),
                ],
                group: vec![path],
                having: Some(format!("count_if({status} >= 400) > 0")),
                order: "server_errors DESC, client_errors DESC".into(),
                limit: Some(100),
                ..select
            }
        }
        Question::SlowestRequests => {
            let (field, parts) = archive.records.duration(question).expect("it is needed");
            let duration = format!("\"{}\"", columns::name_of(archive, field));
            let milliseconds = match parts {
                1 => format!("{duration} AS milliseconds"),
                _ => format!("{duration} / {parts}.0 AS milliseconds"),
            };
            Select {
                columns: [vec![has("time"), milliseconds], all(&["method", "path", "query", "status", "client"])]
                    .concat(),
                order: "milliseconds DESC".into(),
                limit: Some(100),
                ..select
            }
        }
        Question::TopClients => {
            let client = has("client");
            let errors = asked("status").map(|status| format!("count_if({status} >= 400) AS errors"));
            let bytes = asked("bytes").map(|bytes| format!("sum({bytes}) AS bytes"));
            let counts = ["count(*) AS requests".to_string()].into_iter().chain(errors).chain(bytes);
            Select {
                columns: [client.clone()].into_iter().chain(counts).collect(),
                group: vec![client],
                order: "requests DESC".into(),
                limit: Some(100),
                ..select
            }
        }
        Question::TrafficByHour => {
            let bytes = asked("bytes").map(|bytes| format!("sum({bytes}) AS bytes"));
            let hour = format!("date_trunc('hour', {})", has("time"));
            let columns = [format!("{hour} AS hour_start"), "count(*) AS requests".into()];
            Select {
                columns: columns.into_iter().chain(bytes).collect(),
                group: vec![hour],
                order: "hour_start".into(),
                ..select
            }
        }
        Question::ServerErrorShare => {
            let (hour, status) = (format!("date_trunc('hour', {})", has("time")), has("status"));
            Select {
                columns: vec![
                    format!("{hour} AS hour_start"),
                    format!("count_if({status} >= 500) AS server_errors"),
                    "count(*) AS requests".into(),
                    format!("round(100.0 * count_if({status} >= 500) / count(*), 2) AS percent"),
                ],
                group: vec![hour],
                order: "hour_start".into(),
                ..select
            }
        }
        Question::ErrorLog => {
            let by = all(&["level", "module", "code", "message"]);
            let time = has("time");
            let counts = ["count(*) AS lines".to_string(), format!("max({time}) AS last_seen")];
            Select {
                columns: by.iter().cloned().chain(counts).collect(),
                group: by,
                order: "lines DESC".into(),
                limit: Some(100),
                ..select
            }
        }
        Question::UnparsedLines => Select {
            columns: ["\"container_name\"", "\"source\"", "count(*) AS lines", "arbitrary(\"log\") AS one_of_them"]
                .map(str::to_string)
                .to_vec(),
            group: vec!["\"container_name\"".into(), "\"source\"".into()],
            order: "lines DESC".into(),
            limit: Some(100),
            ..select
        },
    };
    let select = Select { conditions: bounds(archive, question, asked("time")), ..select };
    format!("-- {}, in the last {HOURS} hours.\n{}", question.title(), select.render())
}

/// Partitions, the lines' own time, and their kind.
fn bounds(archive: &Archive, question: Question, time: Option<String>) -> Vec<String> {
    let date = archive.layout.date.as_ref().map(|date| {
        let folders = HOURS + SLACK;
        let from = format!("current_timestamp - INTERVAL '{folders}' HOUR");
        format!("\"{}\" >= date_format({from}, '{}')", date.column(), date.trino().replace('\'', "''"))
    });
    let time = time.map(|time| format!("{time} >= current_timestamp - INTERVAL '{HOURS}' HOUR"));
    let subject = question.subject(&archive.records);
    let kind = subject.map(|subject| format!("\"kind\" = '{}'", subject.kind));
    let only = subject.and_then(|subject| subject.only).map(|only| match only {
        Only::With(field) => format!("\"{}\" IS NOT NULL", columns::name_of(archive, field)),
        Only::OneOf(field, values) => {
            format!("\"{}\" IN ('{}')", columns::name_of(archive, field), values.join("', '"))
        }
    });
    [date, time, kind, only].into_iter().flatten().collect()
}

#[derive(Default)]
struct Select {
    columns: Vec<String>,
    from: String,
    conditions: Vec<String>,
    group: Vec<String>,
    having: Option<String>,
    order: String,
    limit: Option<u32>,
}

impl Select {
    fn render(&self) -> String {
        let mut text = format!("SELECT\n  {}\nFROM {}\n", self.columns.join(",\n  "), self.from);
        let mut line = |word: &str, rest: String| text.push_str(&format!("{word} {rest}\n"));
        if !self.conditions.is_empty() {
            line("WHERE", self.conditions.join("\n  AND "));
        }
        if !self.group.is_empty() {
            line("GROUP BY", self.group.join(", "));
        }
        if let Some(having) = &self.having {
            line("HAVING", having.clone());
        }
        line("ORDER BY", self.order.clone());
        if let Some(limit) = self.limit {
            line("LIMIT", limit.to_string());
        }
        text
    }
}
