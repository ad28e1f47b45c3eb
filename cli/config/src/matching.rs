//! `match = { … }`: which records a route takes.
//!
//! In a table every key has to hold; in a list, one of the items. `not = { … }` beside them means that none of the
//! conditions in it holds, and `{ not = … }` as a value means the same for one field.
use crate::{
    keys,
    problem::{Code, Problem, Span},
    reader::{Entry, Node, Problems, Text, boolean, entries, one_or_many, string, wrong_type},
    test_value::{self, FieldType},
};
use firelens_compiler::spec::{Condition, MemberType, Test};
use toml::de::DeValue;

/// A condition and where its parts were written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub condition: Condition,
    pub field: Span,
    pub tests: Vec<Span>,
}

/// Names that a condition cannot ask for, and why.
const NO_SUBJECTS: [(&str, &str); 2] = [
    ("route", "a route is what a match decides"),
    ("log", "the line itself is not matched, only what was read from it; `message` is the text of an error line"),
];

/// The alternatives of a `match`: a table, or a list of tables.
pub(crate) fn read(value: Node, types: &[MemberType], problems: &Problems) -> Vec<Vec<Read>> {
    let mut alternatives = Vec::new();
    for item in one_or_many(value) {
        let mut conditions = Vec::new();
        let DeValue::Table(table) = item.get_ref() else {
            wrong_type::<()>(item, "a table of conditions, or a list of such tables,", problems);
            continue;
        };
        if table.is_empty() {
            problems.add(empty(item.span()));
        }
        for entry in entries(table) {
            if entry.name() == "not" {
                none_of(entry, types, &mut conditions, problems)
            } else {
                one(entry, false, types, &mut conditions, problems)
            }
        }
        alternatives.push(conditions);
    }
    if matches!(value.get_ref(), DeValue::Array(items) if items.is_empty()) {
        problems.add(empty(value.span()));
    }
    alternatives
}

fn empty(span: Span) -> Problem {
    let problem = Problem::error(Code::Match, span, "a match without conditions").label("nothing in it");
    problem.help("a route without `match` takes every record")
}

/// `not = { … }` in a match.
fn none_of(entry: Entry, types: &[MemberType], conditions: &mut Vec<Read>, problems: &Problems) {
    let DeValue::Table(table) = entry.value.get_ref() else {
        wrong_type::<()>(entry.value, "a table of conditions", problems);
        return;
    };
    for inner in entries(table) {
        if inner.name() == "not" {
            problems.add(twice(inner.key.span()))
        } else {
            one(inner, true, types, conditions, problems)
        }
    }
}

fn twice(span: Span) -> Problem {
    Problem::error(Code::Match, span, "`not` within `not`").label("the second one").help("leave both out")
}

/// `field = value`.
fn one(entry: Entry, not: bool, types: &[MemberType], conditions: &mut Vec<Read>, problems: &Problems) {
    if let Some((name, why)) = NO_SUBJECTS.iter().find(|(name, _)| *name == entry.name()) {
        let problem = Problem::error(Code::Match, entry.key.span(), format!("a match cannot ask for `{name}`"));
        problems.add(problem.label("not a field to match").help(*why));
        return;
    }
    let field = Field { name: entry.name(), span: entry.key.span(), kind: FieldType::of(entry.name(), types) };
    field.value(entry.value, not, conditions, problems);
}

/// The field that a condition is about.
struct Field<'a> {
    name: &'a str,
    span: Span,
    kind: FieldType,
}

