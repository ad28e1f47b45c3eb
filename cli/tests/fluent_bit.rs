//! `firelens-kit test --fluent-bit`: the same lines and expectations through a real Fluent Bit. `$FLUENT_BIT` names the
//! program, `$FLUENT_BITS` several, with colons or spaces between them.
//!
//! Needs: fluent_bit.
mod support;

use firelens_kit::{config, pipeline};
use firelens_pipeline::{Pipeline, Version, render};
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use support::{CONFIG, ERROR, FAILED, Folder, GOOD, HEALTH, Run};

/// The programs to test with.
fn programs() -> Vec<PathBuf> {
    let mut named = ["FLUENT_BITS", "FLUENT_BIT"].into_iter().filter_map(|name| std::env::var(name).ok());
    let named = named.find(|paths| !paths.trim().is_empty()).unwrap_or_default();
    let programs: Vec<PathBuf> = named.split([':', ' ']).filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    assert!(
        !programs.is_empty(),
        "the counterpart `fluent_bit` is missing: name one in $FLUENT_BIT, or several in $FLUENT_BITS"
    );
    programs
}

/// `firelens-kit test --fluent-bit PROGRAM …`
fn through(folder: &Folder, program: &Path, args: &[&str], input: &[u8]) -> Run {
    let mut all = vec!["--fluent-bit", program.to_str().unwrap()];
    all.extend(args);
    folder.test_with_input(all, input)
}

