//! In Terraform.
use super::DataStream;
use crate::{
    Resource as _,
    export::terraform::{Module, hcl},
    resource::Known,
};
use hcl_edit::structure::Block;

pub(super) fn block(module: &Module, stream: &DataStream) -> Block {
    let wanted = stream.wanted(&Known::default());
    let text = |key: &str| hcl::text(wanted[key].as_str().unwrap_or_default());
    let shards = stream.shards.map(|shards| hcl::attribute("shard_count", shards));
    let head = [
        hcl::attribute("name", hcl::text(&stream.name)),
        hcl::attribute("retention_period", stream.retention_hours),
        hcl::attribute("encryption_type", "KMS"),
        hcl::attribute("kms_key_id", text("kms_key")),
    ];
    let tail = [
        hcl::tags(),
        hcl::nested("stream_mode_details", [hcl::attribute("stream_mode", text("mode"))]),
        hcl::nested("lifecycle", [hcl::attribute("prevent_destroy", true)]),
    ];
    let block = hcl::resource(
        "aws_kinesis_stream",
        module.names.local(&stream.id()),
        head.into_iter().chain(shards).chain(tail),
    );
    hcl::commented(
        block,
        "It holds records that its readers have not read yet: take prevent_destroy away to delete it.",
    )
}
