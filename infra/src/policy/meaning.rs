//! Documents compared by what they mean: IAM keeps them as they were written, and anyone may have written them.
use serde_json::{Map, Value};

/// The document with its statements by their Sids (without one: by their place), and each list in order and without
/// doubles. A single value is a list of one, as IAM takes it.
pub fn meaning(document: &Value) -> Value {
    let Some(members) = document.as_object() else { return document.clone() };
    let one = |(key, value): (&String, &Value)| match key.as_str() {
        "Statement" => (key.clone(), statements(value)),
        _ => (key.clone(), value.clone()),
    };
    Value::Object(members.iter().map(one).collect())
}

/// What IAM answers: JSON, in the escapes of a URL.
pub(crate) fn decoded(text: &str) -> Value {
    let text: String = percent_decoded(text);
    serde_json::from_str(&text).map_or_else(|_| Value::String(text), |document| meaning(&document))
}

fn percent_decoded(text: &str) -> String {
    // A `+` is one in IAM's answers, and a space in a form.
    let escaped = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(escaped.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn statements(statements: &Value) -> Value {
    let all = match statements {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut by_sid = Map::new();
    for (at, statement) in all.iter().enumerate() {
        let sid = statement["Sid"].as_str().filter(|sid| !by_sid.contains_key(*sid));
        by_sid.insert(sid.map_or_else(|| (at + 1).to_string(), str::to_string), lists(statement));
    }
    Value::Object(by_sid)
}

fn lists(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(key, _)| *key != "Sid").map(|(key, value)| match key.as_str() {
                "Effect" => (key.clone(), value.clone()),
                _ => (key.clone(), lists(value)),
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => {
            let mut items: Vec<Value> = items.clone();
            items.sort_by_key(ToString::to_string);
            items.dedup();
            Value::Array(items)
        }
        one => Value::Array(vec![one.clone()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_and_single_values_mean_nothing() {
        let written = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "A", "Effect": "Allow", "Action": ["b:B", "a:A"], "Resource": "x"},
            {"Effect": "Allow", "Principal": {"Service": "s"}, "Action": "c:C",
             "Condition": {"StringEquals": {"k": "v"}}},
        ]});
        let read = json!({"Statement": [
            {"Sid": "A", "Resource": ["x"], "Effect": "Allow", "Action": ["a:A", "b:B", "a:A"]},
            {"Condition": {"StringEquals": {"k": ["v"]}}, "Action": ["c:C"], "Effect": "Allow",
             "Principal": {"Service": ["s"]}},
        ], "Version": "2012-10-17"});
        assert_eq!(meaning(&written), meaning(&read));
        let other = json!({"Version": "2012-10-17", "Statement": {"Sid": "A", "Effect": "Deny", "Action": "a:A"}});
        assert_ne!(meaning(&written), meaning(&other));
    }

    #[test]
    fn what_iam_answers_is_decoded() {
        let answer = "%7B%22Statement%22%3A%20%7B%22Sid%22%3A%22A%22%2C%22Action%22%3A%22a%3Ab+c%26d%22%7D%7D";
        assert_eq!(decoded(answer), json!({"Statement": {"A": {"Action": ["a:b+c&d"]}}}));
    }
}
