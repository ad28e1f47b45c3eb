//! logs.tf: log groups, and the log streams of Firehose's delivery errors.
use super::{Module, hcl};
use crate::{
    Id, Kind, Resource as _,
    resource::{delivery_stream::DeliveryStream, log_group::LogGroup},
};
use hcl_edit::structure::Block;

/// The class is not said: it is the provider's default.
pub fn group(module: &Module, group: &LogGroup) -> Block {
    let retention = group.retention_days.map(|days| hcl::attribute("retention_in_days", days));
    let key = group.kms_key.as_ref().map(|key| hcl::attribute("kms_key_id", hcl::text(key)));
    // As `destroy` does: what holds logs stays.
    let stays = group.data.then(|| hcl::attribute("skip_destroy", hcl::not(hcl::path("var.delete_data"))));
    let body = [Some(hcl::attribute("name", hcl::text(&group.name))), retention, key, stays, Some(hcl::tags())];
    hcl::resource("aws_cloudwatch_log_group", module.names.local(&group.id()), body.into_iter().flatten())
}

/// Firehose does not make it, and says nothing when it is not there.
pub fn errors_of(module: &Module, stream: &DeliveryStream) -> Block {
    let body = [
        hcl::attribute("name", hcl::text(&stream.name)),
        hcl::attribute("log_group_name", module.names.reference(&Id::new(Kind::LogGroup, &stream.log_group), "name")),
    ];
    hcl::resource("aws_cloudwatch_log_stream", module.names.local(&stream.id()), body)
}
