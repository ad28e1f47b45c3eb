//! Writes the record that is returned.
use crate::claims::{self, Claims};
use crate::extra::{self, Extra};
use crate::filter::{self, Parsed};
use crate::json::{self, Member};
use crate::mask::{self, Look};
use crate::matcher::{Captures, Line};
use crate::program::{Emit, Format, Kind, Mask, Output, Pattern, Privacy, Program};
use crate::record::{self, OURS, Record};
use crate::swar;
use crate::value;
use alloc::{borrow::Cow, vec::Vec};

/// Writes the record's own members as they came, `kind`, the line's fields, `log` where it stays, and the route.
pub fn record(
    program: &Program,
    captures: &mut Captures,
    record: &Record,
    line: Option<Line>,
    parsed: &Parsed,
    route_key: &[u8],
    out: &mut Vec<u8>,
) {
    out.reserve(record.text.len() + 512);
    let private = !program.privacy.is_off();
    push_members(record, private, out);
    let (kind, complete) = match (parsed, line) {
        (Parsed::Pattern(format, pattern), Some(line)) => {
            push_kind(out, format.kind);
            (format.kind, push_outputs(program, captures, record, line, format, pattern, out))
        }
        (Parsed::Extra(kind, extra), _) => {
            push_kind(out, *kind);
            push_extra(record, extra, &program.privacy, out);
            (*kind, true)
        }
        _ => {
            push_kind(out, Kind::Unparsed);
            (Kind::Unparsed, false)
        }
    };
    if (program.keep_log || !complete || kind == Kind::Unparsed)
        && let (Some(member), Some(line)) = (record.log_member(), line)
    {
        push_log(&program.privacy, captures, record, member, line, parsed, out);
    }
    if private {
        push_other_logs(program, captures, record, out);
    }
    out.extend_from_slice(route_key);
    out.push(b'}');
    out[0] = b'{';
}

/// Writes a record whose line is not looked at, under names that are not the filter's.
pub fn unparsed(record: &Record, out: &mut Vec<u8>) {
    push_members(record, false, out);
    if let Some(log) = record.log_member() {
        out.push(b',');
        out.extend_from_slice(log.whole(record.text));
    }
    out.push(b'}');
    out[0] = b'{';
}

/// Copies the members that are not the line, nor, with `private`, called like it; those under our names are renamed.
pub fn push_members(record: &Record, private: bool, out: &mut Vec<u8>) {
    let mut run: Option<(u32, u32)> = None;
    let flush = |run: &mut Option<(u32, u32)>, out: &mut Vec<u8>| {
        if let Some((from, to)) = run.take() {
            out.push(b',');
            out.extend_from_slice(record.text.get(from as usize..to as usize).unwrap_or_default());
        }
    };
    for (index, member) in record.members.iter().enumerate() {
        if record.log == Some(index) || private && record.is_other_log(index) {
            flush(&mut run, out);
        } else if record.has_ours && OURS.contains(&&*record::key(member, record.text)) {
            flush(&mut run, out);
            claims::push_key(&claims::renamed(record, &record::key(member, record.text)), out);
            out.extend_from_slice(member.value_text(record.text));
        } else {
            run = Some((run.map_or(member.start, |(from, _)| from), member.end));
        }
    }
    flush(&mut run, out);
}

pub fn push_kind(out: &mut Vec<u8>, kind: Kind) {
    out.extend_from_slice(b",\"kind\":\"");
    out.extend_from_slice(kind.as_str().as_bytes());
    out.push(b'"');
}

/// Writes the line's fields. Says whether they hold all that the line said.
fn push_outputs(
    program: &Program,
    captures: &mut Captures,
    record: &Record,
    line: Line,
    format: &Format,
    pattern: &Pattern,
    out: &mut Vec<u8>,
) -> bool {
    let mut complete = true;
    let private = !program.privacy.is_off();
    for output in &pattern.outputs {
        if let Emit::Time(_) = output.emit {
            complete &= push_time(captures, record, line, format, pattern, output, out);
            continue;
        }
        let Some(text) = captures.get(output.field, line.text) else { continue };
        if is_absent(text, output.emit, format.httpd_escapes) {
            continue;
        }
        if private && output.mask == Mask::User && program.privacy.remove_user {
            continue;
        }
        push_key(record, output, &pattern.outputs, out);
        match output.emit {
            Emit::Number => push_number(text, out),
            Emit::Scaled(power) => push_scaled(text, power, out),
            Emit::Lower => {
                out.push(b'"');
                let from = out.len();
                out.extend_from_slice(text);
                out[from..].make_ascii_lowercase();
                out.push(b'"');
            }
            _ => {
                let text = unquoted(text, output.emit);
                out.push(b'"');
                if private && output.mask != Mask::None {
                    complete &= push_masked(text, format.httpd_escapes, output.mask, &program.privacy, out);
                } else {
                    complete &= value::push(out, text, format.httpd_escapes && !line.plain);
                }
                out.push(b'"');
            }
        }
    }
    complete
}

