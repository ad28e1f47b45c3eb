//! Formats, programs, lines and records.
use super::{
    Program, Value, access, compile,
    compile::Place,
    program::Kind,
    push_ascii, route,
    spec::{Action, Condition, Container, Format, Names, Privacy, Route, Spec, Test},
};
use proptest::{prelude::*, sample};

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
    let formats: Value = serde_json::from_str(include_str!("../../fixtures/access/formats.json")).unwrap();
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
    let stderr = vec![error, Format::Json];
    let container = |name: &str, stdout| Container { name: name.to_string(), stdout, stderr: stderr.clone() };
    match draw(state, 16) {
        0 => Vec::new(),
        1 => vec![container("httpd", vec![access("%v %T"), access(format)])],
        2 => vec![container("other", vec![access("common")]), container("httpd", vec![access(format)])],
        3 => vec![container("", vec![access(format), access("combined")])],
        _ => vec![container("httpd", vec![access(format)])],
    }
}

/// Any program that reads the format; the same for the same number. Routes that cannot be compiled are left out.
pub fn program(format: &str, number: u64) -> Program {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    draw(&mut state, 2);
    let mut spec = Spec {
        containers: containers(&mut state, format),
        names: [Names::Plain, Names::Plain, Names::Apache2, Names::Otel][draw(&mut state, 4)],
        keep_log: draw(&mut state, 6) == 0,
        ..Spec::default()
    };
    if draw(&mut state, 3) == 0 {
        let on = |state: &mut u64| draw(state, 3) > 0;
        spec.privacy = Privacy {
            v4_bits: on(&mut state).then_some(24),
            v6_bits: on(&mut state).then_some(48),
            remove_user: on(&mut state),
            parameters: if on(&mut state) { vec!["a".into(), "q".into()] } else { Vec::new() },
            replacement: if on(&mut state) { String::new() } else { "\"\\é\n".repeat(30) },
        };
    }
    if draw(&mut state, 8) > 0 {
        spec.routes = routes(&mut state);
    }
    loop {
        let errors = match compile(&spec) {
            Ok(program) => return program,
            Err(errors) => errors,
        };
        let faulty: Vec<usize> = errors
            .iter()
            .map(|error| match error.place {
                Place::Route(route) | Place::Condition { route, .. } | Place::Test { route, .. } => route,
                _ => panic!("{error:?} in {format}"),
            })
            .collect();
        let mut at = 0..;
        spec.routes.retain(|_| !faulty.contains(&at.next().unwrap()));
    }
}

