//! Formats with lines that httpd wrote with them, and programs that read them. The fuzz target `packaged` uses them, too.
use firelens_compiler::{
    Part, compile,
    spec::{
        Action, AddedField, AddedValue, Condition, Container, Ecs, Format, Names, Privacy, Route, Spec, Test,
        TextPattern,
    },
};
use firelens_filter::{Program, program::Kind};

/// How many programs there are for each format.
pub const PROGRAMS: u64 = 4;

/// LogFormats, each with lines that httpd wrote with it.
pub struct Sample {
    pub format: String,
    pub lines: Vec<&'static str>,
}

macro_rules! fixtures {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../fixtures/access/", $name, ".log")))),*]
    };
}

/// LogFormats that no fixture has, with a line.
const OTHERS: [(&str, &str); 10] = [
    ("%h|%u|%>s|%b|\"%r\"", "192.0.2.1|bob|200|12|\"GET /a?b=c HTTP/1.1\""),
    ("%{X-Foo}i %h \"%{X-Bar}i\" %t", "-5 192.0.2.1 \"7\" [22/Nov/2026:07:38:32 +0000]"),
    ("%h %h %>s %s %t %t", "h h 200 200 [22/Nov/2026:07:38:32 +0000] [22/Nov/2026:07:38:32 +0000]"),
    ("\"%r\" %D \"%r\"", "\"GET /a HTTP/1.1\" 15 \"GET /a HTTP/1.1\""),
    ("%v\"%{User-Agent}i\"%D", "a\"b\"12"),
    ("<%u> (%{Referer}i) %O", "<bob> (http://x/) 12"),
    ("%t", "[22/Nov/2026:07:38:32 +0000]"),
    ("%b", "12"),
    ("%m\t%U\t%H\t%>s", "GET\t/a\tHTTP/1.1\t200"),
    ("%{%s}t %{end}t %a %T", "1795333112 [22/Nov/2026:07:38:32 +0100] 192.0.2.1 5"),
];

pub fn samples() -> Vec<Sample> {
    let formats: serde_json::Value = serde_json::from_str(include_str!("../../fixtures/access/formats.json")).unwrap();
    let fixtures = fixtures!(
        "combined" "combinedio" "common" "debian_combined" "docker_common" "error_link" "iso_ms" "json" "ssl_request"
        "vhost_combined" "vhost_common" "vhost_io_cookie" "xff_time"
    );
    let of_fixtures = fixtures.map(|(name, lines)| Sample {
        format: formats[name].as_str().unwrap().to_string(),
        lines: lines.lines().collect(),
    });
    let others = OTHERS.map(|(format, line)| Sample { format: format.to_string(), lines: vec![line] });
    of_fixtures.into_iter().chain(others).collect()
}

const FIELDS: [&str; 26] = [
    "status",
    "bytes",
    "bytes_out",
    "duration_us",
    "method",
    "path",
    "query",
    "protocol",
    "request",
    "client",
    "user",
    "ident",
    "vhost",
    "user_agent",
    "referer",
    "x_forwarded_for",
    "x_foo",
    "kind",
    "container",
    "source",
    "ecs_cluster",
    "tier",
    "path",
    "status",
    "query",
    "method",
];

fn test(at: usize) -> Test {
    let text = |test: fn(String) -> Test, text: &str| test(text.to_string());
    match at % 24 {
        0 => Test::Range(500, 599),
        1 => Test::Range(-10, 10),
        2 => Test::Range(0, i64::MAX),
        3 => text(Test::Equals, ""),
        4 => text(Test::Equals, "-"),
        5 => text(Test::Equals, "GET"),
        6 => text(Test::Equals, "200"),
        7 => text(Test::Equals, "/robots.txt"),
        8 => text(Test::Equals, "stdout"),
        9 => text(Test::Prefix, "/"),
        10 => text(Test::Prefix, "kube-probe/1"),
        11 => text(Test::Prefix, "2026-11-22T07:38:3"),
        12 => text(Test::Suffix, "a"),
        13 => text(Test::Suffix, ".html"),
        14 => text(Test::Contains, "a"),
        15 => text(Test::Contains, "o=%"),
        16 => text(Test::Regex, "(?i)bot|\\.php$"),
        17 => text(Test::Regex, "^$"),
        18 => Test::Network { address: "127.0.0.0".parse().unwrap(), bits: 8 },
        19 => Test::Kind(Kind::Access),
        20 => text(Test::Equals, "httpd"),
        21 => Test::Level(0, 4),
        _ => Test::Present,
    }
}

/// The next number of a sequence.
fn draw(state: &mut u64, below: usize) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize % below
}

