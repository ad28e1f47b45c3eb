//! What is masked wherever it stands in a record.
use super::*;
use crate::spec::Privacy;

fn masked(spec: &Spec, record: &str) -> String {
    let mut out = Vec::new();
    let mut filter = Filter::new(compile(spec).unwrap());
    assert_eq!(filter.filter(b"", record.as_bytes(), &mut out), Outcome::Changed);
    String::from_utf8(out).unwrap()
}

fn private(formats: Vec<Format>) -> Spec {
    let privacy =
        Privacy { v4_bits: Some(24), remove_user: true, parameters: vec!["token".to_string()], ..Privacy::default() };
    Spec { privacy, ..httpd(formats) }
}

const SECOND: &str = r#""log":"192.0.2.7 - bob [22/Nov/2026:07:38:32 +0000] \"GET /?token=a HTTP/1.1\" 200 5""#;

/// A record can have several members of one name; the first that is a string is the line.
#[test]
fn other_members_that_are_called_log() {
    let spec = private(vec![access("common")]);
    for (record, expected) in [
        (
            format!(r#"{{"log":"x",{SECOND},"a":1}}"#),
            r#"{"a":1,"kind":"unparsed","log":"x","log":"192.0.2.0 - - [22/Nov/2026:07:38:32 +0000] \"GET /?token=*** HTTP/1.1\" 200 5"}"#,
        ),
        (
            r#"{"l\u006fg":["203.0.113.7",{"a":"/?token=b"}],"a":"203.0.113.7"}"#.to_string(),
            r#"{"a":"203.0.113.7","kind":"unparsed","log":["203.0.113.0",{"a":"/?token=***"}]}"#,
        ),
        (
            r#"{"log":7,"log":"x 203.0.113.7","log":"\u003ftoken=c"}"#.to_string(),
            r#"{"kind":"unparsed","log":"x 203.0.113.0","log":7,"log":"?token=***"}"#,
        ),
    ] {
        assert_eq!(masked(&spec, &record), expected, "{record}");
    }
}

#[test]
fn they_stay_as_they_are_without_privacy() {
    let record = format!(r#"{{"log":"x","l\u006fg":[1],{SECOND}}}"#);
    let expected = format!(r#"{{"l\u006fg":[1],{SECOND},"kind":"unparsed","log":"x"}}"#);
    assert_eq!(masked(&httpd(vec![access("common")]), &record), expected);
}

/// With or without a `-` for what is absent, and whatever its name.
#[test]
fn headers_in_error_lines() {
    for format in ["[%t] [%{X-Real-IP}i] %M", "[%t] [%-{X-Real-IP}i] %M"] {
        let format = Format::HttpdError { format: Some(format.to_string()), zone: Vec::new() };
        let record = r#"{"log":"[Sun Nov 22 07:38:32 2026] [203.0.113.7] from 203.0.113.8"}"#;
        let expected =
            r#"{"kind":"error","time":"2026-11-22T07:38:32Z","x_real_ip":"203.0.113.0","message":"from 203.0.113.0"}"#;
        assert_eq!(masked(&private(vec![format]), record), expected);
    }
}

fn log(line: &str) -> String {
    serde_json::json!({ "log": line }).to_string()
}

#[test]
fn members_are_removed_and_replaced() {
    let mut spec = private(vec![access("common"), Format::Json { zone: Vec::new() }]);
    spec.privacy.remove = vec!["ident".into(), "a".into(), "bytes".into()];
    spec.privacy.replace = vec!["protocol".into(), "b".into()];
    spec.keep_log = true;
    let line = r#"192.0.2.7 x bob [22/Nov/2026:07:38:32 +0000] "GET /?token=a HTTP/1.1" 200 5"#;
    let record = log(line).replace('}', r#","a":1,"b":[2],"c":3}"#);
    let expected = r#"{"b":"***","c":3,"kind":"access","client":"192.0.2.0","time":"2026-11-22T07:38:32Z","method":"GET","path":"/","query":"token=***","protocol":"***","status":200,"log":"192.0.2.0 - - [22/Nov/2026:07:38:32 +0000] \"GET /?token=*** ***\" 200 -"}"#;
    assert_eq!(masked(&spec, &record), expected);
    let expected =
        r#"{"kind":"json","b":"***","c":{"a":"***"},"log":"{\"a\":\"***\",\"b\":\"***\",\"c\":{\"a\":\"***\"}}"}"#;
    assert_eq!(masked(&spec, &log(r#"{"a":1,"b":2,"c":{"a":3}}"#)), expected);
}

#[test]
fn patterns_in_texts() {
    use crate::spec::TextPattern::*;
    let mut spec = private(vec![Format::Json { zone: Vec::new() }]);
    spec.privacy.patterns = vec![Email, CardNumber, BearerToken, AwsKey, Regex("cust-[0-9]{6}".into())];
    for (text, expected) in [
        ("to bob.b+x@mail.shop.example.", "to ***."),
        ("bob%40shop.example, a@b", "***, a@b"),
        ("4111 1111 1111 1111 and 4111-1111-1111-1112", "*** and 4111-1111-1111-1112"),
        ("card=5555555555554444;", "card=***;"),
        ("12345 4111111111111111", "12345 ***"),
        ("14111111111111111 is not one", "14111111111111111 is not one"),
        ("Authorization: bearer abc.def-_~+/= x", "Authorization: *** x"),
        ("AKIAIOSFODNN7EXAMPLE, secret_access_key=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "***, ***"),
        ("cust-123456 cust-12345 xcust-1234567", "*** cust-12345 x***7"),
        (r"a\u0040b bob@shop.example\n192.0.2.7", r"a\u0040b ***\n192.0.2.0"),
    ] {
        let record = log(&serde_json::json!({ "m": text }).to_string());
        let expected = serde_json::json!({"kind": "json", "m": expected}).to_string();
        assert_eq!(masked(&spec, &record), expected, "{text}");
    }
}
