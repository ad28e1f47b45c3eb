use super::*;

rule!("FLK035", "record-size", Warning, check);

/// Bytes, and what becomes of longer records.
fn limit(context: &Context, plugin: &str) -> Option<(u64, &'static str)> {
    match plugin {
        "kinesis_firehose" => Some((1_024_000, "discards")),
        "kinesis_streams" => Some((1_048_556, "discards")),
        "cloudwatch_logs" => Some((context.version.cloudwatch_event_limit().into(), "cuts off")),
        _ => None,
    }
}

/// What a multi-line parser joins at most, unless `multiline_buffer_limit` says otherwise.
const JOINED: u64 = 2_000_000;

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output, joins) in joined_outputs(context) {
        let name = pipeline.plugin_name(output).unwrap_or_default();
        let Some((limit, fate)) = limit(context, &name) else { continue };
        let joined = pipeline.setting_value("multiline_buffer_limit").and_then(|value| bytes(&value)).unwrap_or(JOINED);
        if joined <= limit {
            continue;
        }
        let message = format!("`{name}` {fate} what is over {limit} bytes; lines are joined up to {joined}");
        let finding = RULE.at(name_place(output), message).label("long records do not arrive whole");
        let finding = finding.related(name_place(joins), "joined here");
        found.push(finding.help(format!("write multiline_buffer_limit {}K in [SERVICE]", limit / 1000 / 100 * 90)));
    }
}