/// A program that only a test takes for Fluent Bit.
fn script(folder: &Folder, text: &str) -> PathBuf {
    let path = folder.path("fluent-bit");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Lines of all kinds, some of them twice, and odd ones.
fn lines() -> Vec<u8> {
    let json =
        r#"{"level":"info","container_id":"from the line","n":12345678901234567890,"deep":{"a":[1,{"b":null}]}}"#;
    let agent = format!("{} \"{}\"", &GOOD[..GOOD.len() - 11], "long/".repeat(9_000));
    let cut = GOOD.replace("/shop", "/caf\u{e9}\u{1f600}");
    let texts = [GOOD, HEALTH, FAILED, GOOD, json, "not parsed", "", "\t\"\\\u{1}", &agent, &cut, FAILED];
    texts.join("\n").into_bytes()
}

#[test]
fn lines_become_the_same_as_in_the_module_alone() {
    for program in programs() {
        let folder = Folder::new().with("firelens.toml", CONFIG).with("access.log", lines());
        let args = ["--container", "httpd", "--stream", "stdout", "-q", "-f", "ndjson", "access.log"];
        let alone = folder.test(args).objects();
        let run = through(&folder, &program, &args, b"");
        let real = run.objects();
        assert_eq!(real.len(), alone.len());
        for (real, alone) in real.iter().zip(&alone) {
            assert_eq!(real, alone, "{}", program.display());
        }
    }
}

/// What is added, and members of members that routes ask for and masks hide.
#[test]
fn added_fields_and_paths_are_the_same_in_fluent_bit() {
    const CONFIG: &str = r#"
[add_fields]
service = "shop"
weight = 0.5
task = { ecs = "task_id" }
family = { ecs = "family" }
revision = { ecs = "revision" }
name = { ecs = "container" }
[[container]]
name = "web"
stdout = ["json", "combined"]
add_fields = { tier = "web" }
[[route]]
name = "failures"
match = { "payload.status" = "5xx", service = "shop", 'req.headers."user-agent"' = { prefix = "curl" } }
to = "archive"
[[route]]
name = "rest"
to = "archive"
[json.types]
"payload.status" = "integer"
[privacy]
remove_members = ["user.email"]
replace_members = ["payload.token"]
[destination.archive]
type = "s3"
"#;
    let line = r#"{"payload":{"status":503,"token":"t"},"req":{"headers":{"user-agent":"curl/8"}},"user":{"email":"e","id":1}}"#;
    let record = |line: &str, more: &str| {
        format!(
            "{{\"container_name\":\"/ecs-shop-3-web-f0d9abcdf0d9abcd01\",\"source\":\"stdout\",{more}\"log\":{}}}",
            Value::from(line)
        )
    };
    let ecs = r#""ecs_cluster":"prod","ecs_task_arn":"arn:aws:ecs:eu-west-1:123456789012:task/prod/f0d9","ecs_task_definition":"shop:3","#;
    let records = [record(line, ecs), record(GOOD, ecs), record(line, ""), record(&line.replace("503", "200"), ecs)];
    for program in programs() {
        let folder = Folder::new().with("firelens.toml", CONFIG);
        let args = ["--input", "records", "--container", "web", "-q", "-f", "ndjson", "-"];
        let alone = folder.test_with_input(args, records.join("\n").as_bytes()).objects();
        let real = through(&folder, &program, &args, records.join("\n").as_bytes()).objects();
        assert_eq!(real, alone, "{}", program.display());
        let routes: Vec<&Value> = real.iter().map(|object| &object["route"]).collect();
        assert_eq!(routes, ["failures", "rest", "failures", "rest"]);
        let first = &real[0]["record"];
        assert_eq!([&first["task"], &first["family"], &first["name"], &first["tier"]], ["f0d9", "shop", "web", "web"]);
        assert_eq!((&first["revision"], &first["weight"]), (&3.into(), &0.5.into()));
        assert_eq!((&first["payload"]["token"], &first["user"]), (&"***".into(), &serde_json::json!({"id": 1})));
    }
}

/// Bytes that are not UTF-8 are gone before the filter: Fluent Bit leaves them out, or some of them.
/// Lines of Rails and of the libraries around it, each in the format that reads it.
#[test]
fn lines_around_rails_are_the_same_in_fluent_bit() {
    const LOGGER: &str = "I, [2026-11-22T07:38:31.123456 #47]  INFO -- : [0b9e7a52-6f0e-4d1c-9a57-3c5f9d1e2a10] ";
    let object = r#"{"method":"GET","path":"/a","status":200,"level":3}"#;
    let pairs = "method=GET path=/a?b=\"c\" format=html status=200 duration=12.30";
    let header = "2026-11-22 07:38:32.729001";
    let rows: [(&str, &str, Vec<String>); 6] = [
        (
            r#"["lograge", "rails"]"#,
            "rails",
            vec![
                format!("{LOGGER}{pairs}"),
                format!("{LOGGER}{object}"),
                pairs.into(),
                format!("{LOGGER}Completed 200 OK in 12ms (Views: 3.4ms | ActiveRecord: 1.2ms (5 queries, 2 cached))"),
                format!("{LOGGER}[ActiveJob] [MailJob] [0f5a0b6e-0b3c-4d55-9c8e-6a1d2c3b4a5f] Performed MailJob"),
                format!("{LOGGER}an application's own \"text\""),
                "[0b9e7a52-6f0e-4d1c-9a57-3c5f9d1e2a10] Started GET \"/a?b=c\" for ::1 at 2026-11-22 07:38:32 +0100".into(),
            ],
        ),
        (r#"["json"]"#, "json", vec![format!("{LOGGER}{object}"), object.into()]),
        (
            r#"["rails_semantic_logger"]"#,
            "rails",
            vec![
                format!("{header} I [7:main] Rails -- Hello World"),
                format!("{header} \u{1b}[36mI\u{1b}[0m [7:main] \u{1b}[36mRails\u{1b}[0m -- Hello -- {{ :a => 1 }}"),
            ],
        ),
        (r#"["rails_event"]"#, "json", vec![r#"{"name":"user.created","payload":{"id":1},"tags":{}}"#.into()]),
        (r#"["puma"]"#, "rails", vec!["Puma starting in single mode...".into(), "* Listening on http://0.0.0.0:3000".into()]),
        (
            r#"["solid_queue"]"#,
            "rails",
            vec!["SolidQueue-1.1.0 Register Worker (12.3ms)  pid: 7, hostname: \"web-1\", process_id: 1, name: \"worker-1\"".into()],
        ),
    ];
    for program in programs() {
        for (formats, kind, lines) in &rows {
            let config = format!(
                "[[container]]\nname = \"web\"\nstdout = {formats}\n[[route]]\nname = \"all\"\nto = \"archive\"\n\
                 [destination.archive]\ntype = \"s3\"\n"
            );
            let folder = Folder::new().with("firelens.toml", &config);
            let args = ["--container", "web", "--stream", "stdout", "-q", "-f", "ndjson", "-"];
            let alone = folder.test_with_input(args, lines.join("\n").as_bytes()).objects();
            let real = through(&folder, &program, &args, lines.join("\n").as_bytes()).objects();
            assert_eq!(real, alone, "{}: {formats}", program.display());
            assert_eq!(real.len(), lines.len());
            for (line, object) in lines.iter().zip(&real) {
                assert_eq!(object["record"]["kind"], *kind, "{line}");
            }
        }
    }
}

#[test]
fn lines_that_are_not_utf8_arrive() {
    for program in programs() {
        let folder = Folder::new().with("firelens.toml", CONFIG);
        let args = ["--container", "httpd", "--stream", "stdout", "-q", "-f", "ndjson", "-"];
        let real = through(&folder, &program, &args, b"a\xffb\xfec\n\xc3\n").objects();
        assert_eq!(real.len(), 2);
        for object in &real {
            assert_eq!((&object["route"], &object["dropped"]), (&"rest".into(), &false.into()), "{object}");
        }
        assert_eq!(real[0]["record"]["log"], "abc", "{}", program.display());
    }
}

#[test]
fn records_arrive_whatever_they_hold() {
    let records = [
        r#"{"container_name":"httpd","source":"stdout","log":"x","container_id":"7a2c","ok":false}"#,
        r#"{"log":17,"container_name":"httpd"}"#,
        r#"{"log":null,"a":[1.5,-2,true,{"b":"c"}]}"#,
        r#"{"log":{"deep":{"er":[]}},"route":"rest","kind":"access"}"#,
        r#"{"container_name":"other","source":"stderr","message":"no log"}"#,
    ];
    for program in programs() {
        let folder = Folder::new().with("firelens.toml", CONFIG);
        let args = ["--input", "records", "--container", "httpd", "-q", "-f", "ndjson", "-"];
        let alone = folder.test_with_input(args, records.join("\n").as_bytes()).objects();
        let real = through(&folder, &program, &args, records.join("\n").as_bytes()).objects();
        assert_eq!(real, alone, "{}", program.display());
    }
}

#[test]
fn the_container_of_a_line_is_the_one_that_reads_it() {
    for program in programs() {
        let config = format!("{CONFIG}\n[[container]]\nname = \"app\"\nstdout = [\"rails\", \"json\"]\n");
        let folder = Folder::new().with("firelens.toml", config);
        let input = format!("{GOOD}\n{ERROR}\n{{\"level\":\"warn\"}}\n");
        let run = through(&folder, &program, &["-q", "-f", "ndjson", "-"], input.as_bytes());
        let kinds: Vec<Value> = run.objects().iter().map(|object| object["record"]["kind"].clone()).collect();
        assert_eq!(kinds, ["access", "error", "json"], "{}", program.display());
    }
}

#[test]
fn expectations_are_met_and_missed_as_in_the_module_alone() {
    let tests = format!(
        "[[test]]\nname = \"dropped\"\nline = '''{HEALTH}'''\ncontainer = \"httpd\"\ndropped = true\n\n\
         [[test]]\nname = \"two destinations\"\nline = '''{FAILED}'''\ncontainer = \"httpd\"\nstream = \"stdout\"\n\
         expect = {{ status = 503, to = [\"archive\", \"cloudwatch\"], absent = [\"container_id\"] }}\nexact = false\n\n\
         [[test]]\nname = \"wrong\"\nline = '''{GOOD}'''\ncontainer = \"httpd\"\nexpect = {{ status = 404 }}\n"
    );
    for program in programs() {
        let folder = Folder::new().with("firelens.toml", CONFIG).with("shop.test.toml", &tests);
        let run = through(&folder, &program, &[], b"");
        assert_eq!((run.code, run.stdout.as_str()), (1, folder.test([""; 0]).stdout.as_str()), "{}", run.stderr);
        assert!(
            run.stdout.contains("✓ two destinations") && run.stdout.contains("2 passed, 1 failed"),
            "{}",
            run.stdout
        );
    }
}

/// A 5.1 that says it is a 5.0 gets the configuration of one, with which it drops everything. A 5.0 loses nothing with it.
#[test]
fn records_that_arrive_nowhere_are_lost() {
    for program in programs() {
        let version = std::process::Command::new(&program).arg("--version").output().unwrap();
        let loses = String::from_utf8_lossy(&version.stdout).contains("v5.1.");
        let folder = Folder::new().with("firelens.toml", CONFIG);
        let liar = format!(
            "[ \"$1\" = --version ] && {{ echo 'Fluent Bit v5.0.9'; exit; }}\nexec {} \"$@\"",
            program.display()
        );
        let liar = script(&folder, &liar);
        let args = ["--container", "httpd", "--stream", "stdout", "-f", "ndjson", "-"];
        let run = through(&folder, &liar, &args, format!("{FAILED}\n{HEALTH}\n").as_bytes());
        if !loses {
            assert_eq!(run.code, 0, "{}", run.stderr);
            assert!(run.stdout.contains("503") && !run.stdout.contains("\"lost\""), "{}", run.stdout);
            continue;
        }
        run.fails_with(3, &["1 of 2 records were lost in Fluent Bit", "it did not arrive at cloudwatch, archive"]);
        run.fails_with(3, &["warning: Fluent Bit said:", "native stack overflow"]);
        assert!(run.stdout.contains("\"lost\":\"it did not arrive at cloudwatch, archive\""), "{}", run.stdout);
    }
}

#[test]
fn another_release_than_the_configured_one_is_told() {
    for program in programs() {
        let config = format!("{CONFIG}\n[router]\nimage = \"example.com/own:1.0.0\"\nfluent_bit = \"4.2.0\"\n");
        let folder = Folder::new().with("firelens.toml", config);
        let run = through(&folder, &program, &["--container", "httpd", "-q", "-"], GOOD.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains("and firelens.toml is for 4.2.0: the pipeline is rendered for "), "{}", run.stderr);
    }
}

#[test]
fn the_real_fluent_bit_reads_what_is_rendered() {
    for fluent_bit in programs() {
        reads_what_is_rendered(&fluent_bit);
    }
}

fn reads_what_is_rendered(fluent_bit: &Path) {
    let printed = Command::new(fluent_bit).arg("--version").output().unwrap().stdout;
    let printed = String::from_utf8(printed).unwrap();
    let own: Version = printed.split_whitespace().find(|word| word.starts_with('v')).unwrap().parse().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render");
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    for path in entries.filter(|path| path.extension().is_some_and(|end| end == "toml")) {
        let pipeline = Pipeline {
            version: own,
            ..pipeline::pipeline(&config::parse(&path, &fs::read_to_string(&path).unwrap()).0.unwrap())
        };
        let folder = Folder::new().with("filter.wasm", "");
        let conf = render::render(&pipeline).replace("/firelens-kit/", &format!("{}/", folder.path("").display()));
        let folder = folder.with("pipeline.conf", conf);
        let folder = folder.with("parsers.conf", render::parsers(&pipeline).unwrap_or_default());
        let mut command = Command::new(fluent_bit);
        command.arg("--dry-run").arg("-c").arg(folder.path("pipeline.conf")).env("AWS_REGION", "eu-central-1");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        // 4.1.1 crashes after that when there is an s3 output, whatever is in it.
        assert!(said.contains("configuration test is successful"), "{}:\n{said}", path.display());
    }
}
