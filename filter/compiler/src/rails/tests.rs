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

/// Each line as one of Rails' log subscribers writes it, and its fields.
#[test]
fn all_that_a_job_says() {
    let on = "from Sidekiq(default)";
    for (line, expected) in [
        (
            "Error performing MailJob (Job ID: 12) from Sidekiq(default) in 1.5ms: Net::ReadTimeout (a (b)):".into(),
            "duration_us=1500 event=\"error performing\" exception=\"Net::ReadTimeout\" job=\"MailJob\" job_id=\"12\" message=\"a (b)\" queue=\"Sidekiq(default)\"",
        ),
        (
            format!(
                "Error performing MailJob (Job ID: 12) {on} in 1.5ms: a before_perform callback halted the job execution"
            ),
            "duration_us=1500 event=\"error performing\" job=\"MailJob\" job_id=\"12\" message=\"a before_perform callback halted the job execution\" queue=\"Sidekiq(default)\"",
        ),
        (
            format!(
                "Performing MailJob (Job ID: 12) {on} enqueued at 2026-11-22T07:38:31.100000000Z with arguments: 1"
            ),
            "event=\"performing\" job=\"MailJob\" job_id=\"12\" message=\"enqueued at 2026-11-22T07:38:31.100000000Z with arguments: 1\" queue=\"Sidekiq(default)\"",
        ),
        (
            "Retrying MailJob (Job ID: 12) after 2 attempts in 3 seconds, due to a Net::ReadTimeout (x.y).".into(),
            "attempts=2 event=\"retrying\" exception=\"Net::ReadTimeout\" job=\"MailJob\" job_id=\"12\" message=\"x.y\" wait_us=3000000",
        ),
        (
            "Retrying MailJob (Job ID: 12) after 2 attempts in 3 seconds.".into(),
            "attempts=2 event=\"retrying\" job=\"MailJob\" job_id=\"12\" wait_us=3000000",
        ),
        (
            "Retrying MailJob in 3 seconds, due to a Net::ReadTimeout.".into(),
            "event=\"retrying\" exception=\"Net::ReadTimeout\" job=\"MailJob\" wait_us=3000000",
        ),
        (
            "Retrying MailJob in 3 seconds, due to a Net::ReadTimeout. The original exception was nil.".into(),
            "event=\"retrying\" exception=\"Net::ReadTimeout\" job=\"MailJob\" message=\"The original exception was nil.\" wait_us=3000000",
        ),
        (
            "Stopped retrying MailJob (Job ID: 12) due to a Net::ReadTimeout (x), which reoccurred on 5 attempts."
                .into(),
            "attempts=5 event=\"stopped retrying\" exception=\"Net::ReadTimeout\" job=\"MailJob\" job_id=\"12\" message=\"x\"",
        ),
        (
            "Stopped retrying MailJob due to a Net::ReadTimeout, which reoccurred on 5 attempts.".into(),
            "attempts=5 event=\"stopped retrying\" exception=\"Net::ReadTimeout\" job=\"MailJob\"",
        ),
        (
            "Discarded MailJob (Job ID: 12) due to a ActiveJob::DeserializationError (gone).".into(),
            "event=\"discarded\" exception=\"ActiveJob::DeserializationError\" job=\"MailJob\" job_id=\"12\" message=\"gone\"",
        ),
        (
            "Discarded MailJob due to a ActiveJob::DeserializationError.".into(),
            "event=\"discarded\" exception=\"ActiveJob::DeserializationError\" job=\"MailJob\"",
        ),
        (
            "Failed enqueuing MailJob to Sidekiq(default): RedisClient::CannotConnectError (refused)".into(),
            "event=\"failed enqueuing\" exception=\"RedisClient::CannotConnectError\" job=\"MailJob\" message=\"refused\" queue=\"Sidekiq(default)\"",
        ),
        (
            "Failed enqueuing MailJob to Sidekiq(default), a before_enqueue callback halted the enqueuing execution."
                .into(),
            "event=\"failed enqueuing\" job=\"MailJob\" message=\"a before_enqueue callback halted the enqueuing execution.\" queue=\"Sidekiq(default)\"",
        ),
        ("Failed enqueuing 1 job to Sidekiq".into(), "event=\"failed enqueuing\" jobs=1 queue=\"Sidekiq\""),
        (
            "Enqueued MailJob (Job ID: 12) to Async(default) at 2026-11-22 07:38:32 UTC with arguments: 1".into(),
            "event=\"enqueued\" job=\"MailJob\" job_id=\"12\" message=\"at 2026-11-22 07:38:32 UTC with arguments: 1\" queue=\"Async(default)\"",
        ),
        (
            "Enqueued 3 jobs to Sidekiq (2 MailJob, 1 PingJob). Failed enqueuing 1 job".into(),
            "event=\"enqueued\" jobs=3 message=\"(2 MailJob, 1 PingJob). Failed enqueuing 1 job\" queue=\"Sidekiq\"",
        ),
        (
            "Interrupted ImportJob (Job ID: 12) at 'rows', cursor '7' (stopping)".into(),
            "event=\"interrupted\" job=\"ImportJob\" job_id=\"12\" message=\"at 'rows', cursor '7' (stopping)\"",
        ),
        (
            "Resuming ImportJob (Job ID: 12) after 'rows'".into(),
            "event=\"resuming\" job=\"ImportJob\" job_id=\"12\" message=\"after 'rows'\"",
        ),
        (
            "Step 'rows' started for ImportJob (Job ID: 12)".into(),
            "event=\"step\" job=\"ImportJob\" job_id=\"12\" state=\"started\" step=\"rows\"",
        ),
        (
            "Step 'rows' resumed from cursor '7' for ImportJob (Job ID: 12)".into(),
            "cursor=\"7\" event=\"step\" job=\"ImportJob\" job_id=\"12\" state=\"resumed\" step=\"rows\"",
        ),
        (
            "Step 'rows' interrupted at cursor '' for ImportJob (Job ID: 12) in 12.34ms".into(),
            "cursor=\"\" duration_us=12340 event=\"step\" job=\"ImportJob\" job_id=\"12\" state=\"interrupted\" step=\"rows\"",
        ),
        (
            "Step 'rows' completed for ImportJob (Job ID: 12) in 1.0ms".into(),
            "duration_us=1000 event=\"step\" job=\"ImportJob\" job_id=\"12\" state=\"completed\" step=\"rows\"",
        ),
        ("Step 'rows' skipped ImportJob".into(), "event=\"step\" job=\"ImportJob\" state=\"skipped\" step=\"rows\""),
        ("Step 'rows' skipped".into(), "event=\"step\" state=\"skipped\" step=\"rows\""),
        (
            "Error during step 'rows' at cursor '7' for ImportJob (Job ID: 12) in 1.0ms: ArgumentError (no row)".into(),
            "cursor=\"7\" duration_us=1000 event=\"error during step\" exception=\"ArgumentError\" job=\"ImportJob\" job_id=\"12\" message=\"no row\" step=\"rows\"",
        ),
    ] {
        assert_eq!(read(&line), expected, "{line}");
        let prefixed = read(&format!("{PREFIX}{line}"));
        let prefixed = prefixed.replace(" level=\"info\"", "").replace(" pid=1234", "");
        assert_eq!(prefixed.replace(" time=\"2026-11-22T07:38:32.729000Z\"", ""), expected, "{line}");
        // Behind a job's tags it is about that job, unless another one is enqueued.
        let tagged = read(&format!("[ActiveJob] [MailJob] [12] {line}"));
        assert!(tagged.contains("job=\"MailJob\" job_id=\"12\"") && !tagged.contains("log="), "{tagged}");
        assert_eq!(tagged.contains("event="), !line.contains("nqueu") || line.contains("enqueued at"), "{tagged}");
    }
}

