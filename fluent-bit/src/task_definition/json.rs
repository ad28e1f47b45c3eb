//! JSON values with their places. Reading goes on after a mistake, so that all of them are found at once.
use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Object as Node, ObjectProp, Value},
    common::Ranged,
    parse_to_ast,
};
use std::{cell::RefCell, ops::Deref, ops::Range};

/// Bytes of the file's text.
pub type Span = Range<usize>;

/// A value, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

impl<T> Deref for Spanned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A key of an object whose keys are the user's, and the string under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub name: Spanned<String>,
    pub value: Spanned<String>,
}

/// What is wrong with a task definition, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub span: Span,
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
}

/// The problems that were found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(RefCell<Vec<Problem>>, RefCell<Vec<UnknownKey>>);

/// A key that ECS does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    pub key: Spanned<String>,
    /// The object in which it stands.
    pub of: &'static str,
    /// Those that ECS knows there.
    pub known: &'static [&'static str],
}

impl Problems {
    pub(super) fn add(&self, span: Span, message: impl Into<String>, help: Option<&str>) {
        let problem = Problem { span, message: message.into(), help: help.map(str::to_string) };
        self.0.borrow_mut().push(problem);
    }

    pub(super) fn into_inner(self) -> Vec<Problem> {
        self.0.into_inner()
    }

    /// The keys that were unknown so far.
    pub(super) fn unknown(&self) -> Vec<UnknownKey> {
        self.1.take()
    }
}

/// JSON as RFC 8259 has it, which is what the AWS CLI takes: no comments, no trailing commas.
pub(super) fn strict() -> ParseOptions {
    ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}

/// Parses a text. `None` when it is no JSON, or nothing at all.
pub(super) fn parse<'a>(source: &'a str, problems: &Problems) -> Option<Value<'a>> {
    match parse_to_ast(source, &CollectOptions::default(), &strict()) {
        Ok(parsed) => {
            if let Some((span, in_string)) = foreign(source) {
                let (what, help) = match in_string {
                    true => ("a control character in a string", "write it as an escape: \\n, \\t, \\u0000"),
                    false => ("whitespace that JSON does not allow", "put a space there"),
                };
                problems.add(span, format!("this is not JSON: {what}"), Some(help));
                return None;
            }
            if parsed.value.is_none() {
                problems.add(0..0, "there is no JSON in this file", None);
            }
            parsed.value
        }
        Err(error) => {
            problems.add(span(&error.range()), format!("this is not JSON: {}", lower(&error.kind().to_string())), None);
            None
        }
    }
}

/// The first character that JSON does not have where it stands, in what is JSON otherwise, and whether that is in a string:
/// the parser takes control characters in strings, and any Unicode whitespace between values.
fn foreign(source: &str) -> Option<(Span, bool)> {
    let (mut inside, mut escaped) = (false, false);
    source.char_indices().find_map(|(at, c)| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = inside,
            '"' => inside = !inside,
            _ => {}
        }
        let is_foreign = match inside {
            true => c < ' ',
            false => !(c.is_ascii_graphic() || matches!(c, ' ' | '\t' | '\n' | '\r')),
        };
        is_foreign.then(|| (at..at + c.len_utf8(), inside))
    })
}

