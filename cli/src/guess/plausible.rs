//! Whether what a format reads of a line makes sense: a format that lacks a column can still read a line, with values in
//! the wrong fields.
use super::values;
use firelens_filter::program::Kind;
use serde_json::{Map, Value};

/// The first field of a record of this kind whose value is none of the field's.
pub(super) fn misfit(kind: Kind, record: &Map<String, Value>) -> Option<String> {
    let fits = match kind {
        Kind::Access => access,
        Kind::Error => error,
        Kind::Rails if record.contains_key("status") && !record.contains_key("event") => {
            // Other programs log these three as well.
            if !record.contains_key("controller") {
                return Some("controller".to_string());
            }
            lograge
        }
        Kind::Rails => rails,
        Kind::Json | Kind::Exception | Kind::Unparsed => return None,
    };
    // `%{Referer}i -> %U` alone would read any text with an arrow.
    let alone = kind == Kind::Access && !["status", "method", "client"].iter().any(|name| record.contains_key(*name));
    let is_url = |value: &Value| value.as_str().is_some_and(|text| text.contains("://") && !text.contains(' '));
    if alone && record.get("referer").is_some_and(|referer| !is_url(referer)) {
        return Some("referer".to_string());
    }
    first(record, fits)
}

fn first(record: &Map<String, Value>, fits: fn(&str, &Value) -> bool) -> Option<String> {
    record.iter().find(|(name, value)| !fits(name, value)).map(|(name, _)| name.clone())
}

fn access(name: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match name {
        "ident" => false,
        "user" => !text.contains(' ') && !values::is_address(text),
        "client" | "peer" | "client_ip" | "server_ip" => values::is_client(text),
        "x_forwarded_for" | "x_real_ip" | "x_client_ip" => text.split(',').all(|one| values::is_client(one.trim())),
        "vhost" | "server_name" => values::is_host(text) && !values::is_address(text),
        "host" => values::is_host(text) || text.starts_with('['),
        "method" => {
            !text.is_empty() && text.len() <= 32 && text.chars().all(|c| c.is_ascii_alphabetic() || "-_".contains(c))
        }
        "path" => {
            // The last is CONNECT's.
            text.starts_with(['/', '*']) || text.contains("://") || values::is_host(text)
        }
        "protocol" => text.starts_with("HTTP/"),
        "status" | "status_first" => value.as_u64().is_some_and(|status| (100..600).contains(&status)),
        "port" | "client_port" | "local_port" => value.as_u64().is_some_and(|port| port <= 65_535),
        "bytes" | "bytes_in" | "bytes_out" | "bytes_total" => value.as_i64().is_some_and(|bytes| bytes >= 0),
        "time" => {
            text.get(..4).and_then(|year| year.parse().ok()).is_some_and(|year: u16| (1990..2100).contains(&year))
        }
        "ssl_protocol" => values::is_tls_version(text),
        "ssl_cipher" => values::is_cipher(text),
        "cookie" => text.contains('='),
        "content_type" | "resp_content_type" => values::is_media_type(text),
        "conn_status" => ["+", "-", "X"].contains(&text),
        "log_id" => text.len() >= 8 && !text.contains(' ') && !values::is_address(text),
        "x_forwarded_proto" => ["http", "https"].contains(&text),
        // A value that nobody knows can be anything, but for several columns at once.
        _ if name.starts_with("note_") => !text.contains('"') && !text.contains(" HTTP/"),
        _ => true,
    }
}

/// Whether the texts that a client can choose look like what they are called, or like the values of other columns. One line
/// says little: clients write what they like.
pub(super) fn looks(record: &Map<String, Value>) -> Looks {
    let text = |name: &str| record.get(name).and_then(Value::as_str);
    let (agent, referer) = (text("user_agent"), text("referer"));
    if agent.is_some_and(|text| !values::is_user_agent(text)) || referer.is_some_and(|text| !values::is_referer(text)) {
        Looks::Odd
    } else if agent.is_some_and(values::is_program) || referer.is_some_and(|text| text.contains("://")) {
        Looks::Right
    } else {
        Looks::Unknown
    }
}

/// What the texts of a client look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    Right,
    Odd,
    Unknown,
}

fn error(name: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    match name {
        "client" | "peer" => values::is_client(text),
        "module" => text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)),
        "message" => !["[pid ", "[client ", "[remote "].iter().any(|start| text.starts_with(start)),
        _ => true,
    }
}

/// What a logger says can be Lograge's or JSON: these have formats of their own, which read more of it.
fn rails(name: &str, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    let pairs = || ["method=", " path=", " status="].iter().all(|key| text.contains(key));
    let object = || text.starts_with("{\"") && text.ends_with('}');
    name != "message" || !pairs() && !object()
}

fn lograge(name: &str, value: &Value) -> bool {
    match name {
        "method" | "path" => access(name, value),
        "status" => value.as_u64().is_some_and(|status| (100..600).contains(&status)),
        _ => true,
    }
}
