//! The queries in Athena's SQL. Each is bounded by the partitions, so that it reads little, and by the lines' own time.
use super::{
    Archive, Athena, Field, columns,
    question::{Only, Question},
};

/// The hours that are looked at.
const HOURS: u32 = 24;

/// An object lies in the folder of its oldest records' arrival. Firehose gathers for 15 minutes at most.
const SLACK: u32 = 1;

/// The rows of a ranking.
const ROWS: u32 = 100;

pub fn query(export: &Athena, archive: &Archive, question: Question) -> String {
    let asked = Asked { archive, question };
    let select = asked.select().unwrap_or_default();
    let from = format!("\"{}\".\"{}\"", export.database, export.view(archive));
    let select = Select { from, conditions: asked.bounds(), ..select };
    format!("-- {}, in the last {HOURS} hours.\n{}", question.title(), select.render())
}

/// A question about an archive.
#[derive(Clone, Copy)]
struct Asked<'a> {
    archive: &'a Archive,
    question: Question,
}

impl Asked<'_> {
    /// What is selected; there unless a field is missing that the question needs.
    fn select(self) -> Option<Select> {
        match self.question {
            Question::ErrorsByPath => self.errors_by_path(),
            Question::SlowestRequests => self.slowest_requests(),
            Question::TopClients => self.top_clients(),
            Question::TrafficByHour => self.traffic_by_hour(),
            Question::ServerErrorShare => self.server_error_share(),
            Question::ErrorLog => self.error_log(),
            Question::UnparsedLines => Some(unparsed_lines()),
        }
    }

    fn errors_by_path(self) -> Option<Select> {
        let (path, status) = (self.column("path")?, self.column("status")?);
        Some(Select {
            columns: vec![
                path.clone(),
                format!("count_if({status} >= 500) AS server_errors"),
                format!("count_if({status} BETWEEN 400 AND 499) AS client_errors"),
                "count(*) AS requests".into(),
            ],
            group: vec![path],
            having: Some(format!("count_if({status} >= 400) > 0")),
            order: "server_errors DESC, client_errors DESC",
            limit: Some(ROWS),
            ..Select::default()
        })
    }

    fn slowest_requests(self) -> Option<Select> {
        let (field, parts) = self.archive.records.duration(self.question)?;
        let duration = self.quoted(field);
        let milliseconds = match parts {
            1 => format!("{duration} AS milliseconds"),
            _ => format!("{duration} / {parts}.0 AS milliseconds"),
        };
        let request = self.columns(&["method", "path", "query", "status", "client"]);
        Some(Select {
            columns: [vec![self.column("time")?, milliseconds], request].concat(),
            order: "milliseconds DESC",
            limit: Some(ROWS),
            ..Select::default()
        })
    }

    fn top_clients(self) -> Option<Select> {
        let client = self.column("client")?;
        let errors = self.column("status").map(|status| format!("count_if({status} >= 400) AS errors"));
        let counts = ["count(*) AS requests".to_string()].into_iter().chain(errors).chain(self.bytes());
        Some(Select {
            columns: [client.clone()].into_iter().chain(counts).collect(),
            group: vec![client],
            order: "requests DESC",
            limit: Some(ROWS),
            ..Select::default()
        })
    }

    fn traffic_by_hour(self) -> Option<Select> {
        self.by_hour(["count(*) AS requests".to_string()].into_iter().chain(self.bytes()))
    }

    fn server_error_share(self) -> Option<Select> {
        let errors = format!("count_if({} >= 500)", self.column("status")?);
        self.by_hour([
            format!("{errors} AS server_errors"),
            "count(*) AS requests".into(),
            format!("round(100.0 * {errors} / count(*), 2) AS percent"),
        ])
    }

    fn error_log(self) -> Option<Select> {
        let by = self.columns(&["level", "module", "code", "message"]);
        let counts = ["count(*) AS lines".to_string(), format!("max({}) AS last_seen", self.column("time")?)];
        Some(Select {
            columns: by.iter().cloned().chain(counts).collect(),
            group: by,
            order: "lines DESC",
            limit: Some(ROWS),
            ..Select::default()
        })
    }

    fn by_hour(self, counts: impl IntoIterator<Item = String>) -> Option<Select> {
        let hour = format!("date_trunc('hour', {})", self.column("time")?);
        let columns = [format!("{hour} AS hour_start")].into_iter().chain(counts).collect();
        Some(Select { columns, group: vec![hour], order: "hour_start", ..Select::default() })
    }

    fn bytes(self) -> Option<String> {
        self.column("bytes").map(|bytes| format!("sum({bytes}) AS bytes"))
    }

    /// The column of the field that has this plain name.
    fn column(self, plain: &str) -> Option<String> {
        self.archive.records.asked(self.question, plain).map(|field| self.quoted(field))
    }

    /// Those that there are.
    fn columns(self, plains: &[&str]) -> Vec<String> {
        plains.iter().filter_map(|plain| self.column(plain)).collect()
    }

    fn quoted(self, field: &Field) -> String {
        format!("\"{}\"", columns::name_of(self.archive, field))
    }

    /// Partitions, the lines' own time, and their kind.
    fn bounds(self) -> Vec<String> {
        let date = self.archive.layout.date.as_ref().map(|date| {
            let from = format!("current_timestamp - INTERVAL '{}' HOUR", HOURS + SLACK);
            format!("\"{}\" >= date_format({from}, '{}')", date.column(), date.trino().replace('\'', "''"))
        });
        let time = self.column("time").map(|time| format!("{time} >= current_timestamp - INTERVAL '{HOURS}' HOUR"));
        let subject = self.question.subject(&self.archive.records);
        let kind = subject.map(|subject| format!("\"kind\" = '{}'", subject.kind));
        let only = subject.and_then(|subject| subject.only).map(|only| match only {
            Only::With(field) => format!("{} IS NOT NULL", self.quoted(field)),
            Only::OneOf(field, values) => format!("{} IN ('{}')", self.quoted(field), values.join("', '")),
        });
        [date, time, kind, only].into_iter().flatten().collect()
    }
}

fn unparsed_lines() -> Select {
    let by = ["\"container_name\"", "\"source\""].map(str::to_string);
    let counts = ["count(*) AS lines", "arbitrary(\"log\") AS one_of_them"].map(str::to_string);
    Select {
        columns: by.iter().cloned().chain(counts).collect(),
        group: by.to_vec(),
        order: "lines DESC",
        limit: Some(ROWS),
        ..Select::default()
    }
}

#[derive(Default)]
struct Select {
    columns: Vec<String>,
    from: String,
    conditions: Vec<String>,
    group: Vec<String>,
    having: Option<String>,
    order: &'static str,
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
        line("ORDER BY", self.order.to_string());
        if let Some(limit) = self.limit {
            line("LIMIT", limit.to_string());
        }
        text
    }
}
