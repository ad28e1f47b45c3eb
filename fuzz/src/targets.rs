//! What each fuzz target does with its input. The tests do the same with `regressions/`: inputs that once failed.
use crate::{invariants, record};
use firelens_compiler::compile;
use firelens_compiler::spec::{Action, Condition, Container, Format, Names, Privacy, Route, Spec, Test};
use firelens_filter::program::Program;
use firelens_filter::{Filter, Outcome};
use std::cell::RefCell;

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
        ..Privacy::default()
    };
    Spec { routes, privacy, names: Names::Otel, ..httpd(formats) }
}

/// All kinds of formats.
pub fn all_formats() -> Vec<Format> {
    let mut formats: Vec<Format> = log_formats().iter().map(|format| access(format)).collect();
    formats.extend([
        error_log(),
        Format::Lograge { zone: Vec::new() },
        Format::Json { zone: Vec::new() },
        Format::Rails { zone: Vec::new() },
    ]);
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

thread_local! {
    static RECORD_FILTERS: RefCell<[(Filter, bool); 3]> = RefCell::new([
        (filter(&Spec::default()), true),
        (filter(&httpd(all_formats())), true),
        (filter(&everything(all_formats())), false),
    ]);
}

/// Any bytes as a record: one strict, shallow object comes out, and what the filter does not own is in it.
pub fn record(input: &[u8]) {
    RECORD_FILTERS.with_borrow_mut(|filters| {
        for (filter, foreign) in filters {
            run(filter, input, *foreign);
        }
    });
}

thread_local! {
    static ACCESS_LINE_FILTERS: RefCell<Vec<Filter>> = RefCell::new({
        let formats: Vec<_> = log_formats().iter().map(|format| access(format)).collect();
        formats.iter().map(|format| filter(&httpd(vec![format.clone()]))).collect()
    });
    static ACCESS_LINE_PRIVATE: RefCell<Filter> =
        RefCell::new(filter(&everything(log_formats().iter().map(|format| access(format)).collect())));
}

/// Any bytes as an access line, for every LogFormat of the corpus.
pub fn access_line(line: &[u8]) {
    let record = record::firelens("stdout", line);
    ACCESS_LINE_FILTERS.with_borrow_mut(|filters| filters.iter_mut().for_each(|filter| run(filter, &record, true)));
    ACCESS_LINE_PRIVATE.with_borrow_mut(|filter| run(filter, &record, false));
}

/// The manual's example for threaded servers.
const MANUAL: &str = "[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\\ %a] %M% ,\\ referer\\ %{Referer}i";

thread_local! {
    static ERROR_LINE_FILTERS: RefCell<[(Filter, bool); 3]> = RefCell::new([
        (filter(&httpd(vec![error_log()])), true),
        (filter(&httpd(vec![Format::HttpdError { format: Some(MANUAL.into()), zone: Vec::new() }])), true),
        (filter(&everything(vec![access("combined"), error_log()])), false),
    ]);
}

/// Any bytes as an error line, for httpd's own layouts and for an ErrorLogFormat.
pub fn error_line(line: &[u8]) {
    let record = record::firelens("stderr", line);
    ERROR_LINE_FILTERS.with_borrow_mut(|filters| {
        for (filter, foreign) in filters {
            run(filter, &record, *foreign);
        }
    });
}

/// Any text as a LogFormat or an ErrorLogFormat (its first line), and a line to read with it (the rest).
pub fn log_format(input: &[u8]) {
    let end = input.iter().position(|&byte| byte == b'\n').unwrap_or(input.len());
    let Ok(format) = std::str::from_utf8(&input[..end]) else { return };
    let record = record::firelens("stdout", input.get(end + 1..).unwrap_or_default());
    for format in [access(format), Format::HttpdError { format: Some(format.into()), zone: Vec::new() }] {
        let program = match compile(&httpd(vec![format])) {
            Ok(program) => program,
            Err(errors) => {
                assert!(!errors.is_empty() && errors.iter().all(|error| !error.message.is_empty()));
                continue;
            }
        };
        let read = Program::from_bytes(&program.to_bytes()).expect("what was compiled is sound");
        assert_eq!(read.to_bytes(), program.to_bytes());
        run(&mut Filter::new(read), &record, true);
    }
}

const LINES: [&[u8]; 3] = [
    br#"203.0.113.7 - bob [22/Nov/2026:07:38:32 +0000] "GET /a?b=\"c\" HTTP/1.1" 500 5 "-" "x\xc3\xa9\\""#,
    b"[Sun Nov 22 07:38:32.730944 2026] [core:info] [pid 1:tid 2] (2)No such file: [client ::1:43668] AH00128: x, referer: y",
    br#"{"kind":"error","token":"x","method":"GET","path":"/?q=1","status":200}"#,
];

/// Any bytes as a program: it is refused, or it can be run on any line without harm.
pub fn program(bytes: &[u8]) {
    let Some(program) = Program::from_bytes(bytes) else { return };
    assert!(program.is_sound());
    let mut filter = Filter::new(program);
    let mut out = Vec::new();
    for line in LINES {
        filter.filter(record::TAG, &record::firelens("stdout", line), &mut out);
        filter.explain(record::TAG, &record::firelens("stderr", line));
    }
}
