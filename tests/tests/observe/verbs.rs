//! The verbs as a user runs them: what they print, and their exit codes.
use crate::desk::Desk;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

const CONFIGURATION: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = "combined"
stderr = "httpd_error"

[[route]]
name = "rest"
to = "cloudwatch"

[destination.cloudwatch]
type = "cloudwatch_logs"
log_group = "/ecs/shop"
"#;

#[test]
fn status_says_what_is_missing_until_it_is_there() {
    let desk = Desk::new(CONFIGURATION);
    let (code, text, _) = desk.run(&["status"]);
    assert_eq!(code, 1);
    assert!(text.contains("unhealthy: the log group /ecs/shop of cloudwatch is not there"), "{text}");
    desk.make_group("/ecs/shop", &json!({ "firelens-kit:stack": "shop" }));
    let (code, text, _) = desk.run(&["status"]);
    assert!(code == 0 && text.ends_with("\nhealthy\n") && text.contains("none in any stream"), "{code} {text}");
    let (code, text, _) = desk.run(&["status", "--format", "json"]);
    let status: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &status["healthy"], &status["destinations"][0]["state"]), (0, &json!(true), &json!("nothing")));
}

#[test]
fn doctor_says_what_would_fail_and_how_to_mend_it() {
    let desk = Desk::new(CONFIGURATION);
    desk.make_group("/ecs/shop", &json!({}));
    let (code, text, _) = desk.run(&["doctor", "--base", "oci:nowhere"]);
    assert_eq!(code, 1);
    assert!(text.contains("problem  image          "), "{text}");
    assert!(text.contains("problem  names          the log group /ecs/shop is there, and was not made by"), "{text}");
    assert!(text.contains("write `existing = true` into its destination"), "{text}");
    let (code, text, _) = desk.run(&["doctor", "--base", "oci:nowhere", "--format", "json"]);
    let findings = &serde_json::from_str::<Value>(&text).unwrap()["findings"];
    let problems = findings.as_array().unwrap().iter().filter(|finding| finding["state"] == "problem").count();
    assert_eq!((code, problems), (1, 2), "{text}");
}

/// As `logs --follow` does.
#[test]
fn watching_ends_well_with_ctrl_c() {
    let desk = Desk::new(CONFIGURATION);
    desk.make_group("/ecs/shop", &json!({ "firelens-kit:stack": "shop" }));
    let mut command = desk.command(&["status", "--watch", "1", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        let line = lines.next().unwrap().unwrap();
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["healthy"], true, "{line}");
    }
    // SAFETY: the child was not waited for, so its number is still its own.
    assert_eq!(unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGINT) }, 0);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The rows of the doctor: its exit code, and each row's state by its name.
fn rows(desk: &Desk, arguments: &[&str], without_keys: bool) -> (i32, Vec<(String, String)>) {
    let mut command = desk.command(&[&["doctor", "--base", "oci:nowhere", "--format", "json"], arguments].concat());
    if without_keys {
        command.env_remove("AWS_ACCESS_KEY_ID").env("AWS_EC2_METADATA_DISABLED", "true");
    }
    let output = command.output().unwrap();
    let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let row = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_string();
        (format!("{} {}", text("about"), text("state")), text("message"))
    };
    (output.status.code().unwrap(), found["findings"].as_array().unwrap().iter().map(row).collect())
}

fn has_row(rows: &[(String, String)], row: &str, message: &str) {
    assert!(rows.iter().any(|(name, text)| name == row && text.contains(message)), "{row} {message}: {rows:#?}");
}

#[test]
fn doctor_does_not_end_at_the_first_problem() {
    let desk = Desk::new(CONFIGURATION);
    std::fs::write(desk.path("bad.toml"), "[[routes]]\nname = \"rest\"\n").unwrap();
    let all_unknown = |rows: &[(String, String)], missing: &str| {
        for about in ["permissions", "names", "network", "quotas"] {
            has_row(rows, &format!("{about} unknown"), &format!("not checked: depends on `{missing}`"));
        }
    };
    let (code, found) = rows(&desk, &["-c", "bad.toml"], false);
    assert_eq!(code, 1);
    has_row(&found, "configuration problem", "--> bad.toml:1");
    has_row(&found, "credentials good", "123456789012");
    has_row(&found, "image unknown", "not checked: depends on `configuration`");
    all_unknown(&found, "configuration");

    let (code, found) = rows(&desk, &["-c", "nowhere.toml"], true);
    assert_eq!(code, 1);
    has_row(&found, "configuration problem", "cannot read nowhere.toml");
    has_row(&found, "credentials problem", "there are none in the environment variables");

    let (code, found) = rows(&desk, &[], true);
    assert_eq!(code, 1);
    has_row(&found, "configuration good", "firelens.toml");
    has_row(&found, "image problem", "nowhere");
    all_unknown(&found, "credentials");

    let existing = "[stack.existing]\ncluster = \"shop\"\nservice = \"web\"\n";
    std::fs::write(desk.path("firelens.toml"), [CONFIGURATION, existing].concat()).unwrap();
    let (code, found) = rows(&desk, &[], false);
    assert_eq!(code, 1);
    has_row(&found, "credentials good", "123456789012");
    has_row(&found, "stack problem", "no cluster `shop`");
    all_unknown(&found, "stack");
}

