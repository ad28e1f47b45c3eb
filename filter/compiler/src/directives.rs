//! What each LogFormat directive prints: the field, the shape of its text, and how it is written.
//!
//! mod_log_config <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats>, mod_logio
//! <https://httpd.apache.org/docs/2.4/mod/mod_logio.html#formats>, mod_ssl
//! <https://httpd.apache.org/docs/2.4/mod/mod_ssl.html#logformats>.
use super::{Fault, FieldInfo, FieldType, fields, logformat::Directive, pattern::Shape};
use firelens_filter::{
    names,
    program::{Emit, Kind},
};
use firelens_nearest::nearest;

/// What a directive means in a LogFormat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    Value(Value),
    /// `%t`, with what is between the braces.
    Time(String),
    /// `%l`, which is `-` almost always.
    Ident,
    /// `%r`.
    Request,
    /// `%U`.
    Path,
    /// `%q`.
    Query,
}

/// A value that is a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Value {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) emit: Emit,
    /// The header's name with [`crate::spec::Names::Otel`], where it has one.
    pub(crate) otel: Option<String>,
}

impl Value {
    pub(crate) fn new(name: impl Into<String>, shape: Shape, emit: Emit) -> Value {
        Value { name: name.into(), shape, emit, otel: None }
    }
}

/// All letters, for errors.
const LETTERS: [&str; 38] = [
    "a", "A", "b", "B", "C", "D", "e", "f", "h", "H", "i", "k", "l", "L", "m", "n", "o", "p", "P", "q", "r", "R", "s",
    "t", "T", "u", "U", "v", "V", "X", "I", "O", "S", "x", "c", "^FB", "^ti", "^to",
];

/// Tells the meaning of a directive by itself; what it means beside others is for the caller.
pub(crate) fn meaning(directive: &Directive) -> Result<Meaning, Fault> {
    let arg = directive.arg.as_deref().unwrap_or("");
    let lower = arg.to_ascii_lowercase();
    Ok(match (directive.letter.as_str(), arg) {
        ("t", _) => Meaning::Time(arg.to_string()),
        ("l", _) => Meaning::Ident,
        ("r", _) => Meaning::Request,
        ("U", _) => Meaning::Path,
        ("q", _) => Meaning::Query,
        ("a", "c") => token("peer"),
        ("a", _) => token("client_ip"),
        ("h", "c") => token("peer_host"),
        ("h", _) => token("client"),
        ("A", _) => token("server_ip"),
        ("u", _) => value("user", Shape::Bare, Emit::Value),
        ("s", _) => number("status"),
        ("b" | "B", _) => number("bytes"),
        ("I", _) => number("bytes_in"),
        ("O", _) => number("bytes_out"),
        ("S", _) => number("bytes_total"),
        ("k", _) => number("keepalives"),
        ("D", _) => value("duration_us", Shape::Number, Emit::Scaled(0)),
        ("T", _) => match lower.as_str() {
            "" | "s" => value("duration_us", Shape::Number, Emit::Scaled(6)),
            "ms" => value("duration_us", Shape::Number, Emit::Scaled(3)),
            "us" => value("duration_us", Shape::Number, Emit::Scaled(0)),
            _ => return Err(bad_arg(directive, "the unit", &["ms", "us", "s"])),
        },
        ("^FB", _) => number("first_byte_us"),
        ("p", _) => match lower.as_str() {
            "" | "canonical" => number("port"),
            "local" => number("local_port"),
            "remote" => number("client_port"),
            _ => return Err(bad_arg(directive, "the port", &["canonical", "local", "remote"])),
        },
        ("P", _) => match lower.as_str() {
            "" | "pid" => number("pid"),
            "tid" => number("tid"),
            "hextid" => token("tid_hex"),
            _ => return Err(bad_arg(directive, "the id", &["pid", "tid", "hextid"])),
        },
        ("X", _) => value("conn_status", Shape::Byte, Emit::Verbatim),
        ("L", "c") => token("conn_log_id"),
        ("L", _) => token("log_id"),
        ("v", _) => token("vhost"),
        ("V", _) => text("server_name"),
        ("H", _) => token("protocol"),
        ("m", _) => text("method"),
        ("f", _) => text("filename"),
        ("R", _) => text("handler"),
        ("i" | "o" | "C" | "e" | "n" | "x" | "c" | "^ti" | "^to", _) => named(directive, arg)?,
        _ => return Err(unknown(directive)),
    })
}

