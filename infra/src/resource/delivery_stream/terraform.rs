//! In Terraform: a delivery stream, and the log stream of its errors.
use super::{DeliveryStream, PARSER, QUERY};
use crate::{
    Id, Kind, Resource as _,
    export::terraform::{Module, hcl},
    resource::Known,
};
use hcl_edit::structure::{Block, Structure};

pub(super) fn delivery_stream(module: &Module, stream: &DeliveryStream) -> Block {
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

/// Firehose does not make it, and says nothing when it is not there.
pub(super) fn errors_of(module: &Module, stream: &DeliveryStream) -> Block {
    let body = [
        hcl::attribute("name", hcl::text(&stream.name)),
        hcl::attribute("log_group_name", module.names.reference(&Id::new(Kind::LogGroup, &stream.log_group), "name")),
    ];
    hcl::resource("aws_cloudwatch_log_stream", module.names.local(&stream.id()), body)
}

pub(super) fn imports(module: &Module, stream: &DeliveryStream) -> Vec<Block> {
    let (id, names) = (stream.id(), &module.names);
    let log = format!("{}:{}", stream.log_group, stream.name);
    vec![
        hcl::import(format!("aws_cloudwatch_log_stream.{}", names.local(&id)), hcl::text(&log)),
        hcl::import(names.address(&id), hcl::text(&id.kind.arn(module.place, &stream.name))),
    ]
}
