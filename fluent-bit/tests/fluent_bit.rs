//! The real Fluent Bit accepts and refuses the fixtures of the rules as the rules do.
//!
//! Needs: fluent_bit.
mod opensearch;
mod support;

use firelens_pipeline::{
    Version,
    lint::{self, Context, Rule, Severity, rules},
};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use support::{cases, file_name, includes};

/// With these Fluent Bit does not start.
const REFUSED: [&str; 7] = ["FLK001", "FLK002", "FLK003", "FLK005", "FLK006", "FLK008", "FLK009"];

/// With these neither, but a dry run looks at properties only since 5.0.
const REFUSED_SINCE_5: [&str; 3] = ["FLK010", "FLK011", "FLK012"];

/// What a dry run refuses for other reasons: the module and the plugins in Go are not here, plugins of another release, values are wrong, filters match
/// nothing.
fn is_refused_otherwise(rule: &Rule, said: &str) -> bool {
    ["FLK011", "FLK013", "FLK015", "FLK071"].contains(&rule.code)
        || said.contains("pre_run callback on filter wasm")
        || ["'firehose' tried", "'kinesis' tried", "'cloudwatch' tried"].iter().any(|go| said.contains(go))
}

/// `$FLUENT_BIT`, or all of `$FLUENT_BITS`, with their releases.
fn fluent_bits() -> Vec<(PathBuf, Version)> {
    let paths = ["FLUENT_BITS", "FLUENT_BIT"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let paths = paths.split([':', ' ']).filter(|path| !path.is_empty());
    let release = |path: &str| {
        let said = Command::new(path).arg("--version").output().unwrap().stdout;
        let said = String::from_utf8(said).unwrap();
        let version = said.split_whitespace().find_map(|word| word.strip_prefix('v')?.parse().ok());
        (PathBuf::from(path), version.unwrap_or_else(|| panic!("{said}")))
    };
    let found: Vec<_> = paths.map(release).collect();
    assert!(
        !found.is_empty(),
        "the counterpart `fluent_bit` is missing: name one in $FLUENT_BIT, or several in $FLUENT_BITS"
    );
    found
}

#[test]
fn the_real_fluent_bit_agrees() {
    fluent_bits().iter().for_each(|(path, version)| agrees(path, *version));
}

#[test]
fn opensearch_takes_every_line_once() {
    fluent_bits().iter().for_each(|(path, version)| opensearch::takes_every_line_once(path, *version));
}

fn agrees(path: &Path, version: Version) {
    let since_5: &[&str] = if version >= Version::new(5, 0, 0) { &REFUSED_SINCE_5 } else { &[] };
    let refused = |rule: &Rule| REFUSED.contains(&rule.code) || since_5.contains(&rule.code);
    let mut wrong = Vec::new();
    for rule in rules::everything() {
        let cases = cases(rule, "").into_iter().filter(|case| case.version().is_none());
        for case in cases.filter(|case| case.files.iter().all(|file| file.extension().is_some_and(|end| end != "json")))
        {
            let main = case.files.iter().find(|file| !file_name(file).contains("included")).unwrap();
            let context = Context::read(std::slice::from_ref(main), Some(version), version).unwrap();
            if context.configurations.iter().any(|configuration| !configuration.missing.is_empty()) {
                continue;
            }
            let ours = lint::lint(&context).into_iter();
            let ours: Vec<&str> = ours
                .filter(|finding| finding.severity == Severity::Error && refused(finding.rule))
                .map(|finding| finding.rule.code)
                .collect();
            let output = Command::new(path).arg("--dry-run").arg("-c").arg(main).output().unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            if output.status.code().is_none() {
                // A crash says nothing: 4.1.1 has one with `s3` without a region.
                continue;
            }
            let agrees = match (ours.is_empty(), output.status.success()) {
                (true, false) => is_refused_otherwise(rule, &said),
                (empty, accepted) => empty == accepted,
            };
            if !agrees {
                wrong.push(format!("{}: {ours:?}: {said}", main.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn includes_are_found_where_the_rules_look() {
    let folder = tempfile::tempdir().unwrap();
    for main in includes(folder.path()) {
        for (fluent_bit, _) in fluent_bits() {
            let output = Command::new(fluent_bit).arg("--dry-run").arg("-c").arg(&main).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
}
