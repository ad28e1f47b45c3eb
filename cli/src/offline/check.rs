//! Runs expectations, and finds the differences.
use super::{
    expect::{Case, Expect, Suite},
    fields::Names,
    host::{CanCall as _, CanStart as _, Instance, Loss, Returned},
    join::{self, Choice},
    judge::tag_for,
    setup::Setup,
};
use crate::Error;
use firelens_filter::Filter;
use serde_json::{Map, Value, json};

/// What became of a case's record.
#[derive(Debug, Clone, PartialEq)]
pub struct Got {
    /// None: dropped or lost.
    pub record: Option<Map<String, Value>>,
    pub route: Option<String>,
    pub to: Vec<String>,
    pub dropped: bool,
    pub lost: Option<Loss>,
}

/// A field that is not as expected. None: it is absent.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub field: String,
    pub expected: Option<Value>,
    pub got: Option<Value>,
}

/// A case, with what became of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub case: Case,
    pub got: Got,
    pub differences: Vec<Difference>,
    pub seconds: f64,
}

impl Outcome {
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Runs all cases of a file.
///
/// # Errors
/// When the module cannot be started.
pub fn run(suite: &Suite, setup: &Setup) -> Result<Vec<Outcome>, Error> {
    let mut runner = Runner::new(setup)?;
    suite.cases.iter().map(|case| runner.run(case)).collect()
}

/// One instance of the module, for all cases of a file.
struct Runner<'a> {
    setup: &'a Setup,
    names: Names,
    instance: Instance,
    /// Tells which route dropped a record.
    native: Filter,
}

impl<'a> Runner<'a> {
    fn new(setup: &'a Setup) -> Result<Runner<'a>, Error> {
        let instance = setup.host.instantiate().map_err(Error::new)?;
        let native = Filter::new(setup.program.clone());
        Ok(Runner { setup, names: Names::new(&setup.program), instance, native })
    }

    fn run(&mut self, case: &Case) -> Result<Outcome, Error> {
        let started = std::time::Instant::now();
        let got = self.got(case)?;
        let seconds = started.elapsed().as_secs_f64();
        let mut differences = differences(case, &got);
        differences.extend(self.several(case));
        Ok(Outcome { case: case.clone(), got, differences, seconds })
    }

    /// Lines that would not be one record in the router.
    fn several(&self, case: &Case) -> Option<Difference> {
        let lines = case.lines.as_ref()?;
        let Choice::Rules(joiner) = self.setup.joins.of_stream(case.container.as_deref(), case.stream) else {
            return None;
        };
        let records = join::records(&joiner, lines);
        let second = records.get(1)?.lines().next().unwrap_or_default().to_string();
        let got = json!(format!("{} records, the second one begins with: {second}", records.len()));
        Some(Difference { field: "the lines".into(), expected: Some(json!("one record")), got: Some(got) })
    }

    fn got(&mut self, case: &Case) -> Result<Got, Error> {
        let tag = case.tag.clone().unwrap_or_else(|| tag_for(case.container.as_deref()));
        let nothing = Got { record: None, route: None, to: Vec::new(), dropped: false, lost: None };
        let loss = match self.instance.call(tag.as_bytes(), &case.record) {
            Returned::Record { place, unchanged } => {
                let text = self.instance.text(place);
                let route = self.names.facts(text).route.filter(|_| !unchanged);
                match serde_json::from_slice(text) {
                    Ok(record) => {
                        let to = route.and_then(|route| self.setup.to.get(route)).cloned().unwrap_or_default();
                        let route = route.map(|route| self.setup.program.routes[route].name.clone());
                        return Ok(Got { record: Some(record), route, to, ..nothing });
                    }
                    Err(_) => Loss::no_object(text),
                }
            }
            Returned::Dropped => {
                self.native.filter(tag.as_bytes(), &case.record, &mut Vec::new());
                let route = self.native.last_route().and_then(|route| self.setup.program.routes.get(route));
                return Ok(Got { dropped: true, route: route.map(|route| route.name.clone()), ..nothing });
            }
            Returned::Lost(loss) => loss,
        };
        self.instance = self.setup.host.instantiate().map_err(Error::new)?;
        Ok(Got { lost: Some(loss), ..nothing })
    }
}

/// Where what became of a case's record is not what was expected.
fn differences(case: &Case, got: &Got) -> Vec<Difference> {
    if let Some(loss) = &got.lost {
        let text = Some(json!(loss.to_string()));
        return vec![Difference { field: "the record".into(), expected: Some(json!("not lost")), got: text }];
    }
    match &case.expect {
        Expect::Nothing => vec![Difference { field: "expect".into(), expected: None, got: Some(summary_of(got)) }],
        Expect::Dropped { route } => dropped_differences(route.as_ref(), got),
        Expect::Kept { fields, absent, to } => match &got.record {
            None => vec![Difference {
                field: "dropped".into(),
                expected: Some(false.into()),
                got: Some(format!("true, by route {}", got.route.as_deref().unwrap_or("?")).into()),
            }],
            Some(record) => {
                let mut found = field_differences(fields, absent, record);
                found.extend(to.as_ref().and_then(|to| to_difference(to, got)));
                if case.exact {
                    found.extend(unexpected(case, fields, record));
                }
                found
            }
        },
    }
}

/// What became of it, in one value.
fn summary_of(got: &Got) -> Value {
    match &got.record {
        Some(record) => Value::Object(record.clone()),
        None => json!({ "dropped": true, "route": got.route }),
    }
}

fn dropped_differences(route: Option<&String>, got: &Got) -> Vec<Difference> {
    let got_route = got.route.clone().map(Value::String);
    if !got.dropped {
        let got = Some(format!("false, kept on route {}", got.route.as_deref().unwrap_or("(none)")).into());
        return vec![Difference { field: "dropped".into(), expected: Some(true.into()), got }];
    }
    let expected = route.map(|route| Value::String(route.clone()));
    if expected.is_some() && expected != got_route {
        return vec![Difference { field: "route".into(), expected, got: got_route }];
    }
    Vec::new()
}

fn field_differences(fields: &[(String, Value)], absent: &[String], record: &Map<String, Value>) -> Vec<Difference> {
    let wrong = fields.iter().filter(|(field, expected)| !record.get(field).is_some_and(|got| equal(expected, got)));
    let wrong = wrong.map(|(field, expected)| Difference {
        field: field.clone(),
        expected: Some(expected.clone()),
        got: record.get(field).cloned(),
    });
    let present = absent.iter().filter_map(|field| {
        let got = record.get(field).cloned();
        got.is_some().then(|| Difference { field: field.clone(), expected: None, got })
    });
    wrong.chain(present).collect()
}

/// The destinations, in whatever order.
fn to_difference(expected: &[String], got: &Got) -> Option<Difference> {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort_unstable();
        list
    };
    let differs = sorted(expected) != sorted(&got.to);
    differs.then(|| Difference { field: "to".into(), expected: Some(json!(expected)), got: Some(json!(got.to)) })
}

