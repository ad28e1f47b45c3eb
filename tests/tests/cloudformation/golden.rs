//! The templates of the stacks, in both syntaxes. `UPDATE_EXPECTED=1` writes them.
use crate::stacks;
use firelens_infra::export::cloudformation::{INLINE, Syntax};
use std::fs;

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
