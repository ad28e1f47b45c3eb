//! Expectation files: what is to become of given lines.
//!
//! ```toml
//! [[test]]
//! name = "health checks are dropped"
//! line = '10.0.0.1 - - [22/Nov/2026:07:38:32 +0000] "GET /health HTTP/1.1" 200 2 "-" "ELB-HealthChecker/2.0"'
//! container = "httpd"
//! dropped = true
//! route = "health-checks"
//!
//! [[test]]
//! line = '…'
//! expect = { kind = "access", status = 503, absent = ["user"], route = "failures", to = ["cloudwatch"] }
//! ```
use super::record::{Framer, Input};
use crate::{
    Error, Ui,
    config::{
        problem::{self, Code, Problem, Span},
        reader::{self, Entry, Node, Problems, Section},
    },
};
use firelens_config::keys::expectations;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

const STREAMS: [(&str, &str); 2] = [("stdout", "stdout"), ("stderr", "stderr")];

/// A file of expectations.
#[derive(Debug, Clone)]
pub struct Suite {
    pub path: PathBuf,
    pub source: String,
    pub cases: Vec<Case>,
}

/// A `[[test]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its own, or else the line's number.
    pub name: String,
    /// Where it begins in the file.
    pub line_number: usize,
    /// What the module is given.
    pub record: Vec<u8>,
    /// The lines that the record is of, where they are more than one, and their stream.
    pub lines: Option<String>,
    pub stream: Option<&'static str>,
    pub container: Option<String>,
    pub tag: Option<String>,
    /// Fields that are not named are differences too.
    pub exact: bool,
    pub expect: Expect,
}

/// What is to become of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Expect {
    Kept {
        fields: Vec<(String, Value)>,
        absent: Vec<String>,
        to: Option<Vec<String>>,
    },
    Dropped {
        route: Option<String>,
    },
    /// Nothing was said yet: something for `--update`.
    Nothing,
}

impl Suite {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(path: &Path, ui: &Ui) -> Result<Suite, Error> {
        let bytes = std::fs::read(path).map_err(|error| Error::file("read", path, &error))?;
        let source = String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
            Error::new(format!(
                "{}:{line}: this is not UTF-8; a `record` can say such bytes as \\u escapes",
                path.display()
            ))
        })?;
        let (cases, problems) = parse(&source);
        if problems.is_empty() {
            return Ok(Suite { path: path.to_owned(), source, cases });
        }
        Err(Error::Rendered(problem::render(&path.display().to_string(), &source, &problems, ui.stderr_color)))
    }
}

/// The tests in a text, and what is wrong with it.
pub fn parse(source: &str) -> (Vec<Case>, Vec<Problem>) {
    let problems = Problems::default();
    let (table, syntax) = DeTable::parse_recoverable(source);
    for error in &syntax {
        problems.add(Problem::error(Code::Syntax, error.span().unwrap_or_default(), error.message()).label("here"));
    }
    let cases = if syntax.is_empty() { read(source, table.get_ref(), &problems) } else { Vec::new() };
    (cases, problems.into_inner())
}

fn read<'a>(source: &str, table: &'a DeTable<'a>, problems: &'a Problems) -> Vec<Case> {
    let mut top = Section::new(&expectations::FILE, 0..0, table, problems);
    let tests = top.take("test");
    top.finish();
    let Some(tests) = tests else {
        let problem = Problem::error(Code::NoTests, 0..0, "there is no [[test]] in this file");
        problems.add(problem.help("write one: [[test]] with `line` and `expect`"));
        return Vec::new();
    };
    let sections = reader::sections(&expectations::TEST, tests, problems).into_iter();
    sections.filter_map(|section| case(source, section, problems)).collect()
}

