//! The compiler: formats and routes in, a [`Program`] out.
//!
//! LogFormats are split by `logformat`, their directives understood by `directives` (times by `times` and `strftime`),
//! brought in line with each other by `rivals`, and become ops in `access` and `pattern`. ErrorLogFormats are split by
//! `errorlogformat` and become ops in `error`; httpd's own layouts are in `httpd_error`, those of Rails in `rails`.
//! What all of them write goes through `output`, which knows the table in `fields`. `routes` and `conditions` do the rest.
//!
//! ```
//! use firelens_compiler::{compile, spec::{Container, Format, Spec}};
//! use firelens_filter::Filter;
//!
//! let format = Format::Access { format: "common".into(), zone: Vec::new() };
//! let httpd = Container { name: "httpd".into(), stdout: vec![format], stderr: Vec::new() };
//! let program = compile(&Spec { containers: vec![httpd], ..Spec::default() }).unwrap();
//! let record = br#"{"source":"stdout","log":"192.0.2.1 - - [22/Nov/2026:07:38:32 +0000] \"GET / HTTP/1.1\" 200 5"}"#;
//! let mut out = Vec::new();
//! Filter::new(program).filter(b"httpd-firelens-1", record, &mut out);
//! assert!(String::from_utf8(out).unwrap().contains(r#""method":"GET","path":"/","protocol":"HTTP/1.1","status":200"#));
//! ```
#![warn(missing_docs, unreachable_pub)]
mod access;
mod added;
mod conditions;
mod directives;
mod error;
mod error_values;
mod errorlogformat;
mod exception;
mod fields;
mod httpd_error;
mod logformat;
mod names;
mod nicknames;
mod output;
mod paths;
mod pattern;
mod privacy;
mod rails;
mod regex;
mod rivals;
mod routes;
mod settle;
pub mod spec;
mod strftime;
mod test;
mod times;
mod writer;

use firelens_filter::program::{self, Form, Kind, Program};
use spec::Spec;
use std::ops::Range;

/// The names of LogFormats in httpd's and Debian's configuration, the usual ones first.
pub fn nicknames() -> impl Iterator<Item = &'static str> {
    nicknames::NICKNAMES.iter().map(|(name, _)| *name)
}

/// The LogFormat of one of the [`nicknames`].
pub fn log_format(nickname: &str) -> Option<&'static str> {
    nicknames::log_format(nickname)
}

pub use exception::LANGUAGES;
pub use fields::{FieldInfo, FieldType, field, fields, lograge_fields};

/// What is wrong with a [`Spec`], where, and how to mend it.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// Where it is wrong.
    pub place: Part,
    /// The bytes within the text at `place` (a LogFormat, a regex) that are meant, where that can be said.
    pub span: Option<Range<usize>>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// How to fix it.
    pub help: Option<String>,
}

/// A place in a [`Spec`], by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A format of a container's standard output.
    Stdout {
        /// Index into [`Spec::containers`].
        container: usize,
        /// Index into the stream's formats.
        format: usize,
    },
    /// A format of a container's standard error.
    Stderr {
        /// Index into [`Spec::containers`].
        container: usize,
        /// Index into the stream's formats.
        format: usize,
    },
    /// The list of routes as a whole.
    Routes,
    /// One route, by its index.
    Route(usize),
    /// A condition of a route.
    Condition {
        /// Index into [`Spec::routes`].
        route: usize,
        /// Index into the route's alternatives.
        alternative: usize,
        /// Index into the alternative's conditions.
        condition: usize,
    },
    /// One of the values that a condition names.
    Test {
        /// Index into [`Spec::routes`].
        route: usize,
        /// Index into the route's alternatives.
        alternative: usize,
        /// Index into the alternative's conditions.
        condition: usize,
        /// Index into the condition's tests.
        test: usize,
    },
    /// The type of a member, by its index.
    Type(usize),
    /// A field that is added, by its index.
    Added(usize),
    /// The privacy settings as a whole.
    Privacy,
    /// A member that is removed or replaced, by its name.
    Member(String),
    /// A pattern for texts, by its index.
    Pattern(usize),
}

/// An error in a text whose place is not known yet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Fault {
    span: Option<Range<usize>>,
    message: String,
    help: Option<String>,
}

impl Fault {
    fn new(message: impl Into<String>) -> Fault {
        Fault { span: None, message: message.into(), help: None }
    }

    fn at(self, span: Range<usize>) -> Fault {
        Fault { span: Some(span), ..self }
    }

    fn help(self, help: impl Into<String>) -> Fault {
        Fault { help: Some(help.into()), ..self }
    }

