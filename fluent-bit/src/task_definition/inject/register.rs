//! What `register-task-definition` takes, from what `describe-task-definition` prints.
use super::edit;
use firelens_stack::task_definition::READ_ONLY;
use jsonc_parser::cst::CstObject;

/// Takes the read-only keys away. Tags, which are printed beside the task definition, go into it.
pub(super) fn strip(outer: &CstObject, task: &CstObject) {
    for key in READ_ONLY {
        edit::remove(task, key);
    }
    let tags = outer.array_value("tags").filter(|tags| !tags.elements().is_empty());
    if let Some(tags) = tags.and_then(|tags| tags.to_serde_value()) {
        edit::set(task, "tags", &tags);
    }
}

/// The object's text alone, moved to the left by what it was indented.
pub(super) fn unwrapped(task: &CstObject) -> String {
    let text = task.to_string();
    let last = text.lines().last().unwrap_or_default();
    let indent = &last[..last.len() - last.trim_start().len()];
    let lines = text.split_inclusive('\n').map(|line| line.strip_prefix(indent).unwrap_or(line));
    lines.collect::<String>() + "\n"
}