fn case<'a>(source: &str, mut section: Section<'a>, problems: &'a Problems) -> Option<Case> {
    let span = section.span.clone();
    let line_number = 1 + source.get(..span.start).unwrap_or_default().matches('\n').count();
    let name = section.string("name").map_or_else(|| format!("line {line_number}"), |name| name.text);
    let line = section.string("line");
    let record = section.take("record").map(|entry| record(entry, problems));
    let (container, stream) = (section.take("container"), section.take("stream"));
    for entry in [container, stream].into_iter().flatten().filter(|_| record.is_some()) {
        let message = format!("`{}` stands beside `line` only", entry.name());
        let problem = Problem::error(Code::Input, entry.key.span(), message).label("not with a `record`");
        problems.add(problem.help("a record says so itself: container_name = \"…\", source = \"…\""));
    }
    let container = container.and_then(|entry| reader::string(entry.value, problems)).map(|container| container.text);
    let stream = stream.and_then(|entry| reader::word(entry, &STREAMS, problems));
    let tag = section.string("tag").map(|tag| tag.text);
    let exact = section.take("exact").and_then(|entry| reader::boolean(entry.value, problems)).unwrap_or(false);
    let expect = expectation(&mut section, problems);
    section.finish();
    let text = line.as_ref().map(|line| line.text.strip_suffix('\n').unwrap_or(&line.text).to_string());
    let record = match (line, record) {
        (Some(line), None) => {
            let text = line.text.strip_suffix('\n').unwrap_or(&line.text);
            let framer = Framer::new(Input::Lines, container.as_deref(), stream);
            framer.record(text.as_bytes(), &mut Vec::new()).to_vec()
        }
        (None, Some(record)) => record?,
        (line, _) => {
            let message = if line.is_some() { "both `line` and `record`" } else { "neither `line` nor `record`" };
            let problem = Problem::error(Code::Input, span, format!("{message} in [[test]]")).label("in this one");
            problems.add(problem.help("give one of them: `line = '''…'''`, or `record = { log = '''…''', … }`"));
            return None;
        }
    };
    let lines = text.filter(|text| text.contains('\n'));
    Some(Case { name, line_number, record, lines, stream, container, tag, exact, expect: expect? })
}

/// A record: a table, or JSON in a string.
fn record(entry: Entry, problems: &Problems) -> Option<Vec<u8>> {
    match entry.value.get_ref() {
        DeValue::String(text) => match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(_) => Some(text.trim().into()),
            Err(error) => {
                let message = format!("this is no JSON object: {error}");
                problems.add(Problem::error(Code::Record, entry.value.span(), message).label("no record"));
                None
            }
        },
        DeValue::Table(_) => Some(json_of(entry.value, problems)?.to_string().into_bytes()),
        _ => reader::wrong_type(entry.value, "a table, or JSON in a string,", problems),
    }
}

/// `expect`, or `dropped` with `route`.
fn expectation<'a>(section: &mut Section<'a>, problems: &'a Problems) -> Option<Expect> {
    let dropped = section.take("dropped");
    let route = section.take("route");
    let expect = section.take("expect");
    let is_dropped = match dropped {
        Some(entry) => reader::boolean(entry.value, problems)?,
        None => false,
    };
    if let (true, Some(expect)) = (is_dropped, expect) {
        let message = "a line that is dropped has no fields";
        let problem = Problem::error(Code::Dropped, expect.key.span(), message).label("not with `dropped = true`");
        problems.add(problem.help("remove one of the two; `route = \"…\"` may stand beside `dropped`"));
        return None;
    }
    if is_dropped {
        let route = route.and_then(|entry| reader::string(entry.value, problems));
        return Some(Expect::Dropped { route: route.map(|route| route.text) });
    }
    if let Some(route) = route {
        let problem = Problem::error(Code::Route, route.key.span(), "`route` stands beside `dropped = true` only");
        problems.add(problem.label("not here").help("write it into `expect`: expect = { route = \"…\" }"));
        return None;
    }
    expect.map_or(Some(Expect::Nothing), |entry| kept(entry, problems))
}

fn kept(entry: Entry, problems: &Problems) -> Option<Expect> {
    let DeValue::Table(table) = entry.value.get_ref() else {
        return reader::wrong_type(entry.value, "a table", problems);
    };
    let (mut fields, mut absent, mut to) = (Vec::new(), Vec::new(), None);
    for field in reader::entries(table) {
        match field.name() {
            "absent" => absent = texts(field, problems),
            "to" => to = Some(texts(field, problems)),
            name => fields.push((name.to_owned(), json_of(field.value, problems)?)),
        }
    }
    contradictions(entry.value.span(), &fields, &absent, problems);
    Some(Expect::Kept { fields, absent, to })
}

fn contradictions(span: Span, fields: &[(String, Value)], absent: &[String], problems: &Problems) {
    for name in absent.iter().filter(|name| fields.iter().any(|(field, _)| field == *name)) {
        let message = format!("`{name}` cannot have a value and be absent");
        problems.add(Problem::error(Code::Absent, span.clone(), message).label("in this one"));
    }
}

fn texts(entry: Entry, problems: &Problems) -> Vec<String> {
    reader::strings(entry.value, problems).into_iter().map(|text| text.text).collect()
}

