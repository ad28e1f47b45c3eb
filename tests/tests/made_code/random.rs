//! Lines and records.
use firelens_filter::json::push_ascii;
use proptest::{prelude::*, sample};

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
