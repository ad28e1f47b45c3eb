//! In Terraform: a role, its policy, and the documents of both.
use super::{POLICY, Role};
use crate::{
    Resource as _,
    export::terraform::{
        Module, hcl,
        names::Names,
        policy::{document, json_of},
    },
};
use hcl_edit::structure::Block;

pub(super) fn blocks(module: &Module, role: &Role) -> Vec<Block> {
    let name = module.names.local(&role.id());
    let trust = format!("{name}_trust");
    let boundary = role.permissions_boundary.as_ref();
    let body = [
        Some(hcl::attribute("name", hcl::text(&role.name))),
        Some(hcl::attribute("path", hcl::text(&role.path))),
        Some(hcl::attribute("description", hcl::text(&role.description))),
        Some(hcl::attribute("assume_role_policy", json_of(&trust))),
        boundary.map(|arn| hcl::attribute("permissions_boundary", hcl::text(arn))),
        Some(hcl::tags()),
    ];
    let mut blocks = vec![
        // The role of the delivery streams names them, and they name it: no references.
        document(&Names::default(), &trust, &role.trust),
        hcl::resource("aws_iam_role", name, body.into_iter().flatten()),
    ];
    if !role.policy.is_empty() {
        let body = [
            hcl::attribute("name", POLICY),
            hcl::attribute("role", module.names.reference(&role.id(), "name")),
            hcl::attribute("policy", json_of(name)),
        ];
        blocks.push(document(&module.names, name, &role.policy));
        blocks.push(hcl::resource("aws_iam_role_policy", name, body));
    }
    blocks
}

pub(super) fn imports(module: &Module, role: &Role) -> Vec<Block> {
    let (id, names) = (role.id(), &module.names);
    let policy = (!role.policy.is_empty()).then(|| {
        let address = format!("aws_iam_role_policy.{}", names.local(&id));
        hcl::import(address, hcl::text(&format!("{}:{POLICY}", role.name)))
    });
    [hcl::import(names.address(&id), hcl::text(&role.name))].into_iter().chain(policy).collect()
}