/// Whether a captured span says that there is no value. No number is written without digits.
#[inline(always)]
fn is_absent(text: &[u8], emit: Emit, httpd_escapes: bool) -> bool {
    matches!(text, [b'-'])
        && match emit {
            Emit::Message | Emit::Verbatim => false,
            Emit::Number | Emit::Scaled(_) => true,
            _ => httpd_escapes,
        }
}

/// A value of `""` is the empty string.
#[inline(always)]
fn unquoted(text: &[u8], emit: Emit) -> &[u8] {
    if text == b"\\\"\\\"" && emit == Emit::Value { &[] } else { text }
}

/// What is written for a captured span, as a condition sees it: without JSON's escapes.
pub fn printed(text: &[u8], emit: Emit, httpd_escapes: bool) -> Option<Cow<'_, [u8]>> {
    if is_absent(text, emit, httpd_escapes) {
        return None;
    }
    let mut printed = Vec::new();
    match emit {
        Emit::Number if is_plain(text) => return Some(Cow::Borrowed(text)),
        Emit::Number => push_number(text, &mut printed),
        Emit::Scaled(power) => push_scaled(text, power, &mut printed),
        Emit::Lower => printed.extend(text.iter().map(u8::to_ascii_lowercase)),
        _ => {
            let text = unquoted(text, emit);
            if swar::find(text, 0, text.len(), b'\\') == text.len() {
                return Some(Cow::Borrowed(text));
            }
            printed = value::decode(text, httpd_escapes);
        }
    }
    Some(Cow::Owned(printed))
}

/// The number is written as it stands.
fn is_plain(number: &[u8]) -> bool {
    matches!(number, [b'1'..=b'9', ..] | [_])
}

/// `,"name":`, renamed when the record has a field of that name.
#[inline(always)]
fn push_key(record: &Record, output: &Output, all: &[Output], out: &mut Vec<u8>) {
    let name = output.name().as_bytes();
    if record.members.len() > 1 && claims::prints(record, name) {
        let brings = |name: &[u8]| all.iter().any(|output| output.name().as_bytes() == name);
        return Claims { record, brings: &brings, reserved: |_| false }.push_key(name, out);
    }
    out.extend_from_slice(output.key.as_bytes());
}

fn push_time(
    captures: &mut Captures,
    record: &Record,
    line: Line,
    format: &Format,
    pattern: &Pattern,
    output: &Output,
    out: &mut Vec<u8>,
) -> bool {
    let Emit::Time(set) = output.emit else { return true };
    let Captures { times, clock, .. } = captures;
    let time = &times[set as usize % times.len()];
    let from = out.len();
    push_key(record, output, &pattern.outputs, out);
    out.push(b'"');
    if time.clf > 0 {
        out.extend_from_slice(clock.rendered(line.text, time.clf as usize - 1));
    } else if !time.render(&format.zone, out) {
        out.truncate(from);
        return time.is_absent();
    }
    out.push(b'"');
    true
}

/// A number as JSON wants it: no plus, no zeros in front.
fn push_number(text: &[u8], out: &mut Vec<u8>) {
    let digits = match text.split_first() {
        Some((b'-', rest)) => {
            out.push(b'-');
            rest
        }
        Some((b'+', rest)) => rest,
        _ => text,
    };
    let zeros = digits.iter().take_while(|b| **b == b'0').count().min(digits.len().saturating_sub(1));
    out.extend_from_slice(&digits[zeros..]);
}

