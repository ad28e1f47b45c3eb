//! `log`: the line itself, where it stays.
use super::members::push_private_json;
use crate::extra::{self, Extra};
use crate::json::{self, Member};
use crate::line::Line;
use crate::mask;
use crate::matcher::Captures;
use crate::parse::{self, Parsed};
use crate::path;
use crate::program::{Look, Mask, Pattern, Privacy, Program};
use crate::record::Record;
use crate::value;
use alloc::vec::Vec;

/// Writes the members that are called `log` but are not the line, with what is private in them masked.
pub(super) fn push_other_logs(program: &Program, captures: &mut Captures, record: &Record, out: &mut Vec<u8>) {
    for (_, member) in record.members.iter().enumerate().filter(|(index, _)| record.is_other_log(*index)) {
        let mut respelled = Vec::new();
        if member.is_string()
            && let Some(line) = record.line_of(*member, &mut respelled)
        {
            let parsed = parse::parse(program, captures, record, line, &mut ());
            push_log(&program.privacy, captures, record, *member, line, &parsed, out);
        } else {
            out.extend_from_slice(b",\"log\":");
            push_private_json(member.value_text(record.text), b"log", &program.privacy, out);
        }
    }
}

/// Writes `log`: as it came, or with what is private in it masked.
pub(super) fn push_log(
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
    match parsed {
        Parsed::Read(_, pattern, None) => push_pattern_log(pattern, captures, line, privacy, out),
        Parsed::Read(_, pattern, Some(extra)) => {
            let object = pattern.object.and_then(|object| captures.span(object.field));
            let start = object.map_or(line.start, |span| span.start as usize);
            push_pattern_log(pattern, captures, Line { end: start, ..line }, privacy, out);
            push_extra_log(extra, Line { start, ..line }, privacy, out);
        }
        Parsed::Not => mask::push(out, line.text, (line.start, line.end), privacy, Look::FREE_TEXT),
    }
    out.push(b'"');
}

/// Writes a line whose values are known: what they are decides how they are masked, and the rest is free text.
fn push_pattern_log(pattern: &Pattern, captures: &Captures, line: Line, privacy: &Privacy, out: &mut Vec<u8>) {
    let text = |from: usize, to: usize| line.text.get(from..to).unwrap_or_default();
    let mut at = line.start;
    // They are in the line's order.
    for (field, mask) in &pattern.private {
        let Some(span) = captures.span(*field) else { continue };
        let (start, end) = (span.start as usize, span.end as usize);
        if start < at || *mask == Mask::User && !privacy.remove_user {
            continue;
        }
        mask::push(out, line.text, (at, start), privacy, Look::FREE_TEXT);
        at = end;
        match mask {
            _ if text(start, end) == b"-" => out.push(b'-'),
            Mask::User | Mask::Removed => out.push(b'-'),
            Mask::Replaced => mask::push_replacement(privacy, false, out),
            mask => mask::push(out, line.text, (start, end), privacy, Look::of(*mask, false)),
        }
    }
    mask::push(out, line.text, (at, line.end), privacy, Look::FREE_TEXT);
}

/// Writes a line of JSON, or of Lograge's pairs.
fn push_extra_log(extra: &Extra, line: Line, privacy: &Privacy, out: &mut Vec<u8>) {
    if !extra.pairs {
        let text = value::decode(line.text.get(line.start..line.end).unwrap_or_default(), false);
        let text = path::hidden(privacy, None, &text).unwrap_or(text);
        let mut masked = Vec::with_capacity(text.len() + 64);
        push_private_json(&text, b"", privacy, &mut masked);
        json::push_text(out, &masked);
        return;
    }
    for (number, member) in extra.members.iter().enumerate() {
        let name = member.key(&extra.text);
        if number > 0 {
            out.push(b' ');
        }
        // What is in front of the pairs has no name in the line.
        if number > 0 || *name != *extra::PREFIX {
            out.extend_from_slice(name);
            out.push(b'=');
        }
        if mask::hides(privacy, name, (0, name.len())).is_some() {
            mask::push_replacement(privacy, false, out);
            continue;
        }
        let quotes = member.is_string() as usize;
        let inside = (member.value as usize + quotes, member.end as usize - quotes);
        mask::push(out, &extra.text, inside, privacy, Look::of_member(name));
    }
}
