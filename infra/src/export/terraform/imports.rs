//! imports.tf: the resources of a stack that `deploy` made come under Terraform's care, and nothing is made again.
//!
//! Ids: the section "Import" of each resource's page in the provider's documentation.
use super::{Module, hcl};
use crate::{
    Id, Kind, Resource as _,
    model::Item,
    names::STACK_TAG,
    resource::{
        bucket::Bucket,
        delivery_stream::DeliveryStream,
        role::{POLICY, Role},
        security_group::SecurityGroup,
        task_definition::TaskDefinition,
    },
};
use hcl_edit::{expr::Expression, structure::Block};

/// The name of the data sources that ask for ids that AWS gave.
const DEPLOYED: &str = "deployed";

pub fn blocks(module: &Module, items: &[Item]) -> Vec<Block> {
    items.iter().flat_map(|item| of(module, item)).collect()
}

fn of(module: &Module, item: &Item) -> Vec<Block> {
    let id = item.resource().id();
    let itself = |given: &str| import(module.names.address(&id), hcl::text(given));
    match item {
        Item::Bucket(one) => bucket(module, one),
        Item::DeliveryStream(stream) => delivery_stream(module, stream),
        Item::Role(one) => role(module, one),
        Item::Repository(repository) => {
            let policy = format!("aws_ecr_lifecycle_policy.{}", module.names.local(&id));
            vec![itself(&repository.name), import(policy, hcl::text(&repository.name))]
        }
        Item::SecurityGroup(group) => security_group(module, group),
        Item::TaskDefinition(definition) => task_definition(module, definition),
        // Names; of a service `CLUSTER/SERVICE`.
        Item::LogGroup(_) | Item::DataStream(_) | Item::Cluster(_) | Item::Service(_) => vec![itself(&id.name)],
        Item::RolePolicy(_) | Item::AdoptedService(_) => Vec::new(),
    }
}

fn import(to: String, id: Expression) -> Block {
    hcl::block("import", &[], [hcl::attribute("to", hcl::path(&to)), hcl::attribute("id", id)])
}

fn bucket(module: &Module, bucket: &Bucket) -> Vec<Block> {
    const SETTINGS: [&str; 5] = [
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_lifecycle_configuration",
    ];
    let name = module.names.local(&bucket.id());
    let kinds = ["aws_s3_bucket"].into_iter().chain(SETTINGS);
    let kinds = kinds.filter(|kind| *kind != "aws_s3_bucket_policy" || bucket.policy().is_some());
    kinds.map(|kind| import(format!("{kind}.{name}"), hcl::text(&bucket.name))).collect()
}

fn delivery_stream(module: &Module, stream: &DeliveryStream) -> Vec<Block> {
    let (id, names) = (stream.id(), &module.names);
    let arn = module.place.arn("firehose", &format!("deliverystream/{}", stream.name));
    let log = format!("{}:{}", stream.log_group, stream.name);
    vec![
        import(format!("aws_cloudwatch_log_stream.{}", names.local(&id)), hcl::text(&log)),
        import(names.address(&id), hcl::text(&arn)),
    ]
}

fn role(module: &Module, role: &Role) -> Vec<Block> {
    let (id, names) = (role.id(), &module.names);
    let policy = (!role.policy.is_empty()).then(|| {
        let address = format!("aws_iam_role_policy.{}", names.local(&id));
        import(address, hcl::text(&format!("{}:{POLICY}", role.name)))
    });
    [import(names.address(&id), hcl::text(&role.name))].into_iter().chain(policy).collect()
}

fn security_group(module: &Module, group: &SecurityGroup) -> Vec<Block> {
    let filter = |name: &str, value: &str| {
        let body = [hcl::attribute("name", name), hcl::attribute("values", hcl::list([hcl::text(value)]))];
        hcl::nested("filter", body)
    };
    let tag = format!("tag:{STACK_TAG}");
    let filters = [filter("group-name", &group.name), filter(&tag, &module.stack.name)];
    vec![
        hcl::data_source("aws_security_group", DEPLOYED, filters),
        import(module.names.address(&group.id()), hcl::path(&format!("data.aws_security_group.{DEPLOYED}.id"))),
    ]
}

/// Its newest revision.
fn task_definition(module: &Module, definition: &TaskDefinition) -> Vec<Block> {
    let family = [hcl::attribute("task_definition", hcl::text(&definition.family))];
    let arn = hcl::path(&format!("data.aws_ecs_task_definition.{DEPLOYED}.arn"));
    vec![
        hcl::data_source("aws_ecs_task_definition", DEPLOYED, family),
        import(module.names.address(&Id::new(Kind::TaskDefinition, &definition.family)), arn),
    ]
}
