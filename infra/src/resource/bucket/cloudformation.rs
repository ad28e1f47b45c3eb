//! AWS::S3::Bucket and AWS::S3::BucketPolicy
use super::Bucket;
use crate::{
    Error, Kind, Result,
    export::{
        cloudformation::{
            Declaration, Draft,
            attributes::Attributes,
            expression::{attribute, reference, sub},
            parameter::{Parameter, Subject},
        },
        symbol::{self, Part},
    },
    names::BUCKET_NAME,
};
use serde_json::{Map, Value, json};

/// What the parts that are not known can have: an account's number, and a region such as `ap-southeast-1`.
const ACCOUNT: usize = 12;
const REGION: usize = 14;

pub(super) fn declarations(bucket: &Bucket, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    check_name(&bucket.name)?;
    let id = draft.id_of(bucket)?;
    let mut attributes = Attributes::of(bucket);
    // The document itself, not its meaning, which is what a deploy compares.
    attributes.take("policy");
    let resource = Declaration::of(Kind::Bucket)
        .why("The archive: what routes lead here, as objects.")
        .retained(true)
        .with("BucketName", bucket.name.as_str())
        .with("BucketEncryption", encryption(&attributes.take("encryption")))
        .with("PublicAccessBlockConfiguration", public_access(&attributes.take("public_access_block")))
        .with("OwnershipControls", json!({ "Rules": [{ "ObjectOwnership": attributes.take("object_ownership") }] }))
        .with("LifecycleConfiguration", lifecycle(&id, &attributes.take("lifecycle"), draft)?)
        .with("Tags", attributes.tags());
    attributes.finish()?;
    let mut all = vec![(id.clone(), resource)];
    if let Some(policy) = bucket.policy() {
        let policy = crate::resource::attributes(&policy);
        let policy = Declaration::new("AWS::S3::BucketPolicy")
            // With the bucket that it protects.
            .retained(true)
            .with("Bucket", reference(&id))
            .with("PolicyDocument", of_bucket(policy, &id, &bucket.arn));
        all.push((format!("{id}Policy"), policy));
    }
    Ok(all)
}

/// The end of a long name follows from the account and the region, in a way that a template cannot go.
fn check_name(name: &str) -> Result<()> {
    let length = |part: &Part<'_>| match part {
        Part::Text(text) => text.len(),
        Part::Account => ACCOUNT,
        _ => REGION,
    };
    let shown = symbol::parts(name).iter().map(shown).collect::<String>();
    match symbol::parts(name).iter().map(length).sum::<usize>() {
        long if long > BUCKET_NAME => Err(Error::new(format!(
            "a bucket's name has {BUCKET_NAME} characters at most, and {shown} can have {long}"
        ))
        .help("give the destination a shorter name, or its bucket one of its own with `bucket`")),
        _ => Ok(()),
    }
}

fn shown<'a>(part: &Part<'a>) -> &'a str {
    match part {
        Part::Text(text) => text,
        Part::Account => "ACCOUNT",
        _ => "REGION",
    }
}

/// The document, with the bucket's ARN from the bucket.
fn of_bucket(document: Value, id: &str, arn: &str) -> Value {
    match document {
        Value::String(text) => match text.strip_prefix(arn) {
            Some("") => attribute(id, "Arn"),
            Some(behind) => sub(format!("${{{id}.Arn}}{behind}")),
            None => text.into(),
        },
        Value::Array(items) => items.into_iter().map(|item| of_bucket(item, id, arn)).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(key, value)| (key, of_bucket(value, id, arn)));
            members.collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn encryption(wanted: &Value) -> Value {
    let mut default = json!({ "SSEAlgorithm": wanted["algorithm"] });
    let mut rule = json!({});
    if !wanted["kms_key"].is_null() {
        default["KMSMasterKeyID"] = wanted["kms_key"].clone();
        rule["BucketKeyEnabled"] = wanted["bucket_key"].clone();
    }
    rule["ServerSideEncryptionByDefault"] = default;
    json!({ "ServerSideEncryptionConfiguration": [rule] })
}

fn public_access(wanted: &Value) -> Value {
    json!({
        "BlockPublicAcls": wanted["block_public_acls"],
        "IgnorePublicAcls": wanted["ignore_public_acls"],
        "BlockPublicPolicy": wanted["block_public_policy"],
        "RestrictPublicBuckets": wanted["restrict_public_buckets"],
    })
}

fn lifecycle(id: &str, wanted: &Value, draft: &mut Draft<'_>) -> Result<Value> {
    let rules = wanted.as_object().into_iter().flatten();
    let rules = rules.map(|(name, wanted)| rule(id, name, wanted, draft)).collect::<Result<Vec<_>>>()?;
    Ok(json!({ "Rules": rules }))
}

/// A rule, from all that it says.
fn rule(id: &str, name: &str, wanted: &Value, draft: &mut Draft<'_>) -> Result<Value> {
    let mut rule = json!({ "Id": name });
    let mut transitions = Vec::new();
    for (attribute, value) in wanted.as_object().into_iter().flatten() {
        match attribute.as_str() {
            "enabled" => rule["Status"] = if *value == true { "Enabled" } else { "Disabled" }.into(),
            "prefix" => rule["Prefix"] = value.clone(),
            "expire_days" => rule["ExpirationInDays"] = expiration(id, value, wanted, draft),
            "expired_object_delete_marker" => rule["ExpiredObjectDeleteMarker"] = value.clone(),
            "noncurrent_days" => rule["NoncurrentVersionExpiration"] = json!({ "NoncurrentDays": value }),
            "abort_incomplete_multipart_upload_days" => {
                rule["AbortIncompleteMultipartUpload"] = json!({ "DaysAfterInitiation": value });
            }
            "standard_ia_days" => transitions.push(json!({ "StorageClass": "STANDARD_IA", "TransitionInDays": value })),
            "glacier_days" => transitions.push(json!({ "StorageClass": "GLACIER", "TransitionInDays": value })),
            other => return Err(Error::new(format!("the template cannot express `{other}` of the lifecycle of {id}"))),
        }
    }
    if !transitions.is_empty() {
        rule["Transitions"] = transitions.into();
    }
    Ok(rule)
}

/// Objects are deleted after the last of their moves only.
fn expiration(id: &str, days: &Value, wanted: &Value, draft: &mut Draft<'_>) -> Value {
    let moves = ["standard_ia_days", "glacier_days"].iter().filter_map(|class| wanted[*class].as_u64());
    let parameter = Parameter {
        subject: Subject::Retention,
        kind: "Number",
        description: format!("Days until the objects of {id} are deleted."),
        default: Some(days.clone()),
        constraints: vec![("MinValue", (moves.max().unwrap_or(0) + 1).into())],
    };
    draft.parameters.add(format!("{}ExpireDays", id.trim_end_matches("Bucket")), parameter)
}
