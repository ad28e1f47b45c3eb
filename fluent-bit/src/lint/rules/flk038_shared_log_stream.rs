use super::*;
use crate::destination::cloudwatch_logs;

rule!("FLK038", "shared-log-stream", Remark, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output) in context.outputs().filter(|(pipeline, _)| pipeline.firelens) {
        let cloudwatch = destination(pipeline, output) == Some(&cloudwatch_logs::DESCRIPTION);
        let Some(text) = output.last("log_stream_name").and_then(Entry::text).filter(|_| cloudwatch) else { continue };
        if !text.text.contains('$') && output.get("log_stream_template").is_none() {
            let finding = RULE.at(output.place(&text.span), "all tasks write into one log stream");
            let finding = finding.label("nobody can tell whose line it is");
            found.push(finding.help("write log_stream_prefix instead: the tag, with the task's id, comes behind it"));
        }
    }
}
