//! What people look at first in a record.
use super::{
    fields::{Field, Names},
    scan::{self, Members},
};
use crate::ui::{ERROR, GOOD, OTHER, PLAIN, Style, WARNING};
use firelens_filter::program::level_rank;
use std::borrow::Cow;

/// The fields that are shown, as text; empty where the record has none.
#[derive(Debug, Default)]
pub struct Cells<'a> {
    pub time: Cow<'a, str>,
    pub status: Cow<'a, str>,
    pub level: Cow<'a, str>,
    pub method: Cow<'a, str>,
    pub path: Cow<'a, str>,
    pub query: Cow<'a, str>,
    pub message: Cow<'a, str>,
    pub client: Cow<'a, str>,
    pub log: Cow<'a, str>,
}

impl<'a> Cells<'a> {
    /// Those of a record.
    pub fn of(names: &Names, record: &'a [u8]) -> Cells<'a> {
        let mut cells = Cells::default();
        for (key, value) in Members::new(record) {
            let Some(field) = names.field(key) else { continue };
            let cell = match field {
                Field::Time => &mut cells.time,
                Field::Status => &mut cells.status,
                Field::Level => &mut cells.level,
                Field::Method => &mut cells.method,
                Field::Path | Field::Request => &mut cells.path,
                Field::Query => &mut cells.query,
                Field::Message => &mut cells.message,
                Field::Client => &mut cells.client,
                Field::Log => &mut cells.log,
            };
            *cell = scan::text(value);
        }
        cells
    }

    /// The request, the message, or the line that was not parsed.
    pub fn what(&self, with_method: bool) -> Option<Cow<'a, str>> {
        if !self.path.is_empty() {
            let method =
                if with_method && !self.method.is_empty() { format!("{} ", self.method) } else { String::new() };
            let query = if self.query.is_empty() { "" } else { "?" };
            return Some(format!("{method}{}{query}{}", self.path, self.query).into());
        }
        [&self.message, &self.log].into_iter().find(|text| !text.is_empty()).cloned()
    }

    /// A request's status, or a message's level.
    pub fn status(&self) -> (Cow<'a, str>, Style) {
        if self.status.is_empty() {
            let style = match level_rank(self.level.as_bytes()) {
                Some(0..=3) => ERROR,
                Some(4) => WARNING,
                _ => PLAIN,
            };
            return (self.level.clone(), style);
        }
        let style = match self.status.as_bytes() {
            [b'2', _, _] => GOOD,
            [b'3', _, _] => OTHER,
            [b'4', _, _] => WARNING,
            [b'5', _, _] => ERROR,
            _ => PLAIN,
        };
        (self.status.clone(), style)
    }
}
