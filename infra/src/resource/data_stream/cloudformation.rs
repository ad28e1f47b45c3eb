//! AWS::Kinesis::Stream
use super::{Draft, attributes::Attributes, resource::Resource};
use crate::{Result, resource::data_stream::DataStream};
use serde_json::json;

pub fn resources(stream: &DataStream, draft: &mut Draft<'_>) -> Result<Vec<(String, Resource)>> {
    let mut attributes = Attributes::of(stream);
    // AWS's answer, not a setting.
    attributes.take("status");
    let resource = Resource::new("AWS::Kinesis::Stream")
        .why("What routes lead here, for consumers of their own.")
        .retained(true)
        .with("Name", stream.name.as_str())
        .with("StreamModeDetails", json!({ "StreamMode": attributes.take("mode") }))
        .with("ShardCount", attributes.take("shards"))
        .with("RetentionPeriodHours", attributes.take("retention_hours"))
        .with("StreamEncryption", json!({ "EncryptionType": "KMS", "KeyId": attributes.take("kms_key") }))
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(draft.id_of(stream)?, resource)])
}
