use super::*;

rule!("FLK036", "newlines-in-records", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for (pipeline, output, joins) in joined_outputs(context) {
        let name = pipeline.plugin_name(output).unwrap_or_default();
        let lines = known_output(&name).is_some_and(|known| known.one_record_a_line);
        let Some(entry) = output.last("log_key").filter(|_| lines) else { continue };
        let finding =
            RULE.at(output.place(&entry.key.span), "a record with newlines in it is written as several lines");
        let finding = finding.label("the field is sent as it is").related(name_place(joins), "newlines come from here");
        found.push(finding.help("take log_key away: as JSON, a newline within a record is \\n"));
    }
}
