//! A name that is taken by something that is not the stack's: what it is, and how to go on.
use super::Problem;
use crate::{
    Id, Kind,
    names::{LOG_GROUP_ROOT, STACK_TAG},
    resource::{Found, Owner},
};
use serde_json::Value;

pub(super) fn problem(id: Id, found: &Found) -> Problem {
    let (message, help) = match &found.owner {
        Owner::Stack(other) => (
            format!("belongs to the stack `{other}`"),
            "give it another name here; what carries another stack's tag is never changed".to_string(),
        ),
        Owner::Region(region) => (
            format!("belongs to the stack of this name in {region}: roles are the same for all regions"),
            format!("to change that stack, use --region {region}; to make a second one, give it another `name`"),
        ),
        _ => (format!("is there already, and was not made by this stack{}", what(&id, found)), help(&id, found)),
    };
    Problem { id, message, help }
}

/// What can be told of it besides its kind and its name.
fn what(id: &Id, found: &Found) -> String {
    match id.kind {
        Kind::TaskDefinition => {
            let containers = found.attributes["containerDefinitions"].as_array().into_iter().flatten();
            let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
            let containers: Vec<String> =
                containers.map(|one| format!("`{}` ({})", text(&one["name"]), text(&one["image"]))).collect();
            format!(": its latest revision, {}, has {}", revision(found), containers.join(", "))
        }
        Kind::Role => match found.attributes["path"].as_str() {
            Some(path) => format!(": its path is {path}"),
            None => String::new(),
        },
        _ => String::new(),
    }
}

fn revision(found: &Found) -> &str {
    found.physical.as_deref().and_then(|arn| arn.rsplit('/').next()).unwrap_or_default()
}

/// Other names, and what else helps. What has lost its tag is the stack's again with it.
fn help(id: &Id, found: &Found) -> String {
    let name = &id.name;
    let rename = "give the stack another `name` in firelens.toml";
    let tag = |how: &str| format!("; if the stack made it and its tag {STACK_TAG} is lost, tag it again: {how}");
    match id.kind {
        Kind::TaskDefinition => format!(
            "{rename}; or, if a service of yours runs it, name that service in [stack.existing]; or deregister its revisions: aws ecs \
             deregister-task-definition --task-definition {}",
            revision(found)
        ),
        Kind::Repository => format!(
            "{rename}; or use a repository of yours: `repository` in [stack]; or delete it: aws ecr delete-repository \
             --repository-name {name}{}",
            tag("aws ecr tag-resource")
        ),
        Kind::Role => format!("{rename}; or delete the role{}", tag("aws iam tag-role")),
        Kind::Cluster | Kind::Service => {
            format!(
                "{rename}; or put the router into a service of yours: [stack.existing]{}",
                tag("aws ecs tag-resource")
            )
        }
        Kind::SecurityGroup => format!("{rename}; or delete the security group{}", tag("aws ec2 create-tags")),
        Kind::LogGroup if name.starts_with(LOG_GROUP_ROOT) => {
            format!("{rename}; or delete the log group{}", tag("aws logs tag-resource"))
        }
        _ => "give it another name, or write `existing = true` in its destination to use it as it is".to_string(),
    }
}
