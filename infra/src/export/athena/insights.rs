//! The queries in the language of CloudWatch Logs Insights, which finds the members of JSON records by itself.
//!
//! Source: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax". A query holds for one log group and one
//! span of time, which whoever runs it gives.
use super::{
    Export, Field, LogGroup, Records,
    question::{Only, Question},
};

/// The query with what it is in front, for a file.
pub fn file(export: &Export, group: &LogGroup, question: Question) -> String {
    let records = &group.records;
    let routes = match records.routes.as_slice() {
        [] => String::new(),
        routes => format!("# Routes that lead here, for a `filter route = \"…\"`: {}\n", routes.join(", ")),
    };
    format!(
        "# {}\n# {}, in the log group {}.\n{routes}{}\n",
        export.marker,
        question.title(),
        group.name,
        query(records, question)
    )
}

/// The query.
pub fn query(records: &Records, question: Question) -> String {
    let asked = |plain: &str| records.asked(question, plain).map(name);
    let has = |plain| asked(plain).unwrap_or_default();
    let all = |plains: &[&str]| plains.iter().filter_map(|plain| asked(plain)).collect::<Vec<_>>().join(", ");
    let Some(subject) = question.subject(records) else { return String::new() };
    let only = subject.only.map(|only| match only {
        Only::With(field) => format!(" and ispresent({})", name(field)),
        Only::OneOf(field, values) => format!(" and {} in [\"{}\"]", name(field), values.join("\", \"")),
    });
    let of_kind = format!("filter kind = \"{}\"{}", subject.kind, only.unwrap_or_default());
    // 1 from 500 on: the language counts no conditions.
    let server_error = || format!("floor({} / 500)", has("status"));
    let commands = match question {
        Question::ErrorsByPath => vec![
            format!("{of_kind} and {} >= 400", has("status")),
            format!("stats sum({}) as server_errors, count(*) as errors by {}", server_error(), has("path")),
            "sort server_errors desc, errors desc".into(),
            "limit 100".into(),
        ],
        Question::SlowestRequests => {
            let (field, parts) = records.duration(question).expect("it is needed");
            vec![
                of_kind,
                format!("fields @timestamp, {} as milliseconds, {}", milliseconds(field, parts), requests(&all)),
                "sort milliseconds desc".into(),
                "limit 100".into(),
            ]
        }
        Question::TopClients => vec![
            of_kind,
            format!("stats count(*) as requests{} by {}", bytes(asked("bytes")), has("client")),
            "sort requests desc".into(),
            "limit 100".into(),
        ],
        Question::TrafficByHour => {
            vec![of_kind, format!("stats count(*) as requests{} by bin(1h)", bytes(asked("bytes")))]
        }
        Question::ServerErrorShare => {
            vec![of_kind, format!("stats avg(100 * {}) as percent, count(*) as requests by bin(1h)", server_error())]
        }
        Question::ErrorLog => vec![
            of_kind,
            format!("stats count(*) as lines, latest(@timestamp) as last_seen by {}", all(&ERROR)),
            "sort lines desc".into(),
            "limit 100".into(),
        ],
        Question::UnparsedLines => vec![
            of_kind,
            "stats count(*) as lines, latest(log) as one_of_them by `container_name`, source".into(),
            "sort lines desc".into(),
            "limit 100".into(),
        ],
    };
    commands.join("\n| ")
}

const ERROR: [&str; 4] = ["level", "module", "code", "message"];

fn requests(all: &dyn Fn(&[&str]) -> String) -> String {
    all(&["method", "path", "query", "status", "client"])
}

fn milliseconds(duration: &Field, parts: u32) -> String {
    match parts {
        1 => name(duration),
        parts => format!("{} / {parts}", name(duration)),
    }
}

fn bytes(field: Option<String>) -> String {
    field.map(|field| format!(", sum({field}) as `bytes`")).unwrap_or_default()
}

/// Names with other characters than letters and digits are in backticks; a dot would lead into a nested object.
fn name(field: &Field) -> String {
    match field.key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        true => field.key.clone(),
        false => format!("`{}`", field.key),
    }
}
