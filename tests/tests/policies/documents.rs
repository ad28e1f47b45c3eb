//! The documents of several stacks, in `documents/`. `UPDATE_EXPECTED=1` writes them.
use crate::stacks::{self, Example};
use firelens_infra::policy::{Document, execution, firehose, router};
use std::{fs, path::Path};

fn documents(Example { stack, place, .. }: &Example) -> Vec<(&'static str, Document)> {
    vec![
        ("task", router::document(stack, place)),
        ("task-trust", router::trust(stack, place)),
        ("execution", execution::document(stack, place)),
        ("execution-trust", execution::trust(stack, place)),
        ("firehose", firehose::document(stack, place)),
        ("firehose-trust", firehose::trust(stack, place)),
    ]
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

/// No document has a resource or an action that is everything, but where AWS knows no resource.
#[test]
fn nothing_is_granted_on_everything() {
    for example in stacks::all() {
        for (name, document) in documents(&example) {
            for statement in document.statement {
                let login = statement.action == ["ecr:GetAuthorizationToken"];
                assert_eq!(statement.resource == ["*"], login, "{} {name}: {statement:?}", example.name);
                assert!(statement.action.iter().all(|action| !action.contains('*')), "{statement:?}");
            }
        }
    }
}
