//! AWS::KinesisFirehose::DeliveryStream, and the AWS::Logs::LogStream of its errors, which Firehose does not make.
use super::{DeliveryStream, PARSER, QUERY};
use crate::{
    Id, Kind, Result,
    export::cloudformation::{
        Declaration, Draft,
        attributes::Attributes,
        expression::{attribute, reference},
    },
};
use serde_json::{Value, json};

pub(super) fn declarations(stream: &DeliveryStream, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let id = draft.id_of(stream)?;
    let log_stream = format!("{id}ErrorLogStream");
    let group = reference(draft.id(&Id::new(Kind::LogGroup, &stream.log_group))?);
    let mut attributes = Attributes::of(stream);
    // AWS's answer, not a setting.
    attributes.take("status");
    let encryption = attributes.take("encryption");
    let tags = attributes.tags();
    let s3 = destination(stream, &mut attributes, draft, &group, &log_stream)?;
    attributes.finish()?;
    let delivery = Declaration::of(Kind::DeliveryStream)
        .why("Gathers what routes lead here into objects of the bucket.")
        .with("DeliveryStreamName", stream.name.as_str())
        .with("DeliveryStreamType", "DirectPut")
        .with("DeliveryStreamEncryptionConfigurationInput", of_stream(&encryption))
        .with("ExtendedS3DestinationConfiguration", s3)
        .with("Tags", tags);
    let errors = Declaration::new("AWS::Logs::LogStream")
        .with("LogGroupName", group)
        .with("LogStreamName", stream.name.as_str());
    Ok(vec![(log_stream, errors), (id, delivery)])
}

fn destination(
    stream: &DeliveryStream,
    attributes: &mut Attributes,
    draft: &Draft<'_>,
    group: &Value,
    log_stream: &str,
) -> Result<Value> {
    let (bucket, role) = (attributes.take("bucket"), attributes.take("role"));
    let error_log = attributes.take("error_log");
    let mut s3 = json!({
        "RoleARN": draft.ids.get(&stream.role).map_or(role, |id| attribute(id, "Arn")),
        "BucketARN": stream.bucket.as_ref().and_then(|id| draft.ids.get(id)).map_or(bucket, |id| attribute(id, "Arn")),
        "Prefix": attributes.take("prefix"),
        "ErrorOutputPrefix": attributes.take("error_prefix"),
        "BufferingHints": {
            "SizeInMBs": attributes.take("buffer_mib"),
            "IntervalInSeconds": attributes.take("buffer_seconds"),
        },
        "CompressionFormat": attributes.take("compression"),
        "EncryptionConfiguration": of_objects(attributes.take("object_encryption")),
        "CloudWatchLoggingOptions": {
            "Enabled": error_log["enabled"],
            "LogGroupName": group,
            "LogStreamName": reference(log_stream),
        },
    });
    if attributes.take("partition_by_route") == true {
        s3["DynamicPartitioningConfiguration"] = json!({ "Enabled": true });
        s3["ProcessingConfiguration"] = by_route();
    }
    Ok(s3)
}

/// Without a key, as the bucket says.
fn of_objects(key: Value) -> Value {
    match key {
        Value::Null => json!({ "NoEncryptionConfig": "NoEncryption" }),
        key => json!({ "KMSEncryptionConfig": { "AWSKMSKeyARN": key } }),
    }
}

fn of_stream(wanted: &Value) -> Value {
    let mut encryption = json!({ "KeyType": wanted["key_type"] });
    if !wanted["key"].is_null() {
        encryption["KeyARN"] = wanted["key"].clone();
    }
    encryption
}

fn by_route() -> Value {
    json!({
        "Enabled": true,
        "Processors": [{
            "Type": "MetadataExtraction",
            "Parameters": [
                { "ParameterName": "MetadataExtractionQuery", "ParameterValue": QUERY },
                { "ParameterName": "JsonParsingEngine", "ParameterValue": PARSER },
            ],
        }],
    })
}
