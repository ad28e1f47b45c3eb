use super::*;

rule!("FLK037", "auto-create-group", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        let cloudwatch =
            pipeline.plugin_name(output).is_some_and(|name| ["cloudwatch_logs", "cloudwatch"].contains(&name.as_str()));
        let Some(entry) = output.last("auto_create_group").filter(|_| cloudwatch) else { continue };
        if pipeline.value(entry).is_some_and(|value| is_on(&value)) {
            let finding = RULE.at(output.place(entry.value.span()), "the router makes log groups by itself");
            let finding = finding.label("needs logs:CreateLogGroup; no retention, no encryption");
            found.push(finding.help("make the group up front, with its retention, and write auto_create_group off"));
        }
    }
}
