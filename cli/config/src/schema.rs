//! A JSON Schema of `firelens.toml`, from the one table of keys: what editors complete and underline.
//!
//! It says which keys there are and what sort of value each takes. Whether a LogFormat is one, a route leads somewhere, or
//! an option is one of the output, only the reader knows.
use crate::keys::{Key, REQUIRED, Shape, TOP, Table};
use firelens_pipeline::destination;
use serde_json::{Map, Value, json};

/// The schema, of draft 7: what editors' TOML servers read.
pub fn schema() -> Value {
    let mut tables = Vec::new();
    collect(&TOP, &mut tables);
    let definitions: Map<String, Value> = tables.iter().skip(1).map(|table| (id(table), object(table))).collect();
    let Value::Object(mut top) = object(&TOP) else { unreachable!("a table is an object") };
    top.insert("definitions".into(), definitions.into());
    let head = [
        ("$schema".to_string(), json!("http://json-schema.org/draft-07/schema#")),
        ("title".to_string(), json!("firelens.toml")),
    ];
    Value::Object(head.into_iter().chain(top).collect())
}

/// All tables that this one leads to, each once.
fn collect(table: &'static Table, found: &mut Vec<&'static Table>) {
    if found.iter().any(|known| std::ptr::eq(*known, table)) {
        return;
    }
    found.push(table);
    let also = table.also.iter().flat_map(|table| table.keys);
    for shape in table.keys.iter().chain(also).map(|key| &key.shape).chain(table.others) {
        inner(shape, found);
    }
}

fn inner(shape: &'static Shape, found: &mut Vec<&'static Table>) {
    match shape {
        Shape::Table(table) | Shape::Tables(table) => collect(table, found),
        Shape::List(shape) | Shape::OneOrMany(shape) | Shape::Map(shape) => inner(shape, found),
        Shape::Any(shapes) => shapes.iter().for_each(|shape| inner(shape, found)),
        _ => {}
    }
}

/// `[stack.app]` as a name within the schema.
fn id(table: &Table) -> String {
    let words = table.title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

fn object(table: &Table) -> Value {
    let also = table.also.iter().flat_map(|table| table.keys);
    let mut properties = Map::new();
    for key in table.keys.iter().chain(also) {
        properties.entry(key.name).or_insert_with(|| property(key));
    }
    if table.key("type").is_some() && !table.also.is_empty() {
        properties["type"]["enum"] = destination::ALL.map(|known| known.word).to_vec().into();
    }
    let mut object = json!({ "type": "object", "properties": properties });
    let required: Vec<&str> = table.keys.iter().filter(|key| key.default == REQUIRED).map(|key| key.name).collect();
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object["additionalProperties"] = table.others.map_or(Value::Bool(false), value);
    object
}

fn property(key: &Key) -> Value {
    let Value::Object(mut property) = value(&key.shape) else { return value(&key.shape) };
    let mut description = plain(key.about);
    if key.default != REQUIRED && key.default != "none" {
        description = format!("{description}. Default: {}", plain(key.default));
    }
    // Beside a reference, draft 7 reads nothing.
    if property.contains_key("$ref") {
        property = Map::from_iter([("allOf".to_string(), json!([property]))]);
    }
    property.insert("description".into(), description.into());
    if let Some(example) = example(key) {
        property.insert("examples".into(), json!([example]));
    }
    property.into()
}

fn value(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Integer(i64::MIN, i64::MAX) => json!({ "type": "integer" }),
        Shape::Integer(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Words(words) => json!({ "enum": words }),
        Shape::List(shape) => json!({ "type": "array", "items": value(shape) }),
        Shape::OneOrMany(shape) => json!({ "anyOf": [value(shape), { "type": "array", "items": value(shape) }] }),
        Shape::Any(shapes) => json!({ "anyOf": shapes.iter().map(value).collect::<Vec<_>>() }),
        Shape::Table(table) => json!({ "$ref": format!("#/definitions/{}", id(table)) }),
        Shape::Tables(table) => {
            json!({ "type": "array", "items": { "$ref": format!("#/definitions/{}", id(table)) } })
        }
        Shape::Map(shape) => json!({ "type": "object", "additionalProperties": value(shape) }),
        Shape::Anything => Value::Bool(true),
    }
}

/// The example as JSON.
fn example(key: &Key) -> Option<Value> {
    let table: toml::Table = format!("x = {}", key.example).parse().ok()?;
    serde_json::to_value(table.get("x")?).ok()
}

/// Markdown without its links, as an editor shows it.
fn plain(markdown: &str) -> String {
    let mut text = String::new();
    let mut rest = markdown;
    while let Some(start) = rest.find('[') {
        let (before, after) = rest.split_at(start);
        text.push_str(before);
        let link = after.find("](").and_then(|end| Some((end, end + after[end..].find(')')?)));
        match link {
            Some((end, close)) if !after[1..end].contains('[') => {
                text.push_str(&after[1..end]);
                rest = &after[close + 1..];
            }
            _ => {
                text.push('[');
                rest = &after[1..];
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_their_text() {
        assert_eq!(
            plain("see [presets](fields.md#presets), `[[container]]` and [b](c)"),
            "see presets, `[[container]]` and b"
        );
        assert_eq!(plain("with a `[stack.app]`: ids"), "with a `[stack.app]`: ids");
    }

    #[test]
    fn tables_have_names_of_their_own() {
        let mut tables = Vec::new();
        collect(&TOP, &mut tables);
        let mut ids: Vec<String> = tables.iter().map(|table| id(table)).collect();
        ids.sort();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }

    #[test]
    fn examples_are_values() {
        let mut tables = Vec::new();
        collect(&TOP, &mut tables);
        let also = tables.iter().flat_map(|table| table.also).copied();
        for table in tables.iter().copied().chain(also) {
            for key in table.keys.iter().filter(|key| !key.example.is_empty()) {
                assert!(example(key).is_some(), "{} {}: {}", table.title, key.name, key.example);
            }
        }
    }
}
