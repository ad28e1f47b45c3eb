use super::*;
use crate::firelens::LOG_OPTIONS;

rule!("FLK073", "option-with-space", Warning, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in &context.tasks {
        for pair in task.definition.firelens_apps().flat_map(options) {
            let Some((key, rest)) = pair.name.value.split_once(' ') else { continue };
            if LOG_OPTIONS.contains(&pair.name.value.as_str()) {
                continue;
            }
            let value = format!("{rest} {}", pair.value.value);
            let message = format!("FireLens writes `{} {}` into the output", pair.name.value, pair.value.value);
            let finding = RULE.at(Place::new(task.file, &pair.name.span), message);
            let finding = finding.label(format!("sets `{key}` to `{}`", value.trim()));
            found.push(finding.help(format!("name the option `{key}`, and write its value behind the colon")));
        }
    }
}
