use super::*;
use crate::{firelens::LOG_OPTIONS, task_definition::Pair};

rule!("FLK054", "options-of-another-driver", Error, check);

/// What awslogs takes beside `awslogs-…`.
const AWSLOGS: [&str; 2] = ["mode", "max-buffer-size"];

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in &context.tasks {
        for container in task.definition.apps().chain(task.definition.routers()) {
            let Some(log) = &container.log_configuration else { continue };
            for pair in log.options.iter().flat_map(|options| options.iter()) {
                let message = match container.log_driver() {
                    Some(firelens::DRIVER) if is_awslogs(pair) => "an option of the log driver awslogs",
                    Some("awslogs") if !is_awslogs(pair) && !AWSLOGS.contains(&pair.name.value.as_str()) => {
                        "the log driver awslogs has no such option"
                    }
                    _ => continue,
                };
                let finding = RULE.at(Place::new(task.file, &pair.name.span), message).label("the task does not start");
                let finding = finding.related(driver_place(task, container), "the driver is this one");
                found.push(finding.help(match LOG_OPTIONS.contains(&pair.name.value.as_str()) || !is_awslogs(pair) {
                    true => "options of an output belong to the driver awsfirelens",
                    false => "for a log group, awsfirelens needs the output cloudwatch_logs with log_group_name",
                }));
            }
        }
    }
}

fn is_awslogs(pair: &Pair) -> bool {
    pair.name.value.starts_with("awslogs-")
}
