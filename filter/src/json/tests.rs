use super::*;

fn members(text: &str) -> Result<usize, Fault> {
    let mut members = Vec::new();
    object(text.as_bytes(), &mut members).map(|()| members.len())
}

#[test]
fn strict_objects() {
    for (text, count) in [
        ("{}", 0),
        (" { } ", 0),
        (r#"{"a":1}"#, 1),
        (r#"{"a":"x\u00e9\ud83d\ude00\/" , "b" : [1,-0.5e+3,{"c":[]},{}], "c":null}"#, 3),
        ("{\"é\":true}", 1),
    ] {
        assert_eq!(members(text), Ok(count), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
    }
}

#[test]
fn other_text() {
    for text in [
        "",
        "null",
        "[]",
        "{",
        "{}x",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":+1}",
        "{\"a\":nan}",
        "{\"a\":\"\\x41\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":[1}}",
        "{\"a\":{1:2}}",
        "{\"a\":[1,]}",
        "{\"a\":[,]}",
        "{\"a\":\"x}",
        "{\"a\":tru}",
    ] {
        assert_eq!(members(text), Err(Fault::Syntax), "{text}");
        assert!(serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_err(), "{text}");
    }
    let mut bytes = Vec::new();
    assert_eq!(object(b"{\"a\":\"\xff\"}", &mut bytes), Err(Fault::Syntax));
}

#[test]
fn depth_is_measured() {
    let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(members(&nested(31)), Ok(1));
    for levels in [32, 33, 63, 64, 65, 100, 5000] {
        assert_eq!(members(&nested(levels)), Err(Fault::Deep), "{levels}");
    }
    assert_eq!(members(&format!("{{\"a\":{}}}", "[".repeat(5000))), Err(Fault::Syntax));
}

#[test]
fn text_is_written_and_read() {
    let mut json = Vec::new();
    assert!(push_text(&mut json, "a\"b\\c\n\u{1}é😀".as_bytes()));
    assert_eq!(json, "a\\\"b\\\\c\\n\\u0001é😀".as_bytes());
    let mut back = Vec::new();
    decode(&json, &mut back);
    assert_eq!(back, "a\"b\\c\n\u{1}é😀".as_bytes());
    json.clear();
    assert!(!push_text(&mut json, b"a\xffb\xc3"));
    assert_eq!(json, b"a\\\\xffb\\\\xc3");
}
