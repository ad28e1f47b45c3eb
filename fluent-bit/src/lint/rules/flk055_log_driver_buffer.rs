use super::*;
use crate::{
    lint::context::{Task, awsfirelens},
    task_definition::{Pair, mebibytes},
};

rule!("FLK055", "log-driver-buffer", Warning, check);

const OPTION: &str = "log-driver-buffer-limit";

/// Bytes that the buffers of a task may have together when its containers have no limits (ECS).
const TASK_LIMIT: u64 = 536_870_912;

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in context.tasks.iter().filter(|task| task.definition.routers().next().is_some()) {
        let mut sum: u64 = 0;
        let mut last = None;
        for container in awsfirelens(&task.definition) {
            let Some(pair) = container.log_configuration.as_ref().and_then(|log| log.option(OPTION)) else {
                let message = format!("without `{OPTION}` the log driver holds 1 MiB");
                let finding = RULE.at(driver_place(task, container), message);
                let finding = finding.label("what comes while the router is busy is lost, unseen");
                found.push(finding.help(format!("add \"{OPTION}\": \"8388608\" to the options")));
                continue;
            };
            match pair.value.value.parse::<u64>() {
                Ok(bytes) => (sum, last) = (sum.saturating_add(bytes), Some(pair)),
                Err(_) => {
                    let finding = RULE.at(Place::new(task.file, &pair.value.span), "a number of bytes is needed here");
                    found.push(finding.severity(Severity::Error).label("the task does not start"));
                }
            }
        }
        found.extend(last.and_then(|pair| too_much(task, sum, pair)));
    }
}

/// The buffers are memory of the task, beside that of its containers.
fn too_much(task: &Task, sum: u64, pair: &Pair) -> Option<Finding> {
    let place = Place::new(task.file, &pair.value.span);
    let buffers = sum.div_ceil(1 << 20);
    let limits = task.definition.containers.iter().filter_map(|it| it.memory.as_ref());
    let containers = limits.fold(0, |sum: u64, limit| sum.saturating_add(limit.value.max(0) as u64));
    let memory =
        task.definition.memory.as_ref().and_then(|memory| mebibytes(memory.as_str())).map(|it| it.max(0) as u64);
    if let Some(memory) = memory.filter(|memory| containers.saturating_add(buffers) > *memory) {
        let message = format!(
            "the buffers ({buffers} MiB) and the containers ({containers} MiB) need more than the task has ({memory} MiB)"
        );
        return Some(RULE.at(place, message).severity(Severity::Error).label("the last of these buffers"));
    }
    (sum > TASK_LIMIT && containers == 0).then(|| {
        let message = format!("the buffers of all containers are {buffers} MiB; ECS takes 512 MiB");
        RULE.at(place, message).severity(Severity::Error).label("the last of these buffers")
    })
}
