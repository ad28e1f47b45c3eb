//! Quotes and backslashes as httpd escapes them, in front of text that begins with one.
use super::*;

/// The values of a line in this order of names; absent ones are null.
fn values(format: Format, line: &str, names: &[&str]) -> Vec<Value> {
    let fields = read(&httpd(vec![format]), line);
    names.iter().map(|name| fields.get(*name).cloned().unwrap_or_default()).collect()
}

#[test]
fn an_escaped_quote_ends_no_token() {
    for (line, host, agent) in [
        (r#"a"b"#, json!("a"), json!("b")),
        (r#"a\"b"c"#, json!("a\"b"), json!("c")),
        (r#"a\\"c"#, json!("a\\"), json!("c")),
        (r#"a\\\"b"c"#, json!("a\\\"b"), json!("c")),
        (r#"\""c"#, json!("\""), json!("c")),
    ] {
        assert_eq!(values(access("%v\"%{User-Agent}i"), line, &["vhost", "user_agent"]), [host, agent], "{line}");
    }
}

#[test]
fn an_escaped_quote_ends_no_text() {
    let format = || access("%{User-Agent}i\" %h");
    for (line, agent, client) in
        [(r#"a b" h"#, json!("a b"), json!("h")), (r#"a \" b" h"#, json!("a \" b"), json!("h"))]
    {
        assert_eq!(values(format(), line, &["user_agent", "client"]), [agent, client], "{line}");
    }
    assert_eq!(read(&httpd(vec![format()]), r#"a\" h"#)["kind"], "unparsed");
}

#[test]
fn an_escaped_tab_ends_no_value() {
    assert_eq!(values(access("%v\t%h"), "a\\tb\tc", &["vhost", "client"]), [json!("a\tb"), json!("c")]);
}

#[test]
fn text_without_escapes_keeps_its_backslashes() {
    let rails = Format::Rails { zone: Vec::new() };
    let line = r#"Started GET "/a\" for 192.0.2.1 at 2026-11-22 07:38:32 +0000"#;
    assert_eq!(values(rails, line, &["path"]), [json!("/a\\")]);
}
