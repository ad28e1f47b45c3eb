//! `[destination.NAME]`: where routes send records.
use super::{
    Destination,
    problem::{Problem, Span},
    reader::{Entry, Problems, Section, entries, plain, string, wrong_type},
};
use toml::de::DeValue;

/// Fluent Bit's outputs that the kit knows; `custom` is any other.
const TYPES: [&str; 5] = ["cloudwatch_logs", "firehose", "kinesis_streams", "s3", "custom"];

/// A destination, and where its name was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    pub destination: Destination,
    pub name: Span,
}

/// All destinations in `[destination]`. One whose settings are wrong is there too, so that routes can name it.
pub fn read(entry: Entry, problems: &Problems) -> Vec<Read> {
    match entry.value.get_ref() {
        DeValue::Table(table) => entries(table).into_iter().map(|entry| one(entry, problems)).collect(),
        _ => {
            wrong_type(entry.value, "a table for each destination ([destination.NAME])", problems).into_iter().collect()
        }
    }
}

fn one(entry: Entry, problems: &Problems) -> Read {
    let name = entry.name().to_string();
    super::check_name("destination", &name, entry.key.span(), problems);
    let mut destination = Destination { name, kind: String::new(), settings: toml::Table::new() };
    if let Some(mut section) = Section::of("[destination.NAME]", entry.value, problems) {
        let kind = section.need("type").and_then(|entry| string(entry.value, problems));
        if let Some(kind) = &kind
            && !TYPES.contains(&kind.text.as_str())
        {
            let message = format!("unknown destination type `{}`", kind.text);
            let problem = Problem::error("wrong-value", kind.span.clone(), message).label("no such type");
            problems.add(problem.suggest(&kind.text, TYPES));
        }
        destination.kind = kind.map(|kind| kind.text).unwrap_or_default();
        section.finish_open(&[]);
        let settings = section.rest().into_iter();
        destination.settings =
            settings.filter_map(|entry| Some((entry.name().to_string(), plain(entry.value, problems)?))).collect();
    }
    Read { destination, name: entry.key.span() }
}
