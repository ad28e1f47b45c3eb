use super::*;
use crate::destination::cloudwatch_logs;

rule!("FLK039", "log-group-template", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in
        context.outputs().filter(|(pipeline, output)| pipeline.is(output, cloudwatch_logs::DESCRIPTION.plugin))
    {
        for name in ["log_group_name", "log_stream_name", "log_stream_prefix"] {
            let Some(text) = output.last(name).and_then(Entry::text) else { continue };
            let fields = text.text.replace("${", "");
            if fields.contains("$(")
                || (fields.contains('$') && pipeline.resolve(text).is_none_or(|it| it.contains('$')))
            {
                let finding = RULE.at(output.place(&text.span), format!("`{name}` is no template"));
                let finding = finding.label("taken as it stands, the $ too");
                let template = if name == "log_group_name" { "log_group_template" } else { "log_stream_template" };
                found.push(
                    finding.help(format!("write {template} with $field, and a plain {name} for records without it")),
                );
            }
        }
    }
}
