//! In Terraform.
use super::Cluster;
use crate::{
    Resource as _,
    export::terraform::{Module, hcl},
};
use hcl_edit::structure::Block;

pub(super) fn block(module: &Module, cluster: &Cluster) -> Block {
    let body = [hcl::attribute("name", hcl::text(&cluster.name)), hcl::tags()];
    hcl::resource("aws_ecs_cluster", module.names.local(&cluster.id()), body)
}
