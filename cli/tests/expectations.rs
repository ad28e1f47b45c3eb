//! `firelens-kit test` without log files: expectations, run through the module.
mod support;

use serde_json::{Value, json};
use support::{CONFIG, ERROR, FAILED, Folder, GOOD, HEALTH};

fn shop(tests: &str) -> Folder {
    Folder::new().with("firelens.toml", CONFIG).with("shop.test.toml", tests)
}

fn all_right() -> String {
    format!(
        r#"# What our lines become.
[[test]]
name = "health checks are dropped"
line = '''{HEALTH}'''
dropped = true
route = "health-checks"

[[test]]
name = "failures go to CloudWatch too"
line = '''{FAILED}'''
expect = {{ kind = "access", status = 503, absent = ["user", "bytes"], route = "failures", to = ["archive", "cloudwatch"] }}

[[test]]
record = {{ container_name = "httpd", source = "stderr", log = '''{ERROR}''', n = 12 }}
[test.expect]
kind = "error"
level = "error"
time = 2026-11-22T07:38:35.302776Z
n = 12

[[test]]
name = "a client cannot pose as an error line"
line = '''{ERROR}'''
container = "httpd"
stream = "stdout"
expect = {{ kind = "unparsed" }}
"#
    )
}

#[test]
fn expectations_beside_the_configuration_are_run() {
    let run = shop(&all_right()).test([""; 0]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let expected = "\
shop.test.toml
  ✓ health checks are dropped
  ✓ failures go to CloudWatch too
  ✓ line 13
  ✓ a client cannot pose as an error line

4 passed
";
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), (expected, ""));
}

#[test]
fn differences_are_shown_field_by_field() {
    let tests = format!(
        "[[test]]\nname = 'one'\nline = '''{GOOD}'''\n\
         expect = {{ status = 404, path = '/shop', absent = ['user'], referer = 'x', to = ['cloudwatch'] }}\n\
         [[test]]\nname = 'two'\nline = '''{GOOD}'''\ndropped = true\n"
    );
    let run = shop(&tests).test(["shop.test.toml"]);
    assert_eq!(run.code, 1);
    let expected = r#"shop.test.toml
  ✗ one  shop.test.toml:1
      status   expected 404
               got      200
      referer  expected "x"
               got      nothing
      user     expected nothing
               got      "bob"
      to       expected ["cloudwatch"]
               got      ["archive"]
  ✗ two  shop.test.toml:5
      dropped  expected true
               got      "false, kept on route rest"

0 passed, 2 failed
"#;
    assert_eq!(run.stdout, expected);
    assert!(run.stderr.contains("--update"));
}

