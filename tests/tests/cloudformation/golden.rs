//! The templates of the stacks, in both syntaxes. `UPDATE_EXPECTED=1` writes them.
use crate::stacks;
use firelens_infra::export::cloudformation::{INLINE, Syntax};
use serde_json::Value;
use std::{fs, process::Command};

#[test]
fn templates_are_as_expected() {
    let mut wrong = Vec::new();
    for example in stacks::all() {
        for (syntax, end) in [(Syntax::Yaml, "yaml"), (Syntax::Json, "json")] {
            let path = example.path.with_extension(end);
            let text = example.template().text(syntax).unwrap();
            if std::env::var_os("UPDATE_EXPECTED").is_some() {
                fs::write(&path, &text).unwrap();
            }
            if fs::read_to_string(&path).unwrap_or_default() != text {
                wrong.push(format!("{}:\n{text}", path.display()));
            }
            assert!(text.len() < INLINE, "{}: {} bytes", path.display(), text.len());
            assert_eq!(example.template().text(syntax).unwrap(), text, "the same bytes each time");
        }
    }
    assert!(wrong.is_empty(), "not what was expected; UPDATE_EXPECTED=1 accepts it:\n{}", wrong.join("\n"));
}

mod needs_moto {
    use super::*;
    use crate::needs_moto::lint;

    /// As a reader of YAML 1.1 takes it, which CloudFormation is: there, `off` and `2012-10-17` are no texts.
    #[test]
    fn both_syntaxes_say_the_same() {
        let python = lint::program("python3");
        const READ: &str = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
        for example in stacks::all() {
            let output =
                Command::new(&python).args(["-c", READ]).arg(example.path.with_extension("yaml")).output().unwrap();
            let read: Value = serde_json::from_slice(&output.stdout)
                .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
            assert_eq!(&read, example.template().value(), "{}", example.name);
        }
    }
}
