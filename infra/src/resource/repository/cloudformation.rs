//! AWS::ECR::Repository. Its images go with it: they were built from what is in the user's hands.
use super::Repository;
use crate::{
    Kind, Result,
    export::cloudformation::{Declaration, Draft, attributes::Attributes},
};
use serde_json::{Value, json};

pub(super) fn declarations(repository: &Repository, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let mut attributes = Attributes::of(repository);
    let lifecycle = format!("{:#}\n", attributes.take("lifecycle_policy"));
    let resource = Declaration::of(Kind::Repository)
        .why("The router's images, each under a tag that says what is inside and never moves.")
        .with("RepositoryName", repository.name.as_str())
        .with("ImageTagMutability", attributes.take("image_tag_mutability"))
        .with("ImageScanningConfiguration", json!({ "ScanOnPush": attributes.take("scan_on_push") }))
        .with("EncryptionConfiguration", encryption(attributes.take("kms_key")))
        .with("LifecyclePolicy", json!({ "LifecyclePolicyText": lifecycle }))
        .with("EmptyOnDelete", true)
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(draft.id_of(repository)?, resource)])
}

fn encryption(key: Value) -> Value {
    match key {
        Value::Null => json!({ "EncryptionType": "AES256" }),
        key => json!({ "EncryptionType": "KMS", "KmsKey": key }),
    }
}