impl Field<'_> {
    fn value(&self, value: Node, not: bool, conditions: &mut Vec<Read>, problems: &Problems) {
        match value.get_ref() {
            DeValue::Table(_) => self.table(value, not, conditions, problems),
            DeValue::Array(items) if items.is_empty() => problems.add(empty(value.span())),
            DeValue::Array(items) => {
                let tests = items.iter().flat_map(|item| self.item(item, problems)).collect();
                self.push(not, tests, conditions);
            }
            _ => {
                let test = test_value::test(self.kind, value, problems);
                self.push(not, test.map(|test| (test, value.span())).into_iter().collect(), conditions);
            }
        }
    }

    fn push(&self, not: bool, tests: Vec<(Test, Span)>, conditions: &mut Vec<Read>) {
        let (any, tests) = tests.into_iter().unzip();
        let condition = Condition { field: self.name.to_string(), not, any };
        conditions.push(Read { condition, field: self.span.clone(), tests });
    }

    /// An item of a list: a plain value, or a table with one test.
    fn item(&self, item: Node, problems: &Problems) -> Vec<(Test, Span)> {
        let DeValue::Table(table) = item.get_ref() else {
            let test = test_value::test(self.kind, item, problems);
            return test.map(|test| (test, item.span())).into_iter().collect();
        };
        let all = entries(table);
        match all.as_slice() {
            [entry] if !["not", "exists"].contains(&entry.name()) => self.tests(*entry, problems),
            _ => {
                let problem = Problem::error(Code::Match, item.span(), "in a list of values, a table holds one test");
                let help = "put it into a table of its own: match = [{ … }, { … }]";
                problems.add(problem.label("not one test").help(help));
                Vec::new()
            }
        }
    }

    /// `{ prefix = "/a", not = { suffix = ".js" } }`: all of these hold.
    fn table(&self, value: Node, not: bool, conditions: &mut Vec<Read>, problems: &Problems) {
        let DeValue::Table(table) = value.get_ref() else { return };
        if table.is_empty() {
            problems.add(empty(value.span()));
        }
        if not && table.len() > 1 {
            let problem =
                Problem::error(Code::Match, value.span(), "several tests under one `not`").label("more than one");
            problems.add(problem.help("say it for each: { not = { prefix = … }, suffix = … }"));
            return;
        }
        for entry in entries(table) {
            match entry.name() {
                "not" if not => problems.add(twice(entry.key.span())),
                "not" => self.value(entry.value, true, conditions, problems),
                "exists" => {
                    let exists = boolean(entry.value, problems).unwrap_or(true);
                    self.push(not == exists, vec![(Test::Present, entry.value.span())], conditions);
                }
                _ => {
                    let tests = self.tests(entry, problems);
                    self.push(not, tests, conditions);
                }
            }
        }
    }

    /// `prefix = "/a"` or `prefix = ["/a", "/b"]`.
    fn tests(&self, entry: Entry, problems: &Problems) -> Vec<(Test, Span)> {
        if keys::TEST.key(entry.name()).is_none() {
            let problem =
                Problem::error(Code::UnknownKey, entry.key.span(), format!("unknown test `{}`", entry.name()));
            let problem = problem.label("no such test");
            let near =
                crate::problem::nearest(entry.name(), &keys::TEST.keys.iter().map(|key| key.name).collect::<Vec<_>>());
            problems.add(match near {
                Some(_) => problem.suggest(entry.name(), keys::TEST.keys.iter().map(|key| key.name)),
                None => problem.help(format!("the path of a member is in quotes: \"{}.{}\"", self.name, entry.name())),
            });
            return Vec::new();
        }
        if matches!(self.kind, FieldType::Kind | FieldType::Source) && entry.name() != "equals" {
            let message = format!("`{}` is compared as a whole", self.name);
            problems.add(Problem::error(Code::Match, entry.key.span(), message).label("no such test for it"));
            return Vec::new();
        }
        let test = |item| Some((self.named_test(entry.name(), item, problems)?, item.span()));
        one_or_many(entry.value).into_iter().filter_map(test).collect()
    }

    fn named_test(&self, name: &str, value: Node, problems: &Problems) -> Option<Test> {
        let text = || string(value, problems);
        match name {
            "equals" if matches!(self.kind, FieldType::Address) => text().map(|text| Test::Equals(text.text)),
            "equals" => test_value::test(self.kind, value, problems),
            "prefix" => not_empty(text()?, problems).map(Test::Prefix),
            "suffix" => not_empty(text()?, problems).map(Test::Suffix),
            "contains" => not_empty(text()?, problems).map(Test::Contains),
            "regex" => text().map(|text| Test::Regex(text.text)),
            "number" => test_value::number(value, problems),
            "length" => length(value, problems),
            "level" => test_value::level(&text()?, problems),
            "network" => test_value::network(&text()?, problems),
            _ => None,
        }
    }
}

