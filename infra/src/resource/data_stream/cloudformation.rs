//! AWS::Kinesis::Stream
use super::DataStream;
use crate::{
    Kind, Result,
    export::cloudformation::{Declaration, Draft, attributes::Attributes},
};
use serde_json::json;

pub(super) fn declarations(stream: &DataStream, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let mut attributes = Attributes::of(stream);
    // AWS's answer, not a setting.
    attributes.take("status");
    let resource = Declaration::of(Kind::DataStream)
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
