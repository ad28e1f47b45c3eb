//! `firelens-kit test FILES`: what users do with log lines, and what can go wrong.
mod support;

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::Stdio,
};
use support::{CONFIG, ERROR, FAILED, Folder, GOOD, HEALTH, Run};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn shop() -> Folder {
    let log = [HEALTH, GOOD, "what is this?", FAILED].join("\n");
    Folder::new().with("firelens.toml", CONFIG).with("access.log", log)
}

#[test]
fn each_line_has_one_object_in_order_and_dropped_ones_too() {
    let objects = shop().test(["access.log", "-f", "ndjson"]).objects();
    let fates: Vec<Value> =
        objects.iter().map(|object| json!([object["route"], object["to"], object["dropped"]])).collect();
    assert_eq!(
        fates,
        [
            json!(["health-checks", [], true]),
            json!(["rest", ["archive"], false]),
            json!(["rest", ["archive"], false]),
            json!(["failures", ["cloudwatch", "archive"], false]),
        ]
    );
    assert_eq!(objects[0]["record"], Value::Null);
    let record = &objects[1]["record"];
    assert_eq!((&record["status"], &record["path"], &record["user"]), (&json!(200), &json!("/shop"), &json!("bob")));
    assert_eq!(objects[2]["record"], json!({ "kind": "unparsed", "log": "what is this?", "route": "rest" }));
    assert_eq!(objects[3]["record"]["user_agent"], "a \"quoted\" agent");
}

#[test]
fn json_is_one_array_of_the_same_objects() {
    let shop = shop();
    let array: Vec<Value> = serde_json::from_str(&shop.test(["access.log", "-f", "json"]).stdout).unwrap();
    assert_eq!(array, shop.test(["access.log", "-f", "ndjson"]).objects());
}