/// A number of bytes, or a range of them.
fn length(value: Node, problems: &Problems) -> Option<Test> {
    let Test::Range(low, high) = test_value::number(value, problems)? else { return None };
    if high < 0 {
        let problem = Problem::error(Code::Number, value.span(), "no value is shorter than nothing");
        problems.add(problem.label("an empty range"));
        return None;
    }
    let bytes = |bound: i64| u32::try_from(bound.max(0)).unwrap_or(u32::MAX);
    Some(Test::Length(bytes(low), bytes(high)))
}

/// Every text begins and ends with the empty one.
fn not_empty(text: Text, problems: &Problems) -> Option<String> {
    if text.text.is_empty() {
        let problem = Problem::error(Code::Match, text.span, "an empty text is part of every text");
        problems.add(problem.label("empty").help("to ask whether the field is there, write { exists = true }"));
        return None;
    }
    Some(text.text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::de::DeTable;

    /// The conditions, as text: alternatives are separated by ` | `.
    fn matched(value: &str) -> String {
        let source = format!("match = {value}");
        let table = DeTable::parse(&source).unwrap();
        let problems = Problems::default();
        let alternatives = read(table.get_ref().get("match").unwrap(), &[], &problems);
        assert!(!problems.errors(), "{value}: {problems:?}");
        let all = alternatives.iter().map(|all| {
            let conditions = all.iter().map(|read| {
                assert_eq!(read.tests.len(), read.condition.any.len());
                assert_eq!(&source[read.field.clone()], read.condition.field);
                let not = if read.condition.not { " not" } else { "" };
                format!("{}{not} {:?}", read.condition.field, read.condition.any)
            });
            conditions.collect::<Vec<_>>().join(" & ")
        });
        all.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn a_table_is_all_of_it_and_a_list_any_of_it() {
        assert_eq!(
            matched(r#"[{ status = "5xx", method = ["GET", "HEAD"] }, { kind = "error" }]"#),
            r#"status [Range(500, 599)] & method [Equals("GET"), Equals("HEAD")] | kind [Kind(Error)]"#
        );
    }

    #[test]
    fn tests_of_one_field() {
        assert_eq!(
            matched(r#"{ path = [{ prefix = ["/a", "/b"] }, "/c"] }"#),
            r#"path [Prefix("/a"), Prefix("/b"), Equals("/c")]"#
        );
        assert_eq!(
            matched(r#"{ path = { prefix = "/a", not = { suffix = ".js" }, regex = "x" } }"#),
            r#"path [Prefix("/a")] & path not [Suffix(".js")] & path [Regex("x")]"#
        );
        assert_eq!(matched("{ cached = true, ms = 7 }"), r#"cached [Equals("true")] & ms [Range(7, 7)]"#);
        assert_eq!(matched(r#"{ ms = { number = "7..9" } }"#), "ms [Range(7, 9)]");
        assert_eq!(matched(r#"{ client = { equals = "web-1" } }"#), r#"client [Equals("web-1")]"#);
        assert_eq!(matched(r#"{ xff = { network = "::1" } }"#), "xff [Network { address: ::1, bits: 128 }]");
        assert_eq!(matched(r#"{ path = { length = ">2000" } }"#), "path [Length(2001, 4294967295)]");
        assert_eq!(matched(r#"{ path = { length = [7, "<=3"] } }"#), "path [Length(7, 7), Length(0, 3)]");
        assert_eq!(matched(r#"{ severity = { level = "warn" } }"#), "severity [Level(4, 4)]");
    }

    #[test]
    fn not_means_none_of_these() {
        assert_eq!(
            matched(r#"{ not = { status = ["4xx", 500], path = "/a" } }"#),
            r#"status not [Range(400, 499), Range(500, 500)] & path not [Equals("/a")]"#
        );
        assert_eq!(matched(r#"{ kind = { not = ["json", "rails"] } }"#), "kind not [Kind(Json), Kind(Rails)]");
    }

    #[test]
    fn presence() {
        assert_eq!(matched("{ user = { exists = true } }"), "user [Present]");
        assert_eq!(matched("{ user = { exists = false } }"), "user not [Present]");
        assert_eq!(matched("{ not = { user = { exists = true } } }"), "user not [Present]");
        assert_eq!(matched("{ not = { user = { exists = false } } }"), "user [Present]");
    }
}
