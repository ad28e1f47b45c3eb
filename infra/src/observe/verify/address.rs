//! The public address of a task of the stack's service.
use crate::{
    Aws, Error, Result, Stack,
    aws::error::Call as _,
    stack::{Run, Service},
};
use aws_sdk_ecs::types::{DesiredStatus, Task};

/// `http://ADDRESS:PORT/` of a task that runs.
///
/// # Errors
/// When the stack runs no service of its own, its tasks have no public address or no port, or none runs.
pub async fn public_address(stack: &Stack, aws: &Aws) -> Result<String> {
    let port = port(stack)?;
    let (cluster, service) = (stack.cluster(), stack.service());
    let tasks = aws.ecs().list_tasks().cluster(&cluster).service_name(&service).desired_status(DesiredStatus::Running);
    let tasks = tasks.send().await.call("ecs:ListTasks", &service)?.task_arns.unwrap_or_default();
    if tasks.is_empty() {
        return Err(none(&format!("no task of the service {service} runs")));
    }
    let tasks = aws.ecs().describe_tasks().cluster(&cluster).set_tasks(Some(tasks)).send().await;
    let tasks = tasks.call("ecs:DescribeTasks", &service)?;
    let running = tasks.tasks().iter().filter(|task| task.last_status() == Some("RUNNING"));
    let interfaces: Vec<&str> = running.filter_map(interface).collect();
    if interfaces.is_empty() {
        return Err(none(&format!("no task of the service {service} is there yet")));
    }
    let interfaces = aws.network_interfaces("network-interface-id", &interfaces).await?;
    let address = interfaces.into_iter().find_map(|interface| interface.public_ip);
    let address = address.ok_or_else(|| none(&format!("no task of the service {service} has a public address")))?;
    Ok(format!("http://{address}:{port}/"))
}

fn port(stack: &Stack) -> Result<u16> {
    match &stack.run {
        Run::Own(Service { public_ip: false, .. }) => Err(none("the tasks have no public address (public_ip)")),
        Run::Own(Service { port: Some(port), .. }) => Ok(*port),
        Run::Own(_) => Err(none("the app has no `port`")),
        Run::Existing(_) | Run::None => Err(none("the stack runs no service of its own")),
    }
}

fn none(why: &str) -> Error {
    Error::new(format!("there is no address to send a request to: {why}"))
        .help("say one with --url, or send it yourself and give its mark with --mark")
}

/// That of a task in network mode awsvpc (Amazon ECS API reference, "Attachment").
fn interface(task: &Task) -> Option<&str> {
    let attachments =
        task.attachments().iter().filter(|attachment| attachment.r#type() == Some("ElasticNetworkInterface"));
    let details = attachments.flat_map(|attachment| attachment.details());
    details.filter(|detail| detail.name() == Some("networkInterfaceId")).find_map(|detail| detail.value())
}