fn value(name: &str, shape: Shape, emit: Emit) -> Meaning {
    Meaning::Value(Value::new(name, shape, emit))
}

fn token(name: &str) -> Meaning {
    value(name, Shape::Token, Emit::Value)
}

fn text(name: &str) -> Meaning {
    value(name, Shape::Text, Emit::Value)
}

fn number(name: &str) -> Meaning {
    value(name, Shape::Number, Emit::Number)
}

/// Headers, cookies, variables: what is printed is what the braces name.
fn named(directive: &Directive, arg: &str) -> Result<Meaning, Fault> {
    let letter = directive.letter.as_str();
    if arg.is_empty() {
        return Err(Fault::new(format!("`%{letter}` has to say which one"))
            .at(directive.span.clone())
            .help(format!("write its name, as in `{}`", example(letter))));
    }
    let snake = snake_case(arg);
    let (name, otel) = match letter {
        "i" => (own_or_prefixed("req_", &snake), Some("http.request.header.")),
        "o" => (format!("resp_{snake}"), Some("http.response.header.")),
        "C" => (format!("cookie_{snake}"), None),
        "e" => (format!("env_{snake}"), None),
        "n" => (format!("note_{snake}"), None),
        "^ti" => (format!("trailer_{snake}"), None),
        "^to" => (format!("resp_trailer_{snake}"), None),
        _ => (own_or_prefixed("ssl_", &snake), None),
    };
    // mod_ssl escapes nothing: names in certificates can hold quotes.
    let shape = if matches!(letter, "x" | "c") { Shape::Bare } else { Shape::Text };
    let otel = otel.map(|prefix| format!("{prefix}{}", otel_key(arg)));
    Ok(Meaning::Value(Value { otel, ..Value::new(name, shape, Emit::Value) }))
}

fn example(letter: &str) -> String {
    let name = match letter {
        "i" => "Referer",
        "o" => "Content-Type",
        "C" => "session",
        "e" => "UNIQUE_ID",
        "n" => "session-id",
        "x" => "SSL_PROTOCOL",
        "c" => "version",
        _ => "Checksum",
    };
    format!("%{{{name}}}{letter}")
}

/// Fields that have the name of a header or variable because they are that header or variable.
const OWN: [&str; 6] = ["referer", "user_agent", "host", "x_forwarded_for", "ssl_protocol", "ssl_cipher"];

/// Names that a line's field cannot have beside [`names::is_reserved`]: what the filter calls a line's own `kind` and
/// `route`, and what Fluent Bit's outputs call the time.
const RESERVED: [&str; 3] = ["log_kind", "log_route", "date"];

/// `name`, or with `prefix` when the plain name means something else.
pub(crate) fn own_or_prefixed(prefix: &str, name: &str) -> String {
    let httpd = |field: &FieldInfo| field.kinds.contains(&Kind::Access) || field.kinds.contains(&Kind::Error);
    let means_more = |field: &FieldInfo| httpd(field) || field.value_type != FieldType::String;
    let taken = fields::fields().iter().any(|field| field.name == name && means_more(field))
        || RESERVED.contains(&name)
        || names::is_reserved(name.as_bytes())
        || names::GIVEN.iter().any(|given| given.name == name)
        || name.starts_with("partial_");
    if taken && !OWN.contains(&name) { format!("{prefix}{name}") } else { name.to_string() }
}

