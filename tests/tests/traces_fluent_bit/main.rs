//! The real Fluent Bit joins stack traces as the kit says, by the rules that the kit renders, and what it holds is lost when it
//! is stopped.
//!
//! Needs: fluent_bit.
mod router;
mod stopped;

use e2e::fluent_bit;
use e2e::traces::{Table, tables};
use router::Router;
use serde_json::Value;
use std::time::Duration;

/// Its timer passes on what it holds twice a second, whether the trace is complete or not: once in a while one is cut.
const TRIES: usize = 5;

/// What arrives of a table's lines, as the texts of records.
fn run(program: &std::path::Path, table: &Table, between: bool) -> Vec<Value> {
    let toml = format!(
        "[[container]]\nname = \"app\"\nmultiline = {{ stderr = {:?} }}\n\
         [[route]]\nname = \"traces\"\nmatch = {{ kind = \"exception\" }}\nto = \"file\"\n\
         [[route]]\nname = \"rest\"\nto = \"file\"\n",
        table.language
    );
    let router = Router::new(&format!("join-{}-{between}", table.language), program, &toml);
    let process = router.start();
    let mut driver = router.driver("app");
    let (mut all, mut others) = (table.records.len(), 0);
    for line in table.lines() {
        driver.log("stderr", line.as_bytes()).expect("the socket");
        if between {
            driver.log("stdout", format!("other {others}").as_bytes()).expect("the socket");
            others += 1;
        }
    }
    all += others;
    let records = router.wait_for(all, Duration::from_secs(3));
    process.terminate(Duration::from_secs(60)).expect("an end");
    let mut seen: Vec<Value> = records.into_iter().filter(|record| record["source"] == "stderr").collect();
    seen.sort_by_key(|record| position(table, record));
    seen
}

/// Where in the lines a record stands: those that arrive by the timer come later.
fn position(table: &Table, record: &Value) -> usize {
    let log = record["log"].as_str().unwrap_or_default();
    table.texts().iter().position(|text| text.trim_end() == log.trim_end()).unwrap_or(usize::MAX)
}

fn expected(table: &Table) -> Vec<(String, Option<String>, Option<String>)> {
    let records = table.texts().into_iter().zip(&table.records);
    records.map(|(text, record)| (text, record.exception.clone(), record.message.clone())).collect()
}

#[test]
fn traces_arrive_whole_with_their_exception_and_route() {
    for program in fluent_bit::needed() {
        for table in tables() {
            for between in [false, true] {
                let mut got = Vec::new();
                for attempt in 1..=TRIES {
                    let text = |record: &Value, name: &str| record[name].as_str().map(str::to_string);
                    let records = run(&program, &table, between);
                    for record in &records {
                        let route = if record["kind"] == "exception" { "traces" } else { "rest" };
                        assert_eq!(record["route"], route, "{record}");
                        assert!(record["container_name"].is_string(), "{record}");
                    }
                    got = records
                        .iter()
                        .map(|it| (text(it, "log").unwrap_or_default(), text(it, "exception"), text(it, "message")))
                        .collect();
                    if got == expected(&table) {
                        println!(
                            "{} {}: {} records, at the {attempt}. try",
                            program.display(),
                            table.language,
                            got.len()
                        );
                        break;
                    }
                }
                assert_eq!(got, expected(&table), "{} {}", program.display(), table.language);
            }
        }
    }
}
