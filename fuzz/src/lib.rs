//! What the fuzz targets share: programs to run, and the invariants that the tests check, too.
//! Seeds are made of the corpus by `cargo run --bin seeds`; `make fuzz` runs all targets.
use firelens_filter::compile::compile;
use firelens_filter::spec::{Action, Condition, Container, Format, Names, Privacy, Route, Spec, Test};
use firelens_filter::{Filter, Outcome};

pub mod oci;

#[path = "../../tests/src/invariants.rs"]
pub mod invariants;
#[path = "../../tests/src/record.rs"]
pub mod record;

/// The names of the routes of [`everything`].
pub const ROUTES: [&str; 4] = ["health-checks", "failures", "hidden", "rest"];

/// The LogFormats whose lines are fuzzed: the corpus'.
pub fn log_formats() -> Vec<String> {
    let formats: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(include_str!("../../tests/fixtures/access/formats.json")).expect("an object");
    formats.values().map(|format| format.as_str().expect("text").to_owned()).collect()
}

pub fn access(format: &str) -> Format {
    Format::Access { format: format.into(), zone: Vec::new() }
}

pub fn error_log() -> Format {
    Format::HttpdError { format: None, zone: vec![(0, 3600), (1_774_749_600, 7200)] }
}

/// A container `httpd` with these formats on both streams.
pub fn httpd(formats: Vec<Format>) -> Spec {
    let container = Container { name: "httpd".into(), stdout: formats.clone(), stderr: formats };
    Spec { containers: vec![container], ..Spec::default() }
}

/// All kinds of routes and masks. One of the formats has to have the fields that the routes ask for.
pub fn everything(formats: Vec<Format>) -> Spec {
    let on = |field: &str, test: Test| vec![vec![Condition { field: field.into(), not: false, any: vec![test] }]];
    let route = |name: &str, any_of, action| Route { name: name.into(), any_of, action };
    let routes = vec![
        route(ROUTES[0], on("user_agent", Test::Prefix("ELB-HealthChecker".into())), Action::Drop),
        route(ROUTES[1], on("status", Test::Range(500, 599)), Action::Keep),
        route(ROUTES[2], on("path", Test::Regex("(?i)secret".into())), Action::Sample(0.5)),
        route(ROUTES[3], vec![], Action::Keep),
    ];
    let privacy = Privacy {
        v4_bits: Some(24),
        v6_bits: Some(48),
        remove_user: true,
        parameters: vec!["token".into(), "q".into()],
        replacement: "***".into(),
    };
    Spec { routes, privacy, names: Names::Otel, ..httpd(formats) }
}

/// All kinds of formats.
pub fn all_formats() -> Vec<Format> {
    let mut formats: Vec<Format> = log_formats().iter().map(|format| access(format)).collect();
    formats.extend([error_log(), Format::Lograge, Format::Json, Format::Rails { zone: Vec::new() }]);
    formats
}

pub fn filter(spec: &Spec) -> Filter {
    Filter::new(compile(spec).expect("a right specification"))
}

/// Filters a record and checks what comes out; `foreign` as well, for strict and shallow records without privacy.
pub fn run(filter: &mut Filter, record: &[u8], foreign: bool) {
    let routes: Vec<String> = filter.program().routes.iter().map(|route| route.name.clone()).collect();
    let routes: Vec<&str> = routes.iter().map(String::as_str).collect();
    let mut out = Vec::new();
    match filter.filter(record::TAG, record, &mut out) {
        Outcome::Dropped => assert!(!routes.is_empty(), "dropped without routes"),
        Outcome::Unchanged => assert!(record.len() > 1 << 20, "a short record passed without a kind"),
        Outcome::Changed => {
            invariants::output(&out, &routes);
            if foreign && let (Ok(before), Ok(after)) = (record::check(record), std::str::from_utf8(&out)) {
                invariants::foreign(before, after);
            }
        }
    }
    let kind = filter.last_kind();
    let route = filter.last_route();
    let explanation = filter.explain(record::TAG, record);
    assert_eq!(explanation.route, route, "the explanation tells of another route");
    assert_eq!(filter.last_kind(), kind, "the explanation tells of another kind");
}
