//! Why tasks do not run: what ECS says of those that stopped, and the last that the router said.
use crate::{Aws, Result, aws::error::Call as _};
use aws_sdk_cloudwatchlogs::types::OrderBy;
use aws_sdk_ecs::types::{Container, DesiredStatus, Task};

/// So many tasks are told of; they stop for the same reason mostly.
const TASKS: usize = 3;

/// What ListTasks and DescribeTasks take at once.
const LISTED: i32 = 100;

/// Lines of the router's log.
const LINES: i32 = 20;

/// Line by line. What cannot be asked for is said, too.
pub(super) async fn details(aws: &Aws, cluster: &str, service: &str, revision: &str, log_group: &str) -> Vec<String> {
    let tasks = stopped(aws, cluster, service, revision).await;
    let ids: Vec<String> = tasks.as_ref().map_or(Vec::new(), |tasks| tasks.iter().map(id).collect());
    let mut lines = match tasks {
        Ok(tasks) => tasks.iter().take(TASKS).flat_map(of_task).collect(),
        Err(error) => vec![error.to_string()],
    };
    match last_lines(aws, log_group, &ids).await {
        Ok(last) if last.is_empty() => {}
        Ok(last) => {
            lines.push(format!("the last lines in {log_group}:"));
            lines.extend(last.into_iter().map(|line| format!("  {line}")));
        }
        Err(error) => lines.push(error.to_string()),
    }
    lines
}

/// The tasks of the revision that stopped within the last hour, the last one first.
async fn stopped(aws: &Aws, cluster: &str, service: &str, revision: &str) -> Result<Vec<Task>> {
    let list = aws.ecs().list_tasks().cluster(cluster).service_name(service).max_results(LISTED);
    let arns = list.desired_status(DesiredStatus::Stopped).send().await.call("ecs:ListTasks", service)?.task_arns;
    let Some(arns) = arns.filter(|arns| !arns.is_empty()) else { return Ok(Vec::new()) };
    let tasks = aws.ecs().describe_tasks().cluster(cluster).set_tasks(Some(arns)).send().await;
    let mut tasks = tasks.call("ecs:DescribeTasks", service)?.tasks.unwrap_or_default();
    tasks.retain(|task| task.task_definition_arn() == Some(revision));
    tasks.sort_by_key(|task| task.stopped_at().map(|time| std::cmp::Reverse(time.as_nanos())));
    Ok(tasks)
}

fn id(task: &Task) -> String {
    task.task_arn().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_string()
}

fn of_task(task: &Task) -> Vec<String> {
    let reason = task.stopped_reason().unwrap_or("ECS gives no reason");
    let mut lines = vec![format!("task {} stopped: {reason}", id(task))];
    lines.extend(task.containers().iter().filter_map(of_container));
    lines
}

fn of_container(container: &Container) -> Option<String> {
    let code = container.exit_code().map(|code| format!("exit code {code}"));
    let reason = container.reason().map(str::to_string);
    let said: Vec<String> = code.into_iter().chain(reason).collect();
    (!said.is_empty()).then(|| format!("  container {}: {}", container.name().unwrap_or_default(), said.join(", ")))
}

/// Of the log stream of one of the tasks, else of the last that was written to.
async fn last_lines(aws: &Aws, group: &str, tasks: &[String]) -> Result<Vec<String>> {
    let streams = aws.logs().describe_log_streams().log_group_name(group).order_by(OrderBy::LastEventTime);
    let streams = match streams.descending(true).send().await.call("logs:DescribeLogStreams", group) {
        Err(error) if error.is("ResourceNotFoundException") => return Ok(Vec::new()),
        answer => answer?.log_streams.unwrap_or_default(),
    };
    let names: Vec<String> = streams.into_iter().filter_map(|stream| stream.log_stream_name).collect();
    let of_task = names.iter().find(|name| tasks.iter().any(|task| name.ends_with(task)));
    let Some(stream) = of_task.or(names.first()) else { return Ok(Vec::new()) };
    let events = aws.logs().get_log_events().log_group_name(group).log_stream_name(stream).limit(LINES);
    let events = events.start_from_head(false).send().await.call("logs:GetLogEvents", group)?;
    Ok(events.events().iter().filter_map(|event| event.message()).map(|line| line.trim_end().to_string()).collect())
}
