//! outputs.tf: what other modules need to know.
use super::{Module, hcl};
use crate::{Kind, model::Item};
use hcl_edit::{expr::Expression, structure::Block};

pub fn blocks(module: &Module, items: &[Item]) -> Vec<Block> {
    let of = |kind: Kind, attribute: &str| {
        let ids = items.iter().map(|item| item.resource().id()).filter(|id| id.kind == kind);
        let pairs: Vec<(String, Expression)> =
            ids.map(|id| (module.names.local(&id).to_string(), module.names.reference(&id, attribute))).collect();
        pairs
    };
    let lists = [
        ("log_groups", "The log groups' names.", of(Kind::LogGroup, "name")),
        ("buckets", "The buckets' names, by destination.", of(Kind::Bucket, "bucket")),
        ("data_streams", "The data streams' ARNs, by destination.", of(Kind::DataStream, "arn")),
        ("delivery_streams", "The delivery streams' ARNs, by destination.", of(Kind::DeliveryStream, "arn")),
        ("role_arns", "The roles' ARNs.", of(Kind::Role, "arn")),
    ];
    let lists = lists.into_iter().filter(|(_, _, members)| !members.is_empty()).map(|(name, description, members)| {
        let members = members.iter().map(|(name, value)| (name.as_str(), value.clone()));
        output(name, description, hcl::object(members))
    });
    let single = [
        (
            "repository_url",
            "Where firelens-kit push brings the router's image to.",
            of(Kind::Repository, "repository_url"),
        ),
        ("security_group_id", "The security group of the tasks.", of(Kind::SecurityGroup, "id")),
        ("cluster_name", "The cluster.", of(Kind::Cluster, "name")),
        ("service_name", "The service.", of(Kind::Service, "name")),
        ("task_definition_arn", "The task definition's revision.", of(Kind::TaskDefinition, "arn")),
    ];
    let single = single.into_iter().filter_map(|(name, description, found)| {
        let (_, value) = found.into_iter().next()?;
        Some(output(name, description, value))
    });
    lists.chain(single).collect()
}

fn output(name: &str, description: &str, value: Expression) -> Block {
    hcl::block("output", &[name], [hcl::attribute("description", description), hcl::attribute("value", value)])
}
