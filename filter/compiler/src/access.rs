//! From a LogFormat to patterns.
use super::{
    Fault,
    directives::{self, Meaning, Value},
    logformat::{self, Directive, Item},
    nicknames::{self, NICKNAMES},
    output::{HIDDEN, Outputs, UNUSED},
    pattern::{Builder, Shape},
    times::{self, Times},
};
use firelens_filter::program::{Emit, Kind, Literal, Mask, Op, Pattern, Refine};
use firelens_nearest::nearest;
use std::ops::Range;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Text(Vec<u8>),
    Slot(Slot),
}

/// A place in the line where a value stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Slot {
    /// The field that it is captured into.
    pub(crate) name: String,
    /// The name that it would have by itself.
    pub(crate) base: String,
    pub(crate) shape: Shape,
    /// How it is written; not at all when the same is known from another slot.
    pub(crate) emit: Option<Emit>,
    pub(crate) otel: Option<String>,
    pub(crate) role: Role,
    /// What is the same for slots that print the same thing, more or less exactly.
    pub(crate) source: String,
    /// Of slots that print the same thing, the one with the lowest rank is written.
    pub(crate) rank: u8,
    /// The original request is asked for, not the one that internal redirects led to.
    pub(crate) original: bool,
    /// What the user wrote.
    pub(crate) label: String,
    pub(crate) span: Range<usize>,
}

/// What is special about a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Plain,
    /// `%l`.
    Ident,
    /// `%r`, to be split.
    Request,
    /// `%U`, or `%U%q` as one.
    Path {
        with_query: bool,
    },
    /// `%q` by itself.
    Query,
    /// The first word of a value that goes as far as the slot of [`last_word`].
    Words {
        at: usize,
    },
}

/// The most pieces that a LogFormat can have.
const MOST_PARTS: usize = 1000;

/// One way to read a LogFormat.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// `%l` can be anything. It is `-` almost always, and when that is certain, unquoted values beside it
    /// (X-Forwarded-For lists, user names) can hold blanks.
    ident: bool,
    /// Values that can hold bare quotes (an empty user is printed as `""`) do so.
    bare_quotes: bool,
    /// Values are what they usually are, so that they tell where an unquoted value ends: what mod_ssl prints where the one
    /// in front of it does, and a request line with a protocol where it does itself.
    usual: bool,
}

/// What `%{SSL_PROTOCOL}x` prints.
const TLS: [&str; 7] = ["TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", "SSLv3", "SSLv2", "-"];

/// The field of the last word of a value that is made of several; it is not written.
pub(crate) fn last_word(at: usize) -> String {
    format!("{UNUSED}{at}")
}

/// Compiles a LogFormat or a nickname: the usual reading comes first.
pub(crate) fn compile(format: &str, out: &mut Outputs) -> Result<Vec<Pattern>, Vec<Fault>> {
    let format = resolve(format).map_err(|fault| vec![fault])?;
    let (mut parts, times) = parts(format)?;
    check(&parts).map_err(|fault| vec![fault])?;
    super::rivals::settle(&mut parts);
    let patterns = readings(&parts).into_iter().map(|reading| pattern(&parts, &times, reading, out));
    patterns.collect::<Result<_, _>>().map_err(|fault| vec![fault])
}

fn readings(parts: &[Part]) -> Vec<Reading> {
    let with_ident = slots(parts).any(|slot| slot.role == Role::Ident && slot.emit.is_some());
    let with_quotes = parts.windows(2).any(|pair| match pair {
        [Part::Slot(slot), Part::Text(text)] => slot.shape == Shape::Bare && text.starts_with(b"\""),
        _ => false,
    });
    let with_usual = has_open_value_before_tls(parts) || (0..parts.len()).any(|at| is_open_request(parts, at));
    let mut readings = Vec::new();
    for usual in [true, false] {
        for ident in [false, true] {
            for bare_quotes in [false, true] {
                if with_ident >= ident && with_quotes >= bare_quotes && with_usual >= usual {
                    readings.push(Reading { ident, bare_quotes, usual });
                }
            }
        }
    }
    readings
}

/// Whether an unquoted value that can have blanks stands somewhere in front of one of mod_ssl's.
fn has_open_value_before_tls(parts: &[Part]) -> bool {
    let tls = parts.iter().rposition(|part| matches!(part, Part::Slot(slot) if tls_shape(slot).is_some()));
    let before = &parts[..tls.unwrap_or(0)];
    (0..before.len()).any(|at| is_open(before, at, |slot| slot.role != Role::Request && tls_shape(slot).is_none()))
}

