//! What a user says about formats and routes: the input of [`crate::compile`].
//!
//! This is plain data: it does not know where it was written (`firelens.toml`, a command line), so errors of the compiler
//! name the place in this tree ([`crate::Part`]).
pub use crate::fields::FieldType;
pub use crate::rails::Library;
pub use crate::test::Test;
pub use firelens_filter::program::Ecs;

/// Everything that goes into a program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spec {
    /// The containers whose lines are parsed. None: the formats that the plain module recognises by itself (`common`,
    /// `combined`, `vhost_combined`, the default error lines) are tried on every record.
    pub containers: Vec<Container>,
    /// The routes, in order. None: records get no `route`.
    pub routes: Vec<Route>,
    /// Keep `log` in records whose line was parsed.
    pub keep_log: bool,
    /// The names that fields get in the output.
    pub names: Names,
    /// What is masked.
    pub privacy: Privacy,
    /// The fields that are added to records.
    pub added: Vec<AddedField>,
    /// What is known of members that lines of JSON bring.
    pub types: Vec<MemberType>,
}

/// The type of a member that lines of JSON bring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberType {
    /// Its name, or its path.
    pub name: String,
    /// The type.
    pub value_type: FieldType,
}

/// A field that is added to records.
#[derive(Debug, Clone, PartialEq)]
pub struct AddedField {
    /// The name of the container whose records get it; without one, those of all that have no field of this name for
    /// themselves.
    pub container: Option<String>,
    /// Its name as printed.
    pub name: String,
    /// What stands there.
    pub value: AddedValue,
}

/// The value of a field that is added.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "JSON's own, and what ECS knows of the task")]
pub enum AddedValue {
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    Ecs(Ecs),
}

/// A container, and the formats of its two streams, tried in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Container {
    /// Its name in the task definition.
    pub name: String,
    /// The formats of what it writes to standard output.
    pub stdout: Vec<Format>,
    /// The formats of what it writes to standard error.
    pub stderr: Vec<Format>,
}

/// A line format, with what the user may say about it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "a format as the user wrote it, and the zone of times that carry none")]
pub enum Format {
    /// An httpd LogFormat, or one of its nicknames.
    Access { format: String, zone: Zone },
    /// httpd's error log. Without a format: 2.4's and 2.2's default layouts and start-up lines.
    HttpdError { format: Option<String>, zone: Zone },
    /// Rails' default Logger layout.
    Rails { zone: Zone },
    /// Lograge, as key=value or JSON, with or without a header of Ruby's Logger.
    Lograge { zone: Zone },
    /// Lines that are JSON objects, with or without a header of Ruby's Logger.
    Json { zone: Zone },
    /// What a library around Rails writes.
    Library { library: Library, zone: Zone },
    /// Stack traces of these languages ([`crate::LANGUAGES`]), joined to one record each.
    Exception { languages: Vec<String> },
}

/// The zone of times that carry none; see [`firelens_filter::program::CompiledFormat::zone`]. Empty is UTC.
pub type Zone = Vec<(i64, i32)>;

/// Which names the output's fields have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Names {
    /// The kit's own.
    #[default]
    Plain,
    /// Those of Fluent Bit's `apache2` parser: `host`, `user`, `method`, `path`, `code`, `size`, `referer`, `agent`.
    Apache2,
    /// OpenTelemetry's semantic conventions: `client.address`, `http.response.status_code` …
    Otel,
}

/// A route: the first whose conditions hold takes the record.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The value of the record's `route`.
    pub name: String,
    /// Any of these; in each, all of it. Empty: every record.
    pub any_of: Vec<Vec<Condition>>,
    /// What becomes of the records that take it.
    pub action: Action,
}

/// What becomes of a record that took a route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// It passes.
    Keep,
    /// It is dropped.
    Drop,
    /// Keep this share (0 to 1) of the records, drop the others.
    Sample(f64),
}

/// A condition on one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// `kind`, `container`, `source`, or any field's plain name.
    pub field: String,
    /// It holds when none of the tests does.
    pub not: bool,
    /// One of these has to hold.
    pub any: Vec<Test>,
}

/// What is masked before a record leaves the filter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Privacy {
    /// Bits of a client's IPv4 address that stay.
    pub v4_bits: Option<u8>,
    /// Bits of a client's IPv6 address that stay.
    pub v6_bits: Option<u8>,
    /// Remove user names.
    pub remove_user: bool,
    /// Query parameters whose values are replaced; case does not matter.
    pub parameters: Vec<String>,
    /// Members of records, by their names as printed, that are not written.
    pub remove: Vec<String>,
    /// Members of records whose values are replaced.
    pub replace: Vec<String>,
    /// What is replaced in texts, wherever it stands.
    pub patterns: Vec<TextPattern>,
    /// What stands in a replaced value's place; empty: `***`.
    pub replacement: String,
}

/// What is looked for in texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPattern {
    /// E-mail addresses, also with an encoded `@`.
    Email,
    /// Numbers of 13 to 19 digits with a valid check digit.
    CardNumber,
    /// The token of an `Authorization: Bearer` header.
    BearerToken,
    /// Ids of access keys, and secret keys behind their name.
    AwsKey,
    /// In the syntax of the `regex` crate, without anchors.
    Regex(String),
}