fn routes(state: &mut u64) -> Vec<Route> {
    let mut routes: Vec<Route> = (0..draw(state, 6))
        .map(|at| {
            let condition = |state: &mut u64| Condition {
                field: if draw(state, 64) == 0 { "time" } else { FIELDS[draw(state, FIELDS.len())] }.to_string(),
                not: draw(state, 3) == 0,
                any: (0..=draw(state, 2)).map(|_| test(draw(state, 24))).collect(),
            };
            let any_of =
                (0..=draw(state, 2)).map(|_| (0..=draw(state, 2)).map(|_| condition(state)).collect()).collect();
            let action = match draw(state, 6) {
                0 => Action::Drop,
                1 => Action::Sample(0.5),
                _ => Action::Keep,
            };
            Route { name: format!("route-{at}"), any_of, action }
        })
        .collect();
    routes.push(route("rest", vec![], Action::Keep));
    routes
}

fn containers(state: &mut u64, format: &str) -> Vec<Container> {
    let error = Format::HttpdError { format: None, zone: Vec::new() };
    let stderr = vec![error, Format::Json { zone: Vec::new() }];
    let container = |name: &str, stdout| Container { name: name.to_string(), stdout, stderr: stderr.clone() };
    match draw(state, 16) {
        0 => Vec::new(),
        1 => vec![container("httpd", vec![access("%v %T"), access(format)])],
        2 => vec![container("other", vec![access("common")]), container("httpd", vec![access(format)])],
        3 => vec![container("", vec![access(format), access("combined")])],
        _ => vec![container("httpd", vec![access(format)])],
    }
}

/// Fields that are added: one that routes ask for, and what comes from the tag and from the record.
fn added(state: &mut u64) -> Vec<AddedField> {
    let field = |name: &str, value| AddedField { container: None, name: name.to_string(), value };
    let mut added = vec![
        field("tier", AddedValue::Text("a \"web\"".to_string())),
        field("tier_of_one", AddedValue::Integer(7)),
        field("task", AddedValue::Ecs(Ecs::TaskId)),
        field("family", AddedValue::Ecs(Ecs::Family)),
        field("name", AddedValue::Ecs(Ecs::Container)),
    ];
    if draw(state, 2) == 0 {
        added[1].container = Some("httpd".to_string());
    }
    added
}

/// Any program that reads the format; the same for the same format and number. Routes that cannot be compiled are left out.
pub fn program(format: &str, number: u64) -> Program {
    // FNV-1a, so that each format has programs of its own.
    let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let mut state = format.bytes().fold(0xcbf2_9ce4_8422_2325 ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15), hash);
    draw(&mut state, 2);
    let mut spec = Spec {
        containers: containers(&mut state, format),
        names: [Names::Plain, Names::Plain, Names::Apache2, Names::Otel][draw(&mut state, 4)],
        keep_log: draw(&mut state, 6) == 0,
        ..Spec::default()
    };
    if draw(&mut state, 3) == 0 {
        let on = |state: &mut u64| draw(state, 3) > 0;
        // Another sequence, so that the rest stays as it was.
        let mut other = state;
        let rarely = |other: &mut u64| draw(other, 12) == 0;
        spec.privacy = Privacy {
            v4_bits: on(&mut state).then_some(24),
            v6_bits: on(&mut state).then_some(48),
            remove_user: on(&mut state),
            parameters: if on(&mut state) { vec!["a".into(), "q".into()] } else { Vec::new() },
            replacement: if on(&mut state) { String::new() } else { "\"\\é\n".repeat(30) },
            remove: if rarely(&mut other) { vec!["user_agent".into(), "ecs_cluster".into()] } else { Vec::new() },
            replace: if rarely(&mut other) { vec!["referer".into(), "tier".into()] } else { Vec::new() },
            patterns: if rarely(&mut other) { vec![TextPattern::Regex("o[a-z]".into())] } else { Vec::new() },
        };
    }
    if draw(&mut state, 8) > 0 {
        spec.routes = routes(&mut state);
    }
    // Another sequence, so that the rest stays as it was.
    if draw(&mut state.clone(), 3) == 0 {
        spec.added = added(&mut state.clone());
    }
    loop {
        let errors = match compile(&spec) {
            Ok(program) => return program,
            Err(errors) => errors,
        };
        let faulty: Vec<usize> = errors
            .iter()
            .map(|error| match error.place {
                Part::Route(route) | Part::Condition { route, .. } | Part::Test { route, .. } => route,
                _ => panic!("{error:?} in {format}"),
            })
            .collect();
        let mut at = 0..;
        spec.routes.retain(|_| !faulty.contains(&at.next().unwrap()));
    }
}

pub fn route(name: &str, conditions: Vec<Condition>, action: Action) -> Route {
    let any_of = if conditions.is_empty() { Vec::new() } else { vec![conditions] };
    Route { name: name.to_string(), any_of, action }
}

fn access(format: &str) -> Format {
    Format::Access { format: format.into(), zone: Vec::new() }
}
