//! A template gives what a deploy gives: the names, the task definition, and the rights, in every partition.
use crate::{
    evaluate::Evaluation,
    stacks::{self, Example},
};
use firelens_infra::{
    Kind, Place,
    export::symbol,
    model,
    policy::{Document, meaning::meaning},
    resource::{Known, role::Role, task_definition::TaskDefinition},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const IMAGE: &str =
    "registry.example.com/router@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn places() -> [Place; 3] {
    ["eu-west-1", "cn-north-1", "us-gov-west-1"].map(|region| Place::of("123456789012", region))
}

fn evaluation<'a>(template: &'a Value, place: &'a Place) -> Evaluation<'a> {
    let given = [("RouterImage", IMAGE), ("VpcId", "vpc-1"), ("SubnetIds", "subnet-1,subnet-2")];
    Evaluation { template, place, parameters: BTreeMap::from(given) }
}

/// The evaluated resources of a type, by the property that names them.
fn by_name(evaluation: &Evaluation, kind: &str, name: &str) -> BTreeMap<String, Value> {
    let resources = evaluation.template["Resources"].as_object().unwrap().iter();
    let properties = resources.filter(|(_, resource)| resource["Type"] == kind);
    let properties = properties.map(|(id, _)| evaluation.properties(id));
    properties.map(|properties| (properties[name].as_str().unwrap().to_string(), properties)).collect()
}

fn everywhere(test: impl Fn(&Example, &Place, &Evaluation)) {
    for example in stacks::all() {
        let template = example.template();
        for place in places() {
            test(&example, &place, &evaluation(template.value(), &place));
        }
    }
}

#[test]
fn roles_may_what_those_of_a_deploy_may() {
    everywhere(|example, place, evaluation| {
        let mut roles = by_name(evaluation, "AWS::IAM::Role", "RoleName");
        for resource in model::resources(&example.stack(place), place) {
            let Some(role) = resource.downcast::<Role>() else { continue };
            let exported = roles.remove(&role.name).unwrap_or_else(|| panic!("{}: no {}", example.name, role.name));
            let means = |document: &Document| meaning(&serde_json::to_value(document).unwrap());
            assert_eq!(meaning(&exported["AssumeRolePolicyDocument"]), means(&role.trust), "{}", role.name);
            match role.policy.is_empty() {
                true => assert!(exported.get("Policies").is_none()),
                false => {
                    assert_eq!(
                        meaning(&exported["Policies"][0]["PolicyDocument"]),
                        means(&role.policy),
                        "{}",
                        role.name
                    );
                    assert_eq!(exported["Policies"].as_array().unwrap().len(), 1);
                }
            }
            assert_eq!(exported["Path"], role.path);
            assert_eq!(exported["PermissionsBoundary"].as_str(), role.permissions_boundary.as_deref());
            assert!(exported.get("ManagedPolicyArns").is_none());
        }
        assert!(roles.is_empty(), "{}: {roles:?}", example.name);
    });
}

/// What stands in the template for account, region and partition becomes what a deploy there says.
#[test]
fn a_template_for_everywhere_is_the_one_for_each_place() {
    everywhere(|example, place, evaluation| {
        let literal = example.template_for(place);
        assert!(!literal.value().to_string().contains("AWS::AccountId"));
        let literal = Evaluation { template: literal.value(), parameters: evaluation.parameters.clone(), place };
        let both = resources(evaluation).into_iter().zip(resources(&literal));
        both.for_each(|(everywhere, there)| assert_eq!(everywhere, there));
        assert_eq!(resources(evaluation).len(), resources(&literal).len());
    });
}

/// Types and properties. Ids within a template follow from names, as far as those are known.
fn resources(evaluation: &Evaluation) -> Vec<(Value, Value)> {
    let resources = evaluation.template["Resources"].as_object().unwrap().iter();
    resources.map(|(id, resource)| (resource["Type"].clone(), in_order(evaluation.properties(id)))).collect()
}

