//! The rights that a role has, and those that it shall have, in one document: what a role needs while both what was before and
//! what comes after run.
use super::{Document, Statement};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How a role's policy gets from what it is to what it shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// At once: nothing is taken away.
    Straight,
    /// Something comes at first, and something goes at the end.
    Around,
    /// Something goes, at the end.
    Narrower,
}

/// From a policy (in the form of [`super::meaning`]) to the wanted one.
pub fn way(wanted: &Document, found: &Value) -> Way {
    let (all, before) = (contents(&union(wanted, found).statement), contents(&statements(found)));
    match () {
        () if all == contents(&wanted.statement) => Way::Straight,
        () if all == before => Way::Narrower,
        () => Way::Around,
    }
}

/// What is wanted, and all that a policy (in the form of [`super::meaning`]) allows besides. Its denials do not stay, nor what we
/// never write.
pub fn union(wanted: &Document, found: &Value) -> Document {
    let mut all = wanted.statement.clone();
    for before in statements(found) {
        match all.iter_mut().find(|one| kind(one) == kind(&before)) {
            Some(same) => {
                let more = before.resource.into_iter().filter(|arn| !same.resource.contains(arn)).collect::<Vec<_>>();
                same.resource.extend(more);
            }
            None => {
                let sid = free(&all, before.sid.as_deref().unwrap_or_default());
                all.push(Statement { sid: Some(sid), ..before });
            }
        }
    }
    Document::new(all)
}

/// A name that no statement has.
fn free(all: &[Statement], sid: &str) -> String {
    let taken = |sid: &str| all.iter().any(|one| one.sid.as_deref() == Some(sid));
    let mut name = sid.to_string();
    let mut number = 1;
    while name.is_empty() || taken(&name) {
        name = format!("{sid}Before{number}");
        number += 1;
    }
    name
}

type Condition = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// What statements may differ in besides their resources.
type Kind = (BTreeSet<String>, Condition);

fn kind(statement: &Statement) -> Kind {
    let keys = |keys: &BTreeMap<String, Vec<String>>| {
        keys.iter().map(|(key, values)| (key.clone(), values.iter().cloned().collect())).collect()
    };
    let condition = statement.condition.iter().map(|(operator, all)| (operator.clone(), keys(all))).collect();
    (statement.action.iter().cloned().collect(), condition)
}

fn contents(statements: &[Statement]) -> BTreeMap<Kind, BTreeSet<String>> {
    let mut all: BTreeMap<Kind, BTreeSet<String>> = BTreeMap::new();
    for statement in statements {
        all.entry(kind(statement)).or_default().extend(statement.resource.iter().cloned());
    }
    all
}

/// The statements that allow something in the form that we write.
fn statements(found: &Value) -> Vec<Statement> {
    let all = found["Statement"].as_object().into_iter().flatten();
    all.filter_map(|(sid, statement)| statement_of(sid, statement)).collect()
}

fn statement_of(sid: &str, statement: &Value) -> Option<Statement> {
    let known = ["Effect", "Action", "Resource", "Condition"];
    let members = statement.as_object()?;
    if statement["Effect"] != "Allow" || members.keys().any(|name| !known.contains(&name.as_str())) {
        return None;
    }
    let texts = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|text| text.as_str().map(str::to_string)).collect()
    };
    let mut allowed = Statement::allow(sid, &[], texts(&statement["Resource"])?);
    allowed.action = texts(&statement["Action"])?;
    for (operator, keys) in statement["Condition"].as_object().into_iter().flatten() {
        for (key, values) in keys.as_object()? {
            allowed = allowed.when(operator, key, texts(values)?);
        }
    }
    Some(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::meaning::meaning;
    use serde_json::json;

    fn document(statements: &[(&str, &[&str], &str)]) -> Document {
        let one = |(sid, arns, via): &(&str, &[&str], &str)| {
            let statement = Statement::allow(sid, &["a:A"], arns.iter().map(ToString::to_string).collect());
            if via.is_empty() { statement } else { statement.when("StringEquals", "k", vec![via.to_string()]) }
        };
        Document::new(statements.iter().map(one).collect())
    }

    fn found(document: &Document) -> Value {
        meaning(&serde_json::to_value(document).unwrap())
    }

    #[test]
    fn nothing_goes_before_what_comes_is_there() {
        let before = document(&[("A", &["x", "y"], ""), ("B", &["k"], "s3")]);
        let after = document(&[("A", &["y", "z"], ""), ("B", &["k"], "kinesis")]);
        let both = union(&after, &found(&before));
        assert_eq!(both.statement.len(), 3, "{both:?}");
        assert_eq!(both.statement[0].resource, ["y", "z", "x"]);
        assert_eq!(both.statement[2].sid.as_deref(), Some("BBefore1"));
        assert_eq!(way(&after, &found(&before)), Way::Around);
        // Run again in the middle, it is as wide as it has to be, and does not grow.
        assert_eq!(way(&after, &found(&both)), Way::Narrower);
        assert_eq!(found(&union(&after, &found(&both)))["Statement"].as_object().unwrap().len(), 3);
        assert_eq!(way(&after, &found(&after)), Way::Straight);
        // And back again from there.
        assert_eq!(way(&before, &found(&both)), Way::Narrower);
    }

    #[test]
    fn what_only_grows_goes_straight() {
        let (small, large) = (document(&[("A", &["x"], "")]), document(&[("A", &["x"], ""), ("B", &["y"], "s3")]));
        assert_eq!(way(&large, &found(&small)), Way::Straight);
        assert_eq!(way(&small, &found(&large)), Way::Narrower);
        assert_eq!(way(&small, &Value::Null), Way::Straight);
        assert_eq!(way(&Document::new(Vec::new()), &found(&small)), Way::Narrower);
    }

    #[test]
    fn what_we_never_write_does_not_stay() {
        let small = document(&[("A", &["x"], "")]);
        for odd in
            [json!({"Sid": "D", "Effect": "Deny", "Action": "a:A", "Resource": "*"}), json!({"NotAction": "a:A"})]
        {
            let found = meaning(&json!({"Statement": [odd]}));
            assert_eq!(way(&small, &found), Way::Straight);
        }
    }
}
