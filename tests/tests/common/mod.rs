//! A program, run natively and as the packaged module at once: both have to agree on every record.
#![allow(dead_code)]

pub mod kinds;

use e2e::host::{self, Host};
use e2e::record;
use firelens_compiler::compile;
use firelens_compiler::spec::{Container, Format, Spec};
use firelens_filter::{Filter, Outcome, Program};
use serde_json::{Map, Value};
use wasmtime::Module;

/// The filter in both forms.
pub struct Both {
    native: Filter,
    module: Host,
    out: Vec<u8>,
    pub has_routes: bool,
}

impl Both {
    pub fn new(spec: &Spec) -> Both {
        let program = compile(spec).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let packaged = firelens_packager::package(firelens_packager::RAW, &program).expect("a module");
        Both::of(program, &Module::new(&host::engine(), packaged).expect("a module"))
    }

    /// The program and its module.
    pub fn of(program: Program, module: &Module) -> Both {
        let has_routes = !program.routes.is_empty();
        Both { native: Filter::new(program), module: Host::new(module), out: Vec::new(), has_routes }
    }

    /// The text of the filtered record; `None` when it is dropped.
    pub fn filter(&mut self, record: &[u8]) -> Option<Vec<u8>> {
        self.filter_tagged(record::TAG, record)
    }

    pub fn filter_tagged(&mut self, tag: &[u8], record: &[u8]) -> Option<Vec<u8>> {
        let native = match self.native.filter(tag, record, &mut self.out) {
            Outcome::Unchanged => Some(record.to_vec()),
            Outcome::Changed => Some(self.out.clone()),
            Outcome::Dropped => None,
        };
        let packaged = self.module.call(tag, record);
        let text = |out: &Option<Vec<u8>>| out.as_ref().map(|text| text.escape_ascii().to_string());
        assert!(native == packaged, "native: {:?}\nmodule: {:?}", text(&native), text(&packaged));
        native
    }

    pub fn program(&self) -> &Program {
        self.native.program()
    }

    /// Whether made code took the last record: its text is none that the module allocated then.
    pub fn took_made_code(&self) -> bool {
        let (record, result) = self.module.addresses;
        result < record
    }

    /// The filtered record of a line of the container `httpd`, without what FireLens adds, which is checked.
    pub fn line(&mut self, source: &str, line: &[u8]) -> Map<String, Value> {
        let out = self.filter(&record::firelens(source, line)).expect("nothing is dropped without routes");
        let mut object = record::strict(&out).unwrap_or_else(|error| panic!("{error}: {}", out.escape_ascii()));
        for (name, value) in record::firelens_fields(source) {
            assert_eq!(object.shift_remove(&name), Some(value), "{name}");
        }
        object
    }
}

/// The container `httpd` with these formats.
pub fn httpd(stdout: Vec<Format>, stderr: Vec<Format>) -> Spec {
    Spec { containers: vec![Container { name: "httpd".into(), stdout, stderr }], ..Spec::default() }
}

/// An access format, in UTC.
pub fn access(format: &str) -> Format {
    Format::Access { format: format.into(), zone: Vec::new() }
}

/// What differs between two objects, field by field; order does not matter. Empty when nothing does.
pub fn differences(expected: &Map<String, Value>, got: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in expected {
        if got.get(name) != Some(value) {
            let got = got.get(name).map_or("absent".into(), Value::to_string);
            found.push(format!("{name}: expected {value}, got {got}"));
        }
    }
    found.extend(got.iter().filter(|(name, _)| !expected.contains_key(*name)).map(|(name, v)| format!("{name}: {v}")));
    found
}

/// Fails with all that differs, the first 20 lines of it in full.
pub fn fail_on(differences: Vec<String>) {
    let shown = differences.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} lines differ:\n{shown}", differences.len());
}

/// Microseconds since 1970 as the filter prints them, with so many digits behind the point.
pub fn rfc3339(micros: i64, digits: usize) -> String {
    let (seconds, fraction) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // All of the corpus is of two days.
    let date = match day {
        20_778 => "2026-11-21",
        20_779 => "2026-11-22",
        other => panic!("{other} days since 1970"),
    };
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = if digits == 0 { String::new() } else { format!(".{}", &format!("{fraction:06}")[..digits]) };
    format!("{date}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}