/// Lists of texts (actions, ARNs) mean the same in any order, and are in that of the texts before they were known.
fn in_order(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.iter().all(Value::is_string) => {
            items.sort_by_key(ToString::to_string);
            items.into()
        }
        Value::Array(items) => items.into_iter().map(in_order).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name, in_order(member))).collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

#[test]
fn buckets_have_the_names_and_the_lock_of_a_deploy() {
    everywhere(|example, place, evaluation| {
        let mut buckets = by_name(evaluation, "AWS::S3::Bucket", "BucketName");
        let policies = by_name(evaluation, "AWS::S3::BucketPolicy", "Bucket");
        for bucket in model::resources(&example.stack(place), place) {
            let id = bucket.id();
            if id.kind != Kind::Bucket {
                continue;
            }
            assert!(buckets.remove(&id.name).is_some(), "{id}");
            let policy = &bucket.wanted(&Known::default())["policy"];
            // What a deploy wants is in that form already.
            assert_eq!(meaning(&policies[&id.name]["PolicyDocument"]), *policy);
        }
        assert!(buckets.is_empty());
    });
}

/// Turned back into ECS's own names, it is what a deploy registers.
#[test]
fn the_task_definition_is_the_one_that_a_deploy_registers() {
    everywhere(|example, place, evaluation| {
        let resources = model::resources(&example.stack(place), place);
        let definition = resources.iter().find_map(|resource| resource.downcast::<TaskDefinition>());
        let Some(definition) = definition else { return };
        let mut exported = api(&evaluation.properties("TaskDefinition"));
        exported.as_object_mut().unwrap().shift_remove("tags");
        let mut registered = definition.input.clone();
        registered["family"] = json!(definition.family);
        for container in registered["containerDefinitions"].as_array_mut().unwrap() {
            if container["image"].as_str().unwrap().ends_with(symbol::IMAGE) {
                container["image"] = json!(IMAGE);
            }
        }
        assert_eq!(exported, registered, "{}", example.name);
    });
}

/// ECS's names begin with a small letter; what the user named stays.
fn api(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| {
                let small = name[..1].to_lowercase() + &name[1..];
                let member =
                    if ["options", "dockerLabels"].contains(&small.as_str()) { member.clone() } else { api(member) };
                (small, member)
            });
            members.collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(api).collect(),
        other => other.clone(),
    }
}

/// A log group, a bucket or a stream that the user's lines are in outlives the stack; nothing else does.
#[test]
fn data_is_retained_and_nothing_else() {
    everywhere(|example, place, evaluation| {
        let retained = |kind: &str, name: &str| -> BTreeMap<String, bool> {
            let resources = evaluation.template["Resources"].as_object().unwrap().iter();
            let those = resources.filter(|(_, resource)| resource["Type"] == kind);
            let those = those.map(|(id, resource)| {
                // What a first create that fails would leave behind is in the way of the second.
                let policies = (resource["DeletionPolicy"].as_str(), resource["UpdateReplacePolicy"].as_str());
                let known =
                    [("RetainExceptOnCreate", "Retain"), ("Delete", "Delete")].map(|(one, two)| (Some(one), Some(two)));
                assert!(known.contains(&policies), "{id}: {policies:?}");
                let name = evaluation.properties(id)[name].as_str().unwrap().to_string();
                (name, resource["UpdateReplacePolicy"] == "Retain")
            });
            those.collect()
        };
        let groups = retained("AWS::Logs::LogGroup", "LogGroupName");
        let buckets = retained("AWS::S3::Bucket", "BucketName");
        let streams = retained("AWS::Kinesis::Stream", "Name");
        for resource in model::resources(&example.stack(place), place) {
            let of_its_kind = match resource.id().kind {
                Kind::LogGroup => &groups,
                Kind::Bucket => &buckets,
                Kind::DataStream => &streams,
                _ => continue,
            };
            assert_eq!(of_its_kind[&resource.id().name], resource.holds_data(), "{}", resource.id());
        }
    });
}