/// With `exact`: the fields that nobody named.
fn unexpected(case: &Case, fields: &[(String, Value)], record: &Map<String, Value>) -> Vec<Difference> {
    let unnamed = new_fields(case, record).filter(|(field, _)| !fields.iter().any(|(named, _)| named == *field));
    unnamed.map(|(field, got)| Difference { field: field.clone(), expected: None, got: Some(got.clone()) }).collect()
}

/// The fields that the filter made: those that the record brought pass untouched, and need no mention.
pub fn new_fields<'a>(case: &Case, record: &'a Map<String, Value>) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let own: Map<String, Value> = serde_json::from_slice(&case.record).unwrap_or_default();
    record.iter().filter(move |(field, value)| own.get(*field) != Some(value))
}

/// Equal values; numbers by what they count.
fn equal(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Number(expected), Value::Number(got)) if expected.is_f64() || got.is_f64() => {
            expected.as_f64() == got.as_f64()
        }
        (Value::Array(expected), Value::Array(got)) => {
            expected.len() == got.len() && expected.iter().zip(got).all(|(expected, got)| equal(expected, got))
        }
        (Value::Object(expected), Value::Object(got)) => {
            expected.len() == got.len()
                && expected.iter().all(|(key, value)| got.get(key).is_some_and(|got| equal(value, got)))
        }
        _ => expected == got,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::expect;

    fn case(rest: &str) -> Case {
        let (cases, problems) = expect::parse(&format!("[[test]]\nline = 'x'\n{rest}"));
        assert!(problems.is_empty(), "{problems:?}");
        cases.into_iter().next().unwrap()
    }

    fn kept(record: Value) -> Got {
        let Value::Object(record) = record else { panic!() };
        let to = vec!["cloudwatch".to_string(), "archive".to_string()];
        Got { record: Some(record), route: Some("rest".into()), to, dropped: false, lost: None }
    }

    fn dropped() -> Got {
        Got { record: None, route: Some("health".into()), to: Vec::new(), dropped: true, lost: None }
    }

    #[track_caller]
    fn assert_differences(case_rest: &str, got: &Got, fields: &[&str]) {
        let found = differences(&case(case_rest), got);
        assert_eq!(found.iter().map(|difference| difference.field.as_str()).collect::<Vec<_>>(), fields);
    }

    #[test]
    fn only_named_fields_are_compared_unless_exact() {
        let got = kept(json!({ "log": "x", "kind": "access", "status": 200, "path": "/", "route": "rest" }));
        assert_differences("expect = { status = 200, absent = ['user'], route = 'rest' }", &got, &[]);
        assert_differences(
            "expect = { status = 404, user = 'bob', absent = ['path'] }",
            &got,
            &["status", "user", "path"],
        );
        assert_differences("exact = true\nexpect = { status = 200 }", &got, &["kind", "path", "route"]);
    }

    #[test]
    fn destinations_are_compared_in_any_order() {
        assert_differences("expect = { to = ['archive', 'cloudwatch'] }", &kept(json!({})), &[]);
        assert_differences("expect = { to = ['archive'] }", &kept(json!({})), &["to"]);
    }

    #[test]
    fn drops() {
        assert_differences("dropped = true", &dropped(), &[]);
        assert_differences("dropped = true\nroute = 'health'", &dropped(), &[]);
        assert_differences("dropped = true\nroute = 'other'", &dropped(), &["route"]);
        assert_differences("dropped = true", &kept(json!({})), &["dropped"]);
        assert_differences("expect = { a = 1 }", &dropped(), &["dropped"]);
    }

    #[test]
    fn nothing_expected_and_a_lost_record_are_failures() {
        assert_differences("", &kept(json!({})), &["expect"]);
        let lost = Got { lost: Some(Loss::Null), dropped: false, ..dropped() };
        assert_differences("dropped = true", &lost, &["the record"]);
    }

    #[test]
    fn numbers_are_compared_by_what_they_count() {
        assert!(equal(&json!(1.0), &json!(1)) && equal(&json!([{"a": 2}]), &json!([{"a": 2.0}])));
        assert!(!equal(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64)));
        assert!(!equal(&json!("1"), &json!(1)) && !equal(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
    }
}
