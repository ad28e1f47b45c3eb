use super::*;
use crate::Version;
use crate::lint::context::{Flow, Parts, Rewrite};

rule!("FLK020", "rewrite-tag-loop", Error, check);

/// From this release on an emitter refuses what it emitted itself (`plugins/in_emitter/emitter.c`, "emitter cycle detected").
const REFUSES_OWN: Version = Version::new(5, 1, 1);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let flow = pipeline.flow(context);
        let rules = rules(&flow);
        let next: Vec<Vec<usize>> = rules.iter().map(|rule| followers(&rules, rule)).collect();
        for (index, rule) in rules.iter().enumerate() {
            let Some(back) = way_back(&next, index) else { continue };
            let last = rules[back];
            let sure = rule.takes.covers(&last.sample);
            let refused = context.version >= REFUSES_OWN && std::ptr::eq(rule.filter, last.filter);
            let message = match sure {
                _ if refused => "records that this rule moved come back to it, and are not moved again",
                true => "records that this rule moved come back to it: a loop",
                false => "records that this rule moved could come back to it: a loop, with the right text in them",
            };
            let finding = RULE.at(rule.filter.place(&rule.rule.span), message);
            let finding = finding.label(format!("makes tags like `{}`", rule.to));
            let finding = match back == index {
                true => finding.related(match_place(rule.filter), "which this takes again"),
                false => finding.related(last.filter.place(&last.rule.span), "this rule sends them back"),
            };
            let finding = finding.help("make a tag that no rewrite_tag filter before it matches, such as route.NAME");
            found.push(match (sure, last.parts) {
                (true, _) if refused => finding.severity(Severity::Warning),
                (true, _) => finding,
                (false, Parts::Field) => finding.severity(Severity::Remark),
                (false, _) => finding.severity(Severity::Warning),
            });
        }
    }
}

/// Each rule once, with the first tags that it makes.
fn rules<'a, 'b>(flow: &'b Flow<'a>) -> Vec<&'b Rewrite<'a>> {
    let mut rules: Vec<&Rewrite> = Vec::new();
    for rewrite in &flow.rewrites {
        if !rules.iter().any(|known| std::ptr::eq(known.rule, rewrite.rule)) {
            rules.push(rewrite);
        }
    }
    rules
}

/// The rules that take what one makes.
fn followers(rules: &[&Rewrite], from: &Rewrite) -> Vec<usize> {
    (0..rules.len()).filter(|to| rules[*to].takes.overlaps(&from.sample)).collect()
}

/// The rule from which a record comes back to this one, if there is a way.
fn way_back(next: &[Vec<usize>], start: usize) -> Option<usize> {
    let mut seen = vec![false; next.len()];
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        for to in &next[at] {
            if *to == start {
                return Some(at);
            }
            if !std::mem::replace(&mut seen[*to], true) {
                open.push(*to);
            }
        }
    }
    None
}
