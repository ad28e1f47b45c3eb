//! A Terraform module: the stack's resources in HCL, for the provider hashicorp/aws. One file a subject, one resource a block.
//!
//! Names and meanings of arguments, and the ids for imports: the documentation of hashicorp/aws 6 in the Terraform
//! registry, a page a resource.
use super::{File, Unsupported, symbol};
use crate::{
    Place, Resource as _, Stack,
    model::{self, Item},
};
use hcl_edit::structure::Block;
use names::Names;

mod ecr;
mod ecs;
mod hcl;
mod iam;
mod imports;
mod layout;
mod logs;
mod names;
mod network;
mod outputs;
mod root;
mod storage;
mod streams;

/// What is written besides the resources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// `import` blocks for a stack that `deploy` made.
    pub imports: bool,
}

/// What every part of the module needs to know.
struct Module<'a> {
    stack: &'a Stack,
    place: &'a Place,
    names: Names,
    /// The local names of the roles that have a policy.
    with_policy: Vec<String>,
}

/// The resources' blocks, by the file that they are in.
#[derive(Default)]
struct Parts {
    logs: Vec<Block>,
    storage: Vec<Block>,
    streams: Vec<Block>,
    iam: Vec<Block>,
    ecr: Vec<Block>,
    network: Vec<Block>,
    ecs: Vec<Block>,
}

/// The module's files, each with `header` as its first line. `place` is symbolic where the module is to find it out.
///
/// # Errors
/// What Terraform cannot express.
pub fn module(stack: &Stack, place: &Place, options: Options, header: &str) -> Result<Vec<File>, Unsupported> {
    symbol::check_buckets(stack, place)?;
    let items = model::items(stack, place);
    let names = Names::of(stack, place, &items);
    let with_policy = items.iter().filter_map(|item| match item {
        Item::Role(role) if !role.policy.is_empty() => Some(names.local(&role.id()).to_string()),
        _ => None,
    });
    let with_policy = with_policy.collect();
    let module = Module { stack, place, names, with_policy };
    let parts = parts(&module, &items)?;
    let files = [
        ("versions.tf", root::versions()),
        ("variables.tf", root::variables(&items)),
        ("logs.tf", parts.logs),
        ("storage.tf", parts.storage),
        ("streams.tf", parts.streams),
        ("iam.tf", parts.iam),
        ("ecr.tf", parts.ecr),
        ("network.tf", parts.network),
        ("ecs.tf", parts.ecs),
        ("outputs.tf", outputs::blocks(&module, &items)),
        ("imports.tf", if options.imports { imports::blocks(&module, &items) } else { Vec::new() }),
    ];
    let file = |(name, blocks): (&str, Vec<Block>)| File {
        name: name.to_string(),
        text: format!("# {header}\n\n{}", layout::lay_out(blocks.into_iter().collect())),
    };
    let mut files: Vec<File> = files.into_iter().filter(|(_, blocks)| !blocks.is_empty()).map(file).collect();
    let whole: String = files.iter().map(|file| file.text.as_str()).collect();
    files.insert(2, file(("main.tf", root::main(&module, &whole))));
    Ok(files)
}

fn parts(module: &Module, items: &[Item]) -> Result<Parts, Unsupported> {
    let mut parts = Parts::default();
    for item in items {
        match item {
            Item::LogGroup(group) => parts.logs.push(logs::group(module, group)),
            Item::Bucket(bucket) => parts.storage.extend(storage::bucket(module, bucket)),
            Item::DataStream(stream) => parts.streams.push(streams::data_stream(module, stream)),
            Item::DeliveryStream(stream) => {
                parts.logs.push(logs::errors_of(module, stream));
                parts.streams.push(streams::delivery_stream(module, stream));
            }
            Item::Role(role) => parts.iam.extend(iam::role(module, role)),
            Item::Repository(repository) => parts.ecr.extend(ecr::repository(module, repository)),
            Item::SecurityGroup(group) => parts.network.extend(network::security_group(module, group)),
            Item::Cluster(cluster) => parts.ecs.push(ecs::cluster(module, cluster)),
            Item::TaskDefinition(definition) => parts.ecs.push(ecs::task_definition(module, definition)?),
            Item::Service(service) => {
                parts.network.extend(network::subnets(&service.network));
                parts.ecs.push(ecs::service(module, service));
            }
            Item::RolePolicy(_) | Item::AdoptedService(_) => return Err(adopted()),
        }
    }
    Ok(parts)
}

/// Its task definition and roles are kept by whatever made them.
fn adopted() -> Unsupported {
    Unsupported::new("a service that is there is not in the module", "export the stack without it")
}
