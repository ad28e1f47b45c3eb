//! The filter as a whole, from a specification and a record to what is returned.
use crate::{
    compile,
    spec::{self, Action, Condition, Container, Format, Route, Spec, Test},
};
use firelens_filter::{Filter, Fit, Outcome};
use serde_json::{Map, Value, json};

mod added;
mod arbitrary;
mod conditions;
mod escapes;
mod headers;
mod names;
mod paths;
mod privacy;

/// A LogFormat.
fn access(format: &str) -> Format {
    Format::Access { format: format.to_string(), zone: Vec::new() }
}

/// The container `httpd` with these formats on both of its streams.
fn httpd(formats: Vec<Format>) -> Spec {
    let container = Container { name: "httpd".to_string(), stdout: formats.clone(), stderr: formats };
    Spec { containers: vec![container], ..Spec::default() }
}

/// A condition on a field.
fn on(field: &str, test: Test) -> Condition {
    Condition { field: field.to_string(), not: false, any: vec![test] }
}

fn route(name: &str, conditions: Vec<Condition>, action: Action) -> Route {
    let any_of = if conditions.is_empty() { Vec::new() } else { vec![conditions] };
    Route { name: name.to_string(), any_of, action }
}

/// What becomes of a line of the container `httpd`, without the container's name.
fn read(spec: &Spec, line: &str) -> Map<String, Value> {
    let mut filter = Filter::new(compile(spec).unwrap());
    let record = json!({"container_name": "httpd", "log": line}).to_string();
    let mut out = Vec::new();
    assert_eq!(filter.filter(b"", record.as_bytes(), &mut out), Outcome::Changed);
    let mut fields: Map<String, Value> =
        serde_json::from_slice(&out).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&out)));
    fields.remove("container_name");
    fields
}

/// More values are open to be cut in another way than the matcher keeps: it says so, and does not claim that nothing fits.
#[test]
fn a_format_that_gave_up_is_told_from_one_that_does_not_fit() {
    let fit = |values: usize, line: &str| {
        let format = (0..values).map(|n| format!("%{{V{n}}}e")).collect::<Vec<_>>().join(",");
        let mut filter = Filter::new(compile(&httpd(vec![access(&format!("{format} X"))])).unwrap());
        let record = json!({"container_name": "httpd", "log": line}).to_string();
        filter.explain(b"", record.as_bytes()).attempts[0].fit
    };
    let line = |values: usize, end: &str| format!("{} {end}", vec!["a"; values].join(","));
    for values in [3, 70] {
        assert_eq!(fit(values, &line(values, "X")), Fit::Yes, "{values}");
    }
    assert_eq!(fit(3, &line(3, "Y")), Fit::No);
    assert_eq!(fit(70, &line(70, "Y")), Fit::GaveUp);
}