#[test]
fn results_as_json_and_as_junit() {
    let folder = shop(&all_right().replace("status = 503", "status = 504"));
    let run = folder.test(["-f", "json", "--junit", "results.xml"]);
    assert_eq!(run.code, 1);
    let results: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
    let passed: Vec<&Value> = results.iter().map(|result| &result["passed"]).collect();
    assert_eq!(passed, [&json!(true), &json!(false), &json!(true), &json!(true)]);
    assert_eq!(results[1]["differences"], json!([{ "field": "status", "expected": 504, "got": 503 }]));
    assert_eq!(results[0]["got"]["route"], "health-checks");
    let xml = folder.read("results.xml");
    assert!(xml.contains(r#"tests="4""#) && xml.contains(r#"failures="1""#), "{xml}");
    assert!(xml.contains("status: expected 504, got 503"), "{xml}");
    folder.test(["--junit", "no/such/folder.xml"]).fails_with(2, &["cannot write no/such/folder.xml"]);
}

#[test]
fn update_accepts_what_came_out_and_keeps_the_rest() {
    let right = all_right();
    let wrong = right.replace("status = 503", "status = 200").replace("health-checks", "rest");
    let folder = shop(&wrong);
    let run = folder.test(["--update"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "shop.test.toml: 2 of 4 tests updated\n"));
    assert_eq!(folder.read("shop.test.toml"), right);
    assert_eq!(folder.test([""; 0]).code, 0);
}

#[test]
fn update_writes_the_expectations_of_a_bare_line() {
    let folder = shop(&format!("[[test]]\nline = '''{GOOD}'''\n\n[[test]]\nline = '''{HEALTH}''' # up?\n"));
    folder.test([""; 0]).fails_with(1, &["--update"]);
    assert_eq!(folder.test(["--update"]).code, 0);
    let text = folder.read("shop.test.toml");
    for part in
        ["[test.expect]\nkind = \"access\"\n", "path = \"/shop\"\n", "to = [\"archive\"]\n", "# up?\ndropped = true\n"]
    {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
    assert_eq!(folder.test([""; 0]).code, 0);
}

#[test]
fn exact_expectations_name_every_field() {
    let tests = |exact| format!("[[test]]\nline = '''{GOOD}'''\nexact = {exact}\nexpect = {{ status = 200 }}\n");
    assert_eq!(shop(&tests(false)).test([""; 0]).code, 0);
    let run = shop(&tests(true)).test([""; 0]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("method ") && !run.stdout.contains("status"), "{}", run.stdout);
}

#[test]
fn all_mistakes_of_a_file_are_shown_with_their_places() {
    let tests = "[[test]]\nlin = 'x'\n\n[[test]]\nline = 'x'\nstream = 'stdot'\nexpect = 5\n";
    let run = shop(tests).test([""; 0]);
    run.fails_with(
        2,
        &["shop.test.toml:2", "lin", "did you mean `line`?", "shop.test.toml:6", "`stdout`", "a table is needed"],
    );
    shop("[[test]\n").test([""; 0]).fails_with(2, &["shop.test.toml:1"]);
    shop("").test([""; 0]).fails_with(2, &["no [[test]]"]);
}

#[test]
fn wrong_files_are_all_named() {
    let folder = shop("[[test]]\nx = 1\n").with("more.test.toml", b"line = '\xff'");
    folder.test([""; 0]).fails_with(2, &["more.test.toml:1: this is not UTF-8", "shop.test.toml:2"]);
    folder.test(["gone.test.toml"]).fails_with(2, &["cannot read gone.test.toml"]);
}

#[test]
fn nothing_to_test_says_what_to_do() {
    Folder::new()
        .test([""; 0])
        .fails_with(2, &["nothing to test", "no firelens.toml here", "firelens-kit test access.log"]);
    let only_config = Folder::new().with("firelens.toml", CONFIG);
    only_config.test(["--log-format", "common"]).fails_with(2, &["nothing to test"]);
    only_config.test([""; 0]).fails_with(2, &["firelens.toml has no expectations", "*.test.toml"]);
}

#[test]
fn expectations_of_another_folder_use_the_configuration_there() {
    let folder = Folder::new().with("app/firelens.toml", CONFIG).with("app/a.test.toml", all_right());
    assert_eq!(folder.test(["app/a.test.toml"]).code, 0);
    assert_eq!(folder.test(["-c", "app/firelens.toml"]).code, 0);
}

#[test]
fn what_a_configuration_warns_of_is_said_once() {
    let config = format!("timezone = \"Europe/Berlin\"\n{}", &CONFIG[CONFIG.find("[[route]]").unwrap()..]);
    let tests = format!("[[test]]\nline = '''{HEALTH}'''\ndropped = true\n");
    let folder = Folder::new().with("firelens.toml", config).with("a.test.toml", tests);
    let run = folder.test([""; 0]);
    assert_eq!((run.code, run.stderr.matches("has no effect").count()), (0, 1), "{}", run.stderr);
}

#[test]
fn expectations_without_any_configuration_use_the_filters_own_formats() {
    let tests = format!("[[test]]\nline = '''{GOOD}'''\nexpect = {{ kind = 'access', absent = ['route'], to = [] }}\n");
    let folder = Folder::new().with("a.test.toml", tests);
    assert_eq!(folder.test(["a.test.toml"]).code, 0);
}

/// A container that was renamed: nothing of it fits, and what comes out must not become what is expected.
#[test]
fn expectations_of_an_unknown_container_are_one_error() {
    let tests = format!(
        "[[test]]\nline = '{FAILED}'\ncontainer = \"apache\"\nexpect = {{ kind = \"access\" }}\n\n\
         [[test]]\nline = '{HEALTH}'\ncontainer = \"apache\"\ndropped = true\n\n\
         [[test]]\nline = '{HEALTH}'\ncontainer = \"http\"\ndropped = true\n"
    );
    let told = "error: shop.test.toml: firelens.toml has no such container:\n  2 tests need `apache`\n  1 test needs `http`\n  \
                help: it has `httpd`; correct `container` in the tests, or add a [[container]]\n";
    let folder = shop(&tests);
    for arguments in [&[][..], &["--update"]] {
        let run = folder.test(arguments);
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (2, "", told));
    }
    assert_eq!(folder.read("shop.test.toml"), tests, "--update has written nothing");
    let near = shop(&tests.replace("apache", "htpd"));
    assert!(near.test([""; 0]).stderr.contains("help: did you mean `httpd`?"));
}

/// The lines of other containers pass as they are.
#[test]
fn another_container_may_be_expected_to_be_unparsed() {
    let run = shop("[[test]]\nline = 'x'\ncontainer = \"sidecar\"\nexpect = { kind = \"unparsed\" }\n").test([""; 0]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}
