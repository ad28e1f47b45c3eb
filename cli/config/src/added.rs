//! `[add_fields]`, and `add_fields` of a container: fields that records get.
use crate::keys;
use crate::problem::Span;
use crate::reader::{Entry, Node, Problems, Section, entries, integer, word, wrong_type};
use firelens_compiler::spec::{AddedField, AddedValue, Ecs};
use toml::de::DeValue;

const ECS: [(&str, Ecs); 5] = [
    ("cluster", Ecs::Cluster),
    ("task_id", Ecs::TaskId),
    ("family", Ecs::Family),
    ("revision", Ecs::Revision),
    ("container", Ecs::Container),
];

/// The fields, and where their names were written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Read {
    pub fields: Vec<AddedField>,
    pub places: Vec<Span>,
}

impl Read {
    /// Reads a table of fields: of a container, or of all.
    pub(crate) fn read(&mut self, entry: Entry, container: Option<&str>, problems: &Problems) {
        let DeValue::Table(table) = entry.value.get_ref() else {
            wrong_type::<()>(entry.value, "a table of fields", problems);
            return;
        };
        for field in entries(table) {
            if let Some(value) = value(field.value, problems) {
                let container = container.map(str::to_string);
                self.fields.push(AddedField { container, name: field.name().to_string(), value });
                self.places.push(field.key.span());
            }
        }
    }

    /// Adds what was read elsewhere.
    pub(crate) fn join(&mut self, other: Read) {
        self.fields.extend(other.fields);
        self.places.extend(other.places);
    }
}

fn value(value: Node, problems: &Problems) -> Option<AddedValue> {
    match value.get_ref() {
        DeValue::String(text) => Some(AddedValue::Text(text.to_string())),
        DeValue::Boolean(value) => Some(AddedValue::Boolean(*value)),
        DeValue::Integer(_) => integer(value, i64::MIN, i64::MAX, problems).map(AddedValue::Integer),
        DeValue::Float(number) => number.as_str().parse().ok().map(AddedValue::Number),
        DeValue::Table(_) => {
            let mut section = Section::of(&keys::ADDED_FIELD, value, problems)?;
            let ecs = section.need("ecs").and_then(|entry| word(entry, &ECS, problems));
            section.finish();
            ecs.map(AddedValue::Ecs)
        }
        _ => wrong_type(value, "a text, a number, `true` or `false`, or { ecs = … }", problems),
    }
}
