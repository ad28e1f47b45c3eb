//! `firelens-kit logs` as a user runs it.
use crate::desk::{Desk, now};
use e2e::fault_proxy::Fault;
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Stdio},
};

const CONFIGURATION: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = "combined"
stderr = "httpd_error"

[[route]]
name = "health-checks"
match = { user_agent = { prefix = "ELB-HealthChecker" } }
drop = true

[[route]]
name = "failures"
match = [{ kind = "error" }, { status = "5xx" }]
to = ["live", "alarms", "archive"]

[[route]]
name = "bulk"
match = { method = "POST" }
to = "archive"

[[route]]
name = "rest"
to = ["live", "archive"]

[destination.live]
type = "cloudwatch_logs"
log_group = "/ecs/shop"

[destination.alarms]
type = "cloudwatch_logs"
log_group = "/ecs/shop/alarms"
log_key = "message"

[destination.archive]
type = "firehose"
"#;

const TASK: &str = "httpd-firelens-0123456789abcdef0123456789abcdef";
const OK: &str =
    r#"{"source":"stdout","client":"192.0.2.1","method":"GET","path":"/","status":200,"kind":"access","route":"rest"}"#;
const BAD: &str =
    r#"{"source":"stderr","level":"error","message":"AH01630: denied","kind":"error","route":"failures"}"#;

fn desk() -> Desk {
    let desk = Desk::new(CONFIGURATION);
    desk.make_group("/ecs/shop", &json!({}));
    desk.make_group("/ecs/shop/alarms", &json!({}));
    desk
}

