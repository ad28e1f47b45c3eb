//! Lines of Rails, and their fields.
use crate::{
    compile,
    spec::{Container, Format, Spec},
};
use firelens_filter::Filter;
use serde_json::{Value, json};

/// The fields of a line, as `name=value` in the order of names.
fn read(line: &str) -> String {
    let formats = vec![Format::Rails { zone: Vec::new() }];
    let containers = vec![Container { name: "app".to_string(), stdout: formats, stderr: Vec::new() }];
    let mut filter = Filter::new(compile(&Spec { containers, ..Spec::default() }).unwrap());
    let record = json!({"container_name": "app", "source": "stdout", "log": line}).to_string();
    let mut out = Vec::new();
    filter.filter(b"app", record.as_bytes(), &mut out);
    let Value::Object(fields) = serde_json::from_slice(&out).unwrap() else { panic!("{line}") };
    let fields = fields.into_iter().filter(|(name, _)| !["container_name", "source", "kind"].contains(&&name[..]));
    let mut fields: Vec<String> = fields.map(|(name, value)| format!("{name}={value}")).collect();
    fields.sort();
    fields.join(" ")
}

const PREFIX: &str = "I, [2026-11-22T07:38:32.729000 #1234]  INFO -- : ";
const ID: &str = "0f5a0b6e-0b3c-4d55-9c8e-6a1d2c3b4a5f";

#[test]
fn the_logger_layout() {
    assert_eq!(
        read(&format!("{PREFIX}[web] [{ID}] [v2] Cache warmed")),
        format!(
            "level=\"info\" message=\"Cache warmed\" pid=1234 request_id=\"{ID}\" tags=\"[web] [{ID}] [v2]\" \
             time=\"2026-11-22T07:38:32.729000Z\""
        )
    );
    assert_eq!(
        read("E, [2026-11-22T07:38:32.729000 #1] ERROR -- sidekiq: x: y"),
        "level=\"error\" message=\"x: y\" pid=1 progname=\"sidekiq\" time=\"2026-11-22T07:38:32.729000Z\""
    );
    assert!(read("A, [2026-11-22T07:38:32.729000 #1]   ANY -- : x").contains("level=\"any\" message=\"x\""));
    assert!(read("D, [2026-11-22T07:38:32.729000 #1] DEBUG -- :   ").contains("message=\"  \""));
}

