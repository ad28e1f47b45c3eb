//! The results of expectations: as text, as JSON.
use super::{
    check::{Difference, Got, Outcome},
    view::Format,
};
use crate::ui::{BOLD, DIM, ERROR, GOOD};
use serde_json::{Map, Value, json};
use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
};

/// The outcomes of one file.
pub struct FileReport {
    pub path: PathBuf,
    pub outcomes: Vec<Outcome>,
}

impl FileReport {
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.passed()).count()
    }

    /// Cases whose record the module lost.
    pub fn lost(&self) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.got.lost.is_some()).count()
    }
}

/// All results; text has colours.
pub fn render(format: Format, reports: &[FileReport]) -> String {
    let objects =
        || reports.iter().flat_map(|report| report.outcomes.iter().map(move |outcome| to_json(&report.path, outcome)));
    match format {
        Format::Table => to_text(reports),
        Format::Json => {
            let all = Value::Array(objects().collect());
            serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
        }
        Format::Ndjson => objects().fold(String::new(), |text, object| format!("{text}{object}\n")),
    }
}

fn to_text(reports: &[FileReport]) -> String {
    let mut text = String::new();
    for report in reports {
        let _ = writeln!(text, "{BOLD}{}{BOLD:#}", report.path.display());
        for outcome in &report.outcomes {
            outcome_text(&report.path, outcome, &mut text);
        }
        text.push('\n');
    }
    let failed: usize = reports.iter().map(FileReport::failed).sum();
    let passed = reports.iter().map(|report| report.outcomes.len()).sum::<usize>() - failed;
    let _ = match failed {
        0 => writeln!(text, "{GOOD}{passed} passed{GOOD:#}"),
        _ => writeln!(text, "{passed} passed, {ERROR}{failed} failed{ERROR:#}"),
    };
    text
}

fn outcome_text(path: &Path, outcome: &Outcome, text: &mut String) {
    let name = &outcome.case.name;
    if outcome.passed() {
        let _ = writeln!(text, "  {GOOD}✓{GOOD:#} {name}");
        return;
    }
    let place = format!("{}:{}", path.display(), outcome.case.line_number);
    let _ = writeln!(text, "  {ERROR}✗ {name}{ERROR:#}  {DIM}{place}{DIM:#}");
    let width = outcome.differences.iter().map(|difference| difference.field.chars().count()).max().unwrap_or(0);
    for Difference { field, expected, got } in &outcome.differences {
        let (expected, got) = (shown(expected.as_ref()), shown(got.as_ref()));
        let _ = writeln!(text, "      {field:width$}  expected {GOOD}{expected}{GOOD:#}");
        let _ = writeln!(text, "      {:width$}  got      {ERROR}{got}{ERROR:#}", "");
    }
}

/// A value, or that there is none.
pub fn shown(value: Option<&Value>) -> String {
    value.map_or("nothing".into(), Value::to_string)
}

fn to_json(path: &Path, outcome: &Outcome) -> Value {
    let Got { record, route, to, dropped, lost } = &outcome.got;
    let mut got = json!({ "record": record, "route": route, "to": to, "dropped": dropped });
    if let Some(loss) = lost {
        got["lost"] = json!(loss.to_string());
    }
    json!({
        "file": path.display().to_string(),
        "line": outcome.case.line_number,
        "name": outcome.case.name,
        "passed": outcome.passed(),
        "differences": outcome.differences.iter().map(difference_json).collect::<Vec<_>>(),
        "got": got,
    })
}

/// What is absent on a side has no key there.
fn difference_json(difference: &Difference) -> Value {
    let mut object = Map::new();
    object.insert("field".into(), json!(difference.field));
    for (key, value) in [("expected", &difference.expected), ("got", &difference.got)] {
        if let Some(value) = value {
            object.insert(key.into(), value.clone());
        }
    }
    Value::Object(object)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::offline::expect::{Case, Expect};

    /// One case that passed, and one that did not.
    pub(crate) fn reports() -> Vec<FileReport> {
        let case = |name: &str, line_number| Case {
            name: name.into(),
            line_number,
            record: b"{}".to_vec(),
            lines: None,
            stream: None,
            container: None,
            tag: None,
            exact: false,
            expect: Expect::Nothing,
        };
        let got =
            Got { record: Some(Map::new()), route: Some("rest".into()), to: Vec::new(), dropped: false, lost: None };
        let differences = vec![
            Difference { field: "status".into(), expected: Some(json!(503)), got: Some(json!(200)) },
            Difference { field: "user".into(), expected: None, got: Some(json!("bob")) },
        ];
        let outcome = |case, differences| Outcome { case, got: got.clone(), differences, seconds: 0.0 };
        let outcomes = vec![outcome(case("good", 1), Vec::new()), outcome(case("bad <one>", 5), differences)];
        vec![FileReport { path: "shop.test.toml".into(), outcomes }]
    }

    #[test]
    fn results_as_text() {
        let expected = "\
shop.test.toml
  ✓ good
  ✗ bad <one>  shop.test.toml:5
      status  expected 503
              got      200
      user    expected nothing
              got      \"bob\"

1 passed, 1 failed
";
        assert_eq!(crate::ui::plain(&render(Format::Table, &reports())), expected);
    }

    #[test]
    fn results_as_json() {
        let all: Value = serde_json::from_str(&render(Format::Json, &reports())).unwrap();
        assert_eq!(all[0]["passed"], json!(true));
        assert_eq!(all[1]["differences"][1], json!({ "field": "user", "got": "bob" }));
        assert_eq!(all[1]["got"], json!({ "record": {}, "route": "rest", "to": [], "dropped": false }));
        assert_eq!(render(Format::Ndjson, &reports()).lines().count(), 2);
    }
}
