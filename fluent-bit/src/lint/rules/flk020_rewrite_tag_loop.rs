use super::*;
use crate::lint::context::Rewrite;

rule!("FLK020", "rewrite-tag-loop", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        let rewrites = pipeline.rewrites(context);
        for (index, rewrite) in rewrites.iter().enumerate() {
            if rewrites[..index].iter().any(|earlier| std::ptr::eq(earlier.rule, rewrite.rule)) {
                continue;
            }
            let Some(back) = way_back(&rewrites, index) else { continue };
            let last = &rewrites[back];
            let message = "records that this rule moved come back to it: a loop";
            let finding = RULE.at(rewrite.filter.place(&rewrite.rule.span), message);
            let finding = finding.label(format!("makes tags like `{}`", rewrite.to));
            let finding = match std::ptr::eq(last.rule, rewrite.rule) {
                true => finding.related(match_place(rewrite), "which this takes again"),
                false => finding.related(last.filter.place(&last.rule.span), "this rule sends them back"),
            };
            let sure = rewrite.takes.covers(&last.to);
            let finding = finding.help("make a tag that no rewrite_tag filter before it matches, such as route.NAME");
            found.push(if sure { finding } else { finding.severity(Severity::Warning) });
        }
    }
}

fn match_place(rewrite: &Rewrite) -> Place {
    let entry = rewrite.filter.last("match").or(rewrite.filter.last("match_regex"));
    entry.map_or_else(|| rewrite.filter.title_place(), |entry| rewrite.filter.place(entry.value.span()))
}

/// The rule from which a record comes back to this one, if there is a way.
fn way_back(rewrites: &[Rewrite], start: usize) -> Option<usize> {
    let next = |from: usize| (0..rewrites.len()).filter(move |to| rewrites[*to].takes.overlaps(&rewrites[from].to));
    let (mut seen, mut open) = (vec![start], vec![start]);
    while let Some(at) = open.pop() {
        for to in next(at) {
            if to == start {
                return Some(at);
            }
            if !seen.contains(&to) {
                seen.push(to);
                open.push(to);
            }
        }
    }
    None
}
