//! The archive in S3 as tables and queries of Athena, the log groups as queries of CloudWatch Logs Insights, and a
//! dashboard.
//!
//! What the records hold comes in as plain data ([`Field`]): the filter's table of fields is the one source of it.
use super::{Export, File, Language, Unsupported, marker};
use crate::{Place, Stack};
use dashboard::Board;
use layout::Layout;

pub mod columns;
pub mod dashboard;
pub mod insights;
pub mod keys;
pub mod layout;
pub mod question;
pub mod sql;
pub mod table;

/// A member that the records can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in the records; of a member of a member, the names on the way to it with dots between them.
    pub key: String,
    /// The names on the way to a member of a member; empty for those of the record itself.
    pub path: Vec<String>,
    pub value: Value,
    /// What it is, in the kinds of records that have it. Empty: it is in all kinds, and the filter did not make it.
    pub meanings: Vec<Meaning>,
    pub description: String,
}

/// What a field is in records of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// `access`, `error`, `rails`, `json`, or `lograge`, whose records are of the kind `rails` as well.
    pub kind: &'static str,
    /// The plain name, whatever it is called in the records.
    pub plain: String,
}

/// The type of a field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Text,
    Integer,
    Number,
    /// RFC 3339
    Time,
}

/// What arrives at a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The destination's name.
    pub destination: String,
    pub fields: Vec<Field>,
    /// The routes that lead to it, and keep all of their records.
    pub routes: Vec<String>,
    /// Every record that is kept comes here.
    pub all: bool,
}

/// A destination whose records lie in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    pub records: Records,
    pub bucket: String,
    pub layout: Layout,
    /// Objects are deleted after so many days.
    pub expire_days: Option<u32>,
}

/// A destination in CloudWatch Logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    pub records: Records,
    pub name: String,
}

/// Its name among the languages.
pub const NAME: &str = "athena";

/// Tables, queries and a dashboard for these destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Athena {
    pub archives: Vec<Archive>,
    pub log_groups: Vec<LogGroup>,
    /// The database that the tables are in.
    pub database: String,
    /// The first day of the archive.
    pub since: Option<jiff::civil::Date>,
}

impl Language for Athena {
    fn name(&self) -> &'static str {
        NAME
    }

    /// Questions that nothing in the records answers are left out.
    fn export(&self, stack: &Stack, place: &Place) -> Result<Export, Unsupported> {
        let (mut files, mut left_out) = (Vec::new(), Vec::new());
        if !self.archives.is_empty() {
            files.push(file("database.sql".to_string(), table::database(self)));
        }
        for archive in &self.archives {
            let folder = &archive.records.destination;
            files.push(file(format!("{folder}/table.sql"), table::table(self, archive)));
            files.push(file(format!("{folder}/view.sql"), table::view(self, archive)));
            let (questions, out) = question::answered(&archive.records, false);
            let query = |question: &question::Question| sql::query(self, archive, *question);
            files.extend(questions.iter().map(|one| file(format!("{folder}/{}.sql", one.name()), query(one))));
            left_out.extend(out);
        }
        for group in &self.log_groups {
            let folder = format!("insights/{}", group.records.destination);
            let (questions, out) = question::answered(&group.records, true);
            let name = |question: &question::Question| format!("{folder}/{}.txt", question.name());
            files.extend(questions.iter().map(|one| File { name: name(one), text: insights::file(group, *one) }));
            left_out.extend(out);
        }
        files.push(File {
            name: "dashboard.json".to_string(),
            text: dashboard::body(&Board { stack, place, log_groups: &self.log_groups }),
        });
        Ok(Export { files, left_out })
    }
}

fn file(name: String, sql: String) -> File {
    File { name, text: format!("-- {}\n{sql}", marker(NAME)) }
}

impl Athena {
    /// The table of a destination's objects, as they are.
    fn raw(&self, archive: &Archive) -> String {
        format!("{}_raw", identifier(&archive.records.destination))
    }

    /// The view of a table, with its times as times.
    fn view(&self, archive: &Archive) -> String {
        identifier(&archive.records.destination)
    }
}

impl Records {
    /// The field that has this plain name in records of this kind.
    pub fn field(&self, kind: &str, plain: &str) -> Option<&Field> {
        let is = |meaning: &Meaning| meaning.kind == kind && meaning.plain == plain;
        self.fields.iter().find(|field| field.meanings.iter().any(is))
    }

    fn has_kind(&self, kind: &str) -> bool {
        self.fields.iter().any(|field| field.meanings.iter().any(|meaning| meaning.kind == kind))
    }
}

/// Names of databases, tables and columns hold lower-case letters, digits and `_`. Source: Athena user guide, "Name
/// databases, tables, and columns".
pub fn identifier(name: &str) -> String {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.to_lowercase().chars().map(|c| if fits(c) { c } else { '_' }).collect()
}
