//! `--update`: writes what came out into an expectation file, and leaves the rest of it as it was.
use super::{
    check::{Difference, Got, Outcome, new_fields},
    expect::Expect,
};
use serde_json::Value as Json;
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value, value};

/// The text of the file with the outcomes of its cases, in the file's order.
///
/// # Errors
/// When the text is not what the outcomes came from.
pub fn updated(source: &str, outcomes: &[Outcome]) -> Result<String, String> {
    let mut document: DocumentMut = source.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    let tests = document.get_mut("test").and_then(Item::as_array_of_tables_mut);
    let tests = tests.ok_or("write each test as [[test]], so that it can be updated")?;
    for (test, outcome) in tests.iter_mut().zip(outcomes).filter(|(_, outcome)| !outcome.passed()) {
        update(test, outcome);
    }
    Ok(document.to_string())
}

fn update(test: &mut Table, outcome: &Outcome) {
    let Got { record, route, lost, .. } = &outcome.got;
    if lost.is_some() {
        return;
    }
    let Some(record) = record else {
        test.remove("expect");
        set(test, "dropped", true.into());
        if let Some(route) = route {
            set(test, "route", route.into());
        }
        return;
    };
    match (&outcome.case.expect, test.get_mut("expect").and_then(Item::as_table_like_mut)) {
        (Expect::Kept { .. }, Some(expect)) => {
            for difference in &outcome.differences {
                accept(expect, difference);
            }
        }
        _ => {
            test.remove("dropped");
            test.remove("route");
            let mut expect = Table::new();
            for (field, got) in new_fields(&outcome.case, record) {
                if let Some(got) = to_toml(got) {
                    expect.insert(field, Item::Value(got));
                }
            }
            if !outcome.got.to.is_empty() {
                expect.insert("to", value(outcome.got.to.iter().collect::<Array>()));
            }
            test.insert("expect", Item::Table(expect));
        }
    }
}

/// Makes the expectation agree.
fn accept(expect: &mut dyn TableLike, difference: &Difference) {
    let Difference { field, got, .. } = difference;
    match got.as_ref().and_then(to_toml) {
        Some(got) => {
            set(expect, field, got);
            if let Some(absent) = expect.get_mut("absent").and_then(Item::as_array_mut) {
                absent.retain(|name| name.as_str() != Some(field));
                if absent.is_empty() {
                    expect.remove("absent");
                }
            }
        }
        None => {
            expect.remove(field);
            // `null` is a value that TOML does not have: such a field is not named any more.
            if got.is_none() {
                let absent = expect.entry("absent").or_insert_with(|| value(Array::new()));
                if let Some(absent) = absent.as_array_mut() {
                    absent.push(field);
                }
            }
        }
    }
}

/// Sets a value where it stands, with the comments around it.
fn set(table: &mut dyn TableLike, key: &str, new: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = new;
            *old.decor_mut() = decor;
        }
        None => _ = table.insert(key, Item::Value(new)),
    }
}

/// JSON as TOML, which has no `null` and no integers beyond 64 bits.
fn to_toml(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => return None,
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64()?.into(),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => Value::Array(items.iter().map(to_toml).collect::<Option<Array>>()?),
        Json::Object(members) => {
            let mut table = toml_edit::InlineTable::new();
            for (key, value) in members {
                table.insert(key, to_toml(value)?);
            }
            Value::InlineTable(table)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::expect;
    use serde_json::json;

    fn kept(record: Json) -> Got {
        let Json::Object(record) = record else { panic!() };
        Got { record: Some(record), route: None, to: vec!["s3".into()], dropped: false, lost: None }
    }

    /// The file after its cases had these outcomes, and these fields were different.
    fn update(source: &str, results: Vec<(Got, Vec<Difference>)>) -> String {
        let (cases, problems) = expect::parse(source);
        assert!(problems.is_empty(), "{problems:?}");
        let outcomes: Vec<_> = cases
            .into_iter()
            .zip(results)
            .map(|(case, (got, differences))| Outcome { case, got, differences, seconds: 0.0 })
            .collect();
        let text = updated(source, &outcomes).unwrap();
        let (_, problems) = expect::parse(&text);
        assert!(problems.is_empty(), "{problems:?}\n{text}");
        text
    }

    fn difference(field: &str, expected: Option<Json>, got: Option<Json>) -> Difference {
        Difference { field: field.into(), expected, got }
    }

    #[test]
    fn values_change_and_comments_stay() {
        let source = "\
# What our lines become.

[[test]]          # the first
line = 'x'        # a line
expect = { status = 200, user = 'bob', absent = ['path'], to = ['s3'] } # fields

[[test]]
line = '''y'''
[test.expect]
kind = 'access'   # always
";
        let differences = vec![
            difference("status", Some(json!(200)), Some(json!(404))),
            difference("user", Some(json!("bob")), None),
            difference("path", None, Some(json!("/"))),
            difference("to", Some(json!(["s3"])), Some(json!(["s3", "x"]))),
        ];
        let other = vec![difference("kind", Some(json!("access")), Some(json!("error")))];
        let expected = source
            .replace(
                "{ status = 200, user = 'bob', absent = ['path'], to = ['s3'] }",
                "{ status = 404, absent = [\"user\"], to = [\"s3\", \"x\"] , path = \"/\" }",
            )
            .replace("'access'", "\"error\"");
        let text = update(source, vec![(kept(json!({})), differences), (kept(json!({})), other)]);
        assert_eq!(text, expected);
    }

    #[test]
    fn a_line_alone_gets_all_that_the_filter_made() {
        let source = "[[test]]\nline = 'x'\n\n[[test]]\nname = 'z'\nline = 'z'\n";
        let got = kept(json!({ "log": "x", "kind": "access", "status": 200, "none": null, "a b": "\"" }));
        let missing = || vec![difference("expect", None, None)];
        let dropped = Got { record: None, route: Some("health".into()), to: Vec::new(), dropped: true, lost: None };
        let expected = "\
[[test]]
line = 'x'

[test.expect]
kind = \"access\"
status = 200
\"a b\" = '\"'
to = [\"s3\"]

[[test]]
name = 'z'
line = 'z'
dropped = true
route = \"health\"
";
        assert_eq!(update(source, vec![(got, missing()), (dropped, missing())]), expected);
    }

    #[test]
    fn kept_instead_of_dropped() {
        let source = "[[test]]\nline = 'x'\ndropped = true\nroute = 'health' # why\n";
        let differences = vec![difference("dropped", Some(json!(true)), None)];
        let text = update(source, vec![(kept(json!({ "kind": "access" })), differences)]);
        assert_eq!(text, "[[test]]\nline = 'x'\n\n[test.expect]\nkind = \"access\"\nto = [\"s3\"]\n");
    }
}
