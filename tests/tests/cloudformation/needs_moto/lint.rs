//! cfn-lint finds nothing in the templates, with all of its rules, in all regions: types and properties, values, references, sizes, and its
//! advice.
use crate::stacks;
use e2e::{counterpart, moto};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn nothing_is_found_in_the_templates() {
    let lint = program("cfn-lint");
    let examples = stacks::all();
    let paths: Vec<PathBuf> =
        examples.iter().flat_map(|example| ["yaml", "json"].map(|end| example.path.with_extension(end))).collect();
    assert_eq!(findings(&lint, &paths), Value::Array(Vec::new()));
}

/// The check can fail: each kind of fault is found.
#[test]
fn faults_are_found() {
    let lint = program("cfn-lint");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("template.json");
    let mut template = stacks::named("archive").template().value().clone();
    let resources = &mut template["Resources"];
    resources["ArchiveBucket"]["Properties"]["BuketName"] = "x".into();
    resources["ShopLiveLogGroup"]["Properties"]["LogGroupClass"] = "GOLD".into();
    resources["Service"]["Properties"]["Cluster"] = serde_json::json!({ "Ref": "Nothing" });
    fs::write(&path, template.to_string()).unwrap();
    let findings = findings(&lint, &[path]);
    let found = findings.as_array().unwrap().iter();
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    found.for_each(|finding| *rules.entry(finding["Rule"]["Id"].as_str().unwrap()).or_default() += 1);
    // An unknown property, a value that there is not, a reference to nothing.
    assert!(["E3002", "E3030", "E1020"].iter().all(|rule| rules.contains_key(rule)), "{rules:?}");
}

/// A program beside moto's, whose package brings it.
pub fn program(name: &str) -> PathBuf {
    let beside = moto::program().and_then(|moto| Some(moto.parent()?.join(name))).filter(|program| program.is_file());
    beside.unwrap_or_else(|| counterpart::missing(counterpart::MOTO))
}

pub fn findings(lint: &Path, templates: &[PathBuf]) -> Value {
    let mut command = Command::new(lint);
    command
        .args([
            "--include-checks",
            "I",
            "W",
            "E",
            "--include-experimental",
            "--regions",
            "ALL_REGIONS",
            "--format",
            "json",
            "--",
        ])
        .args(templates);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}
