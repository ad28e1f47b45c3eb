//! AWS::ECS::Service
use super::OwnService;
use crate::{
    Id, Kind, Result,
    export::cloudformation::{
        Declaration, Draft,
        attributes::Attributes,
        expression::{attribute, reference},
        image,
        parameter::{Parameter, Subject},
    },
};
use serde_json::{Value, json};

pub(super) fn declarations(service: &OwnService, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let id = draft.id_of(service)?;
    let mut attributes = Attributes::of(service);
    // AWS's answer, not a setting.
    attributes.take("rollout_state");
    attributes.take("task_definition");
    let group = attribute(draft.id(&service.security_group)?, "GroupId");
    let resource = Declaration::of(Kind::Service)
        .why("Runs the app and, beside it, the router of its lines.")
        .on(image::needed(draft))
        .depends_on(destinations(service, draft))
        .with("Cluster", reference(draft.id(&Id::new(Kind::Cluster, &service.cluster))?))
        .with("ServiceName", service.name.as_str())
        .with("TaskDefinition", reference(draft.id(&service.task_definition)?))
        .with("DesiredCount", desired_count(attributes.take("desired_count"), draft))
        .with("LaunchType", "FARGATE")
        .with("PlatformVersion", attributes.take("platform_version"))
        .with("NetworkConfiguration", network(service, &mut attributes, group, draft))
        .with("DeploymentConfiguration", deployment(&attributes.take("deployment_configuration")))
        .with("DeploymentController", json!({ "Type": "ECS" }))
        .with("PropagateTags", attributes.take("propagate_tags"))
        .with("EnableECSManagedTags", true)
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(id, resource)])
}

/// What the router writes to is there before it.
fn destinations(service: &OwnService, draft: &Draft<'_>) -> Vec<String> {
    service.destinations.iter().filter_map(|id| draft.ids.get(id).map(str::to_string)).collect()
}

/// Without one, ECS starts with one task, and an update leaves the count to whoever scales it.
fn desired_count(count: Value, draft: &mut Draft<'_>) -> Value {
    if count.is_null() {
        return count;
    }
    let parameter = Parameter {
        subject: Subject::Tasks,
        kind: "Number",
        description: "How many tasks run.".into(),
        default: Some(count),
        constraints: vec![("MinValue", 0.into())],
    };
    draft.parameters.add("DesiredCount", parameter)
}

fn network(service: &OwnService, attributes: &mut Attributes, ours: Value, draft: &mut Draft<'_>) -> Value {
    let subnets = attributes.take("subnets");
    let subnets = subnets.as_array().map(|all| all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","));
    let subnets = Parameter {
        subject: Subject::Network,
        kind: "List<AWS::EC2::Subnet::Id>",
        description: "The subnets of the tasks.".into(),
        default: subnets.map(Value::from),
        constraints: Vec::new(),
    };
    let public_ip = attributes.take("assign_public_ip") == true;
    let public_ip = Parameter {
        subject: Subject::Network,
        kind: "String",
        description: "Tasks have public addresses: in public subnets they reach AWS and registries in no other way."
            .into(),
        default: Some(if public_ip { "ENABLED" } else { "DISABLED" }.into()),
        constraints: vec![("AllowedValues", json!(["ENABLED", "DISABLED"]))],
    };
    // Ours is among them.
    attributes.take("security_groups");
    let groups =
        service.network.security_groups.iter().enumerate().map(|(at, group)| other_group(at + 1, group, draft));
    let groups: Vec<Value> = groups.collect();
    json!({ "AwsvpcConfiguration": {
        "Subnets": draft.parameters.add("SubnetIds", subnets),
        "SecurityGroups": groups.into_iter().chain([ours]).collect::<Vec<_>>(),
        "AssignPublicIp": draft.parameters.add("AssignPublicIp", public_ip),
    } })
}

/// A security group of the user's.
fn other_group(number: usize, group: &str, draft: &mut Draft<'_>) -> Value {
    let parameter = Parameter {
        subject: Subject::Network,
        kind: "AWS::EC2::SecurityGroup::Id",
        description: "A security group that the tasks are in besides the stack's own.".into(),
        default: Some(group.into()),
        constraints: Vec::new(),
    };
    draft.parameters.add(format!("SecurityGroupId{number}"), parameter)
}

fn deployment(wanted: &Value) -> Value {
    json!({
        "DeploymentCircuitBreaker": { "Enable": wanted["circuit_breaker"], "Rollback": wanted["rollback"] },
        "MinimumHealthyPercent": wanted["minimum_healthy_percent"],
        "MaximumPercent": wanted["maximum_percent"],
    })
}
