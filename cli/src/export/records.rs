//! What the records of a configuration hold, as the exports take it: from the filter's table of fields and the compiled
//! formats.
use crate::config::Config;
use firelens_compiler::{
    FieldInfo, FieldType,
    spec::{Action, AddedValue, Ecs},
};
use firelens_filter::{
    names::{GIVEN, Giver},
    program::{CompiledFormat, Form, Kind, Mask, Output},
};
use firelens_infra::export::athena::{Field, Meaning, Records, Value};

/// The records of a destination.
pub fn of(config: &Config, destination: &str) -> Records {
    let (routes, sampled): (Vec<_>, Vec<_>) = config.spec.routes.iter().partition(|route| match route.action {
        Action::Keep => true,
        Action::Drop | Action::Sample(_) => false,
    });
    let leads_here = |name: &str| {
        let mut routes = config.routes.iter();
        routes.any(|route| route.name == name && route.to.iter().any(|to| to == destination))
    };
    let whole = routes.iter().all(|route| leads_here(&route.name));
    let all = whole && sampled.iter().all(|route| route.action == Action::Drop);
    let here = config.routes.iter().filter(|route| leads_here(&route.name));
    Records {
        destination: destination.to_string(),
        fields: fields(config),
        routes: here.map(|route| route.name.clone()).collect(),
        all,
    }
}

/// The fields that the configuration's formats give, in the order of the table, and what is in all records.
fn fields(config: &Config) -> Vec<Field> {
    let mut fields = Fields::default();
    fields.own("kind", Value::Text, "The sort of line: access, error, rails, json, unparsed");
    if !config.spec.routes.is_empty() {
        fields.own("route", Value::Text, "The route that took the record");
    }
    let program = &config.program;
    let written = |output: &&Output| match output.mask {
        Mask::User => !program.privacy.remove_user,
        mask => mask != Mask::Removed,
    };
    let mut outputs: Vec<(usize, Kind, &str, &str)> = Vec::new();
    // Not the header of JSON lines: the JSON itself may have fields of the same names and any type.
    for format in program.formats.iter().filter(|format| !format.holds(Form::Json)) {
        for output in format.outputs().filter(written) {
            let plain = program.names.get(usize::from(output.field)).map_or("", String::as_str);
            outputs.push((place(format.kind, plain), format.kind, plain, output.name()));
        }
    }
    outputs.sort_by_key(|(place, ..)| *place);
    for (_, kind, plain, key) in outputs {
        let known = firelens_compiler::field(kind, plain);
        let value = known.map_or(Value::Text, |field| value(field.value_type));
        fields.add(kind.as_str(), plain, key, value, known.map_or("", |field| field.description));
    }
    if program.formats.iter().any(|format| format.holds(Form::Lograge)) {
        for field in firelens_compiler::lograge_fields() {
            fields.add("lograge", field.name, field.name, value(field.value_type), field.description);
        }
    }
    let always = GIVEN.iter().filter(|given| matches!(given.by, Giver::Docker | Giver::FireLens));
    always.for_each(|given| fields.own(given.name, Value::Text, given.description));
    for member in &config.spec.types {
        // Not one that contradicts another: the compiler has seen them.
        _ = own(&member.name, value(member.value_type)).map(|field| add_own(&mut fields.list, field));
    }
    for added in &config.spec.added {
        fields.own(&added.name, added_value(&added.value), "Added by the configuration");
    }
    fields.list
}

/// In the table of fields; what is named by its directive comes last.
fn place(kind: Kind, plain: &str) -> usize {
    let is = |field: &FieldInfo| field.name == plain && field.kinds.contains(&kind);
    firelens_compiler::fields().iter().position(is).unwrap_or(usize::MAX)
}

/// The type of a column for such values.
pub fn value(value_type: FieldType) -> Value {
    match value_type {
        FieldType::String => Value::Text,
        FieldType::Integer => Value::Integer,
        FieldType::Decimal => Value::Number,
        FieldType::Time => Value::Time,
    }
}

/// The type of a field that is added. (A table has no column of booleans.)
fn added_value(value: &AddedValue) -> Value {
    match value {
        AddedValue::Integer(_) | AddedValue::Ecs(Ecs::Revision) => Value::Integer,
        AddedValue::Number(_) => Value::Number,
        AddedValue::Text(_) | AddedValue::Boolean(_) | AddedValue::Ecs(_) => Value::Text,
    }
}

#[derive(Default)]
struct Fields {
    list: Vec<Field>,
}

impl Fields {
    /// One that is in records of all kinds.
    fn own(&mut self, key: &str, value: Value, description: &str) {
        match self.list.iter_mut().find(|field| field.key == key) {
            Some(field) => join(field, value),
            None => self.list.push(Field {
                key: key.to_string(),
                path: Vec::new(),
                value,
                meanings: Vec::new(),
                description: description.to_string(),
            }),
        }
    }

    fn add(&mut self, kind: &'static str, plain: &str, key: &str, value: Value, description: &str) {
        let meaning = Meaning { kind, plain: plain.to_string() };
        match self.list.iter_mut().find(|field| field.key == key) {
            Some(field) => {
                join(field, value);
                if !field.meanings.contains(&meaning) {
                    field.meanings.push(meaning);
                }
            }
            None => self.list.push(Field {
                key: key.to_string(),
                path: Vec::new(),
                value,
                meanings: vec![meaning],
                description: description.to_string(),
            }),
        }
    }
}

/// Text holds whatever kinds of records disagree about.
fn join(field: &mut Field, value: Value) {
    if field.value != value {
        field.value = Value::Text;
        field.description = "Text, since formats differ in the type of its value".to_string();
    }
}

/// The time that an output adds to each record, under this name.
pub fn date(key: &str, value: Value) -> Field {
    let description = "When the router read the line".to_string();
    Field { key: key.to_string(), path: Vec::new(), value, meanings: Vec::new(), description }
}

/// A member that lines of JSON bring, as the user says, or the path of one within it; nothing when it is no path.
pub fn own(text: &str, value: Value) -> Option<Field> {
    let path = firelens_compiler::path(text)?;
    let key = path.join(".");
    let meaning = Meaning { kind: Kind::Json.as_str(), plain: key.clone() };
    let path = if path.len() > 1 { path } else { Vec::new() };
    Some(Field { key, path, value, meanings: vec![meaning], description: "Of lines of JSON".to_string() })
}

/// Adds such a member, and of one within another also the outer one.
///
/// # Errors
/// There is one of this name, or the outer one is no object.
pub fn add_own(fields: &mut Vec<Field>, field: Field) -> Result<(), String> {
    if fields.iter().any(|known| known.key == field.key) {
        return Err(format!("`{}` is a column already", field.key));
    }
    if let Some(root) = field.path.first() {
        match fields.iter().find(|known| known.path.is_empty() && known.key == *root).map(|known| known.value) {
            None => fields.extend(own(&format!("{root:?}"), Value::Text)),
            Some(Value::Text) => {}
            Some(_) => return Err(format!("`{root}` is not an object")),
        }
    }
    fields.push(field);
    Ok(())
}

/// Whether lines bring fields of which only they know the names.
pub fn bring_their_own(config: &Config) -> bool {
    config.program.formats.iter().any(CompiledFormat::brings_members)
}