/// A decimal number times ten to the power, truncated.
fn push_scaled(text: &[u8], power: u8, out: &mut Vec<u8>) {
    let point = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let (whole, fraction) = (&text[..point], text.get(point + 1..).unwrap_or_default());
    let mut digits = [b'0'; 32];
    let mut length = 0;
    let shifted = (0..power as usize).map(|i| fraction.get(i).copied().unwrap_or(b'0'));
    for digit in whole.iter().copied().chain(shifted) {
        if let Some(slot) = digits.get_mut(length) {
            *slot = digit;
            length += 1;
        }
    }
    push_number(&digits[..length.max(1)], out);
}

/// Writes a value with what is private masked. Says whether its decoded form can be turned back.
pub fn push_masked(text: &[u8], httpd_escapes: bool, mask: Mask, privacy: &Privacy, out: &mut Vec<u8>) -> bool {
    let look = Look {
        addresses: matches!(mask, Mask::Address | Mask::FreeText),
        parameters: matches!(mask, Mask::Url | Mask::Query | Mask::FreeText),
        query: mask == Mask::Query,
    };
    let mut masked = Vec::with_capacity(text.len() + 64);
    mask::push(&mut masked, text, privacy, look);
    value::push(out, &masked, httpd_escapes)
}

/// Writes the members of a JSON line. The record's own fields, and names that are not the line's to give, win.
fn push_extra(record: &Record, extra: &Extra, privacy: &Privacy, out: &mut Vec<u8>) {
    let bits = extra.members.iter().fold(0, |bits, member| bits | record::bit(&record::key(member, &extra.text)));
    let brings = |name: &[u8]| {
        bits & record::bit(name) != 0 && extra.members.iter().any(|member| *record::key(member, &extra.text) == *name)
    };
    let claims = Claims { record, brings: &brings, reserved: extra::is_reserved };
    for member in &extra.members {
        let name = record::key(member, &extra.text);
        if claims.refuses(&name) {
            claims.push_key(&name, out);
        } else {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(member.key(&extra.text));
            out.extend_from_slice(b"\":");
        }
        let value = member.value_text(&extra.text);
        if privacy.is_off() {
            out.extend_from_slice(value);
        } else {
            let query = *name == *b"query" && member.is_string();
            push_private_json(value, query, privacy, out);
        }
    }
}

/// Copies a JSON value with what is private in its strings masked.
fn push_private_json(value: &[u8], query: bool, privacy: &Privacy, out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        out.push(byte);
        at += 1;
        if byte == b'"'
            && let Ok((end, _)) = json::string(value, at)
        {
            let mut canonical = Vec::with_capacity(end - at);
            value::canonical(&value[at..end], &mut canonical);
            mask::push(out, &canonical, privacy, Look { addresses: true, parameters: true, query });
            out.push(b'"');
            at = end + 1;
        }
    }
}

/// Writes the members that are called `log` but are not the line, with what is private in them masked.
fn push_other_logs(program: &Program, captures: &mut Captures, record: &Record, out: &mut Vec<u8>) {
    for (_, member) in record.members.iter().enumerate().filter(|(index, _)| record.is_other_log(*index)) {
        let mut respelled = Vec::new();
        if member.is_string()
            && let Some(line) = record.line_of(*member, &mut respelled)
        {
            let parsed = filter::parse(program, captures, record, line, None);
            push_log(&program.privacy, captures, record, *member, line, &parsed, out);
        } else {
            out.extend_from_slice(b",\"log\":");
            push_private_json(member.value_text(record.text), false, &program.privacy, out);
        }
    }
}

/// Writes `log`: as it came, or with what is private in it masked.
fn push_log(
    privacy: &Privacy,
    captures: &Captures,
    record: &Record,
    member: Member,
    line: Line,
    parsed: &Parsed,
    out: &mut Vec<u8>,
) {
    if privacy.is_off() {
        out.push(b',');
        out.extend_from_slice(member.whole(record.text));
        return;
    }
    out.extend_from_slice(b",\"log\":\"");
    let look = Look { addresses: true, parameters: true, query: false };
    let mut at = line.start;
    if let (Parsed::Pattern(_, pattern), true) = (parsed, privacy.remove_user) {
        // Outputs are in the line's order.
        let users = pattern.outputs.iter().filter(|output| output.mask == Mask::User);
        let users = users.filter_map(|output| captures.span(output.field));
        for span in users {
            mask::push(out, line.text.get(at..span.start as usize).unwrap_or_default(), privacy, look);
            out.push(b'-');
            at = span.end as usize;
        }
    }
    mask::push(out, line.text.get(at..line.end).unwrap_or_default(), privacy, look);
    out.push(b'"');
}
