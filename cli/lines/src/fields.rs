//! The few fields of a record that are looked at, under whatever names the configuration gives them.
use crate::scan::{self, Members};
use firelens_filter::{Program, program::Kind};
use std::collections::HashMap;

/// The fields that are shown beside `kind` and `route`, by their plain names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    Time,
    Status,
    Level,
    Method,
    Path,
    Query,
    Request,
    Message,
    Client,
    Log,
}

const FIELDS: [(Field, &str); 10] = [
    (Field::Time, "time"),
    (Field::Status, "status"),
    (Field::Level, "level"),
    (Field::Method, "method"),
    (Field::Path, "path"),
    (Field::Query, "query"),
    (Field::Request, "request"),
    (Field::Message, "message"),
    (Field::Client, "client"),
    (Field::Log, "log"),
];

/// What a record's keys mean.
#[derive(Debug, Clone)]
pub struct Names {
    /// A key as it is printed, and its meaning.
    fields: Vec<(Vec<u8>, Field)>,
    /// All plain names, and what they are printed as.
    printed: HashMap<String, Vec<u8>>,
    status: Vec<u8>,
    /// How a record of each route ends: the filter writes its route last.
    endings: Vec<Vec<u8>>,
    /// The length of the longest kind that a record can have.
    pub longest_kind: usize,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    pub kind: Kind,
    /// Index into the program's routes.
    pub route: Option<usize>,
    pub status: Option<u32>,
}

impl Names {
    pub fn new(program: &Program) -> Names {
        let mut printed = HashMap::new();
        for output in program.formats.iter().flat_map(|format| format.outputs()) {
            let key = output.key.trim_start_matches(",\"").trim_end_matches("\":");
            printed.entry(program.names[output.field as usize].clone()).or_insert_with(|| key.into());
        }
        let key_of = |plain: &str| printed.get(plain).cloned().unwrap_or_else(|| plain.into());
        let fields = FIELDS.iter().map(|(field, plain)| (key_of(plain), *field)).collect();
        let endings = program.routes.iter().map(|route| format!("{}}}", route.key).into_bytes()).collect();
        let kinds = program.formats.iter().map(|format| format.kind).chain([Kind::Unparsed]);
        let longest_kind = kinds.map(|kind| kind.as_str().len()).max().unwrap_or_default();
        Names { fields, status: key_of("status"), printed, endings, longest_kind }
    }

    /// What a field with this plain name is printed as.
    pub fn printed<'a>(&'a self, plain: &'a str) -> &'a [u8] {
        self.printed.get(plain).map_or(plain.as_bytes(), |key| key)
    }

    /// What this key means.
    pub fn field(&self, key: &[u8]) -> Option<Field> {
        self.fields.iter().find(|(printed, _)| printed == key).map(|(_, field)| *field)
    }

    /// The facts of a record that the filter returned.
    pub fn facts(&self, record: &[u8]) -> Facts {
        let mut facts = Facts { kind: Kind::Unparsed, route: self.route(record), status: None };
        let mut members = Members::new(record);
        // The record's own fields come first, and could be called `status` too.
        let Some((_, value)) = members.find(|(key, _)| *key == b"kind") else { return facts };
        facts.kind = kind(value);
        if facts.kind != Kind::Unparsed {
            let status = members.find(|(key, _)| *key == self.status);
            facts.status = status.and_then(|(_, value)| scan::text(value).parse().ok());
        }
        facts
    }

    fn route(&self, record: &[u8]) -> Option<usize> {
        self.endings.iter().position(|ending| record.ends_with(ending))
    }
}

fn kind(value: &[u8]) -> Kind {
    match value {
        b"\"access\"" => Kind::Access,
        b"\"error\"" => Kind::Error,
        b"\"rails\"" => Kind::Rails,
        b"\"json\"" => Kind::Json,
        b"\"exception\"" => Kind::Exception,
        _ => Kind::Unparsed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firelens_filter::program::{Action, CompiledFormat, Emit, Mask, Output, Pattern, Route};

    fn program() -> Program {
        let output = Output { field: 0, key: ",\"code\":".into(), emit: Emit::Number, mask: Mask::None };
        let pattern = Pattern { outputs: vec![output], ..Pattern::default() };
        let format =
            CompiledFormat { kind: Kind::Access, patterns: vec![pattern], httpd_escapes: true, zone: Vec::new() };
        let route = |name: &str| Route {
            name: name.into(),
            key: format!(",\"route\":\"{name}\""),
            any_of: Vec::new(),
            action: Action::Keep,
        };
        Program {
            names: vec!["status".into()],
            formats: vec![format],
            routes: vec![route("a"), route("b")],
            ..Program::default()
        }
    }

    #[test]
    fn facts_are_found_under_renamed_keys() {
        let names = Names::new(&program());
        let facts =
            names.facts(br#"{"x":{"kind":"error","route":"a"},"code":1,"kind":"access","code":404,"route":"b"}"#);
        assert_eq!(facts, Facts { kind: Kind::Access, route: Some(1), status: Some(404) });
        assert_eq!(names.field(b"status"), None);
        assert_eq!(names.field(b"client"), Some(Field::Client));
        assert_eq!((names.printed("status"), names.printed("other")), (&b"code"[..], &b"other"[..]));
    }

    #[test]
    fn facts_of_a_record_that_passed_unchanged() {
        let facts = Names::new(&program()).facts(br#"{"log":"x","route":"mine","kind":1}"#);
        assert_eq!(facts, Facts { kind: Kind::Unparsed, route: None, status: None });
    }
}