    /// The same, when the text is a part of another one that begins so many bytes earlier.
    fn shifted(self, by: usize) -> Fault {
        Fault { span: self.span.map(|span| span.start + by..span.end + by), ..self }
    }

    fn in_place(self, place: Part) -> Error {
        Error { place, span: self.span, message: self.message, help: self.help }
    }
}

/// The formats of a program without containers, in the order in which they are tried.
pub const BUILT_IN: [&str; 4] = ["combined", "common", "vhost_combined", "httpd_error"];

/// Compiles a specification.
///
/// # Errors
/// Everything that is wrong with it, not only the first thing.
pub fn compile(spec: &Spec) -> Result<Program, Vec<Error>> {
    let mut compiler = Compiler {
        out: output::Outputs::new(spec.names),
        formats: Vec::new(),
        seen: Vec::new(),
        usual: Vec::new(),
        errors: Vec::new(),
    };
    let mut program = Program { keep_log: spec.keep_log, ..Program::default() };
    if spec.containers.is_empty() {
        compiler.built_in();
    }
    for (at, container) in spec.containers.iter().enumerate() {
        let stdout = compiler.stream(&container.stdout, |format| Part::Stdout { container: at, format });
        let stderr = compiler.stream(&container.stderr, |format| Part::Stderr { container: at, format });
        program.containers.push(program::Container { name: container.name.clone(), stdout, stderr, added: Vec::new() });
    }
    let Compiler { mut out, formats, mut errors, .. } = compiler;
    let any = formats.iter().any(program::CompiledFormat::brings_members);
    let written = out.written();
    let added = spec.added.iter().map(|field| field.name.clone());
    let types = conditions::types(&spec.types, &written, &formats, &mut errors);
    let known = conditions::Known { written: written.iter().cloned().chain(added).collect(), any, types };
    program.routes = routes::compile(&spec.routes, &known, &mut out, &mut errors);
    program.formats = formats;
    program.privacy = privacy::compile(spec, &program.formats, &mut errors);
    program.formats.iter_mut().for_each(|format| settle::outputs(format, &program.privacy));
    privacy::check_replaced(&program.formats, &mut errors);
    added::compile(spec, &written, &mut program, &mut errors);
    program.names = out.names.into_list();
    if errors.is_empty() { Ok(program) } else { Err(errors) }
}

/// The names of all that formats write. What stands in front of a JSON object has the names that any object can have.
fn printed(formats: &[program::CompiledFormat]) -> impl Iterator<Item = &str> {
    formats
        .iter()
        .filter(|format| !format.holds(Form::Json))
        .flat_map(|format| format.outputs())
        .map(|output| output.name())
}

/// What a condition and `[privacy]` call a member, as the names on the way to it: one for a member of the record itself, nothing
/// when it is no path.
pub fn path(text: &str) -> Option<Vec<String>> {
    match paths::read(text, std::iter::empty()).ok()? {
        paths::Name::Member(name) => Some(vec![name]),
        paths::Name::Path(path) => Some(path.split('\0').map(str::to_string).collect()),
    }
}

/// What is shared by the formats of a program.
struct Compiler<'a> {
    out: output::Outputs,
    formats: Vec<program::CompiledFormat>,
    /// The specifications of formats, with their indices.
    seen: Vec<(&'a spec::Format, Vec<u8>)>,
    /// Formats that read any user, with those that read the usual ones only.
    usual: Vec<(u8, u8)>,
    errors: Vec<Error>,
}

impl<'a> Compiler<'a> {
    fn built_in(&mut self) {
        for nickname in BUILT_IN {
            let format = match nickname {
                // Without containers, access and error lines cannot be told by their stream, so that a client could
                // write an error line into its request: what stands in front of an error line is not accepted then.
                "httpd_error" => httpd_format(Kind::Error, httpd_error::layouts(false, &mut self.out), &[]),
                _ => httpd_format(Kind::Access, access::built_in(nickname, &mut self.out), &[]),
            };
            self.formats.push(format);
        }
        // No format with one more value would read what these do.
        for at in BUILT_IN.iter().enumerate().filter(|(_, name)| **name != "vhost_combined").map(|(at, _)| at as u8) {
            if let Some(usual) = self.with_usual_user(at) {
                self.formats.swap(at.into(), usual.into());
            }
        }
    }

