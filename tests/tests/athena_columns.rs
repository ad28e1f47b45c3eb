//! Every member of every record that the filter makes of the corpus is a field of the export, with a type that holds
//! its value.
use e2e::{corpus, record};
use firelens_filter::{Filter, Outcome};
use firelens_infra::export::athena::{Field, Value as Type};
use firelens_kit::{config, export::records};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::BTreeSet, path::Path};

const PRESETS: [&str; 3] = ["plain", "apache2", "otel"];

/// Rails' Logger, and Lograge as pairs and as JSON.
const RAILS: &str = r#"I, [2026-11-22T07:38:32.301671 #7]  INFO -- : [0e3b1b2c-8a3f-4c6d-9c44-0a2f6f7d1e10] Started GET "/a?b=c" for 192.0.2.7 at 2026-11-22 07:38:32 +0000
I, [2026-11-22T07:38:32.301671 #7]  INFO -- : [0e3b1b2c-8a3f-4c6d-9c44-0a2f6f7d1e10] Completed 500 Internal Server Error in 12ms (Views: 3.1ms | ActiveRecord: 0.2ms (3 queries, 1 cached) | Allocations: 123)
E, [2026-11-22T07:38:32.301671 #7] ERROR -- : boom
I, [2026-11-22T07:38:32 #7]  INFO -- : method=GET path=/a format=html controller=Pages action=show status=200 duration=12.5 view=3 db=0.2 allocations=7 gc_time=0.1
{"method":"GET","path":"/b","format":"html","controller":"Pages","action":"show","status":404,"duration":1,"view":0.5,"db":0}
"#;

/// Checks the records that the filter makes of these lines; how many were parsed.
fn check(config: &str, source: &str, lines: &[Vec<u8>]) -> usize {
    let (parsed, _) = config::parse(Path::new("firelens.toml"), config);
    let parsed = parsed.unwrap_or_else(|| panic!("{config}"));
    let fields = records::of(&parsed, "archive").fields;
    let names: BTreeSet<&str> = fields.iter().map(|field| field.key.as_str()).collect();
    assert_eq!(names.len(), fields.len(), "each key once");
    let (mut filter, mut out) = (Filter::new(parsed.program), Vec::new());
    let mut parsed = 0;
    for line in lines {
        let outcome = filter.filter(record::TAG, &record::firelens(source, line), &mut out);
        assert!(outcome == Outcome::Changed, "{}", line.escape_ascii());
        let record = record::strict(&out).expect("strict JSON");
        parsed += usize::from(record["kind"] != "unparsed");
        for (key, value) in &record {
            let field = fields.iter().find(|field| field.key == *key);
            let field = field.unwrap_or_else(|| panic!("`{key}` is no column of\n{config}\nbut of {record:?}"));
            assert!(holds(field, value), "{field:?} does not hold {value}");
        }
    }
    parsed
}

fn holds(field: &Field, value: &Value) -> bool {
    match field.value {
        Type::Text => value.is_string(),
        Type::Integer => value.is_i64(),
        Type::Number => value.is_number(),
        Type::Time => value.as_str().is_some_and(|text| text.ends_with('Z') && text.parse::<Timestamp>().is_ok()),
    }
}

fn config(preset: &str, stdout: &str) -> String {
    format!("fields = \"{preset}\"\n[[container]]\nname = \"httpd\"\nstdout = [{stdout}]\nstderr = [\"httpd_error\"]\n")
}

#[test]
fn access_lines() {
    for (name, format) in corpus::access_formats() {
        let lines = corpus::lines(&format!("access/{name}.log"));
        for preset in PRESETS {
            let parsed = check(&config(preset, &format!("'''{format}'''")), "stdout", &lines);
            assert!(parsed > lines.len() * 9 / 10, "{name}: {parsed} of {}", lines.len());
        }
    }
}

#[test]
fn error_lines() {
    for name in corpus::ERROR_LOGS {
        let lines = corpus::lines(&format!("error/{name}.log"));
        for preset in PRESETS {
            let parsed = check(&config(preset, ""), "stderr", &lines);
            assert!(parsed > lines.len() / 4, "{name}: {parsed} of {}", lines.len());
        }
    }
}

#[test]
fn lines_of_rails() {
    let lines: Vec<Vec<u8>> = RAILS.lines().map(|line| line.as_bytes().to_vec()).collect();
    for preset in PRESETS {
        let formats = "{ type = \"lograge\" }, { type = \"rails\" }";
        assert_eq!(check(&config(preset, formats), "stdout", &lines), lines.len(), "{preset}");
    }
}
