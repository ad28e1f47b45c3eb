//! The one table of the keys of `firelens.toml`.
//!
//! The reader takes no key that is not here, `firelens-kit schema` and the tables in docs/firelens-toml.md and
//! docs/destinations.md are made of it, and a test reads a file with each of them.
pub mod destination;
pub mod expectations;
mod lines;
mod stack;

pub use lines::{
    ADDED_FIELD, ALLOWED_RULE, CONTAINER, FORMAT, JSON, LINT, MASK_CLIENTS, MATCH, MULTILINE, MULTILINE_STREAMS,
    PATTERN, PRIVACY, ROUTE, ROUTER, TEST, TOP,
};
pub use stack::{APP, EXISTING, STACK};

/// A table of `firelens.toml`.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// What it is called in messages and in the docs: as a user would write it, where that is one way.
    pub title: &'static str,
    /// Its keys, in the order of the docs.
    pub keys: &'static [Key],
    /// Tables whose keys can stand in it as well.
    pub also: &'static [&'static Table],
    /// What other keys hold, where it takes any.
    pub others: Option<&'static Shape>,
}

/// A key, and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What holds without it, as Markdown; [`REQUIRED`] where it has to be there.
    pub default: &'static str,
    /// What it can hold.
    pub shape: Shape,
    /// A value that it can have, as TOML.
    pub example: &'static str,
    /// What it says, as Markdown.
    pub about: &'static str,
}

/// The default of a key that has to be there.
pub const REQUIRED: &str = "required";

/// What a key can hold, as far as a schema can say it. What its text has to look like, its reader knows.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number from the first to the second.
    Integer(i64, i64),
    /// A number, with or without a fraction.
    Number,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A list of such values.
    List(&'static Shape),
    /// One such value, or a list of them.
    OneOrMany(&'static Shape),
    /// One of these shapes.
    Any(&'static [Shape]),
    /// A table.
    Table(&'static Table),
    /// `[[name]]`: a list of tables.
    Tables(&'static Table),
    /// A table with names of the user's own.
    Map(&'static Shape),
    /// Whatever its reader takes.
    Anything,
}

impl Table {
    /// A table that takes its keys only.
    const fn new(title: &'static str, keys: &'static [Key]) -> Table {
        Table { title, keys, also: &[], others: None }
    }

    /// The key of this name, if the table takes it.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        let own = self.keys.iter().find(|key| key.name == name);
        own.or_else(|| self.also.iter().find_map(|table| table.key(name)))
    }
}

/// A key that can be left out.
const fn key(
    name: &'static str,
    default: &'static str,
    shape: Shape,
    example: &'static str,
    about: &'static str,
) -> Key {
    Key { name, default, shape, example, about }
}

/// A key that has to be there.
const fn required(name: &'static str, shape: Shape, example: &'static str, about: &'static str) -> Key {
    Key { name, default: REQUIRED, shape, example, about }
}

/// A whole number that no table bounds.
const WHOLE: Shape = Shape::Integer(i64::MIN, i64::MAX);