#[test]
fn mails_files_and_what_else_rails_says() {
    for (line, expected) in [
        ("Delivered mail 6e8f@web (12.3ms)", "duration_us=12300 event=\"delivered mail\" mail_id=\"6e8f@web\""),
        (
            "Sent mail to a@example.com, b@example.com (1.0ms)",
            "duration_us=1000 event=\"sent mail to\" recipients=\"a@example.com, b@example.com\"",
        ),
        (
            "Skipped delivery of mail 6e8f@web as `perform_deliveries` is false",
            "event=\"skipped delivery of mail\" mail_id=\"6e8f@web\"",
        ),
        (
            "Failed delivery of mail 6e8f@web error_class=Net::ReadTimeout error_message=\"a b\"",
            "event=\"failed delivery of mail\" exception=\"Net::ReadTimeout\" mail_id=\"6e8f@web\" message=\"\\\"a b\\\"\"",
        ),
        (
            "  S3 Storage (12.3ms) Uploaded file to key: 8tj2 (checksum: x==)",
            "checksum=\"x==\" duration_us=12300 event=\"uploaded file to key\" key=\"8tj2\" storage=\"S3\"",
        ),
        (
            "\x1b[36m  S3 Storage (12.3ms) \x1b[0m\x1b[32mUploaded file to key: 8tj2 (checksum: x==)\x1b[0m",
            "checksum=\"x==\" duration_us=12300 event=\"uploaded file to key\" key=\"8tj2\" storage=\"S3\"",
        ),
        (
            "\x1b[36m  Disk Storage (0.1ms) \x1b[0m\x1b[34mDownloaded file from key: a/b c\x1b[0m",
            "duration_us=100 event=\"downloaded file from key\" key=\"a/b c\" storage=\"Disk\"",
        ),
        (
            "  Disk Storage (0.1ms) Deleted files by key prefix: variants/8tj2/",
            "duration_us=100 event=\"deleted files by key prefix\" key=\"variants/8tj2/\" storage=\"Disk\"",
        ),
        (
            "  Disk Storage (0.1ms) Checked if file exists at key: 8tj2 (no)",
            "duration_us=100 event=\"checked if file exists at key\" exists=\"no\" key=\"8tj2\" storage=\"Disk\"",
        ),
        (
            "  Disk Storage (0.1ms) Generated URL for file at key: 8tj2 (http://x/y)",
            "duration_us=100 event=\"generated url for file at key\" key=\"8tj2\" location=\"http://x/y\" storage=\"Disk\"",
        ),
        (
            "rescue_from handled ArgumentError (no such day) - app/controllers/days_controller.rb:7:in 'show'",
            "caller=\"app/controllers/days_controller.rb:7:in 'show'\" event=\"rescue_from handled\" exception=\"ArgumentError\" message=\"no such day\"",
        ),
        ("  ↳ app/models/user.rb:7:in 'name'", "caller=\"app/models/user.rb:7:in 'name'\""),
        ("↳ app/models/user.rb:7", "caller=\"app/models/user.rb:7\""),
        ("Read fragment views/a (0.1ms)", "duration_us=100 event=\"read fragment\" key=\"views/a\""),
        ("Exist fragment? views/a (0.1ms)", "duration_us=100 event=\"exist fragment?\" key=\"views/a\""),
        (
            "\x1b[31mUnpermitted parameters: :a, :b. Context: { action: create }\x1b[0m",
            "event=\"unpermitted parameters\" message=\":a, :b. Context: { action: create }\"",
        ),
        (
            "  ASYNC User Load (0.1ms) (db time 0.5ms)  SELECT 1",
            "db_us=500 lock_wait_us=100 message=\"SELECT 1\" operation=\"ASYNC User Load\"",
        ),
        (
            "  \x1b[1m\x1b[36mCACHE User Load (0.0ms)\x1b[0m  \x1b[1m\x1b[34mSELECT 1\x1b[0m  [[\"id\", 1]]",
            "db_us=0 message=\"SELECT 1\\u001b[0m  [[\\\"id\\\", 1]]\" operation=\"CACHE User Load\"",
        ),
    ] {
        assert_eq!(read(line), expected, "{line}");
    }
}