/// Whether a request line stands there without quotes.
fn is_open_request(parts: &[Part], at: usize) -> bool {
    is_open(parts, at, |slot| slot.role == Role::Request && (slot.name == "request" || slot.emit.is_none()))
}

/// Whether text stands there without quotes, so that a blank in it looks like its end.
fn is_open(parts: &[Part], at: usize, is_meant: impl Fn(&Slot) -> bool) -> bool {
    let (Some(Part::Slot(slot)), Some(Part::Text(text))) = (parts.get(at), parts.get(at + 1)) else { return false };
    let before = at.checked_sub(1).and_then(|at| parts.get(at));
    let quoted = matches!(before, Some(Part::Text(text)) if text.ends_with(b"\""));
    matches!(slot.shape, Shape::Text | Shape::Bare) && is_meant(slot) && text.starts_with(b" ") && !quoted
}

/// What mod_ssl's values look like.
fn tls_shape(slot: &Slot) -> Option<Shape> {
    match slot.base.as_str() {
        "ssl_protocol" => Some(Shape::words(&TLS)),
        "ssl_cipher" => Some(Shape::Token),
        _ => None,
    }
}

/// The LogFormat that is meant: a nickname's, or the text itself.
fn resolve(format: &str) -> Result<&str, Fault> {
    let name = format.trim();
    if name.is_empty() {
        return Err(Fault::new("the LogFormat is empty").help("write a LogFormat, or a nickname such as `combined`"));
    }
    for directive in ["LogFormat", "CustomLog", "TransferLog", "ErrorLogFormat"] {
        if name.starts_with(directive) && name[directive.len()..].starts_with([' ', '\t']) {
            let at = format.len() - format.trim_start().len();
            return Err(Fault::new(format!("this is a `{directive}` directive, not only its format"))
                .at(at..at + directive.len())
                .help("write only what stands between its quotes"));
        }
    }
    if name.contains('%') {
        return Ok(format);
    }
    nicknames::log_format(name).ok_or_else(|| {
        let names = || NICKNAMES.iter().map(|(name, _)| *name);
        let help = match nearest(name, &names().collect::<Vec<_>>()) {
            Some(near) => format!("write `{near}`"),
            None => format!("the nicknames are {}; a LogFormat has directives such as `%h`", {
                names().collect::<Vec<_>>().join(", ")
            }),
        };
        Fault::new(format!("`{name}` is neither a LogFormat nor a nickname")).at(0..format.len()).help(help)
    })
}

/// The parts of a LogFormat, with the meaning that directives have beside each other.
fn parts(format: &str) -> Result<(Vec<Part>, Times), Vec<Fault>> {
    let items = logformat::parse(format)?;
    let mut faults = Vec::new();
    let mut meant = Vec::new();
    for item in items {
        match item {
            Item::Text(text) => meant.push(Err(text)),
            Item::Directive(directive) => match directives::meaning(&directive) {
                Ok(meaning) => meant.push(Ok((directive, meaning))),
                Err(fault) => faults.push(fault),
            },
        }
    }
    let times = times::collect(meant.iter().flatten(), &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut parts = Vec::new();
    for item in meant {
        match item {
            Err(text) => add_text(&mut parts, &text),
            Ok((directive, Meaning::Time(arg))) => times.parts(&directive, &arg, format, &mut parts),
            Ok((directive, meaning)) => add_slot(&mut parts, slot(&directive, meaning, format)),
        }
    }
    if !parts.iter().any(|part| matches!(part, Part::Slot(_))) {
        return Err(vec![Fault::new("the LogFormat prints no value").help("it needs directives such as `%h` or `%r`")]);
    }
    if parts.len() > MOST_PARTS {
        return Err(vec![Fault::new("the LogFormat is too long").help("leave out what nobody needs")]);
    }
    Ok((parts, times))
}

/// Adds text, to the text in front of it if there is some.
pub(crate) fn add_text(parts: &mut Vec<Part>, more: &[u8]) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.extend_from_slice(more),
        _ => parts.push(Part::Text(more.to_vec())),
    }
}

