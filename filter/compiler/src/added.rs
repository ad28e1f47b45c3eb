//! Fields that are added to records.
use super::{
    Error, Fault, Part, fields,
    output::json_string,
    printed,
    spec::{AddedField, AddedValue, Spec},
};
use firelens_filter::{
    names::{GIVEN, OURS, is_reserved},
    program::{CompiledFormat, Ecs, Form, Program, added_from_ecs},
};

/// The most bytes that are added to a record. (What stands in front of a line's fields has so much room in the module.)
const MOST: usize = 1024;
/// The longest name.
const LONGEST: usize = 64;

/// Checks the fields against those that formats write (by their plain names), and gives each of the program's containers
/// its own.
pub(crate) fn compile(spec: &Spec, written: &[String], program: &mut Program, errors: &mut Vec<Error>) {
    for (at, field) in spec.added.iter().enumerate() {
        if let Err(fault) = check(field, written, &program.formats) {
            errors.push(fault.in_place(Part::Added(at)));
        }
    }
    let of_all = |field: &&AddedField| field.container.is_none();
    program.added = spec.added.iter().filter(of_all).map(member).collect();
    for container in &mut program.containers {
        let own = || spec.added.iter().filter(|field| field.container.as_ref() == Some(&container.name));
        let others = spec.added.iter().filter(of_all).filter(|field| own().all(|own| own.name != field.name));
        container.added = others.chain(own()).map(member).collect();
    }
    let lists = || std::iter::once(&program.added).chain(program.containers.iter().map(|container| &container.added));
    let longest =
        lists().map(|list| list.iter().map(|member| member.len() + 1).sum::<usize>()).max().unwrap_or_default();
    if longest > MOST {
        let fault =
            Fault::new(format!("the added fields of a record take {longest} bytes, and at most {MOST} can be added"));
        errors.push(fault.help("shorten their values").in_place(Part::Added(spec.added.len() - 1)));
    }
}

/// Whether the field can have this name.
fn check(field: &AddedField, written: &[String], formats: &[CompiledFormat]) -> Result<(), Fault> {
    let name = field.name.as_str();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-@".contains(c);
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(fits) {
        return Err(Fault::new(format!("`{name}` cannot be the name of a field"))
            .help(format!("1 to {LONGEST} letters, digits, `_`, `.`, `-` and `@`")));
    }
    if matches!(field.value, AddedValue::Number(number) if !number.is_finite()) {
        return Err(Fault::new(format!("`{name}` is not a finite number")).help("JSON has no `nan` and no `inf`"));
    }
    let other_name = |owner: &str| {
        Fault::new(format!("`{name}` is {owner}")).help(format!("choose another name, for example `app_{name}`"))
    };
    if OURS.contains(&name) {
        return Err(other_name("a field that the filter itself writes"));
    }
    if is_reserved(name.as_bytes()) || GIVEN.iter().any(|given| given.name == name) {
        return Err(other_name("a name that FireLens and Fluent Bit give"));
    }
    if name == "not" || name == "container" && field.value != AddedValue::Ecs(Ecs::Container) {
        return Err(other_name("a word of a route's `match`"));
    }
    let lograge = formats.iter().any(|format| format.holds(Form::Lograge));
    if lograge && fields::lograge_fields().iter().any(|field| field.name == name)
        || written.iter().any(|plain| plain == name)
        || printed(formats).any(|printed| printed == name)
    {
        return Err(other_name("a field that formats in use write"));
    }
    Ok(())
}

/// The field as the program has it.
fn member(field: &AddedField) -> String {
    let value = match &field.value {
        AddedValue::Ecs(ecs) => return added_from_ecs(&field.name, *ecs),
        AddedValue::Text(text) => json_string(text),
        AddedValue::Integer(number) => number.to_string(),
        AddedValue::Number(number) => format!("{number:?}"),
        AddedValue::Boolean(value) => value.to_string(),
    };
    format!("\"{}\":{value}", field.name)
}