/// What can go wrong with a line.
#[derive(Debug, Clone)]
enum Change {
    Flip(usize, u8),
    Cut(usize),
    Insert(usize, &'static [u8]),
    Append(&'static [u8]),
    /// One of the parts that blanks, quotes and the like separate is another one.
    Part(usize, &'static [u8]),
}

const PIECES: [&[u8]; 34] = [
    b"\"",
    b"\\\"",
    b"\\",
    b"\\\\",
    b"\\x41",
    b"\\xc3",
    b"\\n",
    b"\n",
    b"\t",
    b"\x01",
    b"\x7f",
    b"\xc3\xa9",
    b"\xff",
    b"-",
    b"#",
    b"?",
    b"&",
    b" ",
    b"  ",
    b"/",
    b":",
    b"[",
    b"]",
    b"|",
    b"<",
    b"0",
    b"9",
    b"=",
    b" x",
    b"\"\"",
    b"\" \"",
    b"\0",
    b"\xf0\x9f\x98\x80",
    b"'",
];
const PARTS: [&[u8]; 40] = [
    b"-",
    b"",
    b"\"\"",
    b"0",
    b"00",
    b"007",
    b"+5",
    b"-5",
    b"-0",
    b"503",
    b"200",
    b"12345678",
    b"123456789012345",
    b"1234567890123456",
    b"123456789012345678",
    b"1234567890123456789",
    b"12345678901234567890",
    b"1.5",
    b"/",
    b"/-",
    b"-?a=b",
    b"?",
    b"?a",
    b"/a?",
    b"/a?-",
    b"/a?b?c",
    b"/a#b",
    b"/#",
    b"/index.html?a=1&b=2",
    b"*",
    b"GET",
    b"GET /",
    b"GET / HTTP/0.9",
    b"HTTP/1.0",
    b"HTTP/2",
    b"HTTP/1.10",
    b"\\x16\\x03\\x01",
    b"22/Nov/2026:07:38:33",
    b"kube-probe/1.29",
    b"/robots.txt",
];

fn change() -> impl Strategy<Value = Change> {
    let at = || any::<prop::sample::Index>().prop_map(|at| at.index(1 << 16));
    prop_oneof![
        1 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        1 => at().prop_map(Change::Cut),
        2 => (at(), sample::select(&PIECES[..])).prop_map(|(at, piece)| Change::Insert(at, piece)),
        1 => sample::select(&PIECES[..]).prop_map(Change::Append),
        4 => (at(), sample::select(&PARTS[..])).prop_map(|(at, part)| Change::Part(at, part)),
    ]
}

impl Change {
    fn make(&self, line: &mut Vec<u8>) {
        let length = line.len();
        match self {
            _ if length == 0 => {}
            Change::Flip(at, byte) => line[at % length] = *byte,
            Change::Cut(at) => line.truncate(at % length),
            Change::Insert(at, piece) => drop(line.splice(at % length..at % length, piece.iter().copied())),
            Change::Append(piece) => line.extend_from_slice(piece),
            Change::Part(at, part) => {
                let ends = |byte: &u8| b" \"[]<>()|\t".contains(byte);
                let starts: Vec<usize> =
                    (0..length).filter(|at| !ends(&line[*at]) && (*at == 0 || ends(&line[at - 1]))).collect();
                let Some(start) = starts.get(at % starts.len().max(1)) else { return };
                let end = line[*start..].iter().position(ends).map_or(length, |n| start + n);
                line.splice(start..&end, part.iter().copied());
            }
        }
    }
}

/// A line: a sample, and what was changed in it.
#[derive(Debug, Clone)]
pub struct Line {
    sample: usize,
    changes: Vec<Change>,
    /// Which characters are escaped though they need not be.
    spelling: u64,
}

pub fn line() -> impl Strategy<Value = Line> {
    let changes = prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(change(), 1..3)];
    let spelling = prop_oneof![9 => Just(0), 1 => any::<u64>()];
    (0..10_000usize, changes, spelling).prop_map(|(sample, changes, spelling)| Line { sample, changes, spelling })
}

impl Line {
    /// The JSON string.
    fn json(&self, lines: &[&str]) -> Vec<u8> {
        let mut line = lines[self.sample % lines.len()].as_bytes().to_vec();
        self.changes.iter().for_each(|change| change.make(&mut line));
        let mut out = vec![b'"'];
        for (at, byte) in line.into_iter().enumerate() {
            match (byte, self.spelling >> (at % 64) & 1) {
                (b'/', 1) => out.extend_from_slice(b"\\/"),
                (0..0x80, 1) if at % 3 == 0 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
                // As it is: not strict.
                (0..0x20, 1) | (0x80.., _) => out.push(byte),
                _ => push_ascii(&mut out, byte),
            }
        }
        out.push(b'"');
        out
    }
}

macro_rules! sixty {
    () => {
        "com.example.team=shop,com.example.tier=front,com.example.n=0;"
    };
}

/// What a record has beside its line.
const MEMBERS: [&str; 25] = [
    r#""container_id":"6f2f0e2ba0d142f2a2c6a1a0bb1e1c11""#,
    r#""container_name":"httpd""#,
    r#""container_name":"/httpd""#,
    r#""container_name":"other""#,
    r#""source":"stdout""#,
    r#""source":"stderr""#,
    r#""ecs_cluster":"shop""#,
    r#""ecs_task_arn":"arn:aws:ecs:eu-central-1:123456789012:task/shop/6f""#,
    r#""ecs_task_definition":"shop-httpd:7""#,
    r#""client":"10.0.0.1""#,
    r#""status":200"#,
    r#""kind":"error""#,
    r#""route":"rest""#,
    r#""log_kind":1"#,
    r#""query":"a""#,
    r#""request":null"#,
    r#""time":"2026-11-22T07:38:30Z""#,
    r#""":"""#,
    r#""n" : 1.50"#,
    r#""a":[1,{"b":nan}]"#,
    r#""\u0073ource":"stdout""#,
    r#""log":"second""#,
    r#""tier":"-""#,
    r#""url.query":"x""#,
    // Longer than what is compared without a loop.
    concat!(
        r#""labels":""#,
        sixty!(),
        sixty!(),
        sixty!(),
        sixty!(),
        sixty!(),
        sixty!(),
        sixty!(),
        sixty!(),
        sixty!(),
        "\""
    ),
];
/// Those that FireLens adds, and a long one.
const USUAL: [usize; 7] = [0, 1, 4, 6, 7, 8, 24];
const TAGS: [&str; 4] = ["httpd-firelens-6f2f0e2ba0d142f2a2c6a1a0bb1e1c11", "other-firelens-6f", "app", ""];

/// What is around a line, and the tag.
#[derive(Debug, Clone)]
pub struct Surroundings {
    members: Vec<usize>,
    /// The place of the line among the members.
    at: usize,
    pub tag: &'static str,
}

pub fn surroundings() -> impl Strategy<Value = Surroundings> {
    let usual = sample::subsequence(USUAL.to_vec(), 0..=7).prop_shuffle();
    let any = prop::collection::vec(0..MEMBERS.len(), 0..5);
    let tag = prop_oneof![5 => Just(TAGS[0]), 1 => sample::select(&TAGS[..])];
    (prop_oneof![2 => Just(Vec::new()), 1 => any], usual, 0..6usize, tag).prop_map(|(mut members, usual, at, tag)| {
        members.extend(usual);
        Surroundings { at: at.min(members.len()), members, tag }
    })
}

impl Surroundings {
    pub fn record(&self, line: &Line, lines: &[&str]) -> Vec<u8> {
        let mut members: Vec<Vec<u8>> = self.members.iter().map(|at| MEMBERS[*at].into()).collect();
        members.insert(self.at, [b"\"log\":".as_slice(), &line.json(lines)].concat());
        [b"{".as_slice(), &members.join(&b","[..]), b"}"].concat()
    }
}

/// The number of cases for a property: `FIRELENS_CASES`, or this many.
pub fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("FIRELENS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual);
    ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 20_000, ..ProptestConfig::default() }
}
