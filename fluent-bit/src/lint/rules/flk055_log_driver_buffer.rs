use super::*;
use crate::{
    lint::context::Task,
    task_definition::{Pair, mebibytes},
};

rule!("FLK055", "log-driver-buffer", Warning, check);

const OPTION: &str = firelens::DRIVER_BUFFER;

/// Lines that the log driver holds unless the option says otherwise (`fluent-logger-golang`, `defaultBufferLimit`; Docker's
/// `fluentd` driver).
const DEFAULT: u64 = 1_048_576;

/// Lines that are soon there: twenty seconds of a container that writes 500 a second.
const FEW: u64 = 10_000;

/// Bytes of a usual line with what the log driver keeps of it.
const LINE: u64 = 1_000;

fn check(context: &Context, found: &mut Vec<Finding>) {
    for task in context.tasks.iter().filter(|task| task.definition.routers().next().is_some()) {
        let mut lines: u64 = 0;
        let mut largest: Option<(u64, &Pair)> = None;
        for container in task.definition.firelens_apps() {
            let Some(pair) = container.log_configuration.as_ref().and_then(|log| log.option(OPTION)) else {
                lines = lines.saturating_add(DEFAULT);
                continue;
            };
            let place = Place::new(task.file, &pair.value.span);
            match pair.value.value.parse::<u64>() {
                Ok(number) => {
                    lines = lines.saturating_add(number);
                    largest = largest.filter(|(other, _)| *other >= number).or(Some((number, pair)));
                    found.extend((number < FEW).then(|| few(place, number)));
                }
                Err(_) => {
                    let finding = RULE.at(place, "a number of lines is needed here");
                    found.push(finding.severity(Severity::Error).label("the task does not start"));
                }
            }
        }
        found.extend(largest.and_then(|(_, pair)| memory(task, lines, pair)));
    }
}

fn few(place: Place, number: u64) -> Finding {
    let message = format!("the log driver holds {number} lines, and loses what comes while they wait");
    let finding = RULE.at(place, message).label("lines, not bytes; a restart of the router takes seconds");
    finding.help(format!("take it away: the log driver holds {DEFAULT} lines then"))
}

/// The buffers are memory of the task, beside that of its containers.
fn memory(task: &Task, lines: u64, pair: &Pair) -> Option<Finding> {
    let buffers = lines.saturating_mul(LINE).div_ceil(1 << 20);
    let memory = task.definition.memory.as_ref().and_then(|memory| mebibytes(memory.as_str()))?.max(0) as u64;
    (buffers > memory).then(|| {
        let message = format!(
            "full, the log drivers' buffers take about {buffers} MiB, with {LINE} bytes a line; the task has {memory} MiB"
        );
        let finding = RULE.at(Place::new(task.file, &pair.value.span), message).severity(Severity::Remark);
        finding.label("lines, not bytes; this is the largest").help("an outage that long ends the task, not only its log")
    })
}
