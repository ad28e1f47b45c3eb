//! AWS::IAM::Role, with its inline policy.
use super::{POLICY, Role};
use crate::{
    Kind, Result,
    export::cloudformation::{Declaration, Draft, attributes::Attributes},
    policy::Document,
};
use serde_json::{Value, json};

pub(super) fn declarations(role: &Role, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let mut attributes = Attributes::of(role);
    // By their meaning there; as they are written here.
    attributes.take("trust");
    attributes.take("policy");
    let resource = Declaration::of(Kind::Role)
        .why(role.description.as_str())
        .with("RoleName", role.name.as_str())
        .with("Path", attributes.take("path"))
        .with("Description", role.description.as_str())
        .with("AssumeRolePolicyDocument", document(&role.trust))
        .with("Policies", policies(&role.policy))
        .with("PermissionsBoundary", attributes.take("permissions_boundary"))
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(draft.id_of(role)?, resource)])
}

fn policies(policy: &Document) -> Value {
    match policy.is_empty() {
        true => Value::Null,
        false => json!([{ "PolicyName": POLICY, "PolicyDocument": document(policy) }]),
    }
}

fn document(document: &Document) -> Value {
    crate::resource::attributes(document)
}
