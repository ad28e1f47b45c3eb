use super::*;

rule!("FLK021", "tag-without-output", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.whole && pipeline.outputs().next().is_some()) {
        let flow = pipeline.flow(context);
        let mut told: Vec<&Text> = Vec::new();
        for rewrite in flow.rewrites.iter().filter(|rewrite| !flow.is_taken(&rewrite.to)) {
            if told.contains(&rewrite.rule) {
                continue;
            }
            told.push(rewrite.rule);
            let message = format!("no output takes the tag `{}`", rewrite.to);
            let finding = RULE.at(rewrite.filter.place(&rewrite.rule.span), message).label("these records are lost");
            found.push(finding.help(format!("add an [OUTPUT] with Match {}", rewrite.to)));
        }
        for (tag, section) in &flow.sources {
            if let Some(section) = section.filter(|_| !flow.is_taken(tag)) {
                let message = format!("no output takes the tag `{tag}` of this {}", what(section));
                let finding = RULE.at(name_place(section), message);
                found.push(finding.label("these records are lost").help(format!("add an [OUTPUT] with Match {tag}")));
            }
        }
    }
}
