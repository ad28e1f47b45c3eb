//! The stream's destination: what is compared, and what is sent.
use super::{DeliveryStream, encryption, incomplete};
use crate::{Result, stack::Compression};
use aws_sdk_firehose::types::{
    BufferingHints, CloudWatchLoggingOptions, CompressionFormat, DeliveryStreamDescription, DeliveryStreamStatus,
    DynamicPartitioningConfiguration, EncryptionConfiguration, ExtendedS3DestinationConfiguration,
    ExtendedS3DestinationDescription, ExtendedS3DestinationUpdate, NoEncryptionConfig, ProcessingConfiguration,
    Processor, ProcessorParameter, ProcessorParameterName, ProcessorType,
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// In the form in which they are compared.
#[derive(Debug, Serialize)]
pub(super) struct Attributes {
    status: String,
    role: Option<String>,
    bucket: Option<String>,
    prefix: Option<String>,
    error_prefix: Option<String>,
    compression: Option<String>,
    buffer_mib: Option<i32>,
    buffer_seconds: Option<i32>,
    partition_by_route: bool,
    /// Of the objects, other than the bucket's own.
    object_encryption: Option<String>,
    /// Of the stream.
    encryption: Value,
    error_log: Value,
    tags: BTreeMap<String, String>,
}

/// The field that says where a record goes: the filter puts it into every one.
pub(crate) const QUERY: &str = "{route:.route}";

/// What evaluates it.
pub(crate) const PARSER: &str = "JQ-1.6";

impl Attributes {
    /// Of a stream as it is.
    pub(super) fn of(
        stream: &DeliveryStreamDescription,
        log_stream: bool,
        tags: BTreeMap<String, String>,
    ) -> Attributes {
        let destination = stream.destinations.first();
        let s3 = destination.and_then(|destination| destination.extended_s3_destination_description());
        let hints = s3.and_then(ExtendedS3DestinationDescription::buffering_hints);
        let text = |value: Option<&str>| value.map(str::to_string);
        Attributes {
            status: stream.delivery_stream_status.as_str().to_string(),
            role: text(s3.map(ExtendedS3DestinationDescription::role_arn)),
            bucket: text(s3.map(ExtendedS3DestinationDescription::bucket_arn)),
            prefix: text(s3.and_then(ExtendedS3DestinationDescription::prefix)),
            error_prefix: text(s3.and_then(ExtendedS3DestinationDescription::error_output_prefix)),
            compression: text(s3.map(|s3| s3.compression_format().as_str())),
            buffer_mib: hints.and_then(BufferingHints::size_in_mbs),
            buffer_seconds: hints.and_then(BufferingHints::interval_in_seconds),
            partition_by_route: s3.is_some_and(partitions_by_route),
            object_encryption: s3.and_then(object_key),
            encryption: encryption::attribute(stream.delivery_stream_encryption_configuration()),
            error_log: s3.and_then(|s3| s3.cloud_watch_logging_options()).map_or(Value::Null, |log| {
                json!({
                    "enabled": log.enabled().unwrap_or(false),
                    "log_group": log.log_group_name(),
                    "log_stream": log.log_stream_name().filter(|_| log_stream),
                })
            }),
            tags,
        }
    }
}

fn partitions_by_route(s3: &ExtendedS3DestinationDescription) -> bool {
    let partitions = s3.dynamic_partitioning_configuration();
    partitions.and_then(DynamicPartitioningConfiguration::enabled).unwrap_or(false)
}

fn object_key(s3: &ExtendedS3DestinationDescription) -> Option<String> {
    let key = s3.encryption_configuration().and_then(EncryptionConfiguration::kms_encryption_config);
    key.map(|key| key.awskms_key_arn().to_string())
}

impl DeliveryStream {
    pub(super) fn attributes(&self) -> Attributes {
        Attributes {
            status: DeliveryStreamStatus::Active.as_str().to_string(),
            role: Some(self.role_arn.clone()),
            bucket: Some(self.bucket_arn.clone()),
            prefix: Some(self.prefix.clone()),
            error_prefix: Some(self.error_prefix.clone()),
            compression: Some(self.format().as_str().to_string()),
            buffer_mib: Some(self.buffer_mib as i32),
            buffer_seconds: Some(self.buffer_seconds as i32),
            partition_by_route: self.partition_by_route,
            object_encryption: None,
            encryption: encryption::wanted(self.kms_key.as_deref()),
            error_log: json!({"enabled": true, "log_group": self.log_group, "log_stream": self.name}),
            tags: self.tags.clone(),
        }
    }

    pub(super) fn configuration(&self) -> Result<ExtendedS3DestinationConfiguration> {
        let configuration = ExtendedS3DestinationConfiguration::builder()
            .role_arn(&self.role_arn)
            .bucket_arn(&self.bucket_arn)
            .prefix(&self.prefix)
            .error_output_prefix(&self.error_prefix)
            .buffering_hints(self.buffering())
            .compression_format(self.format())
            .encryption_configuration(as_the_bucket())
            .cloud_watch_logging_options(self.error_log());
        let configuration = match self.partition_by_route {
            true => configuration
                .dynamic_partitioning_configuration(DynamicPartitioningConfiguration::builder().enabled(true).build())
                .processing_configuration(by_route()?),
            false => configuration,
        };
        configuration.build().map_err(incomplete)
    }

    /// All that can be changed. Partitioning cannot: it is on or off for the stream's whole life.
    pub(super) fn destination_update(&self) -> ExtendedS3DestinationUpdate {
        ExtendedS3DestinationUpdate::builder()
            .role_arn(&self.role_arn)
            .bucket_arn(&self.bucket_arn)
            .prefix(&self.prefix)
            .error_output_prefix(&self.error_prefix)
            .buffering_hints(self.buffering())
            .compression_format(self.format())
            .encryption_configuration(as_the_bucket())
            .cloud_watch_logging_options(self.error_log())
            .build()
    }

    fn buffering(&self) -> BufferingHints {
        let hints = BufferingHints::builder().size_in_mbs(self.buffer_mib as i32);
        hints.interval_in_seconds(self.buffer_seconds as i32).build()
    }

    fn format(&self) -> CompressionFormat {
        match self.compression {
            Compression::Uncompressed => CompressionFormat::Uncompressed,
            Compression::Gzip => CompressionFormat::Gzip,
            Compression::Zip => CompressionFormat::Zip,
            Compression::Snappy => CompressionFormat::Snappy,
        }
    }

    fn error_log(&self) -> CloudWatchLoggingOptions {
        let log = CloudWatchLoggingOptions::builder().enabled(true);
        log.log_group_name(&self.log_group).log_stream_name(&self.name).build()
    }
}

/// Objects are encrypted as the bucket says.
fn as_the_bucket() -> EncryptionConfiguration {
    EncryptionConfiguration::builder().no_encryption_config(NoEncryptionConfig::NoEncryption).build()
}

/// `!{partitionKeyFromQuery:route}` of the prefix.
fn by_route() -> Result<ProcessingConfiguration> {
    let parameter = |name, value| {
        let parameter = ProcessorParameter::builder().parameter_name(name).parameter_value(value);
        parameter.build().map_err(incomplete)
    };
    let extraction = Processor::builder()
        .r#type(ProcessorType::MetadataExtraction)
        .parameters(parameter(ProcessorParameterName::MetadataExtractionQuery, QUERY)?)
        .parameters(parameter(ProcessorParameterName::JsonParsingEngine, PARSER)?)
        .build()
        .map_err(incomplete)?;
    Ok(ProcessingConfiguration::builder().enabled(true).processors(extraction).build())
}
