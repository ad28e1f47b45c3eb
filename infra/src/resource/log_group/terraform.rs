//! In Terraform.
use super::LogGroup;
use crate::{
    Resource as _,
    export::terraform::{Module, hcl},
};
use hcl_edit::structure::Block;

/// The class is not said: it is the provider's default.
pub(super) fn block(module: &Module, group: &LogGroup) -> Block {
    let retention = group.retention_days.map(|days| hcl::attribute("retention_in_days", days));
    let key = group.kms_key.as_ref().map(|key| hcl::attribute("kms_key_id", hcl::text(key)));
    // As `destroy` does: what holds logs stays.
    let stays = group.data.then(|| hcl::attribute("skip_destroy", hcl::not(hcl::path("var.delete_data"))));
    let body = [Some(hcl::attribute("name", hcl::text(&group.name))), retention, key, stays, Some(hcl::tags())];
    hcl::resource("aws_cloudwatch_log_group", module.names.local(&group.id()), body.into_iter().flatten())
}
