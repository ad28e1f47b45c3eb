//! `[lint]`: the rules that are allowed, with their reasons.
use crate::keys;
use crate::{
    problem::{Code, Problem},
    reader::{Entry, Problems, Section, Text, sections},
};

/// A rule that `firelens-kit lint` does not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Its code or name.
    pub rule: Text,
    pub reason: String,
}

/// Reads `allow = [{ rule = "FLK029", reason = "…" }]`.
pub fn read(entry: Entry, problems: &Problems) -> Vec<Allowed> {
    let Some(mut section) = Section::of(&keys::LINT, entry.value, problems) else { return Vec::new() };
    let list = section.take("allow").map_or(Vec::new(), |entry| sections(&keys::ALLOWED_RULE, entry, problems));
    section.finish();
    list.into_iter().filter_map(|section| allowed(section, problems)).collect()
}

fn allowed(mut section: Section, problems: &Problems) -> Option<Allowed> {
    let (rule, reason) = (section.need("rule"), section.need("reason"));
    section.finish();
    let rule = super::reader::string(rule?.value, problems)?;
    let reason = super::reader::string(reason?.value, problems)?;
    let rules = crate::rules::everything();
    if !rules.iter().any(|known| known.is_called(&rule.text)) {
        let problem = Problem::error(Code::WrongValue, rule.span, format!("there is no rule `{}`", rule.text));
        let names = rules.iter().flat_map(|known| [known.code, known.name]);
        problems.add(problem.label("no such rule").suggest(&rule.text, names));
        return None;
    }
    if reason.text.trim().is_empty() {
        let problem = Problem::error(Code::WrongValue, reason.span, "a rule is allowed with a reason");
        problems.add(problem.label("empty").help("say why it does not matter here"));
        return None;
    }
    Some(Allowed { rule, reason: reason.text })
}
