//! The queries in the language of CloudWatch Logs Insights, which finds the members of JSON records by itself.
//!
//! Source: CloudWatch Logs user guide, "CloudWatch Logs Insights language query syntax". A query holds for one log
//! group and one span of time, which whoever runs it gives.
use super::{
    Field, LogGroup, NAME, Records,
    question::{Only, Question},
};
use crate::export::marker;

/// The query with what it is in front, for a file.
pub fn file(group: &LogGroup, question: Question) -> String {
    let records = &group.records;
    let routes = match records.routes.as_slice() {
        [] => String::new(),
        routes => format!("# Routes that lead here, for a `filter route = \"…\"`: {}\n", routes.join(", ")),
    };
    format!(
        "# {}\n# {}, in the log group {}.\n{routes}{}\n",
        marker(NAME),
        question.title(),
        group.name,
        query(records, question)
    )
}

/// The query.
pub fn query(records: &Records, question: Question) -> String {
    let asked = Asked { records, question };
    [vec![asked.filter()], asked.commands().unwrap_or_default()].concat().join("\n| ")
}

/// A question about a log group.
#[derive(Clone, Copy)]
struct Asked<'a> {
    records: &'a Records,
    question: Question,
}

impl Asked<'_> {
    /// Which records.
    fn filter(self) -> String {
        let subject = self.question.subject(self.records);
        let kind = subject.map_or("", |subject| subject.kind);
        let only = subject.and_then(|subject| subject.only).map(|only| match only {
            Only::With(field) => format!(" and ispresent({})", name(field)),
            Only::OneOf(field, values) => format!(" and {} in [\"{}\"]", name(field), values.join("\", \"")),
        });
        let failed = self.field("status").filter(|_| self.question == Question::ErrorsByPath);
        let failed = failed.map(|status| format!(" and {status} >= 400"));
        format!("filter kind = \"{kind}\"{}{}", only.unwrap_or_default(), failed.unwrap_or_default())
    }

    /// What is made of them; there unless a field is missing that the question needs.
    fn commands(self) -> Option<Vec<String>> {
        Some(match self.question {
            Question::ErrorsByPath => {
                let counts = format!("sum({}) as server_errors, count(*) as errors", self.server_error()?);
                ranking(&counts, &self.field("path")?, "server_errors desc, errors desc")
            }
            Question::SlowestRequests => {
                let (field, parts) = self.records.duration(self.question)?;
                let milliseconds = if parts == 1 { name(field) } else { format!("{} / {parts}", name(field)) };
                let request = self.fields(&["method", "path", "query", "status", "client"]);
                let fields = format!("fields @timestamp, {milliseconds} as milliseconds, {request}");
                vec![fields, "sort milliseconds desc".into(), limit()]
            }
            Question::TopClients => {
                ranking(&format!("count(*) as requests{}", self.bytes()), &self.field("client")?, "requests desc")
            }
            Question::TrafficByHour => vec![format!("stats count(*) as requests{} by bin(1h)", self.bytes())],
            Question::ServerErrorShare => {
                let percent = format!("avg(100 * {}) as percent", self.server_error()?);
                vec![format!("stats {percent}, count(*) as requests by bin(1h)")]
            }
            Question::ErrorLog => {
                let by = self.fields(&["level", "module", "code", "message"]);
                ranking("count(*) as lines, latest(@timestamp) as last_seen", &by, "lines desc")
            }
            Question::UnparsedLines => {
                ranking("count(*) as lines, latest(log) as one_of_them", "`container_name`, source", "lines desc")
            }
        })
    }

    /// 1 from 500 on: the language counts no conditions.
    fn server_error(self) -> Option<String> {
        self.field("status").map(|status| format!("floor({status} / 500)"))
    }

    fn bytes(self) -> String {
        self.field("bytes").map(|field| format!(", sum({field}) as `bytes`")).unwrap_or_default()
    }

    fn field(self, plain: &str) -> Option<String> {
        self.records.asked(self.question, plain).map(name)
    }

    /// Those that there are.
    fn fields(self, plains: &[&str]) -> String {
        plains.iter().filter_map(|plain| self.field(plain)).collect::<Vec<_>>().join(", ")
    }
}

fn ranking(counts: &str, by: &str, order: &str) -> Vec<String> {
    vec![format!("stats {counts} by {by}"), format!("sort {order}"), limit()]
}

fn limit() -> String {
    "limit 100".to_string()
}

/// Names with other characters than letters and digits are in backticks; a dot would lead into a nested object.
fn name(field: &Field) -> String {
    match field.key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        true => field.key.clone(),
        false => format!("`{}`", field.key),
    }
}
