//! AWS::Logs::LogGroup
use super::LogGroup;
use crate::{
    Kind, Result,
    export::cloudformation::{
        Declaration, Draft,
        attributes::Attributes,
        parameter::{Parameter, Subject},
    },
    stack::RETENTION_DAYS,
};
use serde_json::Value;

pub(super) fn declarations(group: &LogGroup, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let id = draft.id_of(group)?;
    let mut attributes = Attributes::of(group);
    let resource = Declaration::of(Kind::LogGroup)
        .retained(group.data)
        .with("LogGroupName", group.name.as_str())
        .with("LogGroupClass", attributes.take("class"))
        .with("RetentionInDays", retention(group, &id, attributes.take("retention_days"), draft))
        .with("KmsKeyId", attributes.take("kms_key"))
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(id, resource)])
}

/// The kit's own groups have the same.
fn retention(group: &LogGroup, id: &str, days: Value, draft: &mut Draft<'_>) -> Value {
    if days.is_null() {
        return Value::Null;
    }
    let (name, description) = match group.data {
        true => (
            format!("{}RetentionDays", id.trim_end_matches("LogGroup")),
            format!("Days that {} keeps lines.", group.name),
        ),
        false => ("OwnLogRetentionDays".into(), "Days that the logs of router and Firehose are kept.".into()),
    };
    let constraints = vec![("AllowedValues", RETENTION_DAYS.to_vec().into())];
    let subject = Subject::Retention;
    draft.parameters.add(name, Parameter { subject, kind: "Number", description, default: Some(days), constraints })
}
