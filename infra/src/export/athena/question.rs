//! What is asked of the records, in whatever language. A question that the fields do not answer is left out.
use super::{Field, Records};
use crate::export::Unsupported;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    ErrorsByPath,
    SlowestRequests,
    TopClients,
    TrafficByHour,
    ServerErrorShare,
    ErrorLog,
    UnparsedLines,
}

impl Question {
    pub const ALL: [Question; 7] = [
        Question::ErrorsByPath,
        Question::SlowestRequests,
        Question::TopClients,
        Question::TrafficByHour,
        Question::ServerErrorShare,
        Question::ErrorLog,
        Question::UnparsedLines,
    ];

    /// Of its file.
    pub fn name(self) -> &'static str {
        match self {
            Question::ErrorsByPath => "errors-by-path",
            Question::SlowestRequests => "slowest-requests",
            Question::TopClients => "top-clients",
            Question::TrafficByHour => "traffic-by-hour",
            Question::ServerErrorShare => "server-error-share",
            Question::ErrorLog => "error-log",
            Question::UnparsedLines => "unparsed-lines",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Question::ErrorsByPath => "The paths with most errors",
            Question::SlowestRequests => "The slowest requests",
            Question::TopClients => "The clients with most requests",
            Question::TrafficByHour => "Requests by the hour",
            Question::ServerErrorShare => "The share of 5xx responses by the hour",
            Question::ErrorLog => "What the error log says most often",
            Question::UnparsedLines => "The containers with most lines that no format fits",
        }
    }

    /// The plain names of what has to be there, in records of one kind; of those in one row, one.
    fn needs(self) -> &'static [&'static [&'static str]] {
        match self {
            Question::ErrorsByPath => &[&["path"], &["status"]],
            Question::SlowestRequests => &[&DURATIONS, &["path"]],
            Question::TopClients => &[&["client"]],
            Question::TrafficByHour => &[],
            Question::ServerErrorShare => &[&["status"]],
            Question::ErrorLog => &[&["message"]],
            Question::UnparsedLines => &[],
        }
    }

    /// Which records it is about.
    pub fn subject(self, records: &Records) -> Option<Subject<'_>> {
        let whose = self.whose(records)?;
        let only = match whose {
            // Rails' own lines are of this kind, too.
            LOGRAGE => records.field(LOGRAGE, DURATIONS[1]).map(Only::With),
            "rails" => Some(Only::OneOf(records.field("rails", "level")?, &RAILS_ERRORS)),
            _ if self == Question::SlowestRequests => records.duration(self).map(|(field, _)| Only::With(field)),
            _ => None,
        };
        Some(Subject { kind: if whose == LOGRAGE { "rails" } else { whose }, only })
    }

    /// The kind of the fields that it asks for.
    fn whose(self, records: &Records) -> Option<&'static str> {
        match self {
            Question::ErrorLog if records.has_kind("error") => Some("error"),
            Question::ErrorLog => records.field("rails", "level").map(|_| "rails"),
            Question::UnparsedLines => Some("unparsed"),
            _ => ["access", LOGRAGE].into_iter().find(|kind| records.has_kind(kind)),
        }
    }
}

/// Records of a kind, or some of them.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The value of their `kind`.
    pub kind: &'static str,
    pub only: Option<Only<'a>>,
}

/// Of a kind of records, some.
#[derive(Debug, Clone, Copy)]
pub enum Only<'a> {
    /// Those that have this field.
    With(&'a Field),
    /// Those in which it has one of these values.
    OneOf(&'a Field, &'static [&'static str]),
}

/// Lines that tell a request as a whole, as httpd's do. Rails' own tell it in several.
const LOGRAGE: &str = "lograge";

/// The severities of Rails' logger that are errors.
const RAILS_ERRORS: [&str; 2] = ["error", "fatal"];

/// Microseconds; Lograge's milliseconds.
const DURATIONS: [&str; 2] = ["duration_us", "duration"];

impl Records {
    /// The field of a question's records.
    pub fn asked(&self, question: Question, plain: &str) -> Option<&Field> {
        // Lograge's lines have no time, but the record has.
        let own = || self.fields.iter().find(|field| field.value == super::Value::Time && field.meanings.is_empty());
        let found = self.field(question.whose(self)?, plain);
        found.or_else(|| if plain == "time" { own() } else { None })
    }

    /// How long a request took, and how much of that is a millisecond.
    pub fn duration(&self, question: Question) -> Option<(&Field, u32)> {
        let (plain, parts) = match question.whose(self) {
            Some(LOGRAGE) => (DURATIONS[1], 1),
            _ => (DURATIONS[0], 1000),
        };
        Some((self.asked(question, plain)?, parts))
    }
}

/// The questions that the records answer, and the others. The time is one of their fields, unless they are `events`,
/// which have their own.
pub fn answered(records: &Records, events: bool) -> (Vec<Question>, Vec<Unsupported>) {
    let (mut answered, mut left_out) = (Vec::new(), Vec::new());
    for question in Question::ALL {
        match missing(records, question, events) {
            None => answered.push(question),
            Some(why) => {
                let message = format!("no query `{}`, since {why}", question.name());
                left_out.push(Unsupported { destination: Some(records.destination.clone()), message, help: None });
            }
        }
    }
    (answered, left_out)
}

fn missing(records: &Records, question: Question, events: bool) -> Option<String> {
    let Some(kind) = question.whose(records) else {
        return Some(match question {
            Question::ErrorLog => "there is no error log".to_string(),
            _ => "there are no access lines".to_string(),
        });
    };
    if question == Question::ServerErrorShare && !records.all {
        return Some("only some of the requests come here".to_string());
    }
    let is_there = |names: &&&[&str]| names.iter().any(|name| records.asked(question, name).is_some());
    let time: &[&[&str]] = if events || question == Question::UnparsedLines { &[] } else { &[&["time"]] };
    let missing = question.needs().iter().chain(time).find(|names| !is_there(names))?;
    Some(format!("no {kind} line has `{}`", missing[0]))
}
