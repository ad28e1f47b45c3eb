//! Error lines written the way httpd does, with every combination of missing values, are read back.
use super::{
    compile,
    errorlogformat::{self, Kind},
};
use crate::spec::{Container, Format, Spec};
use firelens_filter::Filter;
use serde_json::{Map, Value, json};

/// A directive's text and fields.
fn printed(letter: char, arg: &str) -> (&'static str, Value) {
    match (letter, arg) {
        ('t', "u") => ("Sun Nov 22 07:38:32.399242 2026", json!({"time": "2026-11-22T07:38:32.399242Z"})),
        ('t', "uc" | "cu") => ("2026-11-22 07:38:32.399242", json!({"time": "2026-11-22T07:38:32.399242Z"})),
        ('t', _) => ("Sun Nov 22 07:38:32 2026", json!({"time": "2026-11-22T07:38:32Z"})),
        ('m', _) => ("core", json!({"module": "core"})),
        ('l', _) => ("info", json!({"level": "info"})),
        ('P', _) => ("12", json!({"pid": 12})),
        ('T', _) => ("140187234817792", json!({"tid": 140187234817792i64})),
        ('F', _) => ("core.c(7)", json!({"source_file": "core.c", "source_line": 7})),
        ('E', _) => ("(13)Permission denied", json!({"errno": 13, "errno_text": "Permission denied"})),
        ('a', "") => ("192.0.2.1:80", json!({"client": "192.0.2.1", "client_port": 80})),
        ('a', _) => ("::1:80", json!({"peer": "::1", "peer_port": 80})),
        ('M', _) => (r#"AH00128: x, \"y\": [z]"#, json!({"code": "AH00128", "message": "x, \"y\": [z]"})),
        ('L', "") => ("Wq+Cf5oXAAA", json!({"log_id": "Wq+Cf5oXAAA"})),
        ('L', _) => ("Xq/Cf5oXAAA", json!({"conn_log_id": "Xq/Cf5oXAAA"})),
        ('v', _) => ("www.example.com", json!({"vhost": "www.example.com"})),
        ('i', _) => ("https://example.com/", json!({"referer": "https://example.com/"})),
        other => panic!("{other:?}"),
    }
}

/// The line that server/log.c prints when the directives in `missing` (bits, in order) have no value, and its fields.
fn print(format: &str, missing: u32) -> (String, Map<String, Value>) {
    let (mut line, mut fields) = (String::new(), Map::new());
    let (mut field_start, mut skipping, mut count) = ((0, Map::new()), false, 0);
    for item in errorlogformat::parse(format).unwrap() {
        if item.separator {
            if !skipping {
                field_start = (line.len(), fields.clone());
            }
            skipping = false;
        }
        let (text, values) = match &item.kind {
            Kind::Text(text) => (String::from_utf8(text.clone()).unwrap(), json!({})),
            Kind::Directive(letter, arg) => {
                count += 1;
                let always = matches!(letter, 't' | 'P' | 'l' | 'M');
                if !always && missing & (1 << count) != 0 {
                    (if item.hyphen { "-".to_string() } else { String::new() }, json!({}))
                } else {
                    let (text, values) = printed(*letter, arg);
                    (text.to_string(), values)
                }
            }
        };
        if skipping && item.kind != Kind::Directive('M', String::new()) {
            continue;
        }
        if text.is_empty() {
            line.truncate(field_start.0);
            fields = field_start.1.clone();
            skipping = true;
            continue;
        }
        line.push_str(&text);
        fields.extend(values.as_object().unwrap().clone());
    }
    (line, fields)
}

fn read(filter: &mut Filter, line: &str) -> Map<String, Value> {
    let record = json!({"container_name": "httpd", "source": "stderr", "log": line}).to_string();
    let mut out = Vec::new();
    filter.filter(b"httpd", record.as_bytes(), &mut out);
    let mut fields: Map<String, Value> = serde_json::from_slice(&out).unwrap();
    ["container_name", "source", "kind"].iter().for_each(|own| drop(fields.remove(*own)));
    fields
}

#[test]
fn whatever_is_missing() {
    for format in [
        r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
        r"[%{u}t] [%-m:%l] [pid\ %P:tid\ %T] %7F: %E: [client\ %a] %M% ,\ referer:\ %{Referer}i",
        "[%t] [%l] [pid %P] %F: %E: [client %a] %M",
        "[%{uc}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M",
        r"[%t] [%l] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
        r"%t %l m:%m t:%T c:%{c}a L:%L v:%v : %M% ,\ referer\ %{Referer}i% ;\ id\ %{c}L",
        r"%t [%l] [%T] %E:\ %M",
        r"%-E|%-F|%M|%-a|%-{c}L|%-v",
        r#"{"time":"%{cu}t","level":"%l","module":"%-m","client":"%-a","errno":"%-E","message":"%M"}"#,
    ] {
        let spec = Format::HttpdError { format: Some(format.to_string()), zone: Vec::new() };
        let containers = vec![Container { name: "httpd".to_string(), stdout: vec![], stderr: vec![spec] }];
        let mut filter = Filter::new(compile(&Spec { containers, ..Spec::default() }).unwrap());
        let directives = errorlogformat::parse(format).unwrap();
        let directives = directives.iter().filter(|item| matches!(item.kind, Kind::Directive(..))).count();
        for missing in 0..1u32 << directives {
            let (line, fields) = print(format, missing << 1);
            assert_eq!(read(&mut filter, &line), fields, "{format}\n{line}");
        }
    }
}
