//! Stack traces of each language are joined to one record, which has the exception's class and message; everything else stays
//! as it is.
use e2e::traces::tables;
use firelens_filter::Filter;
use firelens_kit::config;
use firelens_pipeline::multiline::{Joiner, LANGUAGES, Stream};
use serde_json::{Value, json};
use std::path::Path;

/// What becomes of lines, read by the rules of these languages.
fn joined(languages: &str, lines: &[&str]) -> Vec<String> {
    let config = configured(languages);
    let joiner = Joiner::new(&config.joined[0].rules).expect("rules");
    let (mut stream, mut out) = (Stream::default(), Vec::new());
    lines.iter().for_each(|line| joiner.push(&mut stream, line.as_bytes(), (), &mut out));
    stream.flush(&mut out);
    out.into_iter().map(|(_, text)| String::from_utf8(text).expect("text")).collect()
}

fn configured(languages: &str) -> config::Config {
    let toml = format!("[[container]]\nname = \"app\"\nmultiline = {languages}\n");
    let (config, problems) = config::parse(Path::new("firelens.toml"), &toml);
    config.unwrap_or_else(|| panic!("{problems:?}"))
}

/// The fields that the filter makes of a text.
fn read(filter: &mut Filter, text: &str) -> Value {
    let record = json!({ "container_name": "app", "source": "stderr", "log": text }).to_string();
    let mut out = Vec::new();
    filter.filter(b"app-firelens-0123", record.as_bytes(), &mut out);
    serde_json::from_slice(&out).expect("a record")
}

fn all() -> String {
    format!("{:?}", LANGUAGES.iter().map(|language| language.name).collect::<Vec<_>>())
}

#[test]
fn there_is_a_table_for_each_language() {
    let mut names: Vec<&str> = LANGUAGES.iter().map(|language| language.name).collect();
    names.sort_unstable();
    let tables = tables();
    assert_eq!(tables.iter().map(|table| table.language.as_str()).collect::<Vec<_>>(), names);
    assert!(tables.iter().all(|table| table.records.iter().filter(|record| record.exception.is_some()).count() >= 3));
}

#[test]
fn the_lines_of_a_trace_become_one_record() {
    for table in tables() {
        let lines: Vec<&str> = table.lines().collect();
        let own = joined(&format!("{:?}", table.language), &lines);
        assert_eq!(own, table.texts(), "{}", table.language);
    }
}

/// A blank line at the end of a trace belongs to it, with the newline that Fluent Bit puts there.
#[test]
fn a_trace_that_ends_with_a_blank_line() {
    let lines = ["Traceback (most recent call last):", "  File \"a\", line 1", "ValueError: a", "", "ready"];
    let trace = "Traceback (most recent call last):\n  File \"a\", line 1\nValueError: a\n\n";
    assert_eq!(joined("\"python\"", &lines), [trace, "ready"]);
}

#[test]
fn a_trace_has_its_exception_and_message_and_stays_whole() {
    for languages in [None, Some(all())] {
        for table in tables() {
            let languages = languages.clone().unwrap_or(format!("{:?}", table.language));
            let mut filter = Filter::new(configured(&languages).program);
            for (text, record) in table.texts().iter().zip(&table.records) {
                let got = read(&mut filter, text);
                let mut expected = json!({ "container_name": "app", "source": "stderr", "kind": "unparsed" });
                if let Some(exception) = &record.exception {
                    expected["kind"] = "exception".into();
                    expected["exception"] = exception.as_str().into();
                    if let Some(message) = &record.message {
                        expected["message"] = message.as_str().into();
                    }
                }
                expected["log"] = text.as_str().into();
                assert_eq!(got, expected, "{languages}");
            }
        }
    }
}

/// With the rules of all languages at once, each trace is still one record.
#[test]
fn the_languages_get_along() {
    let (all, mut lines, mut expected) = (all(), Vec::new(), Vec::new());
    let tables = tables();
    for table in &tables {
        for (text, record) in table.texts().into_iter().zip(&table.records) {
            if record.exception.is_some() {
                lines.extend(text.lines().map(str::to_string));
                expected.push(text);
                // Behind the frames of one, another one of Ruby's is its cause.
                lines.push("an ordinary line".to_string());
                expected.push("an ordinary line".to_string());
            }
        }
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    for (got, expected) in joined(&all, &lines).iter().zip(&expected) {
        assert_eq!(got, expected);
    }
}

/// Lines of servers that are no traces: none is held, and none is taken for an exception.
#[test]
fn ordinary_lines_stay_alone() {
    let lines = [
        r#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /error HTTP/1.1" 500 5 "-" "x""#,
        "[Sun Nov 22 07:38:32.123456 2026] [proxy:error] [pid 17:tid 140] AH01114: no backend",
        r#"{"level":"info","message":"Error"}"#,
        "2026-11-22 07:38:32.404  INFO 1 --- [main] c.example.shop.Cart : empty",
        "I, [2026-11-22T07:38:32.730000 #1]  INFO -- : retrying (RuntimeError)",
        "listening on 127.0.0.1:3000",
        "no errors",
        "",
        "    indented",
        "caf\u{e9} (1)",
    ];
    assert_eq!(joined(&all(), &lines), lines);
    let mut filter = Filter::new(configured(&all()).program);
    for line in lines {
        assert_eq!(read(&mut filter, line)["kind"], "unparsed", "{line}");
    }
}

#[test]
fn rules_of_ones_own_join_what_is_no_first_line() {
    let toml = "[[container]]\nname = \"app\"\nmultiline = [\"orders\", \"java\"]\n\
                [multiline.orders]\nstart = '^[0-9]{4}-[0-9]{2}-[0-9]{2} '\n";
    let (config, problems) = config::parse(Path::new("firelens.toml"), toml);
    let config = config.unwrap_or_else(|| panic!("{problems:?}"));
    let joiner = Joiner::new(&config.joined[0].rules).expect("rules");
    let lines = [
        "2026-11-22 07:38:32 ERROR order 7 failed:",
        "several lines",
        "of text",
        "java.lang.IllegalStateException: none left",
        "\tat com.example.shop.Stock.take(Stock.java:9)",
        "2026-11-22 07:38:33 INFO ready",
    ];
    let (mut stream, mut out) = (Stream::default(), Vec::new());
    lines.iter().enumerate().for_each(|(at, line)| joiner.push(&mut stream, line.as_bytes(), at, &mut out));
    stream.flush(&mut out);
    let first = lines[..5].join("\n");
    assert_eq!(out, [(0, first.clone().into_bytes()), (5, lines[5].as_bytes().to_vec())]);
    let got = read(&mut Filter::new(config.program), &first);
    assert_eq!((&got["exception"], &got["message"]), (&json!("java.lang.IllegalStateException"), &json!("none left")));
}