#[test]
fn the_table_and_the_summary() {
    let run = shop().test(["access.log"]);
    assert_eq!(run.code, 0);
    let rows: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(rows.len(), 5);
    assert!(rows[0].starts_with("time") && rows[1].contains("(dropped)") && rows[4].contains("cloudwatch, archive"));
    assert!(rows.iter().all(|row| row.trim_end().chars().count() <= 120), "{}", run.stdout);
    assert!(!run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'));
    for part in ["4 lines, 1 dropped", "first: access.log line 3", "health-checks      1   25.0 %", "503"] {
        assert!(run.stderr.contains(part), "no {part:?} in:\n{}", run.stderr);
    }
}

#[test]
fn the_table_is_as_wide_as_the_terminal_says() {
    let shop = shop();
    let output = shop.command().args(["test", "-q", "access.log"]).env("COLUMNS", "70").output().unwrap();
    let run = Run::new(output);
    assert!(run.stdout.lines().all(|row| row.trim_end().chars().count() <= 70), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn only_the_lines_that_matter() {
    let shop = shop();
    let count = |only: &[&str]| {
        let mut args = vec!["access.log", "-f", "ndjson"];
        only.iter().for_each(|what| args.extend(["--only", what]));
        shop.test(args).objects().len()
    };
    assert_eq!(count(&["unparsed"]), 1);
    assert_eq!(count(&["dropped"]), 1);
    assert_eq!(count(&["rest"]), 2);
    assert_eq!(count(&["rest", "failures", "dropped"]), 4);
    shop.test(["access.log", "--only", "failure"]).fails_with(2, &["no such route", "did you mean `failures`?"]);
}

#[test]
fn a_sampled_route_keeps_some_and_says_which_it_drops() {
    let config = CONFIG.replace("drop = true", "to = [\"archive\"]\nsample = 0.5");
    let lines: String = (0..200).map(|number| format!("{}\n", HEALTH.replace("/up", &format!("/{number}")))).collect();
    let folder = Folder::new().with("firelens.toml", config).with("access.log", lines);
    let objects = folder.test(["access.log", "-f", "ndjson"]).objects();
    assert!(objects.iter().all(|object| object["route"] == "health-checks"));
    let (dropped, kept): (Vec<_>, Vec<_>) = objects.iter().partition(|object| object["dropped"] == true);
    assert!(dropped.len() > 50 && kept.len() > 50, "{} dropped, {} kept", dropped.len(), kept.len());
    assert!(dropped.iter().all(|object| object["to"] == json!([]) && object["record"].is_null()));
    assert!(kept.iter().all(|object| object["to"] == json!(["archive"]) && object["record"]["status"] == 200));
}

#[test]
fn explanations_show_the_place_and_the_conditions() {
    let run = shop().test(["access.log", "--only", "unparsed", "--explain"]);
    for part in
        ["line 3", "✗ combined", "^ column", "✗ route failures: status is from 500 to 599  (absent)", "→ route rest"]
    {
        assert!(run.stdout.contains(part), "no {part:?} in:\n{}", run.stdout);
    }
    let objects = shop().test(["access.log", "--explain", "-f", "ndjson"]).objects();
    let fitted = json!({ "format": "combined", "fits": true, "container": "httpd", "stream": "stdout" });
    assert_eq!(objects[1]["explain"]["formats"], json!([fitted]));
    assert_eq!(objects[3]["explain"]["conditions"].as_array().unwrap().last().unwrap()["held"], json!(true));
}

#[test]
fn formats_on_the_command_line_need_no_file() {
    let folder = Folder::new().with("a.log", "GET / => 200 in 12\nGET /x => 404 in 7\n").with("e.log", ERROR);
    let objects = folder.test(["--log-format", "%r => %>s in %D", "a.log", "e.log", "-f", "ndjson"]).objects();
    assert_eq!(objects[1]["record"]["duration_us"], 7);
    assert_eq!(objects[2]["record"]["kind"], "error");
    let run = folder.test(["--log-format", "%h%u", "a.log"]);
    run.fails_with(2, &["--log-format", "%h%u\n", "^"]);
    folder.test(["--log-format", "common", "-c", "x.toml", "a.log"]).fails_with(2, &["cannot be used with"]);
}

#[test]
fn without_any_configuration_the_usual_formats_are_known() {
    let folder = Folder::new().with("all.log", [GOOD, ERROR].join("\r\n"));
    let objects = folder.test(["all.log", "-f", "ndjson"]).objects();
    assert_eq!((&objects[0]["record"]["kind"], &objects[1]["record"]["kind"]), (&json!("access"), &json!("error")));
    assert_eq!(objects[0]["route"], Value::Null);
}

#[test]
fn records_of_fluent_bit_are_taken_as_they_are() {
    let record = json!({ "container_name": "httpd", "source": "stderr", "log": ERROR, "ecs_cluster": "c", "n": 1 });
    let forged = json!({ "container_name": "httpd", "source": "stdout", "log": ERROR });
    let folder = shop().with("records.ndjson", format!("{record}\n{forged}\n{{\"level\":\"info\"}}\n"));
    let objects = folder.test(["records.ndjson", "-f", "ndjson"]).objects();
    assert_eq!(objects[0]["record"]["kind"], "error");
    assert_eq!(objects[0]["record"]["ecs_cluster"], "c");
    assert_eq!(objects[0]["route"], "failures");
    assert_eq!(objects[1]["record"]["kind"], "unparsed");
    assert_eq!(objects[2]["record"]["log"], "{\"level\":\"info\"}");
    let lines = folder.test(["records.ndjson", "-f", "ndjson", "--input", "lines", "--stream", "stdout"]).objects();
    assert!(lines.iter().all(|object| object["record"]["kind"] == "unparsed"));
}

#[test]
fn records_that_are_no_json_come_out_mended() {
    let folder = shop().with("records.ndjson", format!("{{\"log\":\"x\",\"n\":nan}}\n\n{GOOD}\n"));
    let objects = folder.test(["records.ndjson", "-f", "ndjson", "--input", "records"]).objects();
    assert_eq!(objects.len(), 3);
    assert_eq!(objects[0]["record"], json!({ "n": "nan", "kind": "unparsed", "log": "x", "route": "rest" }));
    assert_eq!(objects[2]["record"]["path"], "/shop");
}

#[test]
fn container_and_stream_decide_which_formats_are_tried() {
    let folder = shop().with("error.log", ERROR);
    let kind = |args: &[&str]| {
        let args = [&["error.log", "-f", "ndjson"], args].concat();
        folder.test(args).objects()[0]["record"]["kind"].clone()
    };
    assert_eq!(kind(&[]), "error");
    assert_eq!(kind(&["--container", "httpd", "--stream", "stderr"]), "error");
    assert_eq!(kind(&["--stream", "stdout"]), "unparsed");
    assert_eq!(kind(&["--container", "other"]), "unparsed");
}

#[test]
fn standard_input_plain_and_packed() {
    let shop = shop();
    let text = format!("{GOOD}\n{FAILED}\n");
    let plain = shop.test_with_input(["-", "-f", "ndjson"], text.as_bytes());
    assert_eq!(plain.objects().len(), 2);
    assert!(plain.stderr.contains("2 lines"));
    assert_eq!(shop.test_with_input(["-", "-f", "ndjson"], &gzip(text.as_bytes())).stdout, plain.stdout);
}

#[test]
fn lines_come_out_while_the_input_is_still_open() {
    let shop = shop();
    let mut command = shop.command();
    command.args(["test", "-", "-f", "ndjson"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for line in [GOOD, HEALTH, FAILED] {
        writeln!(stdin, "{line}").unwrap();
        let mut object = String::new();
        stdout.read_line(&mut object).unwrap();
        assert!(object.starts_with("{\"record\":"), "{object}");
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn several_files_packed_ones_too() {
    let folder = shop().with("old.log.gz", gzip(format!("{GOOD}\n").repeat(1000).as_bytes())).with("empty.log", "");
    let run = folder.test(["access.log", "old.log.gz", "empty.log", "access.log", "-f", "ndjson"]);
    assert_eq!(run.objects().len(), 1008);
    assert!(run.stderr.contains("1,008 lines"), "{}", run.stderr);
}

#[test]
fn any_bytes_come_through() {
    let folder = shop().with("bytes.log", b"\xff\xfe\x00\x1b[2J\n\n\r\n\xe2\x82\xac\tx\n");
    let objects = folder.test(["bytes.log", "-f", "ndjson"]).objects();
    assert_eq!(objects.len(), 4);
    assert_eq!(objects[0]["record"]["log"], "\u{e0ff}\u{e0fe}\0\u{1b}[2J");
    assert_eq!((&objects[1]["record"]["log"], &objects[2]["record"]["log"]), (&json!(""), &json!("")));
    assert_eq!(objects[3]["record"]["log"], "€\tx");
    let table = folder.test(["bytes.log"]);
    assert!(!table.stdout.contains('\x1b') && !table.stdout.contains('\0'), "{:?}", table.stdout);
}

#[test]
fn a_line_of_five_megabytes() {
    let long = format!("{GOOD}\n{}\n{GOOD}\n", "x".repeat(5 << 20));
    let objects = shop().with("long.log", long).test(["long.log", "-f", "ndjson"]).objects();
    assert_eq!(objects[1]["record"]["log"].as_str().unwrap().len(), 5 << 20);
    assert_eq!(objects[2]["record"]["status"], 200);
}

#[test]
fn files_that_cannot_be_read_are_all_named_before_anything_is_printed() {
    let run = shop().test(["access.log", "missing.log", "no/such.log", "."]);
    run.fails_with(2, &["cannot read missing.log", "cannot read no/such.log", "it is a folder"]);
    assert_eq!(run.stdout, "");
}

#[test]
fn damaged_gzip_says_where() {
    let packed = gzip(format!("{GOOD}\n").repeat(50_000).as_bytes());
    let folder = shop().with("cut.log.gz", &packed[..packed.len() / 2]).with("no.log.gz", GOOD);
    let run = folder.test(["cut.log.gz", "-f", "ndjson", "-q"]);
    run.fails_with(2, &["cut.log.gz: the gzip data is damaged or cut off after line ", "gzip -t"]);
    assert!(run.stdout.ends_with("}\n") && run.stdout.lines().count() > 1000);
    folder.test(["no.log.gz"]).fails_with(2, &["no.log.gz", "it is not gzip"]);
}

#[test]
fn a_wrong_configuration_is_shown_with_its_place() {
    let folder = Folder::new().with("firelens.toml", "[[contaner]]\nname = \"x\"\n").with("a.log", GOOD);
    folder.test(["a.log"]).fails_with(2, &["firelens.toml:1", "contaner", "container"]);
    folder.test(["a.log", "-c", "none.toml"]).fails_with(2, &["cannot read none.toml"]);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let folder = shop().with("many.log", format!("{GOOD}\n").repeat(200_000));
    let mut command = folder.command();
    command.args(["test", "many.log", "-f", "ndjson"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0; 100]).unwrap();
    drop(stdout);
    let run = Run::new(child.wait_with_output().unwrap());
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let shop = shop();
    let output = shop.command().args(["test", "access.log", "-f", "ndjson"]).stdout(full).output().unwrap();
    Run::new(output).fails_with(2, &["No space left"]);
}

#[test]
fn options_that_do_not_go_together() {
    let shop = shop().with("a.test.toml", "");
    shop.test(["access.log", "--update"]).fails_with(2, &["--update goes with expectations"]);
    shop.test(["access.log", "--junit", "x"]).fails_with(2, &["--junit goes with expectations"]);
    shop.test(["access.log", "a.test.toml"]).fails_with(2, &["a.test.toml holds expectations", "once for each"]);
    shop.test(["--explain"]).fails_with(2, &["--explain goes with log files"]);
    shop.test(["--fromat", "json"]).fails_with(2, &["--format"]);
}
