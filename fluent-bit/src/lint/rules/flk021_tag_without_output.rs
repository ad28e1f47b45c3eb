use super::*;

rule!("FLK021", "tag-without-output", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.outputs().next().is_some()) {
        let flow = pipeline.flow(context);
        let taken =
            |tag: &str| flow.has_output_for(tag) || flow.rewrites.iter().any(|rewrite| rewrite.takes.overlaps(tag));
        let mut told: Vec<&Text> = Vec::new();
        for rewrite in flow.rewrites.iter().filter(|rewrite| !taken(&rewrite.to)) {
            if told.contains(&rewrite.rule) {
                continue;
            }
            told.push(rewrite.rule);
            let message = format!("no output takes the tag `{}`", rewrite.to);
            let finding = RULE.at(rewrite.filter.place(&rewrite.rule.span), message).label("these records are lost");
            found.push(finding.help(format!("add an [OUTPUT] with Match {}", rewrite.to)));
        }
        for (tag, input) in &flow.sources {
            if let Some(input) = input.filter(|_| !taken(tag)) {
                let finding = RULE.at(name_place(input), format!("no output takes the tag `{tag}` of this input"));
                found.push(finding.label("these records are lost").help(format!("add an [OUTPUT] with Match {tag}")));
            }
        }
    }
}
