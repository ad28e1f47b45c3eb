//! In Terraform: a repository, and its lifecycle policy.
use super::Repository;
use crate::{
    Resource as _,
    export::terraform::{Module, hcl},
    resource::Known,
};
use hcl_edit::structure::Block;

pub(super) fn blocks(module: &Module, repository: &Repository) -> [Block; 2] {
    let name = module.names.local(&repository.id());
    let encryption = match &repository.kms_key {
        Some(key) => vec![hcl::attribute("encryption_type", "KMS"), hcl::attribute("kms_key", hcl::text(key))],
        None => vec![hcl::attribute("encryption_type", "AES256")],
    };
    let body = [
        hcl::attribute("name", hcl::text(&repository.name)),
        hcl::attribute("image_tag_mutability", "IMMUTABLE"),
        hcl::attribute("force_delete", true),
        hcl::tags(),
        hcl::nested("encryption_configuration", encryption),
        hcl::nested("image_scanning_configuration", [hcl::attribute("scan_on_push", true)]),
    ];
    let policy = &repository.wanted(&Known::default())["lifecycle_policy"];
    let policy = [
        hcl::attribute("repository", module.names.reference(&repository.id(), "name")),
        hcl::attribute("policy", hcl::call("jsonencode", [hcl::json(policy, &|_, _| None)])),
    ];
    [hcl::resource("aws_ecr_repository", name, body), hcl::resource("aws_ecr_lifecycle_policy", name, policy)]
}

pub(super) fn imports(module: &Module, repository: &Repository) -> Vec<Block> {
    let id = repository.id();
    let policy = format!("aws_ecr_lifecycle_policy.{}", module.names.local(&id));
    [module.address(&id), policy].map(|address| hcl::import(address, hcl::text(&repository.name))).into()
}
