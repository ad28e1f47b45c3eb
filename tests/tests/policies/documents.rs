//! The documents of several stacks, in `documents/`. `UPDATE_EXPECTED=1` writes them.
use crate::stacks::{self, Example};
use firelens_infra::policy::{
    Document,
    deployer::{self, Verb},
    execution, firehose, router,
};
use std::{collections::BTreeSet, fs, path::Path};

fn documents(Example { stack, place, .. }: &Example) -> Vec<(String, Document)> {
    let roles = [
        ("task", router::document(stack, place)),
        ("task-trust", router::trust(stack, place)),
        ("execution", execution::document(stack, place)),
        ("execution-trust", execution::trust(stack, place)),
        ("firehose", firehose::document(stack, place)),
        ("firehose-trust", firehose::trust(stack, place)),
    ];
    let verbs = Verb::ALL.map(|verb| (format!("deployer-{verb}"), deployer::document(stack, place, &[verb])));
    let all = ("deployer".to_string(), deployer::document(stack, place, &Verb::ALL));
    roles.into_iter().map(|(name, document)| (name.to_string(), document)).chain(verbs).chain([all]).collect()
}

#[test]
fn documents_are_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/policies/documents");
    let mut wrong = Vec::new();
    for example in stacks::all() {
        for (name, document) in documents(&example) {
            let path = folder.join(example.name).join(format!("{name}.json"));
            let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
            if std::env::var_os("UPDATE_EXPECTED").is_some() {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &text).unwrap();
            }
            if fs::read_to_string(&path).unwrap_or_default() != text {
                wrong.push(format!("{}:\n{text}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not what was expected; UPDATE_EXPECTED=1 accepts it:\n{}", wrong.join("\n"));
}

/// IAM takes a Sid of letters and digits once in a document.
#[test]
fn statements_have_names_of_their_own() {
    for example in stacks::all() {
        for (name, Document { statement, .. }) in documents(&example) {
            let sids: Vec<&String> = statement.iter().filter_map(|statement| statement.sid.as_ref()).collect();
            assert!(sids.iter().all(|sid| sid.chars().all(|char| char.is_ascii_alphanumeric())), "{sids:?}");
            assert_eq!(sids.iter().collect::<BTreeSet<_>>().len(), sids.len(), "{} {name}: {sids:?}", example.name);
        }
    }
}

/// What a managed policy holds without white space (IAM user guide, "IAM and AWS STS quotas").
const MANAGED_POLICY: usize = 6144;

#[test]
fn each_document_fits_a_managed_policy() {
    for example in stacks::all() {
        for (name, document) in documents(&example) {
            let size = document.json().len();
            if name == "deployer" {
                eprintln!("{} {size}", example.name);
                continue;
            }
            assert!(size <= MANAGED_POLICY, "{} {name}: {size}", example.name);
        }
    }
}
