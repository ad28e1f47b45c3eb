//! Lines that a client or an application could write to make the filter slow: each character and many short patterns,
//! repeated, in every place of every kind of line.
use crate::host::Host;
use crate::record;
use wasmtime::Module;

/// What a byte may take before a record is given up: far more than the test allows.
const MOST: u64 = 5_000;

/// Where text from outside stands: the place's name, and the line around it.
pub struct Place {
    pub name: &'static str,
    before: &'static [u8],
    after: &'static [u8],
}

const fn place(name: &'static str, before: &'static [u8], after: &'static [u8]) -> Place {
    Place { name, before, after }
}

/// The places in lines of access formats: `combined`, and [`FREE_FIELDS`].
pub const ACCESS: [Place; 8] = [
    place("client", b"", br#" - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#),
    place("user", b"203.0.113.7 - ", br#" [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#),
    place("path", br#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /"#, br#" HTTP/1.1" 200 5 "-" "-""#),
    place("query", br#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /?"#, br#" HTTP/1.1" 200 5 "-" "-""#),
    place("referer", br#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 ""#, br#"" "-""#),
    place("user agent", br#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "-" ""#, br#"""#),
    place(
        "user agent, with a byte that is not UTF-8",
        br#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET / HTTP/1.1" 200 5 "-" "\xff"#,
        br#"""#,
    ),
    place("free fields", b"free 1|", b"|end"),
];

/// A LogFormat with values that end nowhere for certain.
pub const FREE_FIELDS: &str = "free %{A}i|%{B}C:%{C}x \\\"%{D}x|%u %{E}x-%{F}x|end";

pub const ERROR: [Place; 3] = [
    place("message", b"[Sun Nov 22 07:38:33.301671 2026] [core:error] [pid 1:tid 2] [client 192.0.2.7:5] ", b""),
    place(
        "message and referer",
        b"[Sun Nov 22 07:38:33.301671 2026] [core:error] [pid 1:tid 2] (2)No such file: [client 192.0.2.7:5] AH00127: ",
        b", referer: http://e.example/",
    ),
    place("client", b"[Sun Nov 22 07:38:33.301671 2026] [core:error] [pid 1:tid 2] [client ", b"] AH00127: x"),
];

pub const RAILS: [Place; 5] = [
    place("parameters", b"I, [2026-11-22T07:38:32.123456 #7]  INFO -- :   Parameters: {\"q\"=>\"", b"\"}"),
    place("message", b"I, [2026-11-22T07:38:32.123456 #7]  INFO -- : ", b""),
    place("tags", b"I, [2026-11-22T07:38:32.123456 #7]  INFO -- : [", b"] x"),
    place(
        "path",
        b"I, [2026-11-22T07:38:32.123456 #7]  INFO -- : Started GET \"/",
        b"\" for 192.0.2.7 at 2026-11-22 07:38:32 +0000",
    ),
    place("completed", b"I, [2026-11-22T07:38:32.123456 #7]  INFO -- : Completed 200 OK in 12ms (", b")"),
];

pub const LOGRAGE: [Place; 4] = [
    place("path", b"method=GET path=/", b" format=html status=200 duration=1.5"),
    place("error", b"method=GET path=/ format=html status=500 error='", b"' duration=1.5"),
    place("pairs", b"method=GET path=/ status=200 ", b""),
    place("header", b"I, [2026-11-22T07:38:32.123456 #7]  INFO -- ", b": [x] method=GET path=/ status=200"),
];

pub const SEMANTIC_LOGGER: [Place; 7] = [
    place("message", b"2026-11-22 07:38:32.729001 I [7:main] Rails -- ", b""),
    place("payload", b"2026-11-22 07:38:32.729001 I [7:main] Rails -- Started -- {:path=>\"/", b"\"}"),
    place("tags", b"2026-11-22 07:38:32.729001 I [7:main] [", b"] Rails -- x"),
    place("named tags", b"2026-11-22 07:38:32.729001 I [7:main] {ip: ", b"} (1.5ms) Rails -- x"),
    place("thread", b"2026-11-22 07:38:32.729001 I [7:", b"] Rails -- x"),
    place(
        "coloured tags",
        b"2026-11-22 07:38:32.729001 \x1b[36mI\x1b[0m [7:main] [\x1b[36m",
        b"\x1b[0m] \x1b[36mRails\x1b[0m -- x",
    ),
    place("exception", b"2026-11-22 07:38:32.729001 E [7:main] Rails -- x -- Exception: KeyError: ", b""),
];

pub const THRUSTER: [Place; 2] = [
    place(
        "path",
        br#"{"time":"2026-11-22T07:38:32.1Z","level":"INFO","msg":"Request","path":"/"#,
        br#"","status":200,"dur":12,"method":"GET","req_content_length":0,"req_content_type":"","resp_content_length":5,"resp_content_type":"","remote_addr":"192.0.2.1:5","user_agent":"","cache":"","query":"","proto":"HTTP/1.1"}"#,
    ),
    place(
        "user agent",
        br#"{"time":"2026-11-22T07:38:32.1Z","level":"INFO","msg":"Request","path":"/","status":200,"dur":12,"method":"GET","req_content_length":0,"req_content_type":"","resp_content_length":5,"resp_content_type":"","remote_addr":"192.0.2.1:5","user_agent":""#,
        br#"","cache":"","query":"","proto":"HTTP/1.1"}"#,
    ),
];

pub const PUMA: [Place; 2] = [
    place("path", b"2026-11-22 07:38:32 +0000 Rack app (\"GET /", b"\" - (192.0.2.1)): #<RuntimeError: x>"),
    place("message", b"2026-11-22 07:38:32 +0000 Rack app: #<RuntimeError: ", b">"),
];

pub const SOLID_QUEUE: [Place; 2] = [
    place("attributes", b"SolidQueue-1.5.0 Error in thread (0.0ms)  error: \"", b"\""),
    place("tags", b"[", b"] SolidQueue-1.5.0 Prune dead processes (6.3ms)  size: 0"),
];

pub const JSON: [Place; 6] = [
    place("value", b"{\"m\":\"", b"\"}"),
    place("query", b"{\"a\":[{\"query\":\"", b"\"}]}"),
    place("key", b"{\"", b"\":1}"),
    place("members", b"{\"a\":1,", b"\"b\":1}"),
    place("header", b"I, [2026-11-22T07:38:32.123456 #7]  INFO -- ", b": {\"a\":1}"),
    place("tags", b"[", b"] {\"tags\":1}"),
];

pub const UNPARSED: [Place; 2] = [place("line", b"", b""), place("text", b"it was \"", b"\" then")];

/// What is repeated beside each character.
const PATTERNS: [&[u8]; 92] = [
    b"::",
    b":::",
    b"1:",
    b"a:",
    b"f:",
    b"ffff:",
    b"1::",
    b"::1",
    b"::1 ",
    b"1:1:1:1:1:1:1:1 ",
    b"1:1:1:1:1:1:1 ",
    b"2001:db8::1,",
    b"2002:cb00:7107::1 ",
    b"::ffff:192.0.2.7 ",
    b"1.",
    b"1.1.",
    b"1.1.1.1",
    b"1.1.1.1 ",
    b"1.1.1.1:",
    b"255.255.255.255 ",
    b"1.1.1.x ",
    b"a.a",
    b"1:1.1.1.1",
    b"::1.1.1.1",
    b"07:38:33 ",
    b"Foo::",
    b"Foo::Bar ",
    b"0x",
    b"a=",
    b"=a",
    b"a=b ",
    b"a=b&",
    b"token=",
    b"?token=",
    b"?token=x&",
    b"&token=x ",
    b"?tokentoken",
    b"token[",
    b"[token]=",
    b"?a[token]=x",
    b"?%74oken=x&",
    b"%",
    b"%7",
    b"?token",
    b"&amp;",
    b";token=x;",
    b"\\\"",
    b"\\\\",
    b"\\x",
    b"\\x41",
    b"\\xc2\\xa0",
    b"\\xff",
    b"\\n",
    b"\\t1.1.1.1",
    b"\\u",
    b"\\u0026",
    b"\\u0026token=x",
    b"\\ud83d\\ude00",
    b"\\ud83d",
    b"\"\"",
    b"\" \"",
    b"\" ",
    b" \"",
    b"\":\"",
    b"\":",
    b"\"token\":\"x\",",
    b"\"token\":1,",
    b"\"token\":{",
    b"\"token\"=>\"x\",",
    b"\"kind\":1,",
    b"\"log_kind\":1,",
    b"\"a\":1,",
    b"\"query\":\"token=x\",",
    b"\"a\":[",
    b"{\"a\":",
    b"[{",
    b"[]",
    b"{},",
    b"[a] ",
    b"[a]",
    b"] [",
    b"(a ",
    b" | ",
    b"|",
    b", referer: ",
    b"\xc3\xa9",
    b"\xe4\xb8\xad",
    b"\xf0\x9f\x98\x80",
    b"\xff",
    b"\xc3",
    b"\x1b[1m",
    b"nan,",
];

/// Everything that is repeated: characters of each class (letters, digits, control characters; all punctuation), and
/// patterns.
pub fn patterns() -> Vec<Vec<u8>> {
    let of_class = |byte: &u8| b"agzAGZ019 \t\n\r\x01\x0e\x1b\x7f".contains(byte) || byte.is_ascii_punctuation();
    let characters = (1..0x80).filter(of_class).map(|byte| vec![byte]);
    characters.chain(PATTERNS.iter().map(|pattern| pattern.to_vec())).collect()
}

impl Place {
    /// The line with the pattern repeated in this place, to so many bytes.
    pub fn line(&self, pattern: &[u8], length: usize) -> Vec<u8> {
        let repeated: Vec<u8> = pattern.iter().copied().cycle().take(length / pattern.len() * pattern.len()).collect();
        [self.before, &repeated, self.after].concat()
    }
}

/// What a hostile line costs.
#[derive(Debug, Clone)]
pub struct Cost {
    /// The configuration, the place and the pattern.
    pub name: String,
    pub instructions: f64,
    /// Instructions for each byte of the record in strict JSON: a control character that stands there as it is has six
    /// bytes then, a byte that is not UTF-8 five, and in what is no JSON a quote has two.
    pub each: f64,
}

/// What all patterns cost in these places, for records of this source, repeated to so many bytes.
pub fn costs(name: &str, module: &Module, source: &str, places: &[Place], length: usize) -> Vec<Cost> {
    let mut host = Host::new(module);
    let mut costs = Vec::new();
    for place in places {
        for pattern in patterns() {
            let line = place.line(&pattern, length);
            let strict = record::firelens(source, &line);
            let mut records = vec![("", strict)];
            // As Fluent Bit hands over what is no text: not strict, so that it is repaired first.
            if let Ok(text) = std::str::from_utf8(&line)
                && place.before.is_empty()
            {
                records.push((" raw", format!("{{\"log\":\"{text}\"}}").into_bytes()));
                records.push((" a record of", line.clone()));
                records.push((" members", format!("{{\"log\":\"x\",{text}\"z\":1}}").into_bytes()));
            }
            for (how, record) in records {
                let used = host.instructions(record::TAG, &record, MOST * record.len() as u64);
                if used.is_none() {
                    host = Host::new(module);
                }
                let instructions = used.map_or(f64::INFINITY, |used| used as f64);
                let each = instructions / strict_length(&record) as f64;
                let name = format!("{name}: {}{how} x {}", place.name, pattern.escape_ascii());
                costs.push(Cost { name, instructions, each });
            }
        }
    }
    costs
}

/// The bytes of the record in strict JSON: one that is no JSON at all becomes the text of a string, where quotes and
/// backslashes have two bytes.
fn strict_length(record: &[u8]) -> usize {
    let is_json = serde_json::from_slice::<serde::de::IgnoredAny>(record).is_ok();
    let length = |byte: &u8| match byte {
        0..b' ' => 6,
        b'"' | b'\\' if !is_json => 2,
        _ => 1,
    };
    let plain = |bytes: &[u8]| bytes.iter().map(length).sum::<usize>();
    record.utf8_chunks().map(|chunk| plain(chunk.valid().as_bytes()) + 5 * chunk.invalid().len()).sum()
}

/// The median, and the costs in order, the highest first.
pub fn ranked(mut costs: Vec<Cost>) -> (f64, Vec<Cost>) {
    costs.sort_by(|a, b| b.each.total_cmp(&a.each));
    (costs[costs.len() / 2].each, costs)
}
