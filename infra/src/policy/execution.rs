//! The task execution role: what the ECS agent does before and beside the containers.
//!
//! Source: Amazon ECS developer guide, "Task execution IAM role" and "Sending sensitive data". Pulling from a repository
//! that is encrypted needs no right on the key: ECR has a grant (ECR user guide, "Encryption at rest").
use super::{
    Document, Statement,
    keys::{Keys, Via},
};
use crate::{
    Kind, Place, Stack,
    partition::EcrHost,
    stack::{Registry, Run},
};
use serde_json::Value;
use std::collections::BTreeSet;

const PULL: [&str; 3] = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];

/// For a service that is there, only what the router's container adds.
pub fn document(stack: &Stack, place: &Place) -> Document {
    let repositories = repositories(stack, place);
    let (secrets, parameters) = secrets(stack, place);
    let mut keys = Keys::default();
    // Which of them each is encrypted with, only KMS knows.
    let all: BTreeSet<&String> = stack.kms_key.iter().chain(&stack.secret_keys).collect();
    for key in all {
        if !secrets.is_empty() {
            keys.add(Via::SecretsManager, Some(key), secrets.clone());
        }
        if !parameters.is_empty() {
            keys.add(Via::Ssm, Some(key), parameters.clone());
        }
    }
    let login = match repositories.is_empty() {
        true => Vec::new(),
        false => vec!["*".to_string()],
    };
    let groups = log_groups(stack).iter().map(|group| super::log_streams(place, group)).collect();
    let statements = [
        Statement::allow("RegistryLogin", &["ecr:GetAuthorizationToken"], login),
        Statement::allow("Images", &PULL, repositories),
        Statement::allow("ContainerLogs", &["logs:CreateLogStream", "logs:PutLogEvents"], groups),
        Statement::allow("Secrets", &["secretsmanager:GetSecretValue"], secrets),
        Statement::allow("Parameters", &["ssm:GetParameters"], parameters),
    ];
    let statements = statements.into_iter().filter_map(Statement::if_any);
    Document::new(statements.chain(keys.statements(place)).collect())
}

/// Tasks of ECS may take it.
pub fn trust(_: &Stack, place: &Place) -> Document {
    super::tasks_trust(place)
}

/// The containers of a service of ours.
fn containers(stack: &Stack) -> &[Value] {
    let containers = match &stack.run {
        Run::Own(service) => service.task_definition["containerDefinitions"].as_array(),
        Run::Existing(_) | Run::None => None,
    };
    containers.map_or(&[], Vec::as_slice)
}

/// Of the router's image, and of the app's images in ECR: `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`.
fn repositories(stack: &Stack, place: &Place) -> Vec<String> {
    let ours = match stack.registry {
        Registry::Ecr { .. } => Some(Kind::Repository.arn(place, &stack.repository())),
        Registry::Other(_) => None,
    };
    let images = containers(stack).iter().filter_map(|container| container["image"].as_str());
    let all: BTreeSet<String> = ours.into_iter().chain(images.filter_map(in_ecr)).collect();
    all.into_iter().collect()
}

fn in_ecr(image: &str) -> Option<String> {
    let (host, name) = image.split_once('/')?;
    let host = EcrHost::parse(host)?;
    let name = name.split(['@', ':']).next()?;
    Some(Kind::Repository.arn(&Place::of(host.account, host.region), name))
}

/// Of the router, and of the containers that write through `awslogs` themselves.
fn log_groups(stack: &Stack) -> BTreeSet<String> {
    let own = containers(stack).iter().filter_map(|container| {
        let log = &container["logConfiguration"];
        (log["logDriver"] == "awslogs").then(|| log["options"]["awslogs-group"].as_str()).flatten()
    });
    own.map(str::to_string).chain([stack.router_log_group()]).collect()
}

/// The ARNs of secrets and of parameters.
pub(crate) fn secrets(stack: &Stack, place: &Place) -> (Vec<String>, Vec<String>) {
    let lists = |container: &Value| {
        let options = &container["logConfiguration"]["secretOptions"];
        [&container["secrets"], options].into_iter().filter_map(Value::as_array).flatten().cloned().collect::<Vec<_>>()
    };
    let named = containers(stack).iter().flat_map(lists);
    let named = named.filter_map(|secret| secret["valueFrom"].as_str().map(str::to_string));
    let pull = containers(stack).iter();
    let pull = pull.filter_map(|container| container["repositoryCredentials"]["credentialsParameter"].as_str());
    let all = stack.secrets.iter().cloned().chain(named).chain(pull.map(str::to_string));
    let all: BTreeSet<String> = all.map(|from| resource(&from, place)).collect();
    all.into_iter().partition(|arn| arn.split(':').nth(2) == Some("secretsmanager"))
}

/// The ARN of what `valueFrom` names: a parameter of the region by its name, or an ARN, behind which a secret's JSON key,
/// stage and version may stand.
fn resource(from: &str, place: &Place) -> String {
    if !from.starts_with("arn:") {
        return place.arn("ssm", &format!("parameter/{}", from.trim_start_matches('/')));
    }
    let parts = if from.split(':').nth(2) == Some("secretsmanager") { 7 } else { usize::MAX };
    from.split(':').take(parts).collect::<Vec<_>>().join(":")
}
