//! A bucket's settings, each of which S3 reads and writes with a call of its own.
use super::{Bucket, PATIENCE, incomplete, is_unsettled, lifecycle};
use crate::{
    Aws, Result,
    aws::{error::Call as _, wait},
    policy::{Document, Statement, meaning},
    resource::Changes,
};
use aws_sdk_s3::types::{
    ObjectOwnership, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use futures::try_join;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// In the form in which they are compared.
#[derive(Debug, Serialize)]
pub(super) struct Settings {
    encryption: Value,
    public_access_block: Value,
    object_ownership: Value,
    policy: Value,
    lifecycle: Value,
    tags: BTreeMap<String, String>,
}

impl Bucket {
    pub(super) fn settings(&self) -> Settings {
        let rules = lifecycle::configuration(&self.lifecycle).expect("the rules have all that a rule needs");
        Settings {
            encryption: match &self.kms_key {
                Some(key) => json!({"algorithm": "aws:kms", "kms_key": key, "bucket_key": true}),
                None => json!({"algorithm": "AES256"}),
            },
            public_access_block: blocked(true, true, true, true),
            object_ownership: json!(ObjectOwnership::BucketOwnerEnforced.as_str()),
            policy: self.policy().map_or(Value::Null, |policy| meaning::meaning(&crate::resource::attributes(&policy))),
            lifecycle: lifecycle::attributes(rules.rules()),
            tags: self.tags.clone(),
        }
    }

    /// Refuses what does not come over TLS (Amazon S3 user guide, "Security best practices for Amazon S3").
    pub(crate) fn policy(&self) -> Option<Document> {
        let statement = Statement {
            sid: Some("TlsOnly".into()),
            effect: "Deny",
            principal: Some(json!("*")),
            action: vec!["s3:*".into()],
            resource: vec![self.arn.clone(), format!("{}/*", self.arn)],
            condition: BTreeMap::new(),
        };
        let statement = statement.when("Bool", "aws:SecureTransport", vec!["false".into()]);
        self.tls_only.then(|| Document::new(vec![statement]))
    }

    /// All at once.
    pub(super) async fn read_settings(&self, aws: &Aws, tags: BTreeMap<String, String>) -> Result<Settings> {
        let (encryption, public_access_block, object_ownership, policy, lifecycle) = try_join!(
            self.read_encryption(aws),
            self.read_public_access_block(aws),
            self.read_object_ownership(aws),
            self.read_policy(aws),
            self.read_lifecycle(aws),
        )?;
        Ok(Settings { encryption, public_access_block, object_ownership, policy, lifecycle, tags })
    }

    /// One after the other: S3 refuses changes of one bucket at the same time.
    pub(super) async fn put_settings(&self, aws: &Aws, changes: &mut Changes<'_>) -> Result<()> {
        if changes.take("public_access_block") {
            wait::unless(aws, PATIENCE, is_unsettled, || self.put_public_access_block(aws)).await?;
        }
        if changes.take("object_ownership") {
            wait::unless(aws, PATIENCE, is_unsettled, || self.put_object_ownership(aws)).await?;
        }
        if changes.take("encryption") {
            wait::unless(aws, PATIENCE, is_unsettled, || self.put_encryption(aws)).await?;
        }
        if changes.take("policy") {
            wait::unless(aws, PATIENCE, is_unsettled, || self.put_policy(aws)).await?;
        }
        if changes.take("lifecycle") {
            wait::unless(aws, PATIENCE, is_unsettled, || self.put_lifecycle(aws)).await?;
        }
        Ok(())
    }

    async fn read_encryption(&self, aws: &Aws) -> Result<Value> {
        let get = aws.s3().get_bucket_encryption().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        let get = get.send().await.call("s3:GetEncryptionConfiguration", &self.name);
        let get = unless_none(get, "ServerSideEncryptionConfigurationNotFoundError")?;
        let rule = get.and_then(|get| get.server_side_encryption_configuration?.rules.into_iter().next());
        let Some(by_default) = rule.as_ref().and_then(|rule| rule.apply_server_side_encryption_by_default()) else {
            return Ok(Value::Null);
        };
        let algorithm = by_default.sse_algorithm().as_str();
        let mut encryption = json!({ "algorithm": algorithm });
        if by_default.sse_algorithm() != &ServerSideEncryption::Aes256 {
            encryption["kms_key"] = json!(by_default.kms_master_key_id());
            encryption["bucket_key"] = json!(rule.as_ref().and_then(|rule| rule.bucket_key_enabled()).unwrap_or(false));
        }
        Ok(encryption)
    }

    async fn put_encryption(&self, aws: &Aws) -> Result<()> {
        let by_default = match &self.kms_key {
            Some(key) => ServerSideEncryptionByDefault::builder()
                .sse_algorithm(ServerSideEncryption::AwsKms)
                .kms_master_key_id(key),
            None => ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256),
        };
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(by_default.build().map_err(incomplete)?)
            .set_bucket_key_enabled(self.kms_key.is_some().then_some(true))
            .build();
        let all = ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(incomplete)?;
        let put = aws.s3().put_bucket_encryption().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        let put = put.server_side_encryption_configuration(all).send().await;
        put.call("s3:PutEncryptionConfiguration", &self.name).map(drop)
    }

    async fn read_public_access_block(&self, aws: &Aws) -> Result<Value> {
        let get = aws.s3().get_public_access_block().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        let get = get.send().await.call("s3:GetBucketPublicAccessBlock", &self.name);
        let get = unless_none(get, "NoSuchPublicAccessBlockConfiguration")?;
        let block = get.and_then(|get| get.public_access_block_configuration);
        let is =
            |part: fn(&PublicAccessBlockConfiguration) -> Option<bool>| block.as_ref().and_then(part) == Some(true);
        Ok(blocked(
            is(PublicAccessBlockConfiguration::block_public_acls),
            is(PublicAccessBlockConfiguration::ignore_public_acls),
            is(PublicAccessBlockConfiguration::block_public_policy),
            is(PublicAccessBlockConfiguration::restrict_public_buckets),
        ))
    }

    async fn put_public_access_block(&self, aws: &Aws) -> Result<()> {
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        let put = aws.s3().put_public_access_block().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        let put = put.public_access_block_configuration(block).send().await;
        put.call("s3:PutBucketPublicAccessBlock", &self.name).map(drop)
    }

    async fn read_object_ownership(&self, aws: &Aws) -> Result<Value> {
        let get = aws.s3().get_bucket_ownership_controls().bucket(&self.name);
        let get = get.expected_bucket_owner(&aws.place().account).send().await;
        let get = get.call("s3:GetBucketOwnershipControls", &self.name);
        let get = unless_none(get, "OwnershipControlsNotFoundError")?;
        let rule = get.and_then(|get| get.ownership_controls?.rules.into_iter().next());
        Ok(json!(rule.as_ref().map(|rule| rule.object_ownership().as_str())))
    }

    async fn put_object_ownership(&self, aws: &Aws) -> Result<()> {
        let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerEnforced);
        let controls = OwnershipControls::builder().rules(rule.build().map_err(incomplete)?);
        let put = aws.s3().put_bucket_ownership_controls().bucket(&self.name);
        let put = put.expected_bucket_owner(&aws.place().account);
        let put = put.ownership_controls(controls.build().map_err(incomplete)?).send().await;
        put.call("s3:PutBucketOwnershipControls", &self.name).map(drop)
    }

    async fn read_policy(&self, aws: &Aws) -> Result<Value> {
        let get = aws.s3().get_bucket_policy().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        let get = get.send().await.call("s3:GetBucketPolicy", &self.name);
        let text = unless_none(get, "NoSuchBucketPolicy")?.and_then(|get| get.policy);
        // S3 returns it in a form of its own.
        let document =
            |text: String| serde_json::from_str(&text).map_or(Value::String(text), |read| meaning::meaning(&read));
        Ok(text.map_or(Value::Null, document))
    }

    async fn put_policy(&self, aws: &Aws) -> Result<()> {
        let account = &aws.place().account;
        match self.policy() {
            Some(policy) => {
                let put = aws.s3().put_bucket_policy().bucket(&self.name).expected_bucket_owner(account);
                put.policy(policy.json()).send().await.call("s3:PutBucketPolicy", &self.name).map(drop)
            }
            None => {
                let delete = aws.s3().delete_bucket_policy().bucket(&self.name).expected_bucket_owner(account);
                delete.send().await.call("s3:DeleteBucketPolicy", &self.name).map(drop)
            }
        }
    }

    async fn read_lifecycle(&self, aws: &Aws) -> Result<Value> {
        let get = aws.s3().get_bucket_lifecycle_configuration().bucket(&self.name);
        let get = get.expected_bucket_owner(&aws.place().account).send().await;
        let get = get.call("s3:GetLifecycleConfiguration", &self.name);
        let rules = unless_none(get, "NoSuchLifecycleConfiguration")?.and_then(|get| get.rules);
        Ok(rules.map_or(Value::Null, |rules| lifecycle::attributes(&rules)))
    }

    async fn put_lifecycle(&self, aws: &Aws) -> Result<()> {
        let put = aws.s3().put_bucket_lifecycle_configuration().bucket(&self.name);
        let put = put.expected_bucket_owner(&aws.place().account);
        let put = put.lifecycle_configuration(lifecycle::configuration(&self.lifecycle)?).send().await;
        put.call("s3:PutLifecycleConfiguration", &self.name).map(drop)
    }
}

fn blocked(block_acls: bool, ignore_acls: bool, block_policy: bool, restrict: bool) -> Value {
    json!({
        "block_public_acls": block_acls,
        "ignore_public_acls": ignore_acls,
        "block_public_policy": block_policy,
        "restrict_public_buckets": restrict,
    })
}

/// `None` when S3 says with this code that it is not set.
fn unless_none<T>(result: Result<T>, code: &str) -> Result<Option<T>> {
    match result {
        Err(error) if error.is(code) => Ok(None),
        result => result.map(Some),
    }
}
