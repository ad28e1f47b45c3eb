//! What cannot be exported is said with its place, and nothing is written.
use super::{export, support::Folder};

const HEAD: &str = "[[route]]\nname = \"all\"\nto = [\"files\"]\n[destination.files]\ntype = \"s3\"\n";

fn refused(source: &str, arguments: &[&str]) -> String {
    let folder = Folder::new().with("firelens.toml", source);
    let run = export(&folder, arguments);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    assert!(!folder.path("module").exists());
    run.stderr
}

#[test]
fn a_service_that_is_there() {
    let source = format!("name = \"shop\"\n{HEAD}[stack.existing]\ncluster = \"main\"\nservice = \"web\"\n");
    let said = refused(&source, &[]);
    assert!(said.contains("a service that is there cannot be exported"), "{said}");
    assert!(said.contains("firelens.toml:7:8") && said.contains("firelens-kit inject"), "{said}");
}

#[test]
fn a_bucket_whose_name_depends_on_the_place_and_may_be_too_long() {
    let source = format!("name = \"a-stack-whose-name-is-very-long\"\n{}", HEAD.replace("files", "files_of_all"));
    let said = refused(&source, &[]);
    assert!(said.contains("the bucket of `files_of_all` has no name that fits in every region"), "{said}");
    assert!(said.contains("firelens.toml:5:14") && said.contains("--account NUMBER --region REGION"), "{said}");
    let folder = Folder::new().with("firelens.toml", &source);
    let run = export(&folder, &["--account", "123456789012", "--region", "eu-west-1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_file_without_a_name_and_one_that_is_wrong() {
    let nameless = HEAD.replace("\"s3\"", "\"cloudwatch_logs\"\nlog_group = \"/x\"");
    assert!(refused(&nameless, &[]).contains("has no `name`"));
    assert!(refused("name = 1\n", &[]).contains("firelens.toml:1:8"));
    let marks = format!("name = \"shop\"\n{HEAD}# \u{e000}\n");
    assert!(refused(&marks, &[]).contains("private use area"));
}
