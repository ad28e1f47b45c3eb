//! `firelens-kit export athena`: each `athena/NAME.toml` gives the files that `NAME.files` shows one after the other,
//! and says what `NAME.stderr` has; what cannot be exported is said as `athena/bad/*.stderr` has it.
//! `UPDATE_EXPECTED=1` writes them all.
mod support;

use firelens_kit::{
    config::{Config, parse, problem},
    export::records,
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use support::{Folder, Run};

fn files(of: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/athena").join(of);
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

fn expect(path: &Path, text: &str) {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(path, text).unwrap();
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(text == expected, "{} is not what is expected; UPDATE_EXPECTED=1 accepts it:\n{text}", path.display());
}

fn of(source: &str) -> Folder {
    Folder::new().with("firelens.toml", source)
}

fn export(folder: &Folder, args: &[&str]) -> Run {
    Run::new(folder.command().args(["export", "athena", "-o", "out"]).args(args).output().unwrap())
}

const ACCOUNT: [&str; 2] = ["--account", "123456789012"];

/// All files of a folder by their names within it, sorted.
fn tree(folder: &Path, name: &str, found: &mut Vec<String>) {
    for entry in folder.join(name).read_dir().unwrap().map(|entry| entry.unwrap()) {
        let inner = format!("{name}/{}", entry.file_name().to_str().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => tree(folder, &inner, found),
            false => found.push(inner),
        }
    }
    found.sort();
}

/// The text of all files.
fn shown(folder: &Folder) -> String {
    let mut names = Vec::new();
    tree(&folder.path("."), "out", &mut names);
    names.iter().map(|name| format!("==> {name}\n{}", folder.read(name))).collect()
}

#[test]
fn configurations_become_tables_and_queries() {
    let files = files("");
    assert!(files.len() >= 4);
    for path in files {
        let folder = of(&fs::read_to_string(&path).unwrap());
        let run = export(&folder, &ACCOUNT);
        assert_eq!(run.code, 0, "{}: {}", path.display(), run.stderr);
        expect(&path.with_extension("files"), &shown(&folder));
        expect(&path.with_extension("stderr"), &run.stderr);
    }
}

#[test]
fn what_cannot_be_exported_is_explained() {
    let files = files("bad");
    assert!(files.len() >= 12);
    for path in files {
        let folder = of(&fs::read_to_string(&path).unwrap());
        let account: &[&str] = if path.ends_with("no-account.toml") { &[] } else { &ACCOUNT };
        let run = export(&folder, &[account, &["--region", "eu-west-1"]].concat());
        assert_eq!(run.code, 2, "{}: {}", path.display(), run.stderr);
        assert!(!folder.path("out").exists(), "{}: nothing is written", path.display());
        expect(&path.with_extension("stderr"), &run.stderr);
    }
}

#[test]
fn the_same_again_is_the_same() {
    let folder = of(&fs::read_to_string(&files("")[0]).unwrap());
    assert_eq!(export(&folder, &ACCOUNT).code, 0);
    let first = shown(&folder);
    let again = export(&folder, &[&ACCOUNT[..], &["--format", "json"]].concat());
    assert_eq!(shown(&folder), first);
    let said: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    assert!(said["files"].as_array().unwrap().iter().all(|file| file["what"] == "unchanged"), "{said}");
}

#[test]
fn a_query_that_somebody_wrote_is_not_replaced() {
    let folder = of(&fs::read_to_string(&files("")[0]).unwrap()).with("out/archive/view.sql", "SELECT 1\n");
    export(&folder, &ACCOUNT).fails_with(2, &["archive/view.sql"]);
    assert_eq!(shown(&folder), "==> out/archive/view.sql\nSELECT 1\n");
}

#[test]
fn the_first_day_and_the_database_can_be_said() {
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/athena/example.toml")).unwrap();
    let folder = of(&source);
    let args = [&ACCOUNT[..], &["--since", "2026-11-02", "--database", "logs"]].concat();
    assert_eq!(export(&folder, &args).code, 0);
    let table = folder.read("out/archive/table.sql");
    assert!(table.contains(r#""projection.hour.range" = "2026/11/02/00,NOW""#), "{table}");
    assert!(table.contains("`logs`.`archive_raw`") && folder.read("out/database.sql").contains("`logs`"));
    export(&folder, &["--database", "My-Logs"]).fails_with(2, &["lower-case letters, digits and `_`"]);
    export(&folder, &["--since", "yesterday"]).fails_with(2, &["--since"]);
}

#[test]
fn the_log_groups_can_be_all() {
    let folder = of(&fs::read_to_string(files("bad")[0].with_file_name("no-archive.toml")).unwrap());
    let run = export(&folder, &["--insights-only"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!folder.path("out/database.sql").exists());
    assert!(folder.read("out/dashboard.json").contains("SOURCE '/shop/live'"));
    let folder = of(&fs::read_to_string(files("bad")[0].with_file_name("nothing.toml")).unwrap());
    export(&folder, &["--insights-only", "--region", "eu-west-1"]).fails_with(2, &["there is no log group"]);
}

fn config(source: &str) -> Config {
    let (config, problems) = parse(Path::new("firelens.toml"), source);
    config.unwrap_or_else(|| panic!("{}", problem::render("firelens.toml", source, &problems, false)))
}

#[test]
fn a_field_that_two_formats_disagree_about_is_text() {
    let formats = r#"stdout = ['%h "%{Duration}i"', { type = "lograge" }]"#;
    let config = config(&format!("[[container]]\nname = \"web\"\n{formats}\n"));
    let records = records::of(&config, "archive");
    let duration = records.fields.iter().find(|field| field.key == "duration").unwrap();
    assert_eq!(duration.value, firelens_infra::export::athena::Value::Text);
    assert!(duration.description.contains("formats differ"), "{}", duration.description);
    assert_eq!(duration.meanings.len(), 2);
}

fn records_of(source: &str) -> Vec<firelens_infra::export::athena::Records> {
    let config = config(source);
    config.destinations.iter().map(|to| records::of(&config, &to.name)).collect()
}

/// The exports of all configurations, with what they were made from.
fn exports() -> Vec<(Folder, String)> {
    let export = |path: PathBuf| {
        let source = fs::read_to_string(&path).unwrap();
        let folder = of(&source);
        assert_eq!(export(&folder, &ACCOUNT).code, 0);
        (folder, source)
    };
    files("").into_iter().map(export).collect()
}

/// By the CloudWatch user guide, "Dashboard Body Structure and Syntax".
#[test]
fn dashboards_have_the_documented_structure() {
    for (folder, _) in exports() {
        let body: Value = serde_json::from_str(&folder.read("out/dashboard.json")).unwrap();
        assert_eq!(keys(&body), ["widgets"]);
        let widgets = body["widgets"].as_array().unwrap();
        assert!((2..=500).contains(&widgets.len()));
        let mut taken = Vec::new();
        for widget in widgets {
            assert_eq!(keys(widget), ["height", "properties", "type", "width", "x", "y"]);
            let number = |name: &str| widget[name].as_u64().unwrap();
            let (x, y, width, height) = (number("x"), number("y"), number("width"), number("height"));
            assert!(width >= 1 && x + width <= 24 && (1..=1000).contains(&height), "{widget}");
            for at in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
                assert!(!taken.contains(&at), "{widget} lies on another one");
                taken.push(at);
            }
            check_properties(widget["type"].as_str().unwrap(), &widget["properties"]);
        }
    }
}

fn check_properties(kind: &str, properties: &Value) {
    let one_of = |name: &str, words: &[&str]| {
        assert!(words.contains(&properties[name].as_str().unwrap()), "{properties}");
    };
    match kind {
        "text" => assert_eq!(keys(properties), ["markdown"]),
        "log" => {
            assert_eq!(keys(properties), ["query", "region", "title", "view"]);
            one_of("view", &["table", "timeSeries", "bar", "pie"]);
            assert!(properties["query"].as_str().unwrap().starts_with("SOURCE '/"), "{properties}");
        }
        "metric" => {
            assert_eq!(keys(properties), ["metrics", "period", "region", "stat", "title", "view"]);
            one_of("view", &["timeSeries"]);
            one_of("stat", &["Sum"]);
            assert_eq!(properties["period"].as_u64().unwrap() % 60, 0);
            check_metrics(&properties["metrics"]);
        }
        kind => panic!("there are no widgets of the type {kind}"),
    }
}

/// Namespace, name, a dimension and its value, and perhaps what is said about it.
fn check_metrics(metrics: &Value) {
    assert!(!metrics.as_array().unwrap().is_empty());
    for metric in metrics.as_array().unwrap() {
        let metric = metric.as_array().unwrap();
        assert!(metric[..4].iter().all(Value::is_string) && metric.len() <= 5, "{metric:?}");
        let known = match metric[0].as_str().unwrap() {
            "AWS/Logs" => ("LogGroupName", &["IncomingLogEvents"][..]),
            "AWS/Kinesis" => ("StreamName", &["IncomingRecords", "WriteProvisionedThroughputExceeded"][..]),
            "AWS/Firehose" => (
                "DeliveryStreamName",
                &["IncomingRecords", "DeliveryToS3.Records", "ThrottledRecords", "DeliveryToS3.DataFreshness"][..],
            ),
            other => panic!("{other}"),
        };
        assert!(metric[2] == known.0 && known.1.contains(&metric[1].as_str().unwrap()), "{metric:?}");
    }
}

fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The commands and functions of CloudWatch Logs Insights that the queries use.
const WORDS: [&str; 21] = [
    "filter",
    "fields",
    "stats",
    "sort",
    "limit",
    "by",
    "as",
    "and",
    "in",
    "desc",
    "count",
    "sum",
    "avg",
    "floor",
    "latest",
    "bin",
    "ispresent",
    "kind",
    "1h",
    "@timestamp",
    "@message",
];

#[test]
fn queries_of_insights_ask_for_fields_that_there_are() {
    let mut queries = 0;
    for (folder, source) in exports() {
        let fields: BTreeSet<String> =
            records_of(&source).into_iter().flat_map(|records| records.fields).map(|field| field.key).collect();
        let mut names = Vec::new();
        tree(&folder.path("."), "out", &mut names);
        for name in names.iter().filter(|name| name.contains("/insights/")) {
            let text = folder.read(name);
            let query: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
            let words = words(&query.join("\n"));
            for (at, word) in words.iter().enumerate() {
                let made = words.iter().enumerate().any(|(at, made)| at > 0 && words[at - 1] == "as" && made == word);
                let number = word.bytes().all(|byte| byte.is_ascii_digit());
                let known = number || made || WORDS.contains(&word.as_str()) || fields.contains(word);
                assert!(known, "{name}: word {at}, `{word}`, is no field");
            }
            queries += 1;
        }
    }
    assert!(queries >= 15, "{queries}");
}

/// Words, and names in backticks; text in quotes is left out.
fn words(query: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (at, part) in query.split('`').enumerate() {
        match at % 2 {
            1 => words.push(part.to_string()),
            _ => {
                let plain: String = part.split('"').step_by(2).collect::<Vec<_>>().join(" ");
                let of_word = |c: char| c.is_ascii_alphanumeric() || "_@.".contains(c);
                let found = plain.split(|c| !of_word(c)).filter(|word| !word.is_empty());
                words.extend(found.map(str::to_string));
            }
        }
    }
    words
}

#[test]
fn files_of_ours_are_replaced() {
    let folder = of(&fs::read_to_string(&files("")[0]).unwrap());
    assert_eq!(export(&folder, &[&ACCOUNT[..], &["--region", "eu-west-1"]].concat()).code, 0);
    let run = export(&folder, &[&ACCOUNT[..], &["--region", "eu-west-2"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("dashboard.json: replaced") && run.stderr.contains("table.sql: replaced"),
        "{}",
        run.stderr
    );
    assert!(folder.read("out/dashboard.json").contains("eu-west-2"));
}

#[test]
fn the_queries_of_the_documentation_are_those_that_are_written() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/athena.md")).unwrap();
    let blocks = |language: &str| {
        let fence = format!("\n```{language}\n");
        let parts = text.split(fence.as_str()).skip(1);
        parts.map(|part| part.split("```").next().unwrap().to_string()).collect::<Vec<_>>()
    };
    let folder = of(&blocks("toml")[0]);
    assert_eq!(export(&folder, &ACCOUNT).code, 0);
    assert_eq!(folder.read("out/archive/errors-by-path.sql"), blocks("sql")[0]);
    let insights = folder.read("out/insights/live/errors-by-path.txt");
    assert!(insights.ends_with(&blocks("text")[0]), "{insights}");
}

#[test]
fn members_of_json_lines_are_columns_where_they_are_named() {
    let container = "[[container]]\nname = \"app\"\nstdout = [{ type = \"json\" }]\n";
    let folder = of(&format!("name = \"app\"\n{container}[destination.lake]\ntype = \"s3\"\nbucket = \"lake\"\n"));
    let export = |columns: &[&str]| export(&folder, &[&["--region", "eu-west-1"], columns].concat());
    let run = export(&["--column", "userId=integer", "--column", "queued.at=time", "--column", "a=b=number"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let table = folder.read("out/lake/table.sql");
    for part in ["`userid` bigint", "\"mapping.userid\" = \"userId\"", "`queued_at` string", "`a_b` double"] {
        assert!(table.contains(part), "no {part} in {table}");
    }
    let view = folder.read("out/lake/view.sql");
    let queued = r#"coalesce("queued_at", json_extract_scalar("queued", '$["at"]'))"#;
    assert!(
        view.contains(&format!("CAST(try(from_iso8601_timestamp({queued})) AS timestamp) AS \"queued_at\"")),
        "{view}"
    );
    let run =
        export(&["--column", "p.status=integer", "--column", r#"p."it's".x-y=text"#, "--column", r#""d.e"=number"#]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (table, view) = (folder.read("out/lake/table.sql"), folder.read("out/lake/view.sql"));
    for part in ["`p` string", "`p_status` bigint", "`d_e` double", "\"mapping.d_e\" = \"d.e\""] {
        assert_eq!(table.matches(part).count(), 1, "no {part} in {table}");
    }
    for part in [
        r#"coalesce("p_status", try_cast(json_extract_scalar("p", '$["status"]') AS bigint)) AS "p_status""#,
        r#"coalesce("p_it_s_x_y", json_extract_scalar("p", '$["it''s"]["x-y"]')) AS "p_it_s_x_y""#,
        "  \"d_e\"\n",
    ] {
        assert!(view.contains(part) || view.contains(&part.replace('\n', ",\n")), "no {part} in {view}");
    }
    export(&["--column", "a..b=text"]).fails_with(2, &["`a..b` is not a path"]);
    export(&["--column", "n=integer", "--column", "n.a=text"]).fails_with(2, &["`n` is not an object"]);
    export(&["--column", "user"]).fails_with(2, &["NAME=TYPE"]);
    export(&["--column", "user=int"]).fails_with(2, &["the types are text, integer, number, time"]);
    export(&["--column", "log=text"]).fails_with(2, &["`log` is a column already"]);
}

#[test]
fn a_service_that_is_there_is_no_hindrance() {
    let source = fs::read_to_string(files("")[0].with_file_name("rails.toml")).unwrap();
    let existing = "[stack.existing]\ncluster = \"main\"\nservice = \"web\"\n";
    let run = export(&of(&format!("{source}\n{existing}")), &ACCOUNT);
    assert_eq!(run.code, 0, "{}", run.stderr);
}