/// TOML as JSON; dates and times are text.
fn json_of(node: Node, problems: &Problems) -> Option<Value> {
    Some(match node.get_ref() {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(_) => reader::integer(node, i64::MIN, i64::MAX, problems)?.into(),
        DeValue::Float(_) => reader::float(node, problems)?.into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(items) => items.iter().map(|item| json_of(item, problems)).collect::<Option<_>>()?,
        DeValue::Table(table) => {
            let members = reader::entries(table).into_iter();
            members
                .map(|entry| Some((entry.name().to_owned(), json_of(entry.value, problems)?)))
                .collect::<Option<_>>()?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn good(source: &str) -> Vec<Case> {
        let (cases, problems) = parse(source);
        assert!(problems.is_empty(), "{}", problem::render("f", source, &problems, false));
        cases
    }

    #[track_caller]
    fn assert_problems(source: &str, expected: &[&str]) {
        let (_, problems) = parse(source);
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, expected);
    }

    #[test]
    fn a_line_with_its_expectations() {
        let cases = good(
            "# comment\n[[test]]\nname = \"n\"\nline = '''a \"b\"\n'''\ncontainer = \"httpd\"\nstream = \"stderr\"\n\
             expect = { status = 200, time = 2026-11-22T07:38:32Z, absent = [\"user\"], to = [\"s3\"], route = \"r\" }",
        );
        let case = &cases[0];
        assert_eq!((case.name.as_str(), case.line_number, case.exact), ("n", 2, false));
        assert_eq!(
            String::from_utf8_lossy(&case.record),
            r#"{"container_name":"httpd","source":"stderr","log":"a \"b\""}"#
        );
        let Expect::Kept { fields, absent, to } = &case.expect else { panic!() };
        let named = |name: &str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        assert_eq!(named("status"), Some(json!(200)));
        assert_eq!(named("time"), Some(json!("2026-11-22T07:38:32Z")));
        assert_eq!(named("route"), Some(json!("r")));
        assert_eq!((absent.as_slice(), to.as_deref()), (&["user".to_string()][..], Some(&["s3".to_string()][..])));
    }

    #[test]
    fn records_as_tables_and_as_json() {
        let cases = good(
            "[[test]]\nrecord = { source = \"stdout\", log = \"x\", n = 1 }\n[[test]]\nrecord = '{\"log\": \"\\u00e9\"}'\n",
        );
        assert_eq!(
            serde_json::from_slice::<Value>(&cases[0].record).unwrap(),
            json!({"source":"stdout","log":"x","n":1})
        );
        assert_eq!(cases[1].record, br#"{"log": "\u00e9"}"#);
        assert_eq!((cases[1].expect.clone(), cases[1].name.as_str()), (Expect::Nothing, "line 3"));
    }

    #[test]
    fn dropped_lines() {
        let cases =
            good("[[test]]\nline = \"x\"\ndropped = true\nroute = \"health\"\n[[test]]\nline = \"\"\ndropped = false");
        assert_eq!(cases[0].expect, Expect::Dropped { route: Some("health".into()) });
        assert_eq!(cases[1].expect, Expect::Nothing);
    }

    #[test]
    fn all_mistakes_are_found() {
        assert_problems(
            "[[test]]\nlin = \"x\"\n[[test]]\nline = 1\n[[test]]\nline = \"\"\nstream = \"stdot\"\nexpect = 5\n[tests]",
            &[
                "unknown key `tests` in the file",
                "unknown key `lin` in [[test]]",
                "neither `line` nor `record` in [[test]]",
                "a string is needed here, not a whole number",
                "neither `line` nor `record` in [[test]]",
                "unknown value `stdot`",
                "a table is needed here, not a whole number",
            ],
        );
        assert_problems("", &["there is no [[test]] in this file"]);
        assert_problems("[[test]]\nline = \"\"\nrecord = {}", &["both `line` and `record` in [[test]]"]);
        assert_problems(
            "[[test]]\nrecord = \"[1]\"",
            &["this is no JSON object: invalid type: sequence, expected a map at line 1 column 0"],
        );
        assert_problems("[[test]]\nline = ''\ndropped = true\nexpect = {}", &["a line that is dropped has no fields"]);
        assert_problems(
            "[[test]]\nrecord = {}\nstream = 'stderr'\ncontainer = 'a'",
            &["`container` stands beside `line` only", "`stream` stands beside `line` only"],
        );
        assert_problems("[[test]]\nline = ''\nroute = 'a'", &["`route` stands beside `dropped = true` only"]);
        assert_problems(
            "[[test]]\nline = ''\nexpect = { a = 1, absent = ['a'] }",
            &["`a` cannot have a value and be absent"],
        );
    }
}