#[test]
fn the_groups_of_the_routes_are_shown_in_the_order_of_time() {
    let desk = desk();
    let now = now();
    desk.put("/ecs/shop", TASK, &[(now - 700_000, OK), (now - 5_000, OK), (now - 3_000, BAD)]);
    desk.put("/ecs/shop/alarms", TASK, &[(now - 4_000, "AH01630: denied")]);
    let (code, text, error) = desk.run(&["logs"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let lines: Vec<&str> = text.lines().map(|line| line.split_once("Z  ").unwrap().1).collect();
    assert_eq!(
        lines,
        [
            "live  httpd/01234567  rest  200  GET /  192.0.2.1",
            "alarms  httpd/01234567             AH01630: denied",
            "live    httpd/01234567  failures  error  AH01630: denied",
        ]
    );
}

#[test]
fn a_group_is_chosen_by_destination_by_name_or_by_what_writes_to_it() {
    let desk = desk();
    let (now, router) = (now(), "/firelens-kit/shop/router");
    desk.put("/ecs/shop", TASK, &[(now, OK)]);
    desk.put("/ecs/shop/alarms", TASK, &[(now, "denied")]);
    for (args, told) in [
        (&["logs", "alarms"][..], "denied"),
        (&["logs", "/ecs/shop/alarms"], "denied"),
        (&["logs", "live"], "GET /"),
        (&["logs", "--route", "rest"], "GET /"),
    ] {
        let (code, text, error) = desk.run(args);
        assert!(code == 0 && text.trim_end().contains(told) && text.lines().count() == 1, "{args:?}: {text} {error}");
    }
    let (code, _, error) = desk.run(&["logs", "--router"]);
    assert!(code == 2 && error.contains(router) && error.contains("`firelens-kit deploy` creates"), "{error}");
    desk.make_group(router, &json!({}));
    desk.put(router, "router/log_router/1", &[(now, "[2026/11/25 08:00:00] [ warn] [engine] later")]);
    let (code, text, _) = desk.run(&["logs", "--router"]);
    assert!(code == 0 && text.ends_with("Z  log_router/1  [2026/11/25 08:00:00] [ warn] [engine] later\n"), "{text}");
}

#[test]
fn wrong_questions_are_refused_before_anything_is_asked() {
    let desk = desk();
    for (args, told) in [
        (&["logs", "live2"][..], "live2: the stack has no such log group\n  help: did you mean `live`?"),
        (&["logs", "--route", "rst"], "--route rst: there is no such route\n  help: did you mean `rest`?"),
        (&["logs", "--route", "health-checks"], "--route health-checks: it drops its records"),
        (&["logs", "--route", "bulk"], "--route bulk: it leads to no log group, but to archive"),
        (&["logs", "alarms", "--route", "rest"], "alarms: --route rest does not lead there"),
        (&["logs", "alarms", "--where", "level=error"], "alarms: its events are no records"),
        (&["logs", "--where", "status"], "there is no operator in it"),
        (&["logs", "--since", "yesterday"], "write how long ago"),
        (&["logs", "--since", "1m", "--until", "2m"], "--until is before --since"),
        (&["logs", "--until", "1m", "--follow"], "cannot be used with"),
        (&["logs", "-c", "nowhere.toml"], "cannot read nowhere.toml"),
    ] {
        let (code, out, error) = desk.run(args);
        assert!(code == 2 && out.is_empty() && error.contains(told), "{args:?}: {code} {out} {error}");
    }
    assert!(desk.proxy.requests_of("FilterLogEvents").is_empty());
}

#[test]
fn conditions_are_cloudwatch_logs_own() {
    let desk = desk();
    let args = ["logs", "live", "--route", "rest", "--route", "failures", "--where", "status>=500"];
    let (code, _, error) = desk.run(&[&args[..], &["--where", "path=/a \"b\"*", "--since", "2h"]].concat());
    assert!(code == 0 && error.starts_with("note: no matching events since"), "{error}");
    let [request] = &desk.proxy.requests_of("FilterLogEvents")[..] else { panic!("one request") };
    let asked = request.json();
    let pattern = r#"{ ($.route = "rest" || $.route = "failures") && ($.status >= 500) && ($.path = "/a \"b\"*") }"#;
    assert_eq!((&asked["filterPattern"], &asked["logGroupName"]), (&json!(pattern), &json!("/ecs/shop")));
    let since = now() - asked["startTime"].as_u64().unwrap();
    assert!((7_200_000..7_260_000).contains(&since), "{since}");
    assert_eq!(asked["endTime"], Value::Null);
}

#[test]
fn every_page_is_read_and_of_a_limit_the_newest_are_shown() {
    let desk = desk();
    // moto's pages have 10,000 events, like those of CloudWatch Logs.
    let start = now() - 60_000;
    let messages: Vec<String> = (0..10_050).map(|number| json!({ "n": number }).to_string()).collect();
    for (index, part) in messages.chunks(5_000).enumerate() {
        let events = part.iter().enumerate().map(|(at, text)| (start + (5_000 * index + at) as u64, text.as_str()));
        desk.put("/ecs/shop", TASK, &events.collect::<Vec<_>>());
    }
    // Some pages are asked for twice.
    desk.proxy.fail("FilterLogEvents", Fault::Throttle, 2);
    let (code, text, error) = desk.run(&["logs", "live", "--format", "json"]);
    assert_eq!((code, error.as_str()), (0, ""));
    let number = |line: &str| serde_json::from_str::<Value>(line).unwrap()["record"]["n"].as_u64().unwrap();
    assert!(text.lines().map(number).eq(0..10_050));
    let (code, text, _) = desk.run(&["logs", "live", "--format", "json", "--limit", "3"]);
    assert!(code == 0 && text.lines().map(number).eq(10_047..10_050), "{text}");
    let until = jiff::Timestamp::from_millisecond(start as i64 + 4).unwrap();
    let (code, text, _) = desk.run(&["logs", "live", "--format", "json", "--until", &until.to_string()]);
    assert!(code == 0 && text.lines().map(number).eq(0..5), "{text}");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let desk = desk();
    let events: Vec<(u64, &str)> = (0..9_000).map(|number| (now() - 10_000 + number, OK)).collect();
    desk.put("/ecs/shop", TASK, &events);
    let mut command = desk.command(&["logs", "live"]);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(running.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (status, error) = (running.wait().unwrap(), told(&mut running));
    assert!(status.success() && error.is_empty() && line.contains("GET /"), "{status} {error}");
}

/// `logs --follow`, and its lines.
struct Following {
    child: Child,
    lines: BufReader<ChildStdout>,
    ids: BTreeSet<String>,
}

impl Following {
    fn start(desk: &Desk, args: &[&str]) -> Following {
        let args = [&["logs", "live", "--follow", "--format", "json"], args].concat();
        let mut child = desk.command(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Following { child, lines, ids: BTreeSet::new() }
    }

    /// The next message, of an event that was not printed before.
    fn next(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line} {}", told(&mut self.child)));
        assert!(self.ids.insert(event["id"].as_str().unwrap().to_string()), "twice: {line}");
        event["message"].as_str().unwrap().to_string()
    }

    fn interrupt(mut self) -> (Option<i32>, String, String) {
        // SAFETY: the process is our child, which was not waited for yet.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, libc::SIGINT) }, 0);
        let code = self.child.wait().unwrap().code();
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        (code, rest, told(&mut self.child))
    }
}

fn told(child: &mut Child) -> String {
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn following_shows_each_event_once_also_those_that_arrive_late() {
    let desk = desk();
    let put = |age, message| desk.put("/ecs/shop", TASK, &[(now() - age, message)]);
    put(400_000, "long ago");
    put(9_000, "two");
    put(10_000, "one");
    let mut following = Following::start(&desk, &["--limit", "2"]);
    assert_eq!([following.next(), following.next()], ["one", "two"]);
    put(0, "three");
    assert_eq!(following.next(), "three");
    // Its time is before all that was shown, and before when the following began.
    put(60_000, "late");
    assert_eq!(following.next(), "late");
    // What fails in passing is asked again; an event of the same time and text is another event.
    desk.proxy.fail("FilterLogEvents", Fault::Throttle, 1);
    put(60_000, "late");
    put(0, "four");
    assert_eq!(BTreeSet::from([following.next(), following.next()]), BTreeSet::from(["four".into(), "late".into()]));
    // Some looks more, in which nothing is new.
    desk.proxy.forget();
    while desk.proxy.requests_of("FilterLogEvents").len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    put(0, "five");
    assert_eq!(following.next(), "five");
    assert_eq!(following.interrupt(), (Some(0), String::new(), String::new()));
}

#[test]
fn following_ends_when_it_is_refused() {
    let desk = desk();
    desk.put("/ecs/shop", TASK, &[(now(), "one")]);
    let mut following = Following::start(&desk, &[]);
    assert_eq!(following.next(), "one");
    desk.proxy.fail("FilterLogEvents", Fault::Denied, 1);
    assert_eq!(following.child.wait().unwrap().code(), Some(2));
    let error = told(&mut following.child);
    assert!(error.contains("logs:FilterLogEvents") && error.contains("/ecs/shop"), "{error}");
}

#[test]
fn where_nothing_was_found_is_said() {
    let desk = desk();
    for (arguments, told) in [
        (&["logs"][..], "in /ecs/shop (live), /ecs/shop/alarms (alarms) in eu-west-1"),
        (&["logs", "live", "--route", "rest"], "no matching events since"),
        (
            &["logs", "live", "--since", "2026-11-01", "--until", "2026-11-02"],
            "between 2026-11-01T00:00:00Z and 2026-11-02",
        ),
    ] {
        let (code, out, error) = desk.run(arguments);
        assert!(code == 0 && out.is_empty(), "{code} {out}");
        assert!(error.starts_with("note: no ") && error.contains(told), "{error}");
        assert!(error.contains("help: look further back with --since 1d"), "{error}");
    }
    desk.put("/ecs/shop", TASK, &[(now(), OK)]);
    let (_, out, error) = desk.run(&["logs"]);
    assert!(out.contains("GET /") && error.is_empty(), "{out} {error}");
}

#[test]
fn a_group_that_is_none_or_is_missing_has_its_own_message() {
    let desk = Desk::new(CONFIGURATION);
    let (code, _, error) = desk.run(&["logs", "archive"]);
    assert!(
        code == 2 && error.contains("`archive` is a destination of type firehose, which is no log group"),
        "{error}"
    );
    let (code, _, error) = desk.run(&["logs", "liv"]);
    assert!(
        code == 2 && error.contains("liv: the stack has no such log group\n  help: did you mean `live`?"),
        "{error}"
    );
    let (code, _, error) = desk.run(&["logs", "live"]);
    assert!(code == 2 && error.contains("help: `firelens-kit deploy` creates the stack's log groups"), "{error}");
    let existing = CONFIGURATION.replace("log_group = \"/ecs/shop\"\n", "log_group = \"/ecs/shop\"\nexisting = true\n");
    let desk = Desk::new(&existing);
    let (code, _, error) = desk.run(&["logs", "live"]);
    assert!(
        code == 2 && error.contains("the destination `live` has `existing = true`, so no deploy creates"),
        "{error}"
    );
}

/// The lock's own streams are beside the record; nobody wants to read them.
#[test]
fn deploys_are_told_in_words() {
    let desk = desk();
    let group = "/firelens-kit/shop/deploys";
    desk.make_group(group, &json!({}));
    let record = r#"{"verb":"deploy","caller":"arn:aws:sts::123456789012:assumed-role/ci/42","host":"runner","version":"0.1.0","done":["create cluster shop"],"failed":[]}"#;
    let day = 24 * 60 * 60 * 1000;
    desk.put(group, "deploys", &[(now() - day, record)]);
    desk.put(group, "lock-000001", &[(now() - day, r#"{"holder":{"caller":"x"},"released":true}"#)]);
    let (code, out, error) = desk.run(&["logs", "--deploys"]);
    let told = "Z  deploy   assumed-role/ci/42 on runner, firelens-kit 0.1.0; 1 done: create cluster shop\n";
    assert!(code == 0 && out.lines().count() == 1 && out.ends_with(told), "{out} {error}");
    let (_, out, _) = desk.run(&["logs", "--deploys", "--format", "json"]);
    let line: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(line["record"]["caller"], "arn:aws:sts::123456789012:assumed-role/ci/42");
}
