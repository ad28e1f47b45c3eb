use super::*;
use crate::destination::Longest;

rule!("FLK035", "record-size", Warning, check);

/// What a multi-line parser joins at most, unless `multiline_buffer_limit` says otherwise.
const JOINED: u64 = 2_000_000;

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output, joins) in joined_outputs(context) {
        let name = pipeline.plugin_name(output).unwrap_or_default();
        let Some(longest) = known_output(&name).and_then(|known| known.longest) else { continue };
        let Longest { bytes: limit, fate } = longest(context.version);
        let joined = pipeline.setting_value("multiline_buffer_limit").and_then(|value| size(&value)).unwrap_or(JOINED);
        if joined <= limit {
            continue;
        }
        let message = format!("`{name}` {fate} what is over {limit} bytes; lines are joined up to {joined}");
        let finding = RULE.at(name_place(output), message).label("long records do not arrive whole");
        let finding = finding.related(name_place(joins), "joined here");
        found.push(finding.help(format!("write multiline_buffer_limit {}K in [SERVICE]", limit / 1000 / 100 * 90)));
    }
}
