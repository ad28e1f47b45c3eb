//! What is suggested in place of a verb that there is not. The nearest one comes first, but `destroy` never does: whoever repeats
//! the first suggestion without reading it must not lose a stack.
use clap::{
    Error,
    error::{ContextKind, ContextValue},
};

const DESTROY: &str = "destroy";

/// What stands beside `destroy` when nothing else is near.
const HARMLESS: &str = "status";

/// clap's error, with its suggestions in this order.
pub fn in_order(mut error: Error) -> Error {
    let mut names = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::Strings(names)) => names.clone(),
        Some(ContextValue::String(name)) => vec![name.clone()],
        _ => return error,
    };
    // clap has the nearest one last.
    names.reverse();
    names.sort_by_key(|name| name == DESTROY);
    if names.first().is_some_and(|name| name == DESTROY) {
        names.insert(0, HARMLESS.to_string());
    }
    error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(names));
    error
}

#[cfg(test)]
mod tests {
    use crate::verbs::Cli;
    use clap::Parser as _;

    /// The suggestions, as they are printed.
    fn suggested(wrong: &str) -> Vec<String> {
        let error = Cli::try_parse_from(["firelens-kit", wrong]).unwrap_err();
        let text = super::in_order(error).render().to_string();
        let tip = text.lines().find(|line| line.contains("tip:")).unwrap_or_default().to_string();
        tip.split('\'').skip(1).step_by(2).map(str::to_string).collect()
    }

    #[test]
    fn a_mistyped_verb_never_suggests_destroy_first() {
        let verb = "destroy";
        let mut typos: Vec<String> = Vec::new();
        for at in 0..verb.len() {
            typos.push([&verb[..at], &verb[at + 1..]].concat());
            typos.push([&verb[..at], "x", &verb[at + 1..]].concat());
            typos.push([&verb[..at], "x", &verb[at..]].concat());
            if at + 1 < verb.len() {
                typos.push([&verb[..at], &verb[at + 1..at + 2], &verb[at..at + 1], &verb[at + 2..]].concat());
            }
        }
        for typo in typos {
            let names = suggested(&typo);
            assert!(names.first().is_none_or(|first| first != verb), "{typo}: {names:?}");
        }
    }

    #[test]
    fn the_nearest_verb_comes_first() {
        for (wrong, first) in [("deplo", "deploy"), ("statsu", "status"), ("replya", "replay"), ("doctr", "doctor")] {
            let names = suggested(wrong);
            assert_eq!(names.first().map(String::as_str), Some(first), "{wrong}: {names:?}");
        }
    }
}
