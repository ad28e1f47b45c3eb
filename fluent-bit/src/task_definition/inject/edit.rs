//! Edits of a JSON text that keep all the rest of it as it is: order, formatting, keys that nobody here knows.
use jsonc_parser::cst::{CstInputValue, CstNode, CstObject, CstObjectProp};
use serde_json::{Map, Value};

/// Sets the key to exactly this value.
pub(super) fn set(object: &CstObject, key: &str, value: &Value) {
    match object.get(key) {
        Some(property) if plain(&property).as_ref() == Some(value) => {}
        Some(property) => property.set_value(input(value)),
        None => _ = object.append(key, input(value)),
    }
}

/// Sets each of the keys; objects are merged in turn, and other keys stay.
pub(super) fn merge(object: &CstObject, values: &Map<String, Value>) {
    for (key, value) in values {
        match (value, object.object_value(key)) {
            (Value::Object(inner), Some(there)) => merge(&there, inner),
            _ => set(object, key, value),
        }
    }
}

/// Merges each item into the one of the list that has the same `id`, or else appends it.
pub(super) fn merge_list(object: &CstObject, list: &str, id: &str, items: &[Value]) {
    if items.is_empty() {
        return;
    }
    let array = object.array_value_or_set(list);
    for item in items {
        let Value::Object(values) = item else { continue };
        let mut there = array.elements().into_iter().filter_map(|element| element.as_object());
        match there.find(|element| string(element, id).as_deref() == values.get(id).and_then(Value::as_str)) {
            Some(element) => merge(&element, values),
            None => _ = array.append(input(item)),
        }
    }
}

/// Takes the key away, if it is there.
pub(super) fn remove(object: &CstObject, key: &str) {
    if let Some(property) = object.get(key) {
        property.remove();
    }
}

/// The string under a key.
pub(super) fn string(object: &CstObject, key: &str) -> Option<String> {
    object.get(key)?.value()?.as_string_lit()?.decoded_value().ok()
}

/// The objects in the list under a key.
pub(super) fn objects(object: &CstObject, list: &str) -> Vec<CstObject> {
    let elements = object.array_value(list).map_or(Vec::new(), |array| array.elements());
    elements.iter().filter_map(CstNode::as_object).collect()
}

fn plain(property: &CstObjectProp) -> Option<Value> {
    property.value()?.to_serde_value()
}

/// A value to write.
pub(super) fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(boolean) => CstInputValue::Bool(*boolean),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(values) => {
            CstInputValue::Object(values.iter().map(|(key, value)| (key.clone(), input(value))).collect())
        }
    }
}

/// The text, in one line if the source is.
pub(super) fn like(source: &str, text: String) -> String {
    let end = source.trim_end().len();
    if source[..end].contains('\n') { text } else { one_line(&text, source.contains(", ")) + &source[end..] }
}

/// Without line breaks and the indentation after them. A string in JSON holds no line break.
fn one_line(text: &str, spaced: bool) -> String {
    let space = |line: &str| if spaced && line.ends_with(',') { " " } else { "" };
    text.lines().map(str::trim_start).flat_map(|line| [line, space(line)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonc_parser::{ParseOptions, cst::CstRootNode};
    use serde_json::json;

    fn edited(source: &str, edit: impl Fn(&CstObject)) -> String {
        let root = CstRootNode::parse(source, &ParseOptions::default()).unwrap();
        edit(&root.object_value().unwrap());
        like(source, root.to_string())
    }

    #[test]
    fn what_is_there_already_stays_as_it_was_written() {
        let source = "{ \"a\":1.0e2, \"l\": [ {\"name\": \"x\"} ],\n \"o\": {\"k\":true } }";
        let same = edited(source, |object| {
            merge(object, json!({"o": {"k": true}}).as_object().unwrap());
            merge_list(object, "l", "name", &[json!({"name": "x"})]);
            merge_list(object, "new", "name", &[]);
        });
        assert_eq!(same, source);
    }

    #[test]
    fn lists_are_merged_by_name() {
        let source = "{\n  \"l\": [\n    { \"name\": \"x\", \"mine\": 1 }\n  ]\n}\n";
        let merged =
            edited(source, |object| merge_list(object, "l", "name", &[json!({"name": "x"}), json!({"name": "y"})]));
        assert_eq!(
            merged,
            "{\n  \"l\": [\n    { \"name\": \"x\", \"mine\": 1 },\n    {\n      \"name\": \"y\"\n    }\n  ]\n}\n"
        );
    }

    #[test]
    fn a_file_of_one_line_stays_one() {
        let one = edited("{\"a\":{\"b\":1}}\n", |object| set(object, "c", &json!({"d": [1, {"e": "f\n"}]})));
        assert_eq!(one, "{\"a\":{\"b\":1},\"c\": {\"d\": [1,{\"e\": \"f\\n\"}]}}\n");
    }
}
