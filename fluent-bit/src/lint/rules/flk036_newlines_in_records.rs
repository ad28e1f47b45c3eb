use super::*;

rule!("FLK036", "newlines-in-records", Warning, check);

/// The outputs that write one record a line.
const LINES: [&str; 3] = ["kinesis_firehose", "kinesis_streams", "s3"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output, joins) in joined_outputs(context) {
        let lines = pipeline.plugin_name(output).is_some_and(|name| LINES.contains(&name.as_str()));
        let Some(entry) = output.last("log_key").filter(|_| lines) else { continue };
        let finding =
            RULE.at(output.place(&entry.key.span), "a record with newlines in it is written as several lines");
        let finding = finding.label("the field is sent as it is").related(name_place(joins), "newlines come from here");
        found.push(finding.help("take log_key away: as JSON, a newline within a record is \\n"));
    }
}
