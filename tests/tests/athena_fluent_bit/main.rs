//! The keys that the real Fluent Bit gives its objects, where there is one. Its clock's zone is not UTC, which they are
//! in.
//!
//! Needs: fluent_bit, sql, moto.
#[path = "../athena/engine.rs"]
mod engine;
#[path = "../athena/files.rs"]
mod files;

use e2e::{
    fluent_bit::{self, section},
    moto::Moto,
};
use engine::Engine;
use files::{CONFIG, REGION, bucket};
use firelens_kit::{config, pipeline};
use serde_json::json;
use std::{fs, path::Path, time::Duration};

/// The output of the configuration's destination `files`, to moto, and sooner.
fn output(engine: &Engine, moto: &Moto) -> String {
    let (config, _) = config::parse(Path::new("firelens.toml"), CONFIG);
    let pipeline = pipeline::pipeline(&config.expect("a configuration"));
    let files = pipeline.destinations.iter().find(|to| to.name == "files").expect("the destination");
    let store = engine.path("store").display().to_string();
    let (url, here) = (moto.url(), ["region", "store_dir", "upload_timeout"]);
    let mut properties = files.properties(&pipeline);
    properties.retain(|(name, _)| !here.contains(&name.as_str()));
    let own = properties.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let other =
        [("region", REGION), ("endpoint", &url), ("tls", "off"), ("store_dir", &store), ("upload_timeout", "2s")];
    let all: Vec<(&str, &str)> = [("name", "s3"), ("match", "*")].into_iter().chain(own).chain(other).collect();
    section("OUTPUT", &all)
}

#[test]
fn objects_of_the_real_fluent_bit_are_in_the_table() {
    for program in fluent_bit::needed() {
        let moto = Moto::start();
        let mut engine = Engine::start(CONFIG);
        bucket(&moto);
        let line = "192.0.2.7 - - [22/Nov/2026:07:38:32 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"curl/8.5\"";
        let record = json!({ "container_name": "httpd", "source": "stdout", "log": line });
        let record = engine.filtered(&[record])[0]["record"].to_string();
        let input = [("name", "dummy"), ("tag", "httpd-firelens-0123"), ("dummy", record.as_str()), ("samples", "3")];
        let service = section("SERVICE", &[("flush", "1"), ("grace", "1")]);
        let path = engine.path("fluent-bit.conf");
        fs::write(&path, service + &section("INPUT", &input) + &output(&engine, &moto)).expect("a file");
        let mut command = fluent_bit::command(&program, &path);
        command.envs(moto.environment(REGION)).env_remove("AWS_ENDPOINT_URL").env("TZ", "Asia/Tokyo");
        let done = || !moto.objects(REGION, "shop-files").is_empty();
        let limit = Duration::from_secs(60);
        assert!(fluent_bit::run_until(&mut command, limit, done).expect("it runs"), "{}: no object", program.display());
        for (key, bytes) in moto.objects(REGION, "shop-files") {
            engine.put(&format!("s3://shop-files/{key}"), &bytes);
        }
        let found = engine.ask("files", 3);
        assert!((1..=3).contains(&found["rows"].as_u64().expect("a number")), "{found}");
    }
}
