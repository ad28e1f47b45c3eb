//! Outputs: names and ARNs, for those who write to the resources or read from them.
use super::{
    Draft,
    expression::{attribute, reference},
    image,
};
use crate::model::Item;
use serde_json::{Map, Value, json};

pub fn all(draft: &Draft<'_>) -> Value {
    let mut outputs = Map::new();
    for item in draft.items {
        let Some(id) = draft.ids.get(&item.resource().id()) else { continue };
        let condition =
            matches!(item, Item::TaskDefinition(_) | Item::Service(_)).then(|| image::needed(draft)).flatten();
        for (name, what, value) in of(item, id) {
            let mut output = json!({ "Description": what, "Value": value });
            if let Some(condition) = condition {
                output["Condition"] = condition.into();
            }
            outputs.insert(format!("{id}{name}"), output);
        }
    }
    outputs.into()
}

/// The end of the output's name, what it is, and where it comes from.
fn of(item: &Item, id: &str) -> Vec<(&'static str, &'static str, Value)> {
    let arn = || attribute(id, "Arn");
    match item {
        Item::LogGroup(_) => vec![("Name", "A log group's name.", reference(id)), ("Arn", "A log group's ARN.", arn())],
        Item::Bucket(_) => vec![("Name", "A bucket's name.", reference(id)), ("Arn", "A bucket's ARN.", arn())],
        Item::DataStream(_) => {
            vec![("Name", "A data stream's name.", reference(id)), ("Arn", "A data stream's ARN.", arn())]
        }
        Item::DeliveryStream(_) => {
            vec![("Name", "A delivery stream's name.", reference(id)), ("Arn", "A delivery stream's ARN.", arn())]
        }
        Item::Role(_) => vec![("Arn", "A role's ARN.", arn())],
        Item::Repository(_) => {
            vec![("Uri", "Where firelens-kit push brings the router's image.", attribute(id, "RepositoryUri"))]
        }
        Item::SecurityGroup(_) => vec![("Id", "The id of the tasks' security group.", attribute(id, "GroupId"))],
        Item::Cluster(_) => vec![("Name", "The cluster's name.", reference(id)), ("Arn", "The cluster's ARN.", arn())],
        Item::TaskDefinition(_) => vec![("Arn", "The task definition's ARN, with its revision.", reference(id))],
        Item::Service(_) => {
            vec![("Name", "The service's name.", attribute(id, "Name")), ("Arn", "The service's ARN.", reference(id))]
        }
        Item::RolePolicy(_) | Item::AdoptedService(_) => Vec::new(),
    }
}
