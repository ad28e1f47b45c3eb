//! A plan for people.
use super::{Action, FieldChange, Plan, Verb};
use crate::{Place, names::STACK_TAG};
use serde_json::Value;
use std::fmt::Write as _;

/// How a piece of the text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Plain,
    Created,
    Changed,
    Deleted,
    Faint,
    Wrong,
}

/// The plan's text in pieces, which the caller colours.
pub fn pieces(plan: &Plan) -> Vec<(Mark, String)> {
    let place = &plan.place;
    let mut pieces = vec![(Mark::Plain, format!("{} in {} of {}\n\n", plan.stack, place.region, place.account))];
    for action in &plan.actions {
        pieces.extend(action_pieces(action));
    }
    for problem in &plan.problems {
        pieces.push((Mark::Wrong, format!("! {} {}\n", problem.id, problem.message)));
        pieces.push((Mark::Plain, format!("    {}\n", problem.help)));
    }
    pieces.push((Mark::Plain, format!("\n{}\n", summary(plan))));
    if is_empty(plan) && plan.problems.is_empty() {
        pieces.push((Mark::Plain, format!("  help: {}\n", where_else(plan))));
    }
    if !plan.other_stacks.is_empty() {
        let others = plan.other_stacks.join(", ");
        pieces.push((Mark::Faint, format!("other stacks of the kit in this account: {others}\n")));
    }
    pieces
}

/// `3 to create, 1 to change, 0 to delete, 4 stay as they are`
pub fn summary(plan: &Plan) -> String {
    let [create, update, delete, keep] =
        [Verb::Create, Verb::Update, Verb::Delete, Verb::Keep].map(|verb| plan.count(verb));
    let (given_back, narrow) = (plan.count(Verb::GiveBack), plan.count(Verb::Narrow));
    let mut back = if given_back > 0 { format!("{given_back} to give back, ") } else { String::new() };
    if narrow > 0 {
        back.push_str(&format!("{narrow} to narrow, "));
    }
    match plan.problems.len() {
        0 if is_empty(plan) => {
            let Place { region, account, .. } = &plan.place;
            let tag = format!("{STACK_TAG} = {}", plan.stack);
            format!("no changes: nothing in {region} of account {account} has the tag {tag}")
        }
        0 if plan.pending().next().is_none() => no_changes(plan),
        0 => {
            let stay = if keep == 1 { "stays as it is" } else { "stay as they are" };
            format!("{create} to create, {update} to change, {delete} to delete, {back}{keep} {stay}")
        }
        problems => format!("{problems} in the way: nothing can be applied"),
    }
}

/// There is nothing of the stack.
fn is_empty(plan: &Plan) -> bool {
    plan.actions.is_empty() && plan.count(Verb::Keep) == 0
}

/// What is kept for a reason is not up to date: nobody compared it.
fn no_changes(plan: &Plan) -> String {
    let kept = plan.actions.iter().filter(|action| action.note.is_some()).count();
    let same = plan.count(Verb::Keep) - kept;
    let resources = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 resource {one}")),
        _ => Some(format!("{count} resources {many}")),
    };
    let parts = [resources(same, "is up to date", "are up to date"), resources(kept, "is kept", "are kept")];
    format!("no changes: {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Where a stack can be of which nothing is here.
fn where_else(plan: &Plan) -> String {
    match &plan.elsewhere {
        Some(region) => format!("the stack `{}` has roles of {region}: --region {region}", plan.stack),
        None => "for another region use --region, for another account --profile".to_string(),
    }
}

fn action_pieces(action: &Action) -> Vec<(Mark, String)> {
    let (sign, mark) = match action.action {
        Verb::Create => ('+', Mark::Created),
        Verb::Update | Verb::Narrow | Verb::GiveBack => ('~', Mark::Changed),
        Verb::Delete => ('-', Mark::Deleted),
        Verb::Keep => ('=', Mark::Faint),
    };
    let note = action.note.as_ref().map_or(String::new(), |note| format!(" ({note})"));
    let mut pieces = vec![(mark, format!("{sign} {}{note}\n", action.id))];
    if let Some(document) = &action.document {
        pieces.extend(document.lines());
        return pieces;
    }
    let width = action.changes.iter().map(|change| change.field.len()).max().unwrap_or(0);
    pieces.extend(action.changes.iter().map(|change| (Mark::Plain, line(action.action, change, width))));
    pieces
}

fn line(verb: Verb, change: &FieldChange, width: usize) -> String {
    let mut text = format!("    {:width$}  ", change.field);
    let _ = match verb {
        Verb::Create => writeln!(text, "{}", value(&change.after)),
        _ => writeln!(text, "{} -> {}", value(&change.before), value(&change.after)),
    };
    text
}

/// The longest value that is shown.
const LONGEST: usize = 120;

fn value(value: &Value) -> String {
    let text = match value {
        Value::Null => "(none)".to_string(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
