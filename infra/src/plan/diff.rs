//! Two values, field by field.
use super::FieldChange;
use serde_json::{Map, Value};

/// What differs, with the path to it. Nothing, `null` and an empty list or object are the same.
pub(crate) fn diff(before: &Value, after: &Value) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    walk("", before, after, &mut changes);
    changes
}

fn walk(path: &str, before: &Value, after: &Value, changes: &mut Vec<FieldChange>) {
    if before == after || (is_nothing(before) && is_nothing(after)) {
        return;
    }
    match (fields(before), fields(after)) {
        (Some(old), Some(new)) if !(old.is_empty() && new.is_empty()) => {
            for (key, value) in &new {
                walk(&join(path, key), old.get(key).unwrap_or(&Value::Null), value, changes);
            }
            for (key, value) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
                walk(&join(path, key), value, &Value::Null, changes);
            }
        }
        _ => changes.push(FieldChange { field: path.to_string(), before: before.clone(), after: after.clone() }),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// An object's members. A list whose items all have a name is taken for one by these names; nothing is an empty one.
fn fields(value: &Value) -> Option<Map<String, Value>> {
    match value {
        Value::Null => Some(Map::new()),
        Value::Object(members) => Some(members.clone()),
        Value::Array(items) => {
            let named: Option<Map<String, Value>> =
                items.iter().map(|item| Some((format!("[{}]", item.get("name")?.as_str()?), item.clone()))).collect();
            named.filter(|named| named.len() == items.len())
        }
        _ => None,
    }
}

/// `containerDefinitions[app].image`
pub(crate) fn join(path: &str, key: &str) -> String {
    match path.is_empty() || key.starts_with('[') {
        true => format!("{path}{key}"),
        false => format!("{path}.{key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(before: Value, after: Value) -> Vec<String> {
        diff(&before, &after).into_iter().map(|change| change.field).collect()
    }

    #[test]
    fn what_differs_is_found_where_it_is() {
        let before = json!({"days": 14, "tags": {"a": "1", "b": "2"}, "list": [1, 2]});
        let after = json!({"days": 30, "tags": {"a": "1", "c": "3"}, "list": [2, 1]});
        assert_eq!(paths(before, after), ["days", "tags.c", "tags.b", "list"]);
    }

    #[test]
    fn lists_of_named_things_are_compared_by_name() {
        let before = json!({"c": [{"name": "app", "image": "a:1"}, {"name": "log_router", "image": "r:1"}]});
        let after = json!({"c": [{"name": "log_router", "image": "r:2"}, {"name": "app", "image": "a:1"}]});
        assert_eq!(paths(before, after), ["c[log_router].image"]);
    }

    #[test]
    fn nothing_is_nothing_in_any_form() {
        let before = json!({"a": null, "b": [], "c": {}});
        assert!(paths(before, json!({})).is_empty());
        assert_eq!(paths(Value::Null, json!({"a": 1, "b": {"c": 2}})), ["a", "b.c"]);
        assert_eq!(paths(json!({"a": [1]}), json!({"a": []})), ["a"]);
        assert_eq!(paths(json!({"a": [1]}), json!({})), ["a"]);
    }
}
