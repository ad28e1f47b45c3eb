//! ecr.tf: the repository of the router's image.
use super::{Module, hcl};
use crate::{
    Resource as _,
    resource::{Known, repository::Repository},
};
use hcl_edit::structure::Block;

pub fn repository(module: &Module, repository: &Repository) -> [Block; 2] {
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
