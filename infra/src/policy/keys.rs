//! Rights on KMS keys: only through the service that the data lies in, and only for that data.
use super::Statement;
use crate::Place;
use std::collections::{BTreeMap, BTreeSet};

/// What keys are used for, gathered, so that each key has one statement a service.
#[derive(Debug, Default)]
pub(super) struct Keys(BTreeMap<(Via, String), BTreeSet<String>>);

/// The service that calls KMS with our credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Via {
    /// Writes objects. With bucket keys the context is the bucket's ARN, without them the object's; parts of a multipart
    /// upload are decrypted (Amazon S3 user guide, "Using server-side encryption with AWS KMS keys").
    S3,
    /// Puts records (Kinesis Data Streams developer guide, "Permissions to use user-generated KMS keys": producers need
    /// GenerateDataKey only).
    Kinesis,
    /// Reads a secret (Secrets Manager user guide, "Secret encryption and decryption").
    SecretsManager,
    /// Reads a SecureString (Systems Manager user guide, "AWS KMS encryption for Parameter Store SecureString").
    Ssm,
}

impl Via {
    fn sid(self) -> &'static str {
        match self {
            Via::S3 => "KeyOfObjects",
            Via::Kinesis => "KeyOfDataStreams",
            Via::SecretsManager => "KeyOfSecrets",
            Via::Ssm => "KeyOfParameters",
        }
    }

    fn service(self) -> &'static str {
        match self {
            Via::S3 => "s3",
            Via::Kinesis => "kinesis",
            Via::SecretsManager => "secretsmanager",
            Via::Ssm => "ssm",
        }
    }

    fn actions(self) -> &'static [&'static str] {
        match self {
            Via::S3 => &["kms:GenerateDataKey", "kms:Decrypt"],
            Via::Kinesis => &["kms:GenerateDataKey"],
            Via::SecretsManager | Via::Ssm => &["kms:Decrypt"],
        }
    }

    /// The key of the encryption context that names the resource.
    fn context(self) -> &'static str {
        match self {
            Via::S3 => "kms:EncryptionContext:aws:s3:arn",
            Via::Kinesis => "kms:EncryptionContext:aws:kinesis:arn",
            Via::SecretsManager => "kms:EncryptionContext:SecretARN",
            Via::Ssm => "kms:EncryptionContext:PARAMETER_ARN",
        }
    }
}

impl Keys {
    /// The key, if there is one, encrypts this: ARNs, with `*` for many.
    pub(super) fn add(&mut self, via: Via, key: Option<&str>, of: impl IntoIterator<Item = String>) {
        if let Some(key) = key {
            self.0.entry((via, key.to_string())).or_default().extend(of);
        }
    }

    /// One a service and key; the second key of a service is numbered, as Sids must differ.
    pub(super) fn statements(self, place: &Place) -> Vec<Statement> {
        let mut seen: BTreeMap<Via, usize> = BTreeMap::new();
        self.0
            .into_iter()
            .map(|((via, key), of)| {
                let number = seen.entry(via).and_modify(|count| *count += 1).or_insert(1);
                let sid = match number {
                    1 => via.sid().to_string(),
                    number => format!("{}{number}", via.sid()),
                };
                let service = format!("{}.{}.{}", via.service(), place.region, place.dns_suffix());
                Statement::allow(&sid, via.actions(), vec![key])
                    .when("StringEquals", "kms:ViaService", vec![service])
                    .when("StringLike", via.context(), of.into_iter().collect())
            })
            .collect()
    }
}
