//! Records of the real filter, in objects with the keys that Firehose gives them, and what the queries say of them.
use crate::engine::Engine;
use firelens_infra::export::athena::identifier;
use flate2::{Compression, write::GzEncoder};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, io::Write as _};

const FORMATS: &str = r#"
[[container]]
name = "httpd"
stdout = ['%h %l %u %t "%r" %>s %b %D "%{Referer}i" "%{User-Agent}i"']
stderr = ["httpd_error"]

[[route]]
name = "health-checks"
match = { user_agent = { prefix = "ELB-HealthChecker" } }
drop = true

[[route]]
name = "failures"
match = { status = "5xx" }
to = "archive"

[[route]]
name = "rest"
to = "archive"

[destination.archive]
type = "firehose"
"#;

/// A line that a container wrote.
struct Line {
    /// When Firehose was given it.
    arrived: Timestamp,
    /// When Firehose began the object that it is in.
    begun: Timestamp,
    stream: &'static str,
    text: String,
}

fn ago(now: Timestamp, minutes: i64) -> Timestamp {
    now - SignedDuration::from_mins(minutes)
}

fn show(time: Timestamp, format: &str) -> String {
    time.to_zoned(TimeZone::UTC).strftime(format).to_string()
}

/// Lines of the last 30 hours, none of them near the border of the queries' 24.
fn lines(now: Timestamp) -> Vec<Line> {
    let minutes = (0..130).map(|number| (number, 10 + number * 13));
    minutes
        .filter(|(_, minutes)| !(1380..1500).contains(minutes))
        .flat_map(|(number, minutes)| of(now, number, minutes))
        .collect()
}

fn of(now: Timestamp, number: i64, minutes: i64) -> Vec<Line> {
    let at = ago(now, minutes);
    let line = |stream, text| {
        let arrived = if number % 11 == 0 { ago(now, 1) } else { at + SignedDuration::from_secs(2) };
        let begun = if number % 4 == 0 { arrived - SignedDuration::from_mins(14) } else { arrived };
        Line { arrived, begun, stream, text }
    };
    let status = if number % 7 == 0 { 503 } else { 200 + 204 * i64::from(number % 5 == 0) };
    let agent = if number % 13 == 0 { "ELB-HealthChecker/2.0" } else { "curl/8.5" };
    let (client, path, duration) = (number % 3, number % 4, 1001 * number + 1);
    let time = show(at, "%d/%b/%Y:%H:%M:%S +0000");
    let request = format!("\"GET /item/{path}?q=\u{e9} HTTP/1.1\"");
    let access = format!("192.0.2.{client} - alice [{time}] {request} {status} {number} {duration} \"-\" \"{agent}\"");
    let mut lines = vec![line("stdout", access)];
    if number % 6 == 0 {
        let time = show(at, "%a %b %d %H:%M:%S.%6f %Y");
        let peer = "[client 192.0.2.7:59236]";
        let text =
            format!("[{time}] [core:error] [pid 7:tid 9] {peer} AH00128: File does not exist: /srv/{}", number % 2);
        lines.push(line("stderr", text));
    }
    if number % 9 == 0 {
        lines.push(line("stderr", "what is this?".to_string()));
    }
    lines
}

/// As Docker and FireLens send it.
fn record(line: &Line) -> Value {
    json!({
        "container_id": "0123456789ab", "container_name": "httpd", "source": line.stream, "log": line.text,
        "ecs_cluster": "shop", "ecs_task_arn": "arn:aws:ecs:eu-central-1:123456789012:task/shop/1",
        "ecs_task_definition": "shop:1",
    })
}

/// Puts each kept record into the object of its folder, and returns all of them.
fn deliver(engine: &mut Engine, lines: &[Line], folder: impl Fn(&str, Timestamp) -> String, gzip: bool) -> Vec<Value> {
    let mut objects: BTreeMap<String, String> = BTreeMap::new();
    let mut kept = Vec::new();
    let filtered = engine.filtered(&lines.iter().map(record).collect::<Vec<_>>());
    assert_eq!(filtered.len(), lines.len());
    for (line, mut object) in lines.iter().zip(filtered) {
        if object["dropped"] == true {
            continue;
        }
        let mut record = object["record"].take();
        record["date"] = json!(show(line.arrived, "%Y-%m-%dT%H:%M:%S.%3fZ"));
        let route = object["route"].as_str().expect("a route");
        let begun = show(line.begun, "%Y-%m-%d-%H-%M-%S");
        let end = if gzip { ".gz" } else { "" };
        let url = format!("s3://{}shop-archive-1-{begun}-0f8fad5b{end}", folder(route, line.begun));
        objects.entry(url).or_default().push_str(&format!("{record}\n"));
        kept.push(record);
    }
    for (url, text) in &objects {
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(text.as_bytes()).expect("memory");
        let packed = packed.finish().expect("memory");
        engine.put(url, if gzip { &packed } else { text.as_bytes() });
    }
    kept
}