/// What can be known here is said before anything is asked of AWS, and that before the base image is fetched.
#[test]
fn a_wrong_configuration_comes_first_then_credentials_then_the_base_image() {
    let desk = Desk::new(CONFIGURATION);
    std::fs::write(desk.path("bad.toml"), "[[routes]]\nname = \"rest\"\n").unwrap();
    let nowhere = "127.0.0.1:9/aws-for-fluent-bit:3.2.5";
    for verb in [&["plan"][..], &["deploy", "--yes"], &["build", "-o", "image"], &["push", "127.0.0.1:9/router"]] {
        let (code, _, error) = desk.run(&[verb, &["-c", "bad.toml", "--base", nowhere]].concat());
        assert!(code == 2 && error.contains("--> bad.toml:1"), "{verb:?}: {error}");
    }
    assert!(desk.proxy.requests().is_empty());
    for verb in [&["plan"][..], &["deploy", "--yes"]] {
        let arguments = [verb, &["--base", nowhere, "--profile", "nobody"]].concat();
        let (code, _, error) = desk.run(&arguments);
        assert!(code == 2 && error.contains("no profile `nobody`"), "{verb:?}: {error}");
        let (code, _, error) = desk.run(&[verb, &["--base", nowhere]].concat());
        assert!(code == 2 && error.contains("127.0.0.1:9"), "{verb:?}: {error}");
    }
}

/// Only the AWS CLI reads the session that `aws login` began.
#[test]
fn a_profile_of_aws_login_is_told_how_to_go_on() {
    let desk = Desk::new(CONFIGURATION);
    let file = tempfile::NamedTempFile::new().unwrap();
    let profile = "[profile dev]\nregion = eu-west-1\nlogin_session = arn:aws:iam::123456789012:user/ann\n";
    std::fs::write(file.path(), profile).unwrap();
    let mut command = desk.command(&["status", "--profile", "dev"]);
    command.env("AWS_CONFIG_FILE", file.path()).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("aws configure export-credentials --format env"), "{text}");
    assert!(text.contains("credential_process = aws configure export-credentials --profile NAME"), "{text}");
}

#[test]
fn a_policy_is_printed_in_parts_that_iam_takes() {
    let desk = Desk::new(CONFIGURATION);
    let (code, whole, note) = desk.run(&["policy", "deployer"]);
    assert!(code == 0 && whole.contains("arn:aws:iam::123456789012:role/firelens-kit/shop/"), "{whole}");
    let whole: Value = serde_json::from_str(&whole).unwrap();
    let parts = if note.contains("--part 1 to --part 2") { 2 } else { 1 };
    let mut statements = Vec::new();
    for part in 1..=parts {
        let (code, text, _) = desk.run(&["policy", "deployer", "--part", &part.to_string()]);
        assert_eq!(code, 0);
        let document: Value = serde_json::from_str(&text).unwrap();
        assert!(document.to_string().len() <= 6144);
        statements.extend(document["Statement"].as_array().unwrap().clone());
    }
    assert_eq!(Value::Array(statements), whole["Statement"]);
    let (code, _, error) = desk.run(&["policy", "deployer", "--part", "9"]);
    assert!(code == 2 && error.contains("there is no part 9"), "{error}");
}

#[test]
fn wrong_questions_about_policies_are_refused() {
    let desk = Desk::new(CONFIGURATION);
    for (args, told) in [
        (&["policy", "task", "--verb", "plan"][..], "--verb is about the deployer"),
        (&["policy", "deployer", "--trust"], "--trust is about its roles"),
        (&["policy", "task", "--account", "12345"], "12 digits"),
        (&["policy", "task", "--account", "999999999999"], "you are in account 123456789012, not 999999999999"),
        (&["policy", "task", "-c", "nowhere.toml"], "cannot read nowhere.toml"),
    ] {
        let (code, out, error) = desk.run(args);
        assert!(code == 2 && out.is_empty() && error.contains(told), "{args:?}: {code} {out} {error}");
    }
}
