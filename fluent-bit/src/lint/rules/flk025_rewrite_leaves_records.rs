use super::*;

rule!("FLK025", "rewrite-leaves-records", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines().filter(|pipeline| pipeline.whole) {
        let mut told: Vec<usize> = Vec::new();
        let flow = pipeline.flow(context);
        for rewrite in &flow.rewrites {
            if flow.has_output_for(&rewrite.from) || flow.is_read(&rewrite.from) || told.contains(&rewrite.index) {
                continue;
            }
            told.push(rewrite.index);
            let message = "no output takes the records that stay under their old tag";
            let finding = RULE.at(rewrite.filter.place(&rewrite.rule.span), message);
            let finding = match is_everything(&rewrite.regex) {
                true => finding.label("not every record has this field as a text; those that have not stay"),
                false => finding.label("records that do not match stay").severity(Severity::Info),
            };
            found.push(finding.help(format!("add an [OUTPUT] with Match {} as well", rewrite.from)));
        }
    }
}
