//! What a plan changes in a document of the user's, by lines, as `inject` shows it. Only what differs is shown: a container of theirs
//! may have secrets in what stays.
use super::{diff, text::Mark};
use serde_json::{Map, Value};
use similar::{ChangeTag, TextDiff};

/// What differs, before and after.
#[derive(Debug, Clone)]
pub struct Document {
    before: Value,
    after: Value,
}

impl Document {
    /// Values in fields that are `hidden` (by their paths, as in `diff`) are not shown.
    pub fn of(before: &Value, after: &Value, hidden: &dyn Fn(&str) -> bool) -> Document {
        let (left, right) = differing("", before, after, hidden);
        Document { before: left, after: right }
    }

    /// Its lines, with `+` and `-` before what changes. Each item of a list of named things is compared with itself only.
    pub fn lines(&self) -> Vec<(Mark, String)> {
        let nothing = Map::new();
        let [old, new] = [&self.before, &self.after].map(|side| side.as_object().unwrap_or(&nothing));
        let mut lines = vec![plain("{")];
        for key in keys(old, new) {
            let (before, after) = (old.get(key), new.get(key));
            match (before.map_or(Some(Map::new()), named), after.map_or(Some(Map::new()), named)) {
                (Some(before), Some(after)) => {
                    lines.push(plain(&format!("  {key:?}: [")));
                    let all = keys(&before, &after).into_iter();
                    lines.extend(all.flat_map(|name| changed("    ", "", before.get(name), after.get(name))));
                    lines.push(plain("  ],"));
                }
                _ => lines.extend(changed("  ", &format!("{key:?}: "), before, after)),
            }
        }
        lines.push(plain("}"));
        lines
    }
}

fn plain(text: &str) -> (Mark, String) {
    (Mark::Plain, format!("      {text}\n"))
}

/// The lines of a value, before and after.
fn changed(indent: &str, name: &str, before: Option<&Value>, after: Option<&Value>) -> Vec<(Mark, String)> {
    let text = |value: Option<&Value>| {
        let json = value.map(|value| serde_json::to_string_pretty(value).expect("JSON is plain data"));
        json.map_or_else(String::new, |json| format!("{name}{json},\n"))
    };
    let (before, after) = (text(before), text(after));
    let line = |change: similar::Change<&str>| {
        let (mark, sign) = match change.tag() {
            ChangeTag::Delete => (Mark::Deleted, '-'),
            ChangeTag::Insert => (Mark::Created, '+'),
            ChangeTag::Equal => (Mark::Plain, ' '),
        };
        (mark, format!("    {sign} {indent}{}\n", change.value().trim_end()))
    };
    TextDiff::from_lines(&before, &after).iter_all_changes().map(line).collect()
}

/// Those of both, each once, the name first.
fn keys<'a>(old: &'a Map<String, Value>, new: &'a Map<String, Value>) -> Vec<&'a String> {
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort_by_key(|key| (key.as_str() != "name", key.as_str()));
    keys.dedup();
    keys
}

/// Both without what is the same in them. Lists of named things are compared by name, and of each that differs its name stays.
fn differing(path: &str, before: &Value, after: &Value, hidden: &dyn Fn(&str) -> bool) -> (Value, Value) {
    if let (Some(old), Some(new)) = (named(before), named(after))
        && !(old.is_empty() && new.is_empty())
    {
        let (old, new) = members(path, &old, &new, hidden);
        let list = |members: Map<String, Value>| members.into_iter().map(|(_, item)| item).collect();
        return (list(old), list(new));
    }
    match (before.as_object(), after.as_object()) {
        (Some(old), Some(new)) => {
            let (old, new) = members(path, old, new, hidden);
            (old.into(), new.into())
        }
        _ => (shown(path, before, hidden, ""), shown(path, after, hidden, CHANGED)),
    }
}

/// What follows a hidden value that has changed.
const CHANGED: &str = ", changed";

