//! How a stack is: its service, its tasks, the last record at each destination, and what could not be delivered.
use crate::{Aws, Result, Stack};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

mod arrival;
mod errors;
pub(crate) mod rights;
mod router;
mod service;

pub use arrival::{Arrival, Last};
pub use errors::ErrorLine;
pub use router::{Deployed, Router, State};
pub use service::{Container, Deployment, Service, Task};

/// A stack as it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub stack: String,
    /// Nothing is wrong.
    pub healthy: bool,
    /// What is wrong, in words.
    pub problems: Vec<String>,
    /// Nothing when the stack runs none.
    pub service: Option<Service>,
    pub tasks: Vec<Task>,
    pub destinations: Vec<Arrival>,
    /// What Firehose could not deliver in the last hour, the newest last.
    pub delivery_errors: Vec<ErrorLine>,
    /// What the router's log says of errors in the last hour, the newest last. It retries: an error there is no loss yet.
    pub router_errors: Vec<ErrorLine>,
}

/// How far back errors are looked for.
const ERRORS_SINCE: SignedDuration = SignedDuration::from_hours(1);

/// Asks AWS, all at once.
///
/// # Errors
/// When a question is refused. What is not there yet is no error.
pub async fn read(stack: &Stack, aws: &Aws) -> Result<Status> {
    let since = Timestamp::now() - ERRORS_SINCE;
    let (running, destinations, delivery_errors, router_errors) = futures::try_join!(
        service::read(stack, aws),
        arrival::read(stack, aws),
        errors::of_firehose(stack, aws, since),
        errors::of_router(stack, aws, since),
    )?;
    let (service, tasks) = running.unzip();
    let tasks = tasks.unwrap_or_default();
    let mut problems = service.as_ref().map(Service::problems).unwrap_or_default();
    problems.extend(tasks.iter().flat_map(Task::problems));
    problems.extend(destinations.iter().filter_map(Arrival::problem));
    if let Some(last) = delivery_errors.last() {
        problems.push(format!("Firehose could not deliver, the last time at {}", last.time));
    }
    Ok(Status {
        stack: stack.name.clone(),
        healthy: problems.is_empty(),
        problems,
        service,
        tasks,
        destinations,
        delivery_errors,
        router_errors,
    })
}
