use super::*;
use crate::firelens::LOG_OPTIONS;

rule!("FLK053", "options-without-name", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in &context.tasks {
        let wanted = if task.definition.fluentd() { "@type" } else { "Name" };
        for container in task.definition.firelens_apps() {
            let Some(options) = container.log_configuration.as_ref().and_then(|log| log.options.as_ref()) else {
                continue;
            };
            let own = |name: &str| !LOG_OPTIONS.contains(&name) && !name.starts_with("awslogs-");
            let mut plugin = options.iter().filter(|pair| own(&pair.name.value));
            let name = options.iter().find(|pair| pair.name.value.eq_ignore_ascii_case(wanted));
            match (plugin.next(), name) {
                (Some(first), None) => {
                    let finding = RULE.at(
                        Place::new(task.file, &first.name.span),
                        format!("options of an output without `{wanted}`"),
                    );
                    found.push(
                        finding
                            .label("the task does not start")
                            .help(format!("add \"{wanted}\": the output that these options are for")),
                    );
                }
                (_, Some(pair)) if pair.name.value != wanted => {
                    let message = format!("`{}` is not `{wanted}` to FireLens", pair.name.value);
                    let finding =
                        RULE.at(Place::new(task.file, &pair.name.span), message).label("the task does not start");
                    let span = pair.name.span.start + 1..pair.name.span.end - 1;
                    let edit = Edit { place: Place::new(task.file, &span), text: wanted.to_string() };
                    found.push(
                        finding.help(format!("write {wanted}")).fix(format!("{} -> {wanted}", pair.name.value), [edit]),
                    );
                }
                _ => {}
            }
        }
    }
}
