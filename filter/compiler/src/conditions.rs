//! From the conditions of a route to those of a program.
use super::{
    Error, Fault, Part,
    fields::{self, FieldType},
    output::Outputs,
    paths::{self, Name},
};
use crate::{
    spec::{self, Condition},
    test::Values,
};
use firelens_filter::{
    names::{GIVEN, is_reserved},
    program::{self, Mask, Subject},
};

/// The fields that records can have.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// What the formats in use write.
    pub(crate) written: Vec<String>,
    /// Formats are in use whose lines can have fields of any name.
    pub(crate) any: bool,
    /// The types of members of JSON lines, by their paths.
    pub(crate) types: Vec<(String, FieldType)>,
}

/// The types of members, by their paths.
pub(crate) fn types(
    types: &[spec::MemberType],
    written: &[String],
    formats: &[program::CompiledFormat],
    errors: &mut Vec<Error>,
) -> Vec<(String, FieldType)> {
    let lograge = formats.iter().any(|format| format.holds(program::Form::Lograge));
    let mut paths: Vec<(String, FieldType)> = Vec::new();
    for (at, member) in types.iter().enumerate() {
        let name = member.name.as_str();
        let path = match paths::read(name, std::iter::empty()) {
            Ok(Name::Member(path) | Name::Path(path)) => path,
            Err(fault) => {
                errors.push(fault.in_place(Part::Type(at)));
                continue;
            }
        };
        let is_of_lograge = || fields::lograge_fields().iter().any(|field| field.name == path);
        if written.contains(&path) || is_reserved(path.as_bytes()) || lograge && is_of_lograge() {
            let fault = Fault::new(format!("the type of `{name}` is known: not only lines of JSON have it"));
            errors.push(fault.help("leave it out").in_place(Part::Type(at)));
        }
        paths.push((path, member.value_type));
    }
    for (at, (path, _)) in paths.iter().enumerate() {
        if let Some(outer) = scalar_in(path, &paths) {
            let fault =
                Fault::new(format!("`{}` is not an object, so that there is no `{}`", shown(outer), shown(path)));
            errors.push(fault.help("leave out one of the two").in_place(Part::Type(at)));
        }
    }
    paths
}

/// The beginning of a path that has a type, so that it leads no farther.
fn scalar_in<'a>(path: &str, types: &'a [(String, FieldType)]) -> Option<&'a str> {
    let leads_on = |known: &str| path.strip_prefix(known).is_some_and(|rest| rest.starts_with('\0'));
    types.iter().map(|(known, _)| known.as_str()).find(|known| leads_on(known))
}

fn shown(path: &str) -> String {
    path.replace('\0', ".")
}

/// Compiles a condition. Faults come with the test that they are about.
pub(crate) fn compile(
    condition: &Condition,
    known: &Known,
    out: &mut Outputs,
) -> Result<program::Condition, Vec<(Option<usize>, Fault)>> {
    let (subject, values) = subject(&condition.field, known, out).map_err(|fault| vec![(None, fault)])?;
    if condition.any.is_empty() {
        return Err(vec![(None, Fault::new(format!("nothing is asked of `{}`", condition.field)))]);
    }
    let mut tests = Vec::new();
    let mut faults = Vec::new();
    for (at, test) in condition.any.iter().enumerate() {
        match test.compile(&values, &condition.field) {
            Ok(test) => tests.push(test),
            Err(fault) => faults.push((Some(at), fault)),
        }
    }
    if faults.is_empty() { Ok(program::Condition { subject, not: condition.not, any: tests }) } else { Err(faults) }
}

/// What a condition on this name looks at.
fn subject(name: &str, known: &Known, out: &mut Outputs) -> Result<(Subject, Values), Fault> {
    match name {
        "kind" => return Ok((Subject::Kind, Values::Kind)),
        "container" => return Ok((Subject::Container, Values::Words)),
        "route" => return Err(Fault::new("a route cannot ask for `route`, which it decides")),
        "" => return Err(Fault::new("the condition has no field")),
        _ => {}
    }
    let name = match paths::read(name, known.written.iter().map(String::as_str))? {
        Name::Member(name) => name,
        Name::Path(path) => {
            check_root(&path, name, known)?;
            let values = of_type(&path, known).unwrap_or(Values::Text);
            return Ok((Subject::Path(out.id(&path)), values));
        }
    };
    check_field(&name, known)?;
    let values = of_type(&name, known).unwrap_or_else(|| values(&name, known));
    Ok((Subject::Field(out.id(&name)), values))
}

/// What is known of the values of a member of JSON lines.
fn of_type(path: &str, known: &Known) -> Option<Values> {
    let (_, value_type) = known.types.iter().find(|(typed, _)| typed == path)?;
    Some(match value_type {
        FieldType::Integer | FieldType::Decimal => Values::Integer,
        FieldType::Time => Values::Time,
        FieldType::String => Values::Text,
    })
}

/// A path has to lead through an object.
fn check_root(path: &str, text: &str, known: &Known) -> Result<(), Fault> {
    let root = path.split('\0').next().unwrap_or_default();
    let is_written = !known.any && known.written.iter().any(|field| field == root);
    let outer = scalar_in(path, &known.types);
    if !is_written && GIVEN.iter().all(|given| given.name != root) && outer.is_none() {
        return Ok(());
    }
    let root = outer.map_or_else(|| root.to_string(), shown);
    Err(Fault::new(format!("`{root}` is not an object, so that there is no `{text}`"))
        .help("a path leads through objects, for example of lines that are JSON"))
}

