use super::*;
use crate::destination::cloudwatch_logs;

rule!("FLK037", "auto-create-group", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs() {
        let cloudwatch = destination(pipeline, output) == Some(&cloudwatch_logs::DESCRIPTION);
        let Some(entry) = output.last("auto_create_group").filter(|_| cloudwatch) else { continue };
        if pipeline.value(entry).is_some_and(|value| is_on(&value)) {
            let kept = output.last("log_retention_days").is_some();
            let finding = RULE.at(output.place(entry.value.span()), "the router makes log groups by itself");
            let finding = finding.label(match kept {
                true => "needs logs:CreateLogGroup and logs:PutRetentionPolicy",
                false => "needs logs:CreateLogGroup; what is logged is kept, and paid for, for ever",
            });
            let finding = if kept { finding.severity(Severity::Remark) } else { finding };
            found.push(finding.help("make the group up front, with its retention, and write auto_create_group off"));
        }
    }
}