/// The object's keys and values, without a look at them.
pub(super) fn as_object<'a>(value: &'a Value<'a>) -> Option<&'a Node<'a>> {
    match value {
        Value::Object(node) => Some(node),
        _ => None,
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

pub(super) fn span(node: &impl Ranged) -> Span {
    node.start()..node.end()
}

/// What can be read from a JSON value. A value of another type is a problem.
pub(super) trait FromJson: Sized {
    fn from_json(value: &Value, problems: &Problems) -> Option<Self>;
}

impl FromJson for String {
    fn from_json(value: &Value, problems: &Problems) -> Option<String> {
        match value {
            Value::StringLit(text) => Some(text.value.to_string()),
            Value::NumberLit(number) => {
                let help = format!("put it in quotes: \"{}\"", number.value);
                wrong_type(value, "a string", Some(&help), problems)
            }
            Value::BooleanLit(boolean) => {
                let help = format!("put it in quotes: \"{}\"", boolean.value);
                wrong_type(value, "a string", Some(&help), problems)
            }
            _ => wrong_type(value, "a string", None, problems),
        }
    }
}

impl FromJson for i64 {
    fn from_json(value: &Value, problems: &Problems) -> Option<i64> {
        match value {
            Value::NumberLit(number) => number.value.parse().ok().or_else(|| {
                problems.add(span(value), "a whole number is needed here", None);
                None
            }),
            Value::StringLit(text) if text.value.parse::<i64>().is_ok() => {
                let help = format!("write it without quotes: {}", text.value);
                wrong_type(value, "a whole number", Some(&help), problems)
            }
            _ => wrong_type(value, "a whole number", None, problems),
        }
    }
}

impl FromJson for bool {
    fn from_json(value: &Value, problems: &Problems) -> Option<bool> {
        match value {
            Value::BooleanLit(boolean) => Some(boolean.value),
            _ => wrong_type(value, "`true` or `false`", None, problems),
        }
    }
}

impl<T: FromJson> FromJson for Spanned<T> {
    fn from_json(value: &Value, problems: &Problems) -> Option<Spanned<T>> {
        Some(Spanned { value: T::from_json(value, problems)?, span: span(value) })
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: &Value, problems: &Problems) -> Option<Vec<T>> {
        match value {
            Value::Array(list) => Some(list.elements.iter().filter_map(|item| T::from_json(item, problems)).collect()),
            _ => wrong_type(value, "a list", None, problems),
        }
    }
}

impl FromJson for Vec<Pair> {
    fn from_json(value: &Value, problems: &Problems) -> Option<Vec<Pair>> {
        let object = Object::of(value, problems)?;
        let pair = |property: &ObjectProp| {
            let name = Spanned { value: property.name.as_str().to_string(), span: span(&property.name) };
            Some(Pair { name, value: FromJson::from_json(&property.value, problems)? })
        };
        Some(object.node.properties.iter().filter_map(pair).collect())
    }
}

/// An object whose keys are looked up one by one. Keys that nobody asks for are none of our business.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    node: &'a Node<'a>,
    problems: &'a Problems,
}

impl<'a> Object<'a> {
    /// The object in `value`. That a key stands in it twice is a problem: programs differ in which one they take.
    pub(super) fn of(value: &'a Value<'a>, problems: &'a Problems) -> Option<Object<'a>> {
        let Value::Object(node) = value else {
            return wrong_type(value, "an object", None, problems);
        };
        for (index, property) in node.properties.iter().enumerate() {
            let name = property.name.as_str();
            if node.properties[..index].iter().any(|earlier| earlier.name.as_str() == name) {
                problems.add(span(&property.name), format!("the key `{name}` is here twice"), None);
            }
        }
        Some(Object { node, problems })
    }

    /// The value under a key. `null` is the same as no such key, as it is to the AWS CLI.
    pub(super) fn get<T: FromJson>(&self, name: &str) -> Option<T> {
        self.value(name).and_then(|value| T::from_json(value, self.problems))
    }

    /// The list under a key; none is an empty one.
    pub(super) fn list<T: FromJson>(&self, name: &str) -> Vec<T> {
        self.get(name).unwrap_or_default()
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a Value<'a>> {
        let property = self.node.properties.iter().find(|property| property.name.as_str() == name)?;
        Some(&property.value).filter(|value| !matches!(value, Value::NullKeyword(_)))
    }

    /// All keys that ECS knows in such an object.
    pub(super) fn knows(&self, of: &'static str, known: &'static [&'static str]) {
        let unknown = self.keys().into_iter().filter(|key| !known.contains(&key.as_str()));
        self.problems.1.borrow_mut().extend(unknown.map(|key| UnknownKey { key, of, known }));
    }

    /// The keys, with their places.
    pub(super) fn keys(&self) -> Vec<Spanned<String>> {
        let properties = self.node.properties.iter();
        properties
            .map(|property| Spanned { value: property.name.as_str().to_string(), span: span(&property.name) })
            .collect()
    }
}

/// Says what stands where something else is needed.
pub(super) fn wrong_type<T>(value: &Value, needed: &str, help: Option<&str>, problems: &Problems) -> Option<T> {
    let found = match value {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a boolean",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    };
    problems.add(span(value), format!("{needed} is needed here, not {found}"), help);
    None
}
