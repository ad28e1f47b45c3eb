//! A walk over a TOML tree that goes on after a mistake, so that all of them are found at once.
use crate::keys::{Key, Shape, Table};
use crate::{
    problem::{Code, Problem, Span, nearest},
    syntax,
};
use serde::Deserialize as _;
use std::cell::RefCell;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A value with its place.
pub type Node<'a> = &'a Spanned<DeValue<'a>>;

/// A string with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub span: Span,
}

/// The problems that were found so far.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub fn add(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// What was found since there were `before` problems does not show what stands at `secret`.
    pub fn hide_since(&self, before: usize, secret: &Span) {
        self.0.borrow_mut()[before..].iter_mut().for_each(|problem| problem.hidden = Some(secret.clone()));
    }

    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn errors(&self) -> bool {
        self.count() > 0
    }

    /// How many errors there are.
    pub fn count(&self) -> usize {
        self.0.borrow().iter().filter(|problem| problem.is_error).count()
    }

    pub fn into_inner(self) -> Vec<Problem> {
        self.0.into_inner()
    }
}

/// A key of a table, with its value.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    pub key: &'a Spanned<std::borrow::Cow<'a, str>>,
    pub value: Node<'a>,
    /// What the table of keys says about it; nothing where names are the user's own.
    pub known: Option<&'static Key>,
}

impl<'a> Entry<'a> {
    pub fn name(&self) -> &'a str {
        self.key.get_ref()
    }
}

/// A table's keys, in the order of the text.
pub fn entries<'a>(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = table.iter().map(|(key, value)| Entry { key, value, known: None }).collect();
    entries.sort_by_key(|entry| entry.key.span().start);
    entries
}

/// A table whose keys are all known: each is taken once, and what is left in the end is an error.
pub struct Section<'a> {
    /// The keys that it can have.
    keys: &'static Table,
    pub span: Span,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
    missing: Vec<&'static str>,
    problems: &'a Problems,
}

impl<'a> Section<'a> {
    pub fn new(keys: &'static Table, span: Span, table: &'a DeTable<'a>, problems: &'a Problems) -> Section<'a> {
        Section { keys, span, table, known: Vec::new(), missing: Vec::new(), problems }
    }

    /// The section in `value`, if that is a table.
    pub fn of(keys: &'static Table, value: Node<'a>, problems: &'a Problems) -> Option<Section<'a>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(keys, value.span(), table, problems)),
            _ => wrong_type(value, "a table", problems),
        }
    }

    /// Takes a key, which has to be in the table of keys.
    pub fn take(&mut self, key: &'static str) -> Option<Entry<'a>> {
        self.known.push(key);
        let known = self.keys.key(key);
        debug_assert!(known.is_some(), "`{key}` is not in the table of keys of {}", self.keys.title);
        self.table.get_key_value(key).map(|(key, value)| Entry { key, value, known })
    }

    /// The entry, whether it was taken or not.
    pub fn get(&self, key: &str) -> Option<Entry<'a>> {
        self.table.get_key_value(key).map(|(key, value)| Entry { key, value, known: None })
    }

    /// Like [`Section::take`]; that it is missing is an error.
    pub fn need(&mut self, key: &'static str) -> Option<Entry<'a>> {
        let entry = self.take(key);
        if entry.is_none() {
            self.missing.push(key);
        }
        entry
    }

    pub fn string(&mut self, key: &'static str) -> Option<Text> {
        self.take(key).and_then(|entry| string(entry.value, self.problems))
    }

    /// The keys that nobody took.
    pub fn rest(&self) -> Vec<Entry<'a>> {
        let mut rest = entries(self.table);
        rest.retain(|entry| !self.known.contains(&entry.name()));
        rest
    }

    /// Nothing may be left, and nothing may be missing. Returns the keys that were probably meant by the unknown ones, so
    /// that nobody says that those are missing.
    pub fn finish(self) -> Vec<&'static str> {
        let mut meant = Vec::new();
        for entry in self.rest() {
            let message = format!("unknown key `{}` in {}", entry.name(), self.keys.title);
            let problem = Problem::error(Code::UnknownKey, entry.key.span(), message).label("no such key");
            self.problems.add(problem.suggest(entry.name(), self.known.iter().copied()));
            meant.extend(nearest(entry.name(), &self.known));
        }
        self.finish_open(&meant);
        meant
    }

    /// Nothing may be missing; other keys are none of our business.
    pub fn finish_open(&self, meant: &[&str]) {
        for key in self.missing.iter().filter(|key| !meant.contains(key)) {
            let message = format!("`{key}` is missing in {}", self.keys.title);
            self.problems.add(Problem::error(Code::MissingKey, self.span.clone(), message).label("in this one"));
        }
    }
}

