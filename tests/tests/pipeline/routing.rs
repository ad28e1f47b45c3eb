//! Each record once at each destination of its route, and nowhere else.
use crate::lines::{self, DESTINATIONS};
use crate::router::{METADATA, TAG};
use crate::stage::{SMOKE, Stage, each};
use e2e::fluent_bit::msgpack::Item;
use e2e::{fluent_bit, record};
use firelens_filter::{Filter, Outcome};
use serde_json::{Map, Value};
use std::time::Duration;

const LINES: usize = 5_000;
const LONG: usize = 50;

#[test]
fn routing() {
    each("routing", SMOKE, |stage| {
        let process = stage.router.start();
        let mut driver = stage.driver();
        lines::send(&mut driver, 0..LINES, None).expect("the socket");
        // Longer than one piece of Docker's.
        for number in LINES..LINES + LONG {
            let (source, text) = long(number);
            driver.log(source, text.as_bytes()).expect("the socket");
        }
        let odd = fluent_bit::odd::records();
        for (number, record) in odd.iter().enumerate() {
            let mut record = record.clone();
            record.push((Item::text("odd"), Item::text(&number.to_string())));
            driver.send(record).expect("the socket");
        }
        drop(driver);
        let most = LINES + LONG;
        let census = stage.wait_for(0..most, most);
        stage.assert_exact(&census, most, Some(&process));
        assert!(stage.router.uptime().is_some(), "no health check");
        let status = process.terminate(Duration::from_secs(60)).expect("an end");
        assert!(status.is_some_and(|status| status.success()), "it ended with {status:?}");

        let census = stage.wait_for(0..most, most);
        stage.assert_exact(&census, most, None);
        let [cloudwatch, archive, events] = &census.others;
        let arrived: Vec<Value> = archive.iter().map(|text| serde_json::from_str(text).expect(text)).collect();
        let missing: Vec<String> = (0..odd.len())
            .map(|number| number.to_string())
            .filter(|n| !arrived.iter().any(|r| r["odd"] == **n))
            .collect();
        assert!(missing.is_empty(), "of the odd records are missing: {missing:?}");
        assert_eq!((cloudwatch.len(), archive.len(), events.len()), (0, odd.len(), 0));
        let compared = fields(stage, most);
        stage.report("routing", &format!("{} and {} odd records; {compared} compared", census.arrived(), odd.len()));
    });
}

/// The line with this number, made 40 KB long in its path or its message.
fn long(number: usize) -> (&'static str, String) {
    let (source, mut text) = lines::text(number);
    let end = text.find(" HTTP/1.1").unwrap_or(text.len());
    text.insert_str(end, &"x".repeat(40_000));
    (source, text)
}

/// Compares every record with what the filter itself makes of the line, member by member as text.
fn fields(stage: &Stage, most: usize) -> usize {
    let mut filter = Filter::new(stage.router.config.program.clone());
    let mut out = Vec::new();
    let messages = [stage.cloud.log_events(), stage.cloud.archived_lines(), stage.cloud.stream_records()];
    let mut compared = 0;
    for (place, message) in messages.iter().enumerate().flat_map(|(place, all)| all.iter().map(move |one| (place, one)))
    {
        let Some(number) = lines::number(message.as_bytes()) else { continue };
        let members = record::members(message);
        let mut names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "a name twice in {message}");
        let mut arrived: Map<String, Value> = serde_json::from_str(message).expect("an object");
        assert_eq!(arrived.remove("date").is_some(), place != 0, "{message}");
        let (source, text) = if number < LINES { lines::text(number) } else { long(number) };
        assert_eq!(filter.filter(TAG.as_bytes(), &sent(stage, source, &text), &mut out), Outcome::Changed);
        let expected: Map<String, Value> = serde_json::from_slice(&out).expect("an object");
        assert_eq!(arrived, expected, "line {number} at {}", DESTINATIONS[place]);
        compared += 1;
    }
    assert!(compared > most / 2);
    compared
}

/// The record of a line, as the module gets it.
fn sent(stage: &Stage, source: &str, text: &str) -> Vec<u8> {
    let mut object = Map::new();
    for (key, value) in stage.driver().record(source, text.as_bytes()) {
        let (Item::Text(key), Item::Text(value)) = (key, value) else { panic!("a record of texts") };
        object.insert(String::from_utf8(key).expect("UTF-8"), String::from_utf8(value).expect("UTF-8").into());
    }
    object.extend(METADATA.map(|(key, value)| (key.to_owned(), value.into())));
    Value::Object(object).to_string().into_bytes()
}