/// Adds a slot; `%q` right behind `%U` becomes one with it.
fn add_slot(parts: &mut Vec<Part>, slot: Slot) {
    if let (Some(Part::Slot(path)), Role::Query) = (parts.last_mut(), slot.role)
        && path.role == (Role::Path { with_query: false })
    {
        path.role = Role::Path { with_query: true };
        path.rank = 0;
        path.label.push_str(&slot.label);
        path.span.end = slot.span.end;
        return;
    }
    parts.push(Part::Slot(slot));
}

/// The slot of any directive but `%t`.
fn slot(directive: &Directive, meaning: Meaning, format: &str) -> Slot {
    let (role, value) = match meaning {
        Meaning::Value(value) => (Role::Plain, value),
        Meaning::Ident => (Role::Ident, Value::new("ident", Shape::Token, Emit::Value)),
        Meaning::Request => (Role::Request, Value::new("request", Shape::Text, Emit::Value)),
        Meaning::Path => (Role::Path { with_query: false }, Value::new("path", Shape::Text, Emit::Value)),
        Meaning::Query | Meaning::Time(_) => (Role::Query, Value::new("query", Shape::Text, Emit::Value)),
    };
    let letter = directive.letter.as_str();
    let (source, rank) = match (letter, value.emit) {
        (_, Emit::Scaled(scale)) => ("%D".to_string(), scale),
        ("b", _) => ("%B".to_string(), 1),
        ("U", _) => ("%U".to_string(), 1),
        ("i" | "o" | "^ti" | "^to" | "x" | "c", _) => (directive.plain().to_ascii_lowercase(), 0),
        _ => (directive.plain(), 0),
    };
    Slot {
        base: value.name.clone(),
        name: value.name,
        shape: value.shape,
        emit: Some(value.emit),
        otel: value.otel,
        role,
        source,
        rank: rank * 2 + u8::from(directive.conditional),
        original: directive.original.unwrap_or(matches!(letter, "s" | "U" | "T" | "D" | "r")),
        label: format[directive.span.clone()].to_string(),
        span: directive.span.clone(),
    }
}

/// Whether it can be told where each value ends.
fn check(parts: &[Part]) -> Result<(), Fault> {
    for pair in parts.windows(2) {
        match pair {
            [Part::Slot(left), Part::Slot(right)] if !left.shape.ends_by_itself() => {
                return Err(Fault::new(format!(
                    "nothing stands between `{}` and `{}`, so it cannot be told where the first one ends",
                    left.label, right.label
                ))
                .at(left.span.start..right.span.end)
                .help("put a blank or another separator between them, in httpd's configuration too"));
            }
            [Part::Slot(left), Part::Text(text)]
                if left.shape.swallows_digits() && text.first().is_some_and(u8::is_ascii_digit) =>
            {
                return Err(Fault::new(format!("a digit follows the number of `{}`", left.label))
                    .at(left.span.clone())
                    .help("put a blank or another separator between them, in httpd's configuration too"));
            }
            _ => {}
        }
    }
    Ok(())
}

pub(crate) fn slots(parts: &[Part]) -> impl Iterator<Item = &Slot> {
    parts.iter().filter_map(|part| match part {
        Part::Slot(slot) => Some(slot),
        Part::Text(_) => None,
    })
}

/// The pattern for one reading of a LogFormat.
fn pattern(parts: &[Part], times: &Times, reading: Reading, out: &mut Outputs) -> Result<Pattern, Fault> {
    let mut builder = Builder::default();
    let mut private = Vec::new();
    let mut refinements = Vec::new();
    out.start(Kind::Access);
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) => builder.text(text),
            Part::Slot(slot) if slot.role == Role::Ident && !reading.ident => builder.text(b"-"),
            Part::Slot(slot) if reading.usual && is_open_request(parts, at) => {
                refinements.push(request_in_parts(slot, parts, &mut builder, out));
            }
            Part::Slot(slot) => {
                let (field, shape) = match &slot.shape {
                    shape @ Shape::Time { .. } => (0, shape.clone()),
                    _ if reading.usual
                        && let Some(shape) = tls_shape(slot) =>
                    {
                        (out.id(&slot.name), shape)
                    }
                    Shape::Bare if !reading.bare_quotes => (out.id(&slot.name), Shape::Text),
                    shape => (out.id(&slot.name), shape.clone()),
                };
                builder.value(field, shape, &slot.label);
                if slot.name.starts_with(HIDDEN) {
                    private.push((field, Mask::User));
                }
                if let Some(emit) = slot.emit {
                    // What stands behind its `?` is the query, whatever it is.
                    let emit = if slot.role == Role::Query { Emit::Message } else { emit };
                    out.add_named(&slot.name, emit, slot.otel.as_deref(), &slot.base);
                    refinements.extend(refine(slot, parts, out));
                }
            }
        }
    }
    times.outputs().for_each(|(name, emit)| out.add(name, emit));
    let pattern = builder.finish();
    Ok(Pattern { refine: refinements, outputs: out.finish()?, private, ..pattern })
}

