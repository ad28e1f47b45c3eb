//! Encryption of the stream itself, while records wait in it.
use super::{DeliveryStream, PATIENCE, incomplete, reason};
use crate::{
    Aws, Error, Result,
    aws::{error::Call as _, wait},
    resource::Progress,
};
use aws_sdk_firehose::types::{
    DeliveryStreamEncryptionConfiguration, DeliveryStreamEncryptionConfigurationInput, DeliveryStreamEncryptionStatus,
    KeyType,
};
use serde_json::{Value, json};

/// With the user's key, or with Firehose's own.
pub(super) fn wanted(key: Option<&str>) -> Value {
    match key {
        Some(key) => json!({"key_type": KeyType::CustomerManagedCmk.as_str(), "key": key}),
        None => json!({"key_type": KeyType::AwsOwnedCmk.as_str()}),
    }
}

/// That of a stream as it is. One that is being turned on counts as such; one that failed does not.
pub(super) fn attribute(encryption: Option<&DeliveryStreamEncryptionConfiguration>) -> Value {
    use DeliveryStreamEncryptionStatus as Status;
    let off = |status: &Status| matches!(status, Status::Disabled | Status::Disabling | Status::EnablingFailed);
    let on = encryption.filter(|encryption| !encryption.status().is_some_and(off));
    match on.and_then(|on| Some((on.key_type()?, on.key_arn()))) {
        None => Value::Null,
        Some((KeyType::AwsOwnedCmk, _)) => wanted(None),
        Some((_, key)) => json!({"key_type": KeyType::CustomerManagedCmk.as_str(), "key": key}),
    }
}

impl DeliveryStream {
    pub(super) fn encryption(&self) -> Result<DeliveryStreamEncryptionConfigurationInput> {
        let kind = if self.kms_key.is_some() { KeyType::CustomerManagedCmk } else { KeyType::AwsOwnedCmk };
        let input = DeliveryStreamEncryptionConfigurationInput::builder().key_type(kind);
        input.set_key_arn(self.kms_key.clone()).build().map_err(incomplete)
    }

    /// Turns it on, or takes another key, and waits until that has come to its end.
    pub(super) async fn put_encryption(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        const CALL: &str = "firehose:StartDeliveryStreamEncryption";
        let start = aws.firehose().start_delivery_stream_encryption().delivery_stream_name(&self.name);
        let start = start.delivery_stream_encryption_configuration_input(self.encryption()?).send().await;
        start.call(CALL, &self.name)?;
        let ask = || async {
            let stream = self.describe(aws).await?;
            let encryption = stream.and_then(|stream| stream.delivery_stream_encryption_configuration);
            let status = encryption.as_ref().and_then(|encryption| encryption.status());
            match (status, &encryption) {
                (Some(DeliveryStreamEncryptionStatus::Enabled), _) => Ok(Some(())),
                (Some(DeliveryStreamEncryptionStatus::EnablingFailed), Some(failed)) => {
                    let text = format!("it failed{}", reason(&failed.failure_description));
                    Err(Error::new(text).of(CALL, &self.name))
                }
                _ => {
                    progress("waiting until the stream is encrypted");
                    Ok(None)
                }
            }
        };
        wait::until(aws, &format!("encryption of delivery stream {}", self.name), PATIENCE, ask).await
    }
}
