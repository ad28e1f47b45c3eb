//! The documents of several stacks, in `documents/`. `UPDATE_EXPECTED=1` writes them.
use crate::stacks::{self, Example};
use e2e::simulate::{Request, decide};
use firelens_infra::policy::{
    Document, MANAGED_POLICY,
    deployer::{self, Verb},
    execution, firehose, router,
};
use serde_json::Value;
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

/// No statement is about everything, but where AWS knows no resource, or where a condition names the cluster.
#[test]
fn nothing_is_granted_on_everything() {
    let mut requests = Vec::new();
    for example in stacks::all() {
        for (_, document) in documents(&example) {
            assert!(
                document.statement.iter().flat_map(|statement| &statement.action).all(|action| !action.contains('*'))
            );
            let everything = document.statement.iter().filter(|statement| statement.resource == ["*"]);
            for action in everything.flat_map(|statement| &statement.action) {
                requests.push(Request {
                    principal: "arn:aws:sts::123456789012:assumed-role/role/session".into(),
                    action: action.clone(),
                    resource: "*".into(),
                    account: "123456789012".into(),
                    context: vec![("ecs:cluster".into(), "arn:aws:ecs:eu-west-1:123456789012:cluster/shop".into())],
                    identity: serde_json::to_value(&document).unwrap(),
                    resource_policy: Value::Null,
                });
            }
        }
    }
    let verdicts = decide(&requests);
    for (request, verdict) in requests.iter().zip(verdicts) {
        assert!(verdict.anywhere || request.action == "ecs:ListTasks", "{}: {verdict:?}", request.action);
    }
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

#[test]
fn each_part_fits_a_managed_policy() {
    for example in stacks::all() {
        for (name, document) in documents(&example) {
            let parts = document.clone().managed();
            let sizes: Vec<usize> = parts.iter().map(|part| part.json().len()).collect();
            assert!(sizes.iter().all(|size| *size <= MANAGED_POLICY), "{} {name}: {sizes:?}", example.name);
            assert!(parts.len() <= 3, "{} {name}: {sizes:?}", example.name);
            let together: Vec<_> = parts.into_iter().flat_map(|part| part.statement).collect();
            assert_eq!(together, document.statement);
        }
    }
}
