//! In Terraform: a bucket, and its settings as resources of their own.
use super::Bucket;
use crate::{
    Resource as _,
    export::terraform::{Module, hcl, policy},
    resource::Known,
};
use hcl_edit::structure::{Block, Structure};
use serde_json::Value;

pub(super) fn blocks(module: &Module, bucket: &Bucket) -> Vec<Block> {
    let name = module.names.local(&bucket.id());
    let mut blocks = vec![
        itself(name, bucket),
        setting(module, bucket, "aws_s3_bucket_public_access_block", public_access_block()),
        setting(module, bucket, "aws_s3_bucket_ownership_controls", ownership()),
        setting(module, bucket, "aws_s3_bucket_server_side_encryption_configuration", encryption(bucket)),
    ];
    if let Some(written) = &bucket.policy() {
        let document = format!("{name}_bucket");
        blocks.push(policy::document(&module.names, &document, written));
        let json = policy::json_of(&document);
        let first = hcl::depends_on(&[format!("aws_s3_bucket_public_access_block.{name}")]);
        let body = [hcl::attribute("policy", json)].into_iter().chain(first).collect();
        blocks.push(setting(module, bucket, "aws_s3_bucket_policy", body));
    }
    blocks.push(setting(module, bucket, "aws_s3_bucket_lifecycle_configuration", lifecycle(bucket)));
    blocks
}

fn itself(name: &str, bucket: &Bucket) -> Block {
    let body = [
        hcl::attribute("bucket", hcl::text(&bucket.name)),
        hcl::attribute("force_destroy", hcl::path("var.delete_data")),
        hcl::tags(),
    ];
    hcl::resource("aws_s3_bucket", name, body)
}

fn setting(module: &Module, bucket: &Bucket, kind: &str, body: Vec<Structure>) -> Block {
    let id = bucket.id();
    let of = hcl::attribute("bucket", module.names.reference(&id, "bucket"));
    hcl::resource(kind, module.names.local(&id), [of].into_iter().chain(body))
}

fn public_access_block() -> Vec<Structure> {
    let all = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];
    all.into_iter().map(|name| hcl::attribute(name, true)).collect()
}

fn ownership() -> Vec<Structure> {
    vec![hcl::nested("rule", [hcl::attribute("object_ownership", "BucketOwnerEnforced")])]
}

fn encryption(bucket: &Bucket) -> Vec<Structure> {
    let algorithm = |name: &str| hcl::attribute("sse_algorithm", name);
    let by_default = |body| hcl::nested("apply_server_side_encryption_by_default", body);
    let rule = match &bucket.kms_key {
        None => vec![by_default(vec![algorithm("AES256")])],
        Some(key) => vec![
            hcl::attribute("bucket_key_enabled", true),
            by_default(vec![algorithm("aws:kms"), hcl::attribute("kms_master_key_id", hcl::text(key))]),
        ],
    };
    vec![hcl::nested("rule", rule)]
}

/// The rules as they are compared with S3's.
fn lifecycle(bucket: &Bucket) -> Vec<Structure> {
    let wanted = bucket.wanted(&Known::default());
    let rules = wanted["lifecycle"].as_object().into_iter().flatten();
    rules.map(|(id, rule)| hcl::nested("rule", rule_of(id, rule))).collect()
}

fn rule_of(id: &str, rule: &Value) -> Vec<Structure> {
    let days = |key: &str| rule[key].as_i64();
    let part = |block: &str, argument: &str, value: Option<i64>| {
        value.map(|value| hcl::nested(block, [hcl::attribute(argument, value)]))
    };
    let to = |class: &str| {
        let body = |days| [hcl::attribute("days", days), hcl::attribute("storage_class", class)];
        days(&format!("{}_days", class.to_lowercase())).map(|days| hcl::nested("transition", body(days)))
    };
    let marker = rule["expired_object_delete_marker"].as_bool();
    let marker = marker.map(|on| hcl::nested("expiration", [hcl::attribute("expired_object_delete_marker", on)]));
    let uploads = days("abort_incomplete_multipart_upload_days");
    let parts = [
        to("STANDARD_IA"),
        to("GLACIER"),
        part("expiration", "days", days("expire_days")),
        marker,
        part("noncurrent_version_expiration", "noncurrent_days", days("noncurrent_days")),
        part("abort_incomplete_multipart_upload", "days_after_initiation", uploads),
    ];
    let head = [hcl::attribute("id", id), hcl::attribute("status", "Enabled"), hcl::nested("filter", [])];
    head.into_iter().chain(parts.into_iter().flatten()).collect()
}

/// The bucket and its settings are imported by the same name.
pub(super) fn imports(module: &Module, bucket: &Bucket) -> Vec<Block> {
    const SETTINGS: [&str; 5] = [
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_lifecycle_configuration",
    ];
    let name = module.names.local(&bucket.id());
    let kinds = ["aws_s3_bucket"].into_iter().chain(SETTINGS);
    let kinds = kinds.filter(|kind| *kind != "aws_s3_bucket_policy" || bucket.policy().is_some());
    kinds.map(|kind| hcl::import(format!("{kind}.{name}"), hcl::text(&bucket.name))).collect()
}
