//! What a router gets beside ordinary lines.
use super::driver::Record;
use super::msgpack::Item;

/// Records with all that Fluent Bit's own format can hold and JSON cannot.
pub fn records() -> Vec<Record> {
    let log = |line: &[u8]| (Item::text("log"), Item::Text(line.to_vec()));
    let deep = |levels: usize| (0..levels).fold(Item::text("core"), |inner, _| Item::Array(vec![inner]));
    let deep_map = |n: usize| (0..n).fold(Item::text("core"), |inner, _| Item::Map(vec![(Item::text("a"), inner)]));
    let combined = br#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /a HTTP/1.1" 200 5 "-" "x""#;
    let mut records = vec![
        vec![
            log(combined),
            (Item::text("nan"), Item::Float(f64::NAN)),
            (Item::text("inf"), Item::Float(f64::INFINITY)),
        ],
        vec![log(combined), (Item::Integer(7), Item::text("an integer as key"))],
        vec![log(combined), (Item::text("ext"), Item::Ext(5, vec![0, 1, 0xff, b'"']))],
        vec![log(combined), (Item::text("bin"), Item::Binary(vec![0, 0x1f, 0xc3, b'"', b'\\']))],
        vec![log(combined), (Item::text("big"), Item::Integer(i64::MIN)), (Item::text("float"), Item::Float(1.1))],
        vec![log(combined), (Item::text("kind"), Item::text("error")), (Item::text("route"), Item::text("failures"))],
        vec![log(b"caf\xc3\xa9 \xff \xf0\x9f\x98\x80 \x01\x7f\x00\"\\ end")],
        vec![log(b"")],
        vec![(Item::text("log"), Item::Nil)],
        vec![(Item::text("log"), Item::Integer(5))],
        vec![(Item::text("log"), Item::Map(vec![(Item::text("a"), Item::Array(vec![]))]))],
        vec![(Item::text("other"), Item::text("no log"))],
        vec![log(combined), (Item::text("log"), Item::text("twice"))],
        vec![log(&[combined.as_slice(), &[b'u'; 300_000]].concat())],
    ];
    for levels in [10, 30, 31, 32, 33, 40, 50] {
        records.push(vec![log(combined), (Item::text("deep"), deep(levels))]);
        records.push(vec![log(combined), (Item::text("deep"), deep_map(levels))]);
    }
    records
}
