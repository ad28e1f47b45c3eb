//! Members of members of JSON lines are columns, whichever way the line has them.
use crate::engine::Engine;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use std::fs;

const CONFIG: &str = r#"
name = "shop"

[[container]]
name = "web"
stdout = "json"

[json.types]
number = "integer"
"payload.status" = "integer"
'req.headers."user-agent"' = "text"
"payload.took" = "number"

[[route]]
name = "all"
to = "archive"

[destination.archive]
type = "firehose"
"#;

#[test]
fn members_of_members_are_columns() {
    let lines = [
        json!({"payload": {"status": 503, "took": 1.5}, "req": {"headers": {"user-agent": "a \"b\" é"}}}),
        // The dots can be the member's own.
        json!({"payload.status": 404, "req.headers.user-agent": "own"}),
        // Of another type than was said.
        json!({"payload": {"status": "many", "took": "2.5"}, "req": {"headers": {"user-agent": 7}}}),
        json!({"payload": {"status": null}, "req": {"headers": []}}),
        json!({"payload": "text", "req": [1]}),
        json!({}),
    ];
    let mut engine = Engine::start(CONFIG);
    let record = |(number, line): (usize, &Value)| {
        let mut line = line.clone();
        line["number"] = json!(number);
        json!({"container_name": "web", "source": "stdout", "log": line.to_string()})
    };
    let records: Vec<Value> = lines.iter().enumerate().map(record).collect();
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    let mut object = String::new();
    for mut filtered in engine.filtered(&records) {
        let mut record = filtered["record"].take();
        assert_eq!(record["kind"], "json");
        record["date"] = json!(now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string());
        object.push_str(&format!("{record}\n"));
    }
    let folder = now.strftime("%Y/%m/%d/%H");
    engine.put(&format!("s3://shop-archive-123456789012-eu-central-1/archive/{folder}/one"), object.as_bytes());
    let query =
        r#"SELECT "payload_status", "req_headers_user_agent", "payload_took" FROM "shop"."archive" ORDER BY "number""#;
    fs::write(engine.path("export/archive/nested.sql"), query).expect("a file");
    let found = engine.ask("archive", 2);
    let rows: Vec<Value> = found["results"]["nested"].as_array().expect("rows").clone();
    let row = |status: Value, agent: Value, took: Value| json!({"payload_status": status, "req_headers_user_agent": agent, "payload_took": took});
    let none = Value::Null;
    assert_eq!(
        rows,
        [
            row(json!(503), json!("a \"b\" é"), json!(1.5)),
            row(json!(404), json!("own"), none.clone()),
            row(none.clone(), json!("7"), json!(2.5)),
            row(none.clone(), none.clone(), none.clone()),
            row(none.clone(), none.clone(), none.clone()),
            row(none.clone(), none.clone(), none),
        ]
    );
}
