//! `[stack]`: what a deploy makes beside the destinations, and where.
use super::{
    aws,
    problem::{Code, Problem, Span},
    reader::{Entry, Problems, Section, Text, boolean, string},
};
use crate::keys;
use firelens_pipeline::Image;
use std::collections::BTreeMap;

mod app;
mod existing;
mod service;

pub use app::App;
pub use existing::Existing;
pub use service::{Architecture, Service};

/// What `[stack]` says, with what it leaves open filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Unless the command line or the environment says another one.
    pub region: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// The ARN of the key for everything that has none of its own.
    pub kms_key: Option<String>,
    /// ARNs of the keys that secrets and parameters are encrypted with, where it is not that one.
    pub secret_keys: Vec<String>,
    /// The ARN of a policy.
    pub permissions_boundary: Option<String>,
    /// Of the logs of the router, of Firehose and of the deploys.
    pub log_retention_days: u32,
    /// The errors in the router's own log are counted.
    pub error_metric: bool,
    /// `host/name` of a registry that is not ECR.
    pub repository: Option<String>,
    /// What the task has, where the file says it.
    pub size: Size,
    pub run: Run,
    pub places: Places,
}

/// What the task has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    /// CPU units: 1024 are one vCPU.
    pub cpu: Option<u32>,
    /// MiB
    pub memory: Option<u32>,
    /// GiB
    pub ephemeral_storage: Option<u32>,
}

/// What runs the router.
#[derive(Debug, Clone, PartialEq)]
pub enum Run {
    Own(Service),
    Existing(Existing),
    /// The destinations, the rights and the image only.
    None,
}

/// Where things were written; nowhere where they were not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    pub stack: Option<Span>,
    pub cpu: Option<Span>,
    pub memory: Option<Span>,
    pub ephemeral_storage: Option<Span>,
    /// `[stack.existing]`
    pub existing: Option<Span>,
}

impl Default for Stack {
    fn default() -> Stack {
        Stack {
            region: None,
            tags: BTreeMap::new(),
            kms_key: None,
            secret_keys: Vec::new(),
            permissions_boundary: None,
            log_retention_days: aws::USUAL_RETENTION,
            error_metric: false,
            repository: None,
            size: Size::default(),
            run: Run::None,
            places: Places::default(),
        }
    }
}

/// Reads it. `containers`: the names that `[[container]]` has.
pub fn read(entry: Entry, containers: &[Text], problems: &Problems) -> Stack {
    let mut stack = Stack::default();
    let Some(mut section) = Section::of(&keys::STACK, entry.value, problems) else { return stack };
    stack.places.stack = Some(entry.key.span());
    stack.region = section.string("region").and_then(|text| aws::region(text, problems));
    stack.tags = section.take("tags").map(|entry| aws::tags(entry, problems)).unwrap_or_default();
    stack.kms_key = section.take("kms_key").and_then(|entry| aws::kms_key(entry, problems));
    stack.secret_keys = section.take("secret_keys").map(|entry| aws::kms_keys(entry, problems)).unwrap_or_default();
    stack.permissions_boundary = section.take("permissions_boundary").and_then(|entry| aws::policy(entry, problems));
    if let Some(days) = section.take("log_retention_days").and_then(|entry| own_retention(entry, problems)) {
        stack.log_retention_days = days;
    }
    let error_metric = section.take("error_metric").and_then(|entry| boolean(entry.value, problems));
    stack.error_metric = error_metric.unwrap_or_default();
    stack.repository = section.take("repository").and_then(|entry| repository(entry, problems));
    stack.places.existing = section.get("existing").map(|entry| entry.key.span());
    stack.size = service::size(&mut section, &mut stack.places, problems);
    stack.run = run(&mut section, containers, &stack.places, problems);
    section.finish();
    stack
}

/// What only the stack itself needs does not have to be kept for ever.
fn own_retention(entry: Entry, problems: &Problems) -> Option<u32> {
    match aws::retention(entry, problems)? {
        Some(days) => Some(days),
        None => aws::refuse(entry.value.span(), "these logs are not kept for ever", "a number of days", problems),
    }
}

/// `host/name`, without a tag: the tag says what is inside.
fn repository(entry: Entry, problems: &Problems) -> Option<String> {
    let text = string(entry.value, problems)?;
    let image = Image::parse(&text.text).ok().filter(|image| image.tag.is_none() && image.digest.is_none());
    let host = text.text.split_once('/').map(|(host, _)| host);
    let is_host = host.is_some_and(|host| host.contains(['.', ':']) || host == "localhost");
    if image.is_some() && is_host {
        return Some(text.text);
    }
    let problem = Problem::error(Code::Image, text.span, format!("`{}` is no repository of a registry", text.text));
    problems
        .add(problem.label("not a repository").help("\"HOST/NAME\", without a tag; without this key it is one in ECR"));
    None
}

/// A service of ours, one that is there, or none.
fn run(section: &mut Section, containers: &[Text], places: &Places, problems: &Problems) -> Run {
    let app = section.take("app");
    let network = service::Network::take(section);
    match (app, section.take("existing")) {
        (app, Some(existing)) => {
            let ours = app.into_iter().chain(network.entries());
            ours.for_each(|entry| contradiction(entry, existing, problems));
            existing::read(existing, problems).map_or(Run::None, Run::Existing)
        }
        (Some(app), None) => {
            let apps = app::read(app, containers, problems);
            Run::Own(network.read(apps, problems))
        }
        (None, None) => {
            let sizes =
                [("cpu", &places.cpu), ("memory", &places.memory), ("ephemeral_storage", &places.ephemeral_storage)];
            let sizes = sizes.into_iter().filter_map(|(key, span)| Some((key, span.clone()?)));
            let network = network.entries().map(|entry| (entry.name(), entry.key.span()));
            for (key, span) in network.chain(sizes) {
                let problem =
                    Problem::warning(Code::Unused, span, format!("`{key}` has no effect without a [stack.app]"));
                problems.add(problem.label("not used").help("name the app's image in [stack.app]"));
            }
            Run::None
        }
    }
}

fn contradiction(entry: Entry, existing: Entry, problems: &Problems) {
    let message = format!("`{}` is a service of ours, beside one that is there", entry.name());
    let problem = Problem::error(Code::Option, entry.key.span(), message).label("the service has its own");
    problems.add(problem.related(existing.key.span(), "it is there").help("take one of the two away"));
}
