//! `firelens-kit lint`: what users do, what it says about `firelens.toml`, and that what we render is clean.
mod pages;
mod secrets;
#[path = "../support/mod.rs"]
mod support;

use firelens_kit::{
    check,
    config::{parse, problem::Problem, rules},
    lint::Toml,
};
use firelens_pipeline::{
    Version,
    lint::{Context, Finding, Rule, Severity, report},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};
use support::{CONFIG, Folder, Run};

fn kit(folder: &Folder, args: &[&str]) -> Run {
    Run::new(folder.command().arg("lint").args(args).stdin(Stdio::null()).output().unwrap())
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn tomls(folder: &str) -> Vec<PathBuf> {
    let entries = tests().join(folder).read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|ending| ending == "toml")).collect()
}

/// What users have that is not perfect.
const CONF: &str = "\
[SERVICE]
    Flush 1
    Grace 5
    storage.path /buffer
    storage.type filesystem
    storage.inherit On

[OUTPUT]
    Name firehose
    Match *-firelens-*
    region ${AWS_REGION}
    delivery_stream shop
    storage.total_limit_size 1G
";

const MENDED: &str = "\
[SERVICE]
    Flush 1
    Grace 30
    storage.path /buffer
    storage.type filesystem
    storage.inherit On

[OUTPUT]
    Name kinesis_firehose
    Match *-firelens-*
    region ${AWS_REGION}
    delivery_stream shop
    storage.total_limit_size 1G
    Retry_Limit no_limits
";