/// A field that no record has is a mistake, unless it can come from elsewhere.
fn check_field(name: &str, known: &Known) -> Result<(), Fault> {
    let written = || known.written.iter().map(String::as_str);
    if known.any || GIVEN.iter().any(|given| given.name == name) || written().any(|field| field == name) {
        return Ok(());
    }
    if let Some(field) = fields::fields().iter().find(|field| field.name == name) {
        return Err(Fault::new(format!("no format in use has the field `{name}`"))
            .help(format!("it is: {}; add that to a format", field.description)));
    }
    // Records can have fields that other filters of Fluent Bit added, so only what looks like a slip is one.
    let slip = if name.len() < 5 { 1 } else { 2 };
    let candidates = written().chain(GIVEN.iter().map(|given| given.name)).chain(["kind", "container"]);
    match firelens_nearest::within(name, slip, candidates.filter(|field| field.len() > 3 && name.len() > 3)) {
        Some(near) => Err(Fault::new(format!("no record has the field `{name}`")).help(format!("write `{near}`"))),
        None => Ok(()),
    }
}

/// What is known of a field's values.
fn values(name: &str, known: &Known) -> Values {
    if name == "level" {
        return Values::Level;
    }
    let Some(field) = fields::fields().iter().find(|field| field.name == name) else { return Values::Text };
    match (field.value_type, field.mask) {
        _ if known.any => Values::Text,
        (FieldType::Integer | FieldType::Decimal, _) => Values::Integer,
        (FieldType::Time, _) => Values::Time,
        (FieldType::String, Mask::Address) => Values::Address,
        (FieldType::String, _) => Values::Words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Names;
    use crate::spec::Test;
    use firelens_filter::program::Kind;

    impl Known {
        /// All fields of the table.
        pub(crate) fn all() -> Known {
            Known {
                written: fields::fields().iter().map(|field| field.name.to_string()).collect(),
                any: false,
                types: Vec::new(),
            }
        }
    }

    fn with(field: &str, any: Vec<Test>, known: &Known) -> Result<program::Condition, Vec<(Option<usize>, Fault)>> {
        let condition = Condition { field: field.to_string(), not: false, any };
        compile(&condition, known, &mut Outputs::new(Names::Plain))
    }

    fn fault(field: &str, test: Test) -> Option<String> {
        let result = with(field, vec![Test::Present, test], &Known::all());
        result.err().map(|faults| {
            assert_eq!(faults[0].0, Some(1));
            format!("{} {}", faults[0].1.message, faults[0].1.help.clone().unwrap_or_default())
        })
    }

    #[test]
    fn tests_that_cannot_apply() {
        let network = || Test::Network { address: "10.0.0.0".parse().unwrap(), bits: 8 };
        for (field, test, message) in [
            ("status", Test::Level(0, 4), "`level`"),
            ("client", Test::Range(1, 2), "no number"),
            ("user_agent", network(), "no address"),
            ("status", network(), "no address"),
            ("status", Test::Equals("OK".to_string()), "`OK` is none"),
            ("method", Test::Kind(Kind::Error), "`kind`"),
            ("kind", Test::Prefix("a".to_string()), "access, error"),
            ("kind", Test::Equals("acess".to_string()), "access, error"),
            ("time", Test::Prefix("2026".to_string()), "is a time"),
            ("status", Test::Range(5, 4), "from 5 to 4"),
            ("level", Test::Level(0, 16), "no level"),
            ("client", Test::Network { address: "10.0.0.0".parse().unwrap(), bits: 33 }, "32 bits"),
            ("client", Test::Network { address: "fd00::".parse().unwrap(), bits: 129 }, "128 bits"),
            ("path", Test::Regex("(".to_string()), "regular expression"),
        ] {
            let found = fault(field, test.clone()).unwrap_or_else(|| panic!("{field} {test:?}"));
            assert!(found.contains(message), "{field} {test:?}: {found}");
        }
        for (field, test) in [
            ("status", Test::Prefix("5".to_string())),
            ("x_forwarded_for", network()),
            ("kind", Test::Kind(Kind::Json)),
            ("level", Test::Level(0, 15)),
            ("tier", Test::Range(1, 2)),
        ] {
            assert_eq!(fault(field, test), None, "{field}");
        }
    }

    #[test]
    fn fields_that_no_record_has() {
        let known = Known {
            written: ["status", "client", "user_agent"].map(str::to_string).to_vec(),
            any: false,
            types: Vec::new(),
        };
        let message = |field: &str| {
            let faults = with(field, vec![Test::Present], &known).err()?;
            Some(format!("{} {}", faults[0].1.message, faults[0].1.help.clone().unwrap_or_default()))
        };
        assert!(message("stauts").unwrap().contains("write `status`"));
        assert!(message("useragent").unwrap().contains("write `user_agent`"));
        assert!(message("bytes_in").unwrap().contains("%I"));
        assert!(message("route").is_some() && message("").is_some());
        for own in ["status", "ecs_cluster", "team", "stage", "kind", "container", "source"] {
            assert_eq!(message(own), None, "{own}");
        }
        let any = Known { any: true, ..known };
        assert!(with("stauts", vec![Test::Level(0, 1), Test::Range(0, 1)], &any).is_ok());
    }

    #[test]
    fn nothing_asked() {
        assert!(with("status", vec![], &Known::all()).is_err());
    }
}
