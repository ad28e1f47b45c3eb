//! `[json]`: what is known of members that lines of JSON bring.
use crate::keys;
use crate::problem::Span;
use crate::reader::{Entry, Problems, Section, entries, one_of, wrong_type};
use firelens_compiler::{FieldType, spec::MemberType};
use toml::de::DeValue;

/// The words for types, as `export athena` has them, too.
pub const TYPES: [(&str, FieldType); 4] = [
    ("text", FieldType::String),
    ("integer", FieldType::Integer),
    ("number", FieldType::Decimal),
    ("time", FieldType::Time),
];

/// The types of members, and where their names were written.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Read {
    pub types: Vec<MemberType>,
    pub places: Vec<Span>,
}

pub(crate) fn read(entry: Entry, problems: &Problems) -> Read {
    let mut read = Read::default();
    let Some(mut section) = Section::of(&keys::JSON, entry.value, problems) else { return read };
    if let Some(types) = section.take("types") {
        match types.value.get_ref() {
            DeValue::Table(table) => {
                for member in entries(table) {
                    if let Some(value_type) = one_of(member.value, &TYPES, problems) {
                        read.types.push(MemberType { name: member.name().to_string(), value_type });
                        read.places.push(member.key.span());
                    }
                }
            }
            _ => _ = wrong_type::<()>(types.value, "a table of members and their types", problems),
        }
    }
    section.finish();
    read
}
