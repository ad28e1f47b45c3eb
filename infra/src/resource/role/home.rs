//! Where a role's stack is. Roles are in no region, and their names do not say one; what they trust and allow does.
use serde_json::Value;

/// The region of a stack that is not in this one: its role's trust and rights name other regions only.
pub(super) fn elsewhere(role: &Value, here: &str) -> Option<String> {
    let mut regions = Vec::new();
    collect(&role["trust"], &mut regions);
    collect(&role["policy"], &mut regions);
    if regions.contains(&here) {
        return None;
    }
    regions.first().map(|region| region.to_string())
}

/// The regions of all ARNs: `arn:PARTITION:SERVICE:REGION:ACCOUNT:…`
fn collect<'a>(value: &'a Value, regions: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => {
            let mut parts = text.split(':');
            let region = (parts.next() == Some("arn")).then(|| parts.nth(2)).flatten();
            regions.extend(region.filter(|region| !region.is_empty() && !region.contains('*')));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, regions)),
        Value::Object(fields) => fields.values().for_each(|item| collect(item, regions)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::elsewhere;
    use serde_json::json;

    #[test]
    fn a_role_is_where_its_documents_say() {
        let of = |arns: &[&str], source: &str| {
            let role =
                json!({ "trust": { "Condition": { "ArnLike": { "aws:SourceArn": [source] } } }, "policy": arns });
            elsewhere(&role, "eu-west-1")
        };
        let ecs = |region: &str| format!("arn:aws:ecs:{region}:123456789012:*");
        assert_eq!(of(&["arn:aws:s3:::shop"], &ecs("eu-west-1")), None);
        assert_eq!(of(&["arn:aws:s3:::shop"], &ecs("eu-central-1")).as_deref(), Some("eu-central-1"));
        assert_eq!(of(&["arn:aws:logs:eu-west-1:1:log-group:a"], &ecs("eu-central-1")), None, "one of both is here");
        assert_eq!(of(&["*", "arn:aws:logs:*:1:log-group:a"], "arn:aws:iam::1:role/a"), None, "no region at all");
    }
}
