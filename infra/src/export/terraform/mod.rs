//! A Terraform module: the stack's resources in HCL, for the provider hashicorp/aws. One file a subject, one resource a block.
//!
//! Names and meanings of arguments, and the ids for imports: the documentation of hashicorp/aws 6 in the Terraform
//! registry, a page a resource.
use super::{Export, File, Language, Unsupported, marker, symbol};
use crate::{Id, Place, Resource as _, Stack, model, resource::role::Role};
use hcl_edit::structure::Block;
use names::Names;

pub(crate) mod hcl;
mod layout;
pub(crate) mod names;
mod outputs;
pub(crate) mod policy;
mod root;

/// Its name among the languages.
pub const NAME: &str = "terraform";

/// A module, with what is written besides the resources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Terraform {
    /// `import` blocks for a stack that `deploy` made.
    pub imports: bool,
}

/// What every part of the module needs to know.
pub struct Module<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) place: &'a Place,
    pub(crate) names: Names,
    /// The local names of the roles that have a policy.
    pub(crate) with_policy: Vec<String>,
}

impl Module<'_> {
    /// `aws_iam_role.task`
    pub(crate) fn address(&self, id: &Id) -> String {
        self.names.address(id)
    }
}

/// The resources' blocks, by the file that they are in.
#[derive(Default)]
pub struct Blocks {
    pub(crate) logs: Vec<Block>,
    pub(crate) storage: Vec<Block>,
    pub(crate) streams: Vec<Block>,
    pub(crate) iam: Vec<Block>,
    pub(crate) ecr: Vec<Block>,
    pub(crate) network: Vec<Block>,
    pub(crate) ecs: Vec<Block>,
}

impl Language for Terraform {
    fn name(&self) -> &'static str {
        NAME
    }

    fn export(&self, stack: &Stack, place: &Place) -> Result<Export, Unsupported> {
        Ok(Export { files: module(stack, place, *self)?, left_out: Vec::new() })
    }
}

fn module(stack: &Stack, place: &Place, options: Terraform) -> Result<Vec<File>, Unsupported> {
    symbol::check_buckets(stack, place)?;
    let resources = model::resources(stack, place);
    let names = Names::of(stack, place, &resources);
    let roles = resources.iter().filter_map(|resource| resource.downcast::<Role>());
    let with_policy = roles.filter(|role| !role.policy.is_empty());
    let with_policy = with_policy.map(|role| names.local(&role.id()).to_string()).collect();
    let module = Module { stack, place, names, with_policy };
    let mut blocks = Blocks::default();
    for resource in &resources {
        resource.terraform(&module, &mut blocks)?;
    }
    let imports = resources.iter().filter(|_| options.imports).flat_map(|one| one.terraform_imports(&module)).collect();
    let files = [
        ("versions.tf", root::versions()),
        ("logs.tf", blocks.logs),
        ("storage.tf", blocks.storage),
        ("streams.tf", blocks.streams),
        ("iam.tf", blocks.iam),
        ("ecr.tf", blocks.ecr),
        ("network.tf", blocks.network),
        ("ecs.tf", blocks.ecs),
        ("outputs.tf", outputs::blocks(&module, &resources)),
        ("imports.tf", imports),
    ];
    let header = format!("{} from firelens.toml: change that file, and export again.", marker(NAME));
    let file = |(name, blocks): (&str, Vec<Block>)| File {
        name: name.to_string(),
        text: format!("# {header}\n\n{}", layout::lay_out(blocks.into_iter().collect())),
    };
    let mut files: Vec<File> = files.into_iter().filter(|(_, blocks)| !blocks.is_empty()).map(file).collect();
    let whole: String = files.iter().map(|file| file.text.as_str()).collect();
    let variables = root::variables(&whole);
    let head = [("variables.tf", variables), ("main.tf", root::main(&module, &whole))];
    files.splice(1..1, head.into_iter().filter(|(_, blocks)| !blocks.is_empty()).map(file));
    Ok(files)
}