/// `X-Forwarded-For` -> `x_forwarded_for`.
pub(crate) fn snake_case(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}

/// A header's name as OpenTelemetry has it: in lower case.
/// <https://opentelemetry.io/docs/specs/semconv/registry/attributes/http/>
fn otel_key(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_graphic() { c.to_ascii_lowercase() } else { '_' }).collect()
}

fn bad_arg(directive: &Directive, what: &str, allowed: &[&str]) -> Fault {
    let arg = directive.arg.clone().unwrap_or_default();
    let help = match nearest(&arg, allowed) {
        Some(near) => format!("write `%{{{near}}}{}`", directive.letter),
        None => format!("it can be {}", allowed.join(", ")),
    };
    Fault::new(format!("`%{}` does not know {what} `{arg}`", directive.letter))
        .at(directive.arg_start..directive.arg_start + arg.len())
        .help(help)
}

fn unknown(directive: &Directive) -> Fault {
    let letter = directive.letter.as_str();
    let help = if letter.starts_with('^') {
        "the directives with `^` are `%^FB`, `%{name}^ti` and `%{name}^to`".to_string()
    } else if let Some(other) = LETTERS.iter().find(|known| known.eq_ignore_ascii_case(letter)) {
        format!("there is `%{other}`; for a percent sign write `%%`")
    } else {
        "for a percent sign write `%%`; <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats>".to_string()
    };
    Fault::new(format!("httpd has no LogFormat directive `%{letter}`")).at(directive.span.clone()).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logformat::{Item, parse};

    fn of(format: &str) -> Result<Meaning, Fault> {
        match &parse(format).unwrap()[..] {
            [Item::Directive(directive)] => meaning(directive),
            other => panic!("{other:?}"),
        }
    }

    fn name(format: &str) -> String {
        match of(format).unwrap() {
            Meaning::Value(value) => value.name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_letter_has_a_meaning() {
        for letter in LETTERS {
            of(&format!("%{{ms}}{letter}"))
                .or_else(|_| of(&format!("%{letter}")))
                .unwrap_or_else(|fault| panic!("%{letter}: {}", fault.message));
        }
    }

    #[test]
    fn names() {
        for (format, expected) in [
            ("%{c}a", "peer"),
            ("%{remote}p", "client_port"),
            ("%{SSL_PROTOCOL}x", "ssl_protocol"),
            ("%{HTTPS}x", "https"),
            ("%{X-Forwarded-For}i", "x_forwarded_for"),
            ("%{User-agent}i", "user_agent"),
            ("%{Host}i", "host"),
            ("%{session}C", "cookie_session"),
            ("%{Content-Type}o", "resp_content_type"),
            ("%{UNIQUE_ID}e", "env_unique_id"),
            ("%{ratio}n", "note_ratio"),
            ("%{Status}i", "req_status"),
            ("%{Kind}i", "req_kind"),
            ("%{Location}i", "location"),
            ("%{Container-Name}i", "req_container_name"),
            ("%{tid}P", "tid"),
            ("%{hextid}P", "tid_hex"),
            ("%{cipher}c", "cipher"),
            ("%{X-Sum}^to", "resp_trailer_x_sum"),
        ] {
            assert_eq!(name(format), expected, "{format}");
        }
    }

    #[test]
    fn faults_say_the_mend() {
        for (format, help) in [
            ("%i", "`%{Referer}i`"),
            ("%{}C", "`%{session}C`"),
            ("%M", "`%m`"),
            ("%{m}T", "`%{ms}T`"),
            ("%{hex}P", "`%{hextid}P`"),
            ("%{xyz}P", "pid, tid, hextid"),
            ("%^xy", "`%^FB`"),
            ("%é", "`%%`"),
        ] {
            let fault = of(format).unwrap_err();
            assert!(fault.span.is_some(), "{format}");
            assert!(fault.help.unwrap().contains(help), "{format}");
        }
    }
}