/// What the queries have to say, worked out from the records. `name` gives a field's name in them.
struct Expected<'a> {
    records: Vec<&'a Map<String, Value>>,
    name: fn(&'static str) -> &'static str,
}

impl<'a> Expected<'a> {
    fn of(all: &'a [Value], now: Timestamp, name: fn(&'static str) -> &'static str) -> Expected<'a> {
        let expected = Expected { records: Vec::new(), name };
        let all = all.iter().map(|record| record.as_object().expect("an object"));
        let records = all.filter(|record| expected.time(record) > ago(now, 24 * 60)).collect();
        Expected { records, ..expected }
    }

    fn get(&self, record: &'a Map<String, Value>, plain: &'static str) -> &'a Value {
        record.get((self.name)(plain)).unwrap_or(&Value::Null)
    }

    fn time(&self, record: &'a Map<String, Value>) -> Timestamp {
        let own = self.get(record, "time").as_str();
        own.or(record["date"].as_str()).expect("a time").parse().expect("a time")
    }

    fn of_kind(&self, kind: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
        self.records.iter().copied().filter(move |record| record["kind"] == kind)
    }

    /// Sums by a key: how many, and what `counts` says of each.
    fn sums<const N: usize>(
        &self,
        kind: &str,
        key: impl Fn(&'a Map<String, Value>) -> String,
        counts: impl Fn(&'a Map<String, Value>) -> [i64; N],
    ) -> BTreeMap<String, [i64; N]> {
        let mut sums = BTreeMap::new();
        for record in self.of_kind(kind) {
            let sum = sums.entry(key(record)).or_insert([0; N]);
            counts(record).iter().zip(sum).for_each(|(count, sum)| *sum += count);
        }
        sums
    }

    fn hour(&self, record: &'a Map<String, Value>) -> String {
        show(self.time(record), "%Y-%m-%dT%H:00:00")
    }

    fn status(&self, record: &'a Map<String, Value>) -> i64 {
        self.get(record, "status").as_i64().expect("a status")
    }
}

/// The rows of a query by one column, and some numbers of each.
fn rows<const N: usize>(found: &Value, query: &str, key: &str, numbers: [&str; N]) -> BTreeMap<String, [i64; N]> {
    let rows = found["results"][query].as_array().unwrap_or_else(|| panic!("no {query} in {found}"));
    let number = |row: &Value, name: &str| row[name].as_f64().unwrap_or_else(|| panic!("{name} in {row}")) as i64;
    let row = |row: &Value| (row[key].as_str().expect(key).to_string(), numbers.map(|name| number(row, name)));
    rows.iter().map(row).collect()
}

#[track_caller]
fn check(found: &Value, expected: &Expected) {
    let column = |plain| identifier((expected.name)(plain));
    let text = |record, plain| expected.get(record, plain).as_str().expect("text").to_string();
    let range = |record, low: i64, high: i64| i64::from((low..=high).contains(&expected.status(record)));

    let by_path =
        expected.sums("access", |one| text(one, "path"), |one| [range(one, 500, 599), range(one, 400, 499), 1]);
    assert!(by_path.len() == 4 && by_path.values().all(|[server, ..]| *server > 0));
    let names = ["server_errors", "client_errors", "requests"];
    assert_eq!(rows(found, "errors-by-path", &column("path"), names), by_path);

    let bytes = |record| expected.get(record, "bytes").as_i64().unwrap_or_default();
    let by_client = expected.sums("access", |one| text(one, "client"), |one| [1, range(one, 400, 599), bytes(one)]);
    assert_eq!(rows(found, "top-clients", &column("client"), ["requests", "errors", "bytes"]), by_client);

    let by_hour = expected.sums("access", |one| expected.hour(one), |one| [1, bytes(one)]);
    assert!(by_hour.len() > 20);
    assert_eq!(rows(found, "traffic-by-hour", "hour_start", ["requests", "bytes"]), by_hour);

    let errors = expected.sums("access", |one| expected.hour(one), |one| [range(one, 500, 599), 1]);
    assert_eq!(rows(found, "server-error-share", "hour_start", ["server_errors", "requests"]), errors);
    for row in found["results"]["server-error-share"].as_array().expect("rows") {
        let [errors, all] = errors[row["hour_start"].as_str().expect("an hour")];
        let percent = 100.0 * errors as f64 / all as f64;
        assert!((row["percent"].as_f64().expect("a number") - percent).abs() <= 0.005001, "{row}");
    }

    let mut durations: Vec<i64> =
        expected.of_kind("access").map(|one| expected.get(one, "duration_us").as_i64().expect("a number")).collect();
    durations.sort_unstable_by_key(|duration| -duration);
    let slowest = found["results"]["slowest-requests"].as_array().expect("rows");
    let slowest: Vec<i64> =
        slowest.iter().map(|row| (row["milliseconds"].as_f64().expect("a number") * 1000.0).round() as i64).collect();
    assert_eq!(slowest, durations[..durations.len().min(100)]);

    let by_message = expected.sums("error", |one| text(one, "message"), |_| [1]);
    assert_eq!(rows(found, "error-log", &column("message"), ["lines"]), by_message);
    let newest = expected.of_kind("error").map(|one| expected.time(one)).max().expect("an error");
    let last_seen = found["results"]["error-log"].as_array().expect("rows").iter().map(|row| {
        let text = row["last_seen"].as_str().expect("a time");
        format!("{text}Z").parse::<Timestamp>().expect("a time")
    });
    assert!(last_seen.max().is_some_and(|last| last.duration_since(newest).abs() < SignedDuration::from_millis(1)));

    let unparsed = expected.sums("unparsed", |one| one["container_name"].as_str().expect("text").to_string(), |_| [1]);
    assert_eq!(rows(found, "unparsed-lines", "container_name", ["lines"]), unparsed);
}

fn plain(name: &'static str) -> &'static str {
    name
}

fn otel(name: &'static str) -> &'static str {
    match name {
        "time" => "timestamp",
        "path" => "url.path",
        "client" => "client.address",
        "status" => "http.response.status_code",
        "bytes" => "http.response.body.size",
        "message" => "body",
        other => other,
    }
}

#[test]
fn queries_count_what_the_filter_wrote() {
    let config = format!("name = \"shop\"\n{FORMATS}");
    let mut engine = Engine::start(&config);
    let now = Timestamp::now();
    let folder =
        |_: &str, begun| format!("shop-archive-123456789012-eu-central-1/archive/{}/", show(begun, "%Y/%m/%d/%H"));
    let records = deliver(&mut engine, &lines(now), folder, true);
    let found = engine.ask("archive", 40);
    assert_eq!(found["rows"], records.len());
    assert_eq!(found["partitions"], json!(["hour"]));
    check(&found, &Expected::of(&records, now, plain));
}

#[test]
fn routes_are_partitions_and_names_with_dots_are_columns() {
    let (date, route) = ("!{timestamp:'year='yyyy'/month='MM'/day='dd}", "!{partitionKeyFromQuery:route}");
    let prefix = format!("prefix = \"http/{date}/of-{route}/!{{firehose:random-string}}/\"");
    let options = "partition_by_route = true\ncompression_format = \"none\"\nbucket = \"logs\"";
    let config = format!("name = \"shop\"\nfields = \"otel\"\n{FORMATS}{options}\n{prefix}\n");
    let mut engine = Engine::start(&config);
    let now = Timestamp::now();
    let folder = |route: &str, begun| format!("logs/http/{}/of-{route}/5f2c/", show(begun, "year=%Y/month=%m/day=%d"));
    let records = deliver(&mut engine, &lines(now), folder, false);
    let found = engine.ask("archive", 72);
    assert_eq!(found["rows"], records.len());
    assert_eq!(found["partitions"], json!(["route", "day"]));
    check(&found, &Expected::of(&records, now, otel));
}
