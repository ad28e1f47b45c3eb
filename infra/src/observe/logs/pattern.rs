//! What events are looked for, in CloudWatch Logs' own language.
//!
//! Source: Amazon CloudWatch Logs user guide, "Filter pattern syntax": selectors of JSON properties (`$.name`, in brackets
//! where a name has other characters than letters, digits, `-` and `_`), numbers with all six operators, strings with `=` and
//! `!=` where `*` stands for any text, `%…%` around a regular expression, `IS TRUE`, `IS FALSE`, `IS NULL`.
use std::{fmt, str::FromStr};

/// What has to hold for a member of a JSON event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(String);

/// The longer ones first.
const OPERATORS: [&str; 6] = ["!=", ">=", "<=", "=", ">", "<"];

impl Condition {
    /// The member is one of these texts; nothing when there are none.
    pub fn is_any(field: &str, texts: &[String]) -> Option<Condition> {
        let selector = selector(field);
        let any: Vec<String> = texts.iter().map(|text| format!("{selector} = {}", quoted(text))).collect();
        (!any.is_empty()).then(|| Condition(any.join(" || ")))
    }
}

/// `field=value`, with any of the operators.
impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Condition, String> {
        let at = text.find(['=', '!', '<', '>']).ok_or("there is no operator in it: =, !=, <, <=, > or >=")?;
        let (field, rest) = (text[..at].trim(), &text[at..]);
        let operator = OPERATORS.into_iter().find(|operator| rest.starts_with(operator));
        let operator = operator.ok_or("there is a `!` without a `=` behind it")?;
        let value = rest[operator.len()..].trim();
        if field.is_empty() {
            return Err(format!("no field stands before the {operator}"));
        }
        if field.contains(['\'', '"']) || text.chars().any(char::is_control) {
            return Err("a field's name has no quotes, and nothing here a control character".to_string());
        }
        if value.is_empty() {
            return Err(format!("no value stands behind the {operator}; the empty text is \"\""));
        }
        Ok(Condition(compare(&selector(field), operator, value)?))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All of the conditions hold.
pub fn json_pattern(conditions: &[Condition]) -> Option<String> {
    match conditions {
        [] => None,
        [one] => Some(format!("{{ {one} }}")),
        all => {
            let all: Vec<String> = all.iter().map(|one| format!("({one})")).collect();
            Some(format!("{{ {} }}", all.join(" && ")))
        }
    }
}

/// This text stands anywhere in the event.
pub fn term(text: &str) -> String {
    quoted(text)
}

fn selector(field: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match field {
        _ if field.starts_with("$.") => field.to_string(),
        _ if field.chars().all(plain) => format!("$.{field}"),
        _ => format!("$.['{field}']"),
    }
}

fn compare(selector: &str, operator: &str, value: &str) -> Result<String, String> {
    let inner =
        |mark: char| value.strip_prefix(mark)?.strip_suffix(mark).filter(|inner| mark == '"' || !inner.is_empty());
    let equality = matches!(operator, "=" | "!=");
    match value {
        _ if is_number(value) => Ok(format!("{selector} {operator} {value}")),
        _ if !equality => Err(format!("{operator} compares numbers, and `{value}` is none")),
        "true" | "false" | "null" if operator == "=" => Ok(format!("{selector} IS {}", value.to_uppercase())),
        "true" | "false" | "null" => {
            Err(format!("CloudWatch Logs has no != for {value}; for the text, write \"{value}\""))
        }
        _ if inner('%').is_some() => Ok(format!("{selector} {operator} {value}")),
        _ => Ok(format!("{selector} {operator} {}", quoted(inner('"').unwrap_or(value)))),
    }
}

fn is_number(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte)) && value.parse::<f64>().is_ok()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        text.parse().map_or_else(|error: String| error, |condition: Condition| condition.to_string())
    }

    #[test]
    fn conditions_are_those_of_cloudwatch_logs() {
        for (text, expected) in [
            ("status=404", "$.status = 404"),
            ("status >= 500", "$.status >= 500"),
            ("duration_us<1.5e3", "$.duration_us < 1.5e3"),
            ("method!=GET", r#"$.method != "GET""#),
            ("path=/api/*", r#"$.path = "/api/*""#),
            ("query=a=b&c<d", r#"$.query = "a=b&c<d""#),
            (r#"status="404""#, r#"$.status = "404""#),
            (r#"user_agent=say "hi" \o/"#, r#"$.user_agent = "say \"hi\" \\o/""#),
            (r#"query="""#, r#"$.query = """#),
            ("url.path=/", r#"$.['url.path'] = "/""#),
            ("$.app.user[0].id=5", "$.app.user[0].id = 5"),
            ("path=%^/api/[0-9]+$%", "$.path = %^/api/[0-9]+$%"),
            ("ok=true", "$.ok IS TRUE"),
            ("user=null", "$.user IS NULL"),
            ("version=1.2.3", r#"$.version = "1.2.3""#),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cloudwatch_logs_does_not_know_is_refused() {
        for (text, told) in [
            ("status", "there is no operator in it: =, !=, <, <=, > or >="),
            ("status!404", "there is a `!` without a `=` behind it"),
            ("=404", "no field stands before the ="),
            ("status=", "no value stands behind the =; the empty text is \"\""),
            ("level>=warn", ">= compares numbers, and `warn` is none"),
            ("ok!=true", "CloudWatch Logs has no != for true; for the text, write \"true\""),
            ("it's=1", "a field's name has no quotes, and nothing here a control character"),
        ] {
            assert_eq!(of(text), told, "{text}");
        }
    }

    #[test]
    fn several_conditions_all_hold() {
        let conditions =
            [Condition::is_any("route", &["rest".into(), "failures".into()]).unwrap(), "status>=500".parse().unwrap()];
        let both = r#"{ ($.route = "rest" || $.route = "failures") && ($.status >= 500) }"#;
        assert_eq!(json_pattern(&conditions).unwrap(), both);
        assert_eq!(json_pattern(&conditions[1..]).unwrap(), "{ $.status >= 500 }");
        assert_eq!(json_pattern(&[]), None);
    }
}