    /// The formats of a stream, as indices into all of them.
    fn stream(&mut self, formats: &'a [spec::Format], place: impl Fn(usize) -> Part) -> Vec<u8> {
        let indices = formats.iter().enumerate().flat_map(|(at, format)| self.format(format, place(at)));
        let mut indices: Vec<u8> = indices.collect();
        let access = |format: &&spec::Format| matches!(format, spec::Format::Access { .. });
        if formats.iter().filter(access).count() > 1 {
            let mut any_user = Vec::new();
            for index in &mut indices {
                if let Some(usual) = self.with_usual_user(*index) {
                    any_user.push(std::mem::replace(index, usual));
                }
            }
            indices.extend(any_user);
        }
        indices
    }

    /// The index of the same format with users whose names have no blanks ([`access::with_usual_user`]).
    fn with_usual_user(&mut self, index: u8) -> Option<u8> {
        if let Some((_, usual)) = self.usual.iter().find(|(any, _)| *any == index) {
            return Some(*usual);
        }
        let format = self.formats.get(usize::from(index))?.clone();
        let patterns = access::with_usual_user(&format.patterns, &mut self.out)?;
        let usual = u8::try_from(self.formats.len()).ok()?;
        self.formats.push(program::CompiledFormat { patterns, ..format });
        self.usual.push((index, usual));
        Some(usual)
    }

    /// The formats that are tried for one that the user wrote, as indices into all of them: none when it is wrong.
    fn format(&mut self, format: &'a spec::Format, place: Part) -> Vec<u8> {
        if let Some((_, seen)) = self.seen.iter().find(|(seen, _)| *seen == format) {
            return seen.clone();
        }
        let compiled = self.compiled(format);
        let mut faults = Vec::new();
        let compiled = compiled.map_err(|more| faults = more).unwrap_or_default();
        if self.out.names.take_overflow() {
            faults.push(too_many_names());
        }
        if self.formats.len() + compiled.len() > usize::from(u8::MAX) + 1 {
            faults.push(Fault::new("there are more than 256 different formats").help("leave some of them out"));
        }
        self.errors.extend(faults.into_iter().map(|fault| fault.in_place(place.clone())));
        let from = self.formats.len();
        self.formats.extend(compiled);
        let indices: Vec<u8> = (from..self.formats.len()).map(|at| at as u8).collect();
        self.seen.push((format, indices.clone()));
        indices
    }

    fn compiled(&mut self, format: &spec::Format) -> Result<Vec<program::CompiledFormat>, Vec<Fault>> {
        let one = match format {
            spec::Format::Access { format, zone } => {
                access::compile(format, &mut self.out).map(|patterns| httpd_format(Kind::Access, patterns, zone))
            }
            spec::Format::HttpdError { format: None, zone } => {
                Ok(httpd_format(Kind::Error, httpd_error::layouts(true, &mut self.out), zone))
            }
            spec::Format::HttpdError { format: Some(format), zone } => {
                error::compile(format, &mut self.out).map(|patterns| httpd_format(Kind::Error, patterns, zone))
            }
            spec::Format::Rails { zone } => Ok(plain_format(Kind::Rails, rails::layouts(&mut self.out), zone)),
            spec::Format::Lograge { zone } => {
                Ok(plain_format(Kind::Rails, rails::objects(Form::Lograge, &mut self.out), zone))
            }
            spec::Format::Json { zone } => {
                Ok(plain_format(Kind::Json, rails::objects(Form::Json, &mut self.out), zone))
            }
            spec::Format::Library { library, zone } => return Ok(library.formats(zone, &mut self.out)),
            spec::Format::Exception { languages } => exception::layouts(languages, &mut self.out)
                .map(|patterns| plain_format(Kind::Exception, patterns, &[]))
                .map_err(|fault| vec![fault]),
        };
        one.map(|format| vec![format])
    }
}

fn too_many_names() -> Fault {
    Fault::new(format!("all formats and routes together have more than {} fields", program::MAX_NAMES))
        .help("leave out fields that nobody needs")
}

fn httpd_format(kind: Kind, patterns: Vec<program::Pattern>, zone: &[(i64, i32)]) -> program::CompiledFormat {
    program::CompiledFormat { httpd_escapes: true, ..plain_format(kind, patterns, zone) }
}

fn plain_format(kind: Kind, patterns: Vec<program::Pattern>, zone: &[(i64, i32)]) -> program::CompiledFormat {
    let mut zone = zone.to_vec();
    zone.sort_unstable();
    program::CompiledFormat { kind, patterns, httpd_escapes: false, zone }
}

#[cfg(test)]
mod access_sweep;
#[cfg(test)]
mod behaviour;
#[cfg(test)]
mod error_round_trip;
#[cfg(test)]
mod error_sweep;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod tests;
