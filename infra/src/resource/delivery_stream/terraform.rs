//! streams.tf: data streams and delivery streams.
use super::{Module, hcl};
use crate::{
    Id, Kind, Resource as _,
    resource::{
        Known,
        data_stream::DataStream,
        delivery_stream::{DeliveryStream, PARSER, QUERY},
    },
};
use hcl_edit::structure::{Block, Structure};

pub fn data_stream(module: &Module, stream: &DataStream) -> Block {
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

pub fn delivery_stream(module: &Module, stream: &DeliveryStream) -> Block {
    let (kind, key) = match &stream.kms_key {
        Some(key) => ("CUSTOMER_MANAGED_CMK", Some(hcl::attribute("key_arn", hcl::text(key)))),
        None => ("AWS_OWNED_CMK", None),
    };
    let encryption = [hcl::attribute("enabled", true), hcl::attribute("key_type", kind)].into_iter().chain(key);
    let body = [
        hcl::attribute("name", hcl::text(&stream.name)),
        hcl::attribute("destination", "extended_s3"),
        hcl::tags(),
        hcl::nested("server_side_encryption", encryption),
        hcl::nested("extended_s3_configuration", destination(module, stream)),
    ];
    // Firehose tries the role before it makes the stream.
    let first = hcl::depends_on(&[format!("aws_iam_role_policy.{}", module.names.local(&stream.role))]);
    hcl::resource(
        "aws_kinesis_firehose_delivery_stream",
        module.names.local(&stream.id()),
        body.into_iter().chain(first),
    )
}

fn destination(module: &Module, stream: &DeliveryStream) -> Vec<Structure> {
    let wanted = stream.wanted(&Known::default());
    let names = &module.names;
    let group = Id::new(Kind::LogGroup, &stream.log_group);
    let log_stream = format!("aws_cloudwatch_log_stream.{}.name", names.local(&stream.id()));
    let log = [
        hcl::attribute("enabled", true),
        hcl::attribute("log_group_name", names.reference(&group, "name")),
        hcl::attribute("log_stream_name", hcl::path(&log_stream)),
    ];
    let mut body = vec![
        hcl::attribute("role_arn", names.reference(&stream.role, "arn")),
        hcl::attribute("bucket_arn", names.arn(&stream.bucket_arn)),
        hcl::attribute("prefix", hcl::text(&stream.prefix)),
        hcl::attribute("error_output_prefix", hcl::text(&stream.error_prefix)),
        hcl::attribute("buffering_size", stream.buffer_mib),
        hcl::attribute("buffering_interval", stream.buffer_seconds),
        hcl::attribute("compression_format", hcl::text(wanted["compression"].as_str().unwrap_or_default())),
        hcl::nested("cloudwatch_logging_options", log),
    ];
    if stream.partition_by_route {
        body.push(hcl::nested("dynamic_partitioning_configuration", [hcl::attribute("enabled", true)]));
        body.push(by_route());
    }
    body
}

/// `!{partitionKeyFromQuery:route}` of the prefix.
fn by_route() -> Structure {
    let parameter = |name: &str, value: &str| {
        let body = [hcl::attribute("parameter_name", name), hcl::attribute("parameter_value", value)];
        hcl::nested("parameters", body)
    };
    let extraction = [
        hcl::attribute("type", "MetadataExtraction"),
        parameter("MetadataExtractionQuery", QUERY),
        parameter("JsonParsingEngine", PARSER),
    ];
    hcl::nested("processing_configuration", [hcl::attribute("enabled", true), hcl::nested("processors", extraction)])
}