/// `[[key]]`: the tables in it.
pub fn sections<'a>(keys: &'static Table, entry: Entry<'a>, problems: &'a Problems) -> Vec<Section<'a>> {
    match entry.value.get_ref() {
        DeValue::Array(items) => items.iter().filter_map(|item| Section::of(keys, item, problems)).collect(),
        DeValue::Table(_) => {
            let message = format!("`{}` is a list of tables", entry.name());
            let problem = Problem::error(Code::WrongType, entry.key.span(), message);
            problems.add(problem.label("one table here").help(format!("write {}", keys.title)));
            Vec::new()
        }
        _ => wrong_type(entry.value, &format!("a list of tables ({})", keys.title), problems).into_iter().collect(),
    }
}

/// One value, or a list of them.
pub fn one_or_many<'a>(value: Node<'a>) -> Vec<Node<'a>> {
    match value.get_ref() {
        DeValue::Array(items) => items.iter().collect(),
        _ => vec![value],
    }
}

pub fn string(value: Node, problems: &Problems) -> Option<Text> {
    match value.get_ref() {
        DeValue::String(text) => Some(Text { text: text.to_string(), span: value.span() }),
        _ => wrong_type(value, "a string", problems),
    }
}

/// A string, or a list of strings.
pub fn strings(value: Node, problems: &Problems) -> Vec<Text> {
    one_or_many(value).into_iter().filter_map(|item| string(item, problems)).collect()
}

pub fn boolean(value: Node, problems: &Problems) -> Option<bool> {
    match value.get_ref() {
        DeValue::Boolean(value) => Some(*value),
        DeValue::String(text) if let Some(meant) = syntax::boolean(text) => {
            let problem =
                Problem::error(Code::WrongType, value.span(), "`true` or `false` is needed here, not a string");
            problems.add(problem.label("this is a string").help(format!("write `{meant}`, without quotes")));
            None
        }
        _ => wrong_type(value, "`true` or `false`", problems),
    }
}

/// The value as a whole number, if it is one.
pub fn as_integer(value: Node) -> Option<i64> {
    match value.get_ref() {
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}

impl Entry<'_> {
    /// The bounds of a whole number, as the table of keys has them.
    pub fn bounds(&self) -> (i64, i64) {
        match self.known.map(|key| &key.shape) {
            Some(Shape::Integer(low, high)) => (*low, *high),
            _ => (i64::MIN, i64::MAX),
        }
    }
}

/// A whole number from `low` to `high`.
pub fn integer(value: Node, low: i64, high: i64, problems: &Problems) -> Option<i64> {
    let DeValue::Integer(_) = value.get_ref() else {
        return wrong_type(value, "a whole number", problems);
    };
    let number = as_integer(value).filter(|number| (low..=high).contains(number));
    if number.is_none() {
        let message = format!("a number from {low} to {high} is needed");
        problems.add(Problem::error(Code::WrongValue, value.span(), message).label("out of range"));
    }
    number
}

/// A whole number within the bounds of its key.
pub fn number(entry: Option<Entry>, problems: &Problems) -> Option<u32> {
    let entry = entry?;
    let (low, high) = entry.bounds();
    integer(entry.value, low, high, problems).and_then(|number| u32::try_from(number).ok())
}

pub fn float(value: Node, problems: &Problems) -> Option<f64> {
    match value.get_ref() {
        DeValue::Float(number) => number.as_str().parse().ok(),
        DeValue::Integer(_) => as_integer(value).map(|number| number as f64),
        _ => wrong_type(value, "a number", problems),
    }
}

/// One of the words of a key.
pub fn word<T: Copy>(entry: Entry, words: &[(&str, T)], problems: &Problems) -> Option<T> {
    let listed = |known: &[&str]| known.len() == words.len() && known.iter().zip(words).all(|(a, (b, _))| a == b);
    debug_assert!(
        matches!(entry.known.map(|key| &key.shape), Some(Shape::Words(known)) if listed(known)),
        "the words of `{}` are not those in the table of keys",
        entry.name()
    );
    one_of(entry.value, words, problems)
}

/// One of these words.
pub fn one_of<T: Copy>(value: Node, words: &[(&str, T)], problems: &Problems) -> Option<T> {
    let text = string(value, problems)?;
    let found = words.iter().find(|(name, _)| *name == text.text).map(|(_, value)| *value);
    if found.is_none() {
        let problem = Problem::error(Code::WrongValue, text.span, format!("unknown value `{}`", text.text));
        problems.add(problem.label("no such value").suggest(&text.text, words.iter().map(|(name, _)| *name)));
    }
    found
}

/// A value without its places. That a number in it has more than 64 bits is an error.
pub fn plain(value: Node, problems: &Problems) -> Option<toml::Value> {
    match toml::Value::deserialize(toml::de::ValueDeserializer::from(value.clone())) {
        Ok(plain) => Some(plain),
        Err(error) => {
            let span = error.span().unwrap_or_else(|| value.span());
            problems.add(Problem::error(Code::WrongValue, span, "numbers have 64 bits").label("too big"));
            None
        }
    }
}

/// Says what stands where something else is needed.
pub fn wrong_type<T>(value: Node, needed: &str, problems: &Problems) -> Option<T> {
    let found = match value.get_ref() {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let problem = Problem::error(Code::WrongType, value.span(), format!("{needed} is needed here, not {found}"));
    problems.add(problem.label(format!("this is {found}")));
    None
}
