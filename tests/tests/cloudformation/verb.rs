//! `firelens-kit export cloudformation`, as a user runs it.
use crate::stacks;
use e2e::kit;
use serde_json::Value;
use std::{fs, path::Path, process::Output};

fn export(config: &Path, arguments: &[&str], folder: &Path) -> Output {
    let mut command = kit::command();
    command.current_dir(folder).args(["export", "cloudformation", "--config"]).arg(config).args(arguments);
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What is written, with a configuration of its own, and what is said.
fn refused(config: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("firelens.toml");
    fs::write(&path, config).unwrap();
    let output = export(&path, &["-o", "stack.yaml"], folder.path());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!folder.path().join("stack.yaml").exists());
    stderr(&output)
}

#[test]
fn the_template_is_written_in_the_syntax_that_its_name_says() {
    let folder = tempfile::tempdir().unwrap();
    let example = stacks::named("logs");
    for end in ["yaml", "json"] {
        let name = format!("shop.{end}");
        let output = export(&example.path, &["-o", &name], folder.path());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        assert_eq!(
            stderr(&output),
            format!(
                "note: whoever creates the stack says --capabilities CAPABILITY_NAMED_IAM: its roles have names\n{name}: written\n"
            )
        );
        let expected = fs::read(example.path.with_extension(end)).unwrap();
        assert!(fs::read(folder.path().join(&name)).unwrap() == expected, "{name}");
    }
}

#[test]
fn templates_of_several_stacks_lie_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["logs", "streams", "logs"] {
        let path = folder.path().join("new/folder").join(format!("{name}.yaml"));
        let output =
            export(&stacks::named(name).path, &["--format", "json", "-o", path.to_str().unwrap()], folder.path());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(summary["files"][0]["path"], path.to_str().unwrap());
    }
    assert_eq!(folder.path().join("new/folder").read_dir().unwrap().count(), 2);
}

#[test]
fn a_file_of_somebody_else_stays() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("mine.yaml", "Resources: {}\n"), ("mine.json", "{\"Resources\": {}}\n")] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let output = export(&stacks::named("logs").path, &["-o", name], folder.path());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(&format!("{name}: it was not written by this export")), "{}", stderr(&output));
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}

/// What the kit wrote is replaced, in either syntax.
#[test]
fn a_template_of_before_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["shop.yaml", "shop.json"] {
        export(&stacks::named("logs").path, &["-o", name], folder.path());
        let output = export(&stacks::named("archive").path, &["-o", name], folder.path());
        assert!(stderr(&output).ends_with(&format!("{name}: replaced\n")), "{}", stderr(&output));
        let again = export(&stacks::named("archive").path, &["-o", name], folder.path());
        assert!(stderr(&again).ends_with(&format!("{name}: as it was\n")), "{}", stderr(&again));
    }
}

/// 51,200 bytes go with a call.
#[test]
fn a_large_template_is_said_to_go_by_s3() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("firelens.toml");
    let variables: String = (0..600).map(|at| format!("VARIABLE_{at} = \"{}\"\n", "x".repeat(40))).collect();
    let app = "[stack.app]\nname = \"web\"\nimage = \"web:1\"\n[stack.app.environment]\n";
    let text = format!("name = \"shop\"\n[destination.live]\ntype = \"cloudwatch_logs\"\n{app}{variables}");
    fs::write(&config, text).unwrap();
    let output = export(&config, &["-o", "shop.yaml"], folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let size = fs::metadata(folder.path().join("shop.yaml")).unwrap().len();
    let said = format!("the template has {size} bytes, and CloudFormation takes 51200 with a call");
    assert!(size > 51_200 && stderr(&output).contains(&said), "{}", stderr(&output));
}

#[test]
fn a_service_that_is_there_is_refused_by_its_place() {
    let said = refused(
        "name = \"shop\"\n\n[destination.archive]\ntype = \"firehose\"\n\n[stack.existing]\ncluster = \"main\"\nservice = \"web\"\n",
    );
    assert!(
        said.contains("firelens.toml:6:8") && said.contains("a service that is there cannot be exported"),
        "{said}"
    );
}

#[test]
fn a_bucket_whose_name_can_be_too_long_is_refused() {
    let said = refused("name = \"a-stack-with-a-rather-long-name\"\n\n[destination.archive]\ntype = \"s3\"\n");
    assert!(said.contains("a-stack-with-a-rather-long-name-archive-ACCOUNT-REGION can have 67"), "{said}");
    assert!(said.contains("`bucket`"), "{said}");
}

#[test]
fn a_destination_in_one_region_is_refused_by_its_place() {
    let said = refused("name = \"shop\"\n\n[destination.live]\ntype = \"cloudwatch_logs\"\nregion = \"eu-west-1\"\n");
    assert!(said.contains("firelens.toml:5:10") && said.contains("for every region"), "{said}");
}

#[test]
fn what_cloudformation_would_resolve_itself_is_refused() {
    let said = refused(
        "name = \"shop\"\n\n[destination.live]\ntype = \"cloudwatch_logs\"\n\n[stack.app]\nname = \"web\"\nimage = \"web:1\"\n\
         environment = { A = \"{{resolve:ssm:a}}\" }\n",
    );
    assert!(said.contains("{{resolve:ssm:a}}") && said.contains("`secrets`"), "{said}");
}
