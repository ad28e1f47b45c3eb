//! Whatever comes in, one strict and shallow object comes out.
use super::*;
use crate::spec::Library;
use firelens_filter::json::{self, object};
use proptest::prelude::*;

/// All kinds of formats, with and without privacy.
fn filters() -> Vec<Filter> {
    let zone = Vec::new();
    let formats = vec![
        access("combined"),
        Format::HttpdError { format: None, zone: zone.clone() },
        Format::Lograge { zone: Vec::new() },
        Format::Json { zone: Vec::new() },
        Format::Rails { zone: zone.clone() },
        Format::Library { library: Library::SemanticLogger, zone: zone.clone() },
        Format::Library { library: Library::RailsEvent, zone: zone.clone() },
        Format::Library { library: Library::Thruster, zone: zone.clone() },
        Format::Library { library: Library::Puma, zone: zone.clone() },
        Format::Library { library: Library::SolidQueue, zone },
    ];
    let routes = vec![
        route("failures", vec![on("status", Test::Range(500, 599))], Action::Keep),
        route("rest", vec![], Action::Keep),
    ];
    let quiet = Spec { routes, ..httpd(formats) };
    let privacy = spec::Privacy {
        v4_bits: Some(0),
        v6_bits: Some(0),
        remove_user: true,
        parameters: vec!["a".into()],
        ..Default::default()
    };
    let masked = Spec { privacy, keep_log: true, ..quiet.clone() };
    [&quiet, &masked, &Spec::default()].map(|spec| Filter::new(compile(spec).unwrap())).into()
}

fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let pieces: [&[u8]; 38] = [
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\"",
        b"\\",
        b"\\u",
        b"\\ud800",
        b"\\udc00",
        b"\\u0000",
        b"\\x41",
        b"\0",
        b"\n",
        b"\x1f",
        b"\xff",
        b"\xc3",
        b"\xc3\xa9",
        b"\xed\xa0\x80",
        b"null",
        b"nan",
        b"-inf",
        b"-",
        b"01",
        b"1e5",
        b" ",
        b"\"log\":",
        b"\"kind\":",
        b"\"source\":\"stdout\"",
        b"\"{\\\"kind\\\":",
        b"{\"a\":",
        b"[[[[[[[[",
        b"]]]]]]]]",
        b"\"x\",",
        b"[]",
        b"\"method=GET path=/ status=",
        b"\"192.0.2.1 - - [22/Nov/2026:07:38:32 +0000] \\\"GET /?a=b HTTP/1.1\\\" 200 1 \\\"-\\\" \\\"",
    ];
    prop_oneof![
        2 => prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ]
}

/// A usual record, up to here.
const START: &[u8] = br#"{"container_name":"httpd","log":"192.0.2.1 - - [22/Nov/2026:07:38:32 +0000] \"GET /"#;
const END: &[u8] = br#" HTTP/1.1\" 200 1 \"-\" \"-\""}"#;

fn check(filter: &mut Filter, record: &[u8]) -> Result<(), TestCaseError> {
    let (mut members, mut out) = (Vec::new(), Vec::new());
    prop_assert_eq!(filter.filter(b"", record, &mut out), Outcome::Changed);
    prop_assert_eq!(object(&out, &mut members), Ok(()), "{}", out.escape_ascii());
    prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&out).is_ok(), "{}", out.escape_ascii());
    let kinds = members.iter().filter(|member| {
        let mut key = Vec::new();
        json::decode(member.key(&out), &mut key);
        key == b"kind"
    });
    prop_assert_eq!(kinds.count(), 1, "{}", out.escape_ascii());
    Ok(())
}

fn cases(usual: u32) -> ProptestConfig {
    let cases = std::env::var("FIRELENS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn any_bytes_become_one_object() {
    let filters = std::cell::RefCell::new(filters());
    proptest!(cases(1000), |(middle in pieces(), whole in any::<bool>())| {
        let record = if whole { middle } else { [START, &middle[..], END].concat() };
        for filter in &mut *filters.borrow_mut() {
            check(filter, &record)?;
        }
    });
}