/// What a request line is split into.
const REQUEST: [&str; 4] = ["method", "path", "query", "protocol"];

/// The protocols that tell where an unquoted request line ends.
const PROTOCOLS: [&str; 5] = ["HTTP/1.1", "HTTP/2.0", "HTTP/1.0", "HTTP/3.0", "HTTP/0.9"];

/// The field of a piece of the request line; a directive of its own prints it better.
fn request_part(name: &str, slot: &Slot, parts: &[Part], out: &mut Outputs) -> u8 {
    if slot.emit.is_none() || slots(parts).any(|other| other.name == name) {
        return out.id(UNUSED);
    }
    out.add(name, Emit::Message);
    out.id(name)
}

/// `%r` without quotes, with its protocol: a method, a path up to the first protocol, and that.
fn request_in_parts(slot: &Slot, parts: &[Part], builder: &mut Builder, out: &mut Outputs) -> Refine {
    let [method, path, query, protocol] = REQUEST.map(|name| request_part(name, slot, parts, out));
    builder.value(method, Shape::Token, &slot.label);
    builder.text(b" ");
    builder.value(path, Shape::Text, &slot.label);
    builder.text(b" ");
    builder.value(protocol, Shape::words(&PROTOCOLS), &slot.label);
    Refine::Path { from: path, query }
}

/// What is to be done to a slot's value, with the fields that this brings.
fn refine(slot: &Slot, parts: &[Part], out: &mut Outputs) -> Option<Refine> {
    let from = out.id(&slot.name);
    match slot.role {
        Role::Request if slot.name == "request" => {
            let [method, path, query, protocol] = REQUEST.map(|name| request_part(name, slot, parts, out));
            Some(Refine::Request { from, method, path, query, protocol })
        }
        Role::Path { with_query: true } => {
            let name = slot.name.replacen("path", "query", 1);
            out.add(&name, Emit::Message);
            Some(Refine::Path { from, query: out.id(&name) })
        }
        Role::Query => Some(Refine::Query { from }),
        Role::Words { at } => Some(Refine::Join { from, last: out.id(&last_word(at)) }),
        _ => None,
    }
}

/// Compiles what the plain module recognises without any configuration: the usual formats, with `-` for `%l`, so that
/// none of them reads another's lines.
pub(crate) fn built_in(nickname: &str, out: &mut Outputs) -> Vec<Pattern> {
    let patterns = compile(nickname, out).expect("httpd's own formats can be read");
    patterns.into_iter().take(1).collect()
}

/// The patterns with a user in front of the time whose name has no blanks, if that makes a difference. Beside other formats,
/// the usual users come first: `- -` is what a format with one more value prints.
pub(crate) fn with_usual_user(patterns: &[Pattern], out: &mut Outputs) -> Option<Vec<Pattern>> {
    let user = out.id("user");
    let mut usual = patterns.to_vec();
    let time = Literal::new(b" [");
    let mut differs = false;
    for op in usual.iter_mut().flat_map(|pattern| &mut pattern.ops) {
        if let Op::Text { field, then } = op
            && *field == user
            && *then == time
        {
            *op = Op::Token { field: user, then: std::mem::take(then) };
            differs = true;
        }
    }
    differs.then_some(usual)
}

/// Compiles a LogFormat for a test.
#[cfg(test)]
pub(crate) fn compile_alone(format: &str) -> Result<(Vec<Pattern>, Vec<String>), Vec<Fault>> {
    let mut out = Outputs::new(crate::spec::Names::Plain);
    let patterns = compile(format, &mut out)?;
    Ok((patterns, out.names.into_list()))
}

#[cfg(test)]
mod tests;
