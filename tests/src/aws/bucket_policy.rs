//! S3 returns a bucket's policy in a form of its own: a list of one is its item, and the order of members and items is S3's.
use crate::fault_proxy::Request;
use crate::http::Answer;
use serde_json::{Map, Value};

/// The order of a statement's members.
const MEMBERS: [&str; 6] = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];

pub(super) fn is_asked_for(request: &Request) -> bool {
    let Some((_, query)) = request.call.strip_prefix("s3:GET ").and_then(|path| path.split_once('?')) else {
        return false;
    };
    query.split('&').any(|pair| pair == "policy" || pair == "policy=")
}

pub(super) fn canonical(mut answer: Answer) -> Answer {
    let Ok(Value::Object(mut policy)) = serde_json::from_slice(&answer.body) else { return answer };
    let Some(statements) = policy.shift_remove("Statement") else { return answer };
    let statements = match statements {
        Value::Array(all) => all,
        one => vec![one],
    };
    let statements = statements.into_iter().map(|statement| match statement {
        Value::Object(members) => ordered(members),
        other => other,
    });
    policy.insert("Statement".into(), statements.collect());
    answer.body = Value::Object(policy).to_string().into_bytes();
    answer
}

fn ordered(mut members: Map<String, Value>) -> Value {
    let in_order = MEMBERS.iter().filter_map(|name| Some(((*name).to_owned(), short(members.shift_remove(*name)?))));
    let mut statement: Map<String, Value> = in_order.collect();
    statement.extend(members.into_iter().map(|(name, value)| (name, short(value))));
    Value::Object(statement)
}

fn short(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.remove(0),
        Value::Array(mut items) => {
            items.sort_by_key(|item| std::cmp::Reverse(item.to_string()));
            Value::Array(items)
        }
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, short(value))).collect(),
        other => other,
    }
}