fn members(
    path: &str,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    hidden: &dyn Fn(&str) -> bool,
) -> (Map<String, Value>, Map<String, Value>) {
    let (mut left, mut right) = (Map::new(), Map::new());
    for key in keys(old, new) {
        let inner = diff::join(path, key);
        match (old.get(key), new.get(key)) {
            (Some(before), Some(after)) if before == after && key == "name" => {
                left.insert(key.clone(), before.clone());
                right.insert(key.clone(), after.clone());
            }
            (Some(before), Some(after)) if before == after => {}
            (Some(before), Some(after)) => {
                let (before, after) = differing(&inner, before, after, hidden);
                left.insert(key.clone(), before);
                right.insert(key.clone(), after);
            }
            (Some(before), None) => _ = left.insert(key.clone(), shown(&inner, before, hidden, "")),
            (None, Some(after)) => _ = right.insert(key.clone(), shown(&inner, after, hidden, "")),
            (None, None) => {}
        }
    }
    (left, right)
}

/// The items of a list whose items all have a name, by their names.
fn named(value: &Value) -> Option<Map<String, Value>> {
    let name = |item: &Value| Some((format!("[{}]", item.get("name")?.as_str()?), item.clone()));
    value.as_array()?.iter().map(name).collect()
}

/// All of a value but what is hidden in it.
fn shown(path: &str, value: &Value, hidden: &dyn Fn(&str) -> bool, note: &str) -> Value {
    let inner = |key: &str, value: &Value| shown(&diff::join(path, key), value, hidden, note);
    match (value, named(value)) {
        (_, Some(items)) if !items.is_empty() => items.iter().map(|(name, item)| inner(name, item)).collect(),
        (Value::Object(members), _) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_by_key(|key| (key.as_str() != "name", key.as_str()));
            keys.into_iter().map(|key| (key.clone(), inner(key, &members[key]))).collect::<Map<_, _>>().into()
        }
        _ if hidden(path) && !path.ends_with(".name") => format!("(hidden{note})").into(),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(before: &Value, after: &Value) -> String {
        let hidden = |field: &str| field.contains("TOKEN") || field.ends_with("splunk-token");
        let document = Document::of(before, after, &hidden);
        document.lines().into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn only_what_differs_is_shown_and_no_secret() {
        let options = json!({ "splunk-token": "geheim", "splunk-url": "https://splunk.example" });
        let secret = json!([{ "name": "TOKEN", "value": "geheim" }]);
        let log = json!({ "logDriver": "splunk", "options": options });
        let app = json!({ "name": "app", "image": "app:1", "environment": secret, "logConfiguration": log });
        let before = json!({ "cpu": "256", "containerDefinitions": [app, { "name": "other", "command": ["geheim"] }] });
        let mut after = before.clone();
        let containers = after["containerDefinitions"].as_array_mut().unwrap();
        containers[0]["logConfiguration"] = json!({ "logDriver": "awsfirelens" });
        containers.push(json!({ "environment": [{ "name": "TOKEN", "value": "geheim" }], "name": "log_router" }));
        containers.rotate_right(1);
        let expected = r#"
      {
        "containerDefinitions": [
          {
            "name": "app",
            "logConfiguration": {
    -         "logDriver": "splunk",
    -         "options": {
    -           "splunk-token": "(hidden)",
    -           "splunk-url": "https://splunk.example"
    -         }
    +         "logDriver": "awsfirelens"
            }
          },
    +     {
    +       "name": "log_router",
    +       "environment": [
    +         {
    +           "name": "TOKEN",
    +           "value": "(hidden)"
    +         }
    +       ]
    +     },
        ],
      }
"#;
        assert_eq!(text(&before, &after), expected[1..]);
        let mut other = before.clone();
        other["containerDefinitions"][0]["environment"][0]["value"] = "neu".into();
        let said = text(&before, &other);
        assert!(said.contains("\"(hidden)\"") && said.contains("\"(hidden, changed)\""), "{said}");
        assert!(!said.contains("geheim") && !said.contains("neu"), "{said}");
    }
}