#[test]
fn findings_say_where_what_and_how_to_mend() {
    let folder = Folder::new().with("extra.conf", CONF);
    let run = kit(&folder, &["extra.conf"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    for part in
        ["warning[FLK017]", "extra.conf:9:10", "Name kinesis_firehose", "--fix: Grace 5 -> 30", "\n3 warnings\n"]
    {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    assert_eq!(kit(&folder, &["extra.conf", "--deny", "warnings"]).code, 1);
    assert_eq!(folder.read("extra.conf"), CONF);
}

/// AWS's smallest example, `cloudwatchlogs` of aws-samples/amazon-ecs-firelens-examples, as far as it is about logs.
const SMALLEST: &str = r#"{
  "containerDefinitions": [
    {
      "essential": true,
      "image": "906394416424.dkr.ecr.us-east-1.amazonaws.com/aws-for-fluent-bit:stable",
      "name": "log_router",
      "firelensConfiguration": { "type": "fluentbit" },
      "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "router", "awslogs-region": "us-west-2" } },
      "memoryReservation": 50
    },
    {
      "essential": true,
      "image": "nginx",
      "name": "app",
      "logConfiguration": {
        "logDriver": "awsfirelens",
        "options": {
          "Name": "cloudwatch_logs",
          "region": "us-west-2",
          "log_group_name": "application",
          "auto_create_group": "true",
          "log_stream_name": "stdout-stderr-",
          "retry_limit": "2",
          "workers": "1"
        }
      },
      "memoryReservation": 100
    }
  ]
}
"#;

#[test]
fn matters_of_taste_are_printed_when_asked_for() {
    let folder = Folder::new().with("task.json", SMALLEST);
    let rules = |args: &[&str]| {
        let run = kit(&folder, &[&["task.json", "--format", "json"], args].concat());
        let json: Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = json["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["rule"].as_str().unwrap().to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(rules(&[]), "FLK047 FLK037 FLK027");
    assert_eq!(rules(&["--remarks"]), "FLK047 FLK057 FLK065 FLK056 FLK037 FLK038 FLK027");
}

#[test]
fn mends_are_told_and_done_once() {
    let folder = Folder::new().with("extra.conf", CONF);
    let run = kit(&folder, &["extra.conf", "--fix", "--deny", "warnings"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "nothing found\n"), "{}", run.stderr);
    for part in
        ["extra.conf: firehose -> kinesis_firehose\n", "extra.conf: Grace 5 -> 30\n", "Retry_Limit no_limits added"]
    {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(folder.read("extra.conf"), MENDED);
    let again = kit(&folder, &["extra.conf", "--fix"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, ""));
    assert_eq!(folder.read("extra.conf"), MENDED);
}

#[test]
fn what_was_allowed_is_neither_told_nor_fixed() {
    let allowed =
        CONF.replace("    Grace 5", "    # firelens-kit: allow FLK031 because the task is a batch job\n    Grace 5");
    let folder = Folder::new().with("extra.conf", &allowed);
    let run = kit(&folder, &["extra.conf", "--allow", "old-go-plugin", "--allow", "flk027", "--fix"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "nothing found\n", ""));
    assert_eq!(folder.read("extra.conf"), allowed);
}

#[test]
fn a_file_that_is_not_utf8_is_linted_and_not_mended() {
    let folder = Folder::new().with("extra.conf", [b"# \xff\n", CONF.as_bytes()].concat());
    assert!(kit(&folder, &["extra.conf"]).stdout.contains("extra.conf:10:10"));
    let run = kit(&folder, &["extra.conf", "--fix"]);
    assert_eq!((run.code, run.stderr.contains("extra.conf is not UTF-8")), (2, true), "{}", run.stderr);
}

#[test]
fn firelens_toml_can_allow_rules_for_files_without_comments() {
    let allow = "[lint]\nallow = [{ rule = \"FLK017\", reason = \"the old one until March\" }]\n";
    let toml = |allow: &str| format!("name = \"shop\"\n{CONFIG}\n{allow}");
    let folder = Folder::new().with("extra.conf", CONF).with("firelens.toml", toml(allow));
    let run = kit(&folder, &["extra.conf", "firelens.toml"]);
    assert!(!run.stdout.contains("FLK017") && run.stdout.contains("FLK027"), "{}", run.stdout);
    let run = kit(&folder, &["firelens.toml"]);
    assert_eq!((run.code, run.stdout.contains("FLK092")), (0, false), "{}", run.stdout);
    let folder = folder.with("firelens.toml", toml(&allow.replace("FLK017", "FLK018")));
    let run = kit(&folder, &["extra.conf", "firelens.toml"]);
    assert!(run.stdout.contains("FLK092") && run.stdout.contains("firelens.toml:"), "{}", run.stdout);
    let folder = folder.with("firelens.toml", toml(&allow.replace("FLK017", "FLK0017")));
    let run = kit(&folder, &["firelens.toml"]);
    assert_eq!((run.code, run.stdout.contains("there is no rule `FLK0017`")), (1, true), "{}", run.stdout);
}

#[test]
fn without_files_firelens_toml_is_linted() {
    let folder = Folder::new().with("firelens.toml", CONFIG.replace("[[route]]", "[[rout]]"));
    let run = kit(&folder, &[]);
    assert_eq!((run.code, run.stdout.contains("error[FLK102]")), (1, true), "{}", run.stdout);
    let run = kit(&Folder::new(), &[]);
    assert_eq!((run.code, run.stderr.contains("name the files to lint")), (2, true), "{}", run.stderr);
}

#[test]
fn a_file_that_is_not_there_is_an_error() {
    let run = kit(&Folder::new(), &["missing.conf"]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.starts_with("error: cannot read missing.conf: "), "{}", run.stderr);
}

#[test]
fn a_secret_in_firelens_toml_is_covered() {
    let toml = "[destination.dd]\ntype = \"custom\"\nname = \"datadog\"\napikey = \"s3cr3tzzz\"\nhots = \"x\"\n";
    let folder = Folder::new().with("firelens.toml", toml);
    let run = kit(&folder, &[]);
    assert_eq!((run.code, run.stdout.contains("s3cr3t")), (1, false), "{}", run.stdout);
    assert!(run.stdout.contains("FLK130") && run.stdout.contains("***"), "{}", run.stdout);
    let run = Run::new(folder.command().args(["compile", "-c", "firelens.toml"]).output().unwrap());
    assert_eq!((run.code, run.stderr.contains("s3cr3t")), (2, false), "{}", run.stderr);
}

#[test]
fn a_secret_is_never_printed() {
    let secret = "s3cr3tzzz";
    // The last line is none that Fluent Bit can read, and still not shown.
    let conf = format!(
        "[OUTPUT]\n    Name datadog\n    Match x\n    TLS On\n    apikey {secret}\n    http_passwd\t{secret}\n"
    );
    let task = format!(
        r#"{{ "containerDefinitions": [
            {{ "name": "r", "image": "fluent/fluent-bit:5.0.9", "firelensConfiguration": {{ "type": "fluentbit" }} }},
            {{ "name": "web", "image": "web", "logConfiguration": {{ "logDriver": "awsfirelens",
               "options": {{ "Name": "datadog", "TLS": "on", "apikey": "{secret}" }} }} }} ] }}"#
    );
    let folder = Folder::new().with("a.conf", conf).with("task.json", task);
    for format in ["text", "json", "sarif", "github"] {
        let run = kit(&folder, &["a.conf", "task.json", "--format", format]);
        assert_eq!((run.code, run.stdout.contains(secret)), (1, false), "{}", run.stdout);
        assert!(run.stdout.matches("FLK019").count() >= 2, "{}", run.stdout);
    }
}

#[test]
fn json_and_sarif_have_what_text_has() {
    let folder = Folder::new().with("extra.conf", CONF);
    let json: Value = serde_json::from_str(&kit(&folder, &["extra.conf", "--format", "json"]).stdout).unwrap();
    assert_eq!((&json["errors"], &json["warnings"]), (&0.into(), &3.into()));
    let finding = &json["findings"][1];
    assert_eq!(finding["place"]["file"], "extra.conf");
    assert_eq!((&finding["place"]["start"]["line"], &finding["place"]["start"]["column"]), (&9.into(), &10.into()));
    let sarif: Value = serde_json::from_str(&kit(&folder, &["extra.conf", "--format", "sarif"]).stdout).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!((&sarif["version"], run["results"].as_array().unwrap().len()), (&"2.1.0".into(), 3));
    for result in run["results"].as_array().unwrap() {
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let number = |name: &str| region[name].as_u64().unwrap();
        assert!(number("startLine") >= 1 && number("startColumn") >= 1 && number("endLine") >= number("startLine"));
        let text = &CONF[number("byteOffset") as usize..][..number("byteLength") as usize];
        let line = CONF.lines().nth(number("startLine") as usize - 1).unwrap();
        assert_eq!(&line[number("startColumn") as usize - 1..number("endColumn") as usize - 1], text);
    }
}

#[test]
fn github_gets_one_line_for_each_finding() {
    let folder = Folder::new().with("extra.conf", CONF);
    let run = kit(&folder, &["extra.conf", "--format", "github"]);
    assert_eq!(run.stdout.lines().count(), 3);
    let start = "::warning file=extra.conf,line=3,endLine=3,col=11,endColumn=12,title=FLK031 short-grace::";
    assert!(run.stdout.starts_with(start), "{}", run.stdout);
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = Folder::new();
    let list: Value = serde_json::from_str(&kit(&folder, &["--list", "--format", "json"]).stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), rules::everything().len());
    let table = kit(&folder, &["--list"]);
    assert_eq!(table.stdout.lines().count(), rules::everything().len());
    let page = kit(&folder, &["--explain", "flk012"]);
    assert!(page.code == 0 && page.stdout.starts_with("# FLK012: "), "{}", page.stdout);
    let wrong = kit(&folder, &["--explain", "retry-limits"]);
    assert_eq!((wrong.code, wrong.stderr.contains("did you mean `retry-limit`?")), (2, true), "{}", wrong.stderr);
}

/// What is the user's own choice in these fixtures, and told.
const CHOICES: [(&str, &str); 3] = [("custom", "FLK041"), ("settings", "FLK034"), ("settings", "FLK038")];

#[test]
fn what_we_render_is_clean() {
    for path in tomls("render") {
        let (config, _) = parse(&path, &fs::read_to_string(&path).unwrap());
        let version = config.unwrap().router.version;
        let rendered = [path.with_extension("conf")];
        let context = Context::read(&rendered, Some(version), Version::DEFAULT).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let chosen = |finding: &Finding| CHOICES.contains(&(name, finding.rule.code));
        let mut findings = firelens_pipeline::lint::lint(&context);
        findings.retain(|finding| finding.severity > Severity::Info && !chosen(finding));
        assert!(findings.is_empty(), "{}", report::text(&context.sources(), &findings, false));
    }
}

/// The parsers that we render are read where they lie beside the pipeline, and one that is not there is missed.
#[test]
fn rendered_parsers_are_found() {
    let rendered = |name: &str| fs::read_to_string(tests().join("render").join(name)).unwrap();
    let folder = Folder::new().with("pipeline.conf", rendered("multiline.conf"));
    let alone = kit(&folder, &["pipeline.conf"]);
    assert!(alone.stdout.contains("FLK004"), "{}", alone.stdout);
    let folder = folder.with("parsers.conf", rendered("multiline.parsers"));
    assert_eq!(kit(&folder, &["pipeline.conf", "--deny", "warnings"]).stdout, "nothing found\n");
    let folder = folder.with("parsers.conf", rendered("multiline.parsers").replace("firelens_kit_php", "php"));
    let missing = kit(&folder, &["pipeline.conf", "--deny", "warnings"]);
    assert!(missing.stdout.contains("there is no parser `firelens_kit_php`"), "{}", missing.stdout);
}

#[test]
fn what_we_inject_is_clean() {
    let folder = Folder::new();
    let pipeline = tests().join("render/one.conf");
    fs::copy(&pipeline, folder.path("pipeline.conf")).unwrap();
    for name in ["describe", "describe-register", "fargate", "one-line", "one-line-all"] {
        fs::copy(tests().join(format!("inject/good/{name}.new")), folder.path("task.json")).unwrap();
        let run = kit(&folder, &["task.json", "pipeline.conf", "--deny", "warnings"]);
        assert_eq!((run.code, run.stdout.as_str()), (0, "nothing found\n"), "{name}");
    }
}

/// `docs/rules/README.md` lists the pages.
#[test]
fn a_comment_in_firelens_toml_allows_a_rule_of_its_own() {
    let reason = "# firelens-kit: allow toml-unused-destination because it is for the next release\n";
    let spare = "[destination.spare]\ntype = \"s3\"\nbucket = \"spare\"\n";
    let folder = Folder::new().with("firelens.toml", format!("name = \"shop\"\n{CONFIG}{spare}"));
    assert_eq!(kit(&folder, &["--deny", "warnings"]).code, 1);
    let folder = folder.with("firelens.toml", format!("name = \"shop\"\n{CONFIG}{reason}{spare}"));
    let run = kit(&folder, &["--deny", "warnings"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "nothing found\n"));
}