#[test]
fn requests() {
    let tagged = |message: &str| read(&format!("[{ID}] {message}")).replace(&format!(" request_id=\"{ID}\""), "");
    assert_eq!(
        tagged("Started GET \"/a?b=c\" for 2001:db8::1 at 2026-11-22 07:38:32 +0100"),
        "client=\"2001:db8::1\" event=\"started\" method=\"GET\" path=\"/a\" query=\"b=c\" time=\"2026-11-22T06:38:32Z\""
    );
    assert!(tagged("Started GET \"/cable\" [WebSocket] for ::1 at 2026-11-22 07:38:32 +0100").contains("\"/cable\""));
    assert_eq!(
        tagged("Processing by Admin::UsersController#index as */*"),
        "action=\"index\" controller=\"Admin::UsersController\" event=\"processing\" format=\"*/*\""
    );
    assert_eq!(tagged("  Parameters: {\"id\"=>\"1\"}"), r#"event="parameters" parameters="{\"id\"=>\"1\"}""#);
    assert_eq!(tagged("Redirected to http://x/"), "event=\"redirected\" location=\"http://x/\"");
    assert_eq!(
        tagged("Filter chain halted as :login rendered or redirected"),
        "event=\"filter chain halted\" filter=\":login\""
    );
    assert_eq!(
        tagged("Sent file /srv/a b.pdf (0.1ms)"),
        "duration_us=100 event=\"sent file\" filename=\"/srv/a b.pdf\""
    );
}

#[test]
fn completions_of_all_versions() {
    for (line, expected) in [
        ("Completed 204 No Content in 7ms", "duration_us=7000 event=\"completed\" status=204"),
        (
            "Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms)",
            "db_us=1200 duration_us=12000 event=\"completed\" status=200 view_us=3400",
        ),
        (
            "Completed 500 Internal Server Error in 3ms (ActiveRecord: 0.0ms | Allocations: 123)",
            "allocations=123 db_us=0 duration_us=3000 event=\"completed\" status=500",
        ),
        (
            "Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms (1 query, 2 cached) | GC: 0.3ms)",
            "db_us=1200 duration_us=12000 event=\"completed\" gc_us=300 queries=1 queries_cached=2 status=200 view_us=3400",
        ),
        (
            "Completed 200 OK in 9ms (Views: 1.0ms | Solr: 2.0ms | Allocations: 5)",
            "allocations=5 duration_us=9000 event=\"completed\" message=\"Solr: 2.0ms\" status=200 view_us=1000",
        ),
        (
            "Completed 200 OK in 9ms (Solr: 2.0ms)",
            "duration_us=9000 event=\"completed\" message=\"Solr: 2.0ms\" status=200",
        ),
    ] {
        assert_eq!(read(line), expected, "{line}");
    }
}

#[test]
fn views_and_queries() {
    for (line, expected) in [
        (
            "  Rendered posts/index.html.erb within layouts/application (Duration: 3.4ms | Allocations: 12)",
            "allocations=12 duration_us=3400 event=\"rendered\" layout=\"layouts/application\" \
             template=\"posts/index.html.erb\"",
        ),
        (
            "  Rendered layout layouts/application.html.erb (Duration: 3.4ms | GC: 0.1ms)",
            "duration_us=3400 event=\"rendered layout\" gc_us=100 template=\"layouts/application.html.erb\"",
        ),
        (
            "  Rendered collection of posts/_post.html.erb [10 times] (Duration: 1.0ms | GC: 0.0ms)",
            "duration_us=1000 event=\"rendered collection of\" gc_us=0 template=\"posts/_post.html.erb [10 times]\"",
        ),
        (
            "  Rendered posts/_a.html.erb (0.5ms) [cache hit]",
            "cache=\"hit\" duration_us=500 event=\"rendered\" template=\"posts/_a.html.erb\"",
        ),
        (
            "  Rendering posts/index.html.erb within layouts/application",
            "event=\"rendering\" layout=\"layouts/application\" template=\"posts/index.html.erb\"",
        ),
        ("  Rendering layout a.erb", "event=\"rendering layout\" template=\"a.erb\""),
        ("  User Load (0.5ms)  SELECT 1 (2)", "db_us=500 message=\"SELECT 1 (2)\" operation=\"User Load\""),
        (
            "  \x1b[1m\x1b[36mUser Load (0.3ms)\x1b[0m  \x1b[1m\x1b[34mSELECT 1\x1b[0m",
            "db_us=300 message=\"SELECT 1\" operation=\"User Load\"",
        ),
        ("  \x1b[1m\x1b[35m (0.2ms)\x1b[0m  \x1b[1m\x1b[31mBEGIN\x1b[0m", "db_us=200 message=\"BEGIN\" operation=\"\""),
        (
            "  \x1b[36mUser Load (0.3ms)\x1b[0m  SELECT 1  [[\"id\", 1]]",
            "db_us=300 message=\"SELECT 1  [[\\\"id\\\", 1]]\" operation=\"User Load\"",
        ),
    ] {
        assert_eq!(read(line), expected, "{line}");
    }
}

#[test]
fn jobs_and_exceptions() {
    for (line, expected) in [
        (
            "[ActiveJob] [MailJob] Performing MailJob (Job ID: 12) from Async(default) with arguments: 1",
            "event=\"performing\" job=\"MailJob\" job_id=\"12\" queue=\"Async(default)\" \
             message=\"with arguments: 1\" tags=\"[ActiveJob] [MailJob]\"",
        ),
        (
            "Performed MailJob (Job ID: 12) from Async(default) in 12.5ms",
            "duration_us=12500 event=\"performed\" job=\"MailJob\" job_id=\"12\" queue=\"Async(default)\"",
        ),
        (
            "Enqueued MailJob (Job ID: 12) to Async(default)",
            "event=\"enqueued\" job=\"MailJob\" job_id=\"12\" queue=\"Async(default)\"",
        ),
        (
            "ActionController::RoutingError (No route matches [GET] \"/x\"):",
            "exception=\"ActionController::RoutingError\" message=\"No route matches [GET] \\\"/x\\\"\"",
        ),
    ] {
        let mut expected: Vec<&str> = expected.split_inclusive("\" ").map(str::trim_end).collect();
        expected.sort_unstable();
        let read = read(line);
        let mut found: Vec<&str> = read.split_inclusive("\" ").map(str::trim_end).collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn the_id_in_front_of_a_job_is_no_requests() {
    let job = format!("job=\"ExportJob\" job_id=\"{ID}\"");
    let tags = format!("[ActiveJob] [ExportJob] [{ID}]");
    let performed = format!("Performed ExportJob (Job ID: {ID}) from Async(default) in 12.5ms");
    assert_eq!(
        read(&format!("{tags} {performed}")),
        format!("duration_us=12500 event=\"performed\" {job} queue=\"Async(default)\"")
    );
    let enqueued = "Enqueued MailJob (Job ID: 12) to Async(default)";
    assert_eq!(read(&format!("{tags} {enqueued}")), format!("{job} message=\"{enqueued}\""), "another job");
    assert_eq!(read(&format!("{tags} exported 3 rows")), format!("{job} message=\"exported 3 rows\""));
    assert_eq!(
        read(&format!("{PREFIX}{tags} exported")),
        format!("{job} level=\"info\" message=\"exported\" pid=1234 time=\"2026-11-22T07:38:32.729000Z\"")
    );
}

#[test]
fn messages_of_an_application() {
    let id = format!("request_id=\"{ID}\"");
    assert_eq!(read(&format!("[{ID}] Cache: warm")), format!("message=\"Cache: warm\" {id}"));
    assert_eq!(read(&format!("[{ID}] ")), format!("message=\"\" {id}"));
    assert_eq!(
        read(&format!("[web] [{ID}] [v2] x [y] z")),
        format!("message=\"x [y] z\" {id} tags=\"[web] [{ID}] [v2]\"")
    );
    for line in [format!("[{ID}]x"), format!("x [{ID}] y"), format!("[{}] x", &ID[1..]), format!("[web] x [{ID}] ")] {
        assert_eq!(read(&line), format!("log={}", Value::String(line.clone())), "{line}");
    }
}

#[test]
fn other_text_is_not_rails() {
    for line in ["", "hello", "[tag] hello", "Started the engine", "Completed in 3 days", "{\"a\":1}", "Puma starting"]
    {
        assert_eq!(read(line), format!("log={}", Value::String(line.to_string())), "{line}");
    }
}
