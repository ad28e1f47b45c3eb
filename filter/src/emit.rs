//! Writes the record that is returned.
use crate::claims::{self, Claims};
use crate::extra::{self, Extra};
use crate::json::{self, Member};
use crate::line::Line;
use crate::mask;
use crate::matcher::Captures;
use crate::names::{is_ours, is_reserved};
use crate::parse::{self, Parsed};
use crate::path;
use crate::program::{CompiledFormat, Emit, Kind, Look, Mask, Output, Pattern, Privacy, Program};
use crate::record::{self, Record};
use crate::swar;
use crate::value;
use alloc::{borrow::Cow, vec::Vec};

/// Writes the record's own members as they came, `kind`, the line's fields, `log` where it stays, and the route.
pub(crate) fn record(
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
    push_members(record, &program.privacy, out);
    let kind = parsed.kind();
    push_kind(out, kind);
    let mut complete = false;
    if let (Parsed::Read(format, pattern, extra), Some(line)) = (parsed, line) {
        let from = out.len();
        complete = push_outputs(program, captures, record, line, format, pattern, out);
        if let Some(extra) = extra {
            push_extra(record, out.get(from..).unwrap_or_default().to_vec(), extra, &program.privacy, out);
        }
    }
    // A stack trace stays whole beside its fields.
    if (program.keep_log || !complete || matches!(kind, Kind::Unparsed | Kind::Exception))
        && let (Some(member), Some(line)) = (record.log_member(), line)
    {
        push_log(&program.privacy, captures, record, member, line, parsed, out);
    }
    if private && record.has_other_logs {
        push_other_logs(program, captures, record, out);
    }
    out.extend_from_slice(route_key);
    out.push(b'}');
    out[0] = b'{';
}

/// Writes a record whose line is not looked at, under names that are not the filter's.
pub(crate) fn unparsed(record: &Record, out: &mut Vec<u8>) {
    push_members(record, &Privacy::default(), out);
    if let Some(log) = record.log_member() {
        out.push(b',');
        out.extend_from_slice(log.whole(record.text));
    }
    out.push(b'}');
    out[0] = b'{';
}

/// Members that stand side by side and are written as they are.
#[derive(Default)]
struct Run {
    /// Where the first one starts and the last one ends; both are 0 when there is none.
    span: (u32, u32),
}

impl Run {
    /// Adds the member behind the last one.
    #[inline(always)]
    fn add(&mut self, member: &Member) {
        if self.span.1 == 0 {
            self.span.0 = member.start;
        }
        self.span.1 = member.end;
    }

    /// Writes them.
    #[inline(always)]
    fn flush(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let (from, to) = core::mem::take(&mut self.span);
        if to > 0 {
            out.push(b',');
            out.extend_from_slice(text.get(from as usize..to as usize).unwrap_or_default());
        }
    }
}

/// Copies the members that are not the line, nor called like it where that is masked; those under our names are renamed.
pub(crate) fn push_members(record: &Record, privacy: &Privacy, out: &mut Vec<u8>) {
    let private = !privacy.is_off();
    let hides = !privacy.remove.is_empty() || !privacy.replace.is_empty();
    let mut run = Run::default();
    for (index, member) in record.members.iter().enumerate() {
        if record.log == Some(index) || private && record.has_other_logs && record.is_other_log(index) {
            run.flush(record.text, out);
        } else if record.has_ours && is_ours(&record::key(member, record.text)) {
            run.flush(record.text, out);
            claims::push_key(&claims::renamed(record, &record::key(member, record.text)), out);
            out.extend_from_slice(member.value_text(record.text));
        } else if hides && let Some(replaced) = privacy.hides(&record::key(member, record.text)) {
            run.flush(record.text, out);
            if replaced {
                out.extend_from_slice(b",\"");
                out.extend_from_slice(member.key(record.text));
                out.extend_from_slice(b"\":");
                push_replaced(privacy, out);
            }
        } else if !privacy.paths.is_empty()
            && let Some(rest) =
                path::hidden(privacy, Some(&record::key(member, record.text)), member.value_text(record.text))
        {
            run.flush(record.text, out);
            claims::push_key(&record::key(member, record.text), out);
            out.extend_from_slice(&rest);
        } else {
            run.add(member);
        }
    }
    run.flush(record.text, out);
}

/// Writes the string that stands in a value's place.
fn push_replaced(privacy: &Privacy, out: &mut Vec<u8>) {
    out.push(b'"');
    mask::push_replacement(privacy, false, out);
    out.push(b'"');
}

pub(crate) fn push_kind(out: &mut Vec<u8>, kind: Kind) {
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
    format: &CompiledFormat,
    pattern: &Pattern,
    out: &mut Vec<u8>,
) -> bool {
    let mut complete = true;
    let private = !program.privacy.is_off();
    for output in &pattern.outputs {
        if private && output.mask == Mask::Removed {
            continue;
        }
        if let Emit::Time(_) = output.emit {
            complete &= push_time(captures, record, line, format, pattern, output, out);
            continue;
        }
        let Some(text) = captures.get(output.field, line.text) else { continue };
        if value::is_absent(text, output.emit, format.httpd_escapes) {
            continue;
        }
        if private && output.mask == Mask::User && program.privacy.remove_user {
            continue;
        }
        push_key(record, output, &pattern.outputs, out);
        if private && output.mask == Mask::Replaced {
            push_replaced(&program.privacy, out);
            continue;
        }
        match output.emit {
            Emit::Number => value::push_number(text, out),
            Emit::Scaled(power) => value::push_scaled(text, power, out),
            Emit::Lower => {
                out.push(b'"');
                value::push_lower(text, out);
                out.push(b'"');
            }
            _ => {
                let text = value::unquoted(text, output.emit);
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

/// `,"name":`, renamed when the record has a field of that name.
#[inline(always)]
fn push_key(record: &Record, output: &Output, all: &[Output], out: &mut Vec<u8>) {
    let name = output.name().as_bytes();
    if record.members.len() > 1 && claims::prints(record, name) {
        let brings = |name: &[u8]| all.iter().any(|output| output.name().as_bytes() == name);
        return Claims { refuses: &|name| claims::prints(record, name), brings: &brings }.push_key(name, out);
    }
    out.extend_from_slice(output.key.as_bytes());
}

fn push_time(
    captures: &mut Captures,
    record: &Record,
    line: Line,
    format: &CompiledFormat,
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

/// Writes a value with what is private masked. Says whether its decoded form can be turned back.
pub(crate) fn push_masked(text: &[u8], httpd_escapes: bool, mask: Mask, privacy: &Privacy, out: &mut Vec<u8>) -> bool {
    let escapes = httpd_escapes && swar::has_escape(text);
    let look = Look::of(mask, escapes);
    if !escapes {
        mask::push(out, text, (0, text.len()), privacy, look);
        return true;
    }
    let mut masked = Vec::with_capacity(text.len() + 64);
    mask::push(&mut masked, text, (0, text.len()), privacy, look);
    value::push(out, &masked, true)
}

/// Writes the members of a line's object. The record's own fields, those of the text in front of the object (`in_front`, as
/// they were written), and names that are not the line's to give, win.
fn push_extra(record: &Record, mut in_front: Vec<u8>, extra: &Extra, privacy: &Privacy, out: &mut Vec<u8>) {
    let mut taken = Vec::new();
    if let Some(comma) = in_front.first_mut() {
        *comma = b'{';
        in_front.push(b'}');
        // Cannot fail: the filter wrote it.
        let _ = json::object(&in_front, &mut taken);
    }
    let refuses = |name: &[u8]| {
        is_reserved(name)
            || claims::prints(record, name)
            || taken.iter().any(|member| *record::key(member, &in_front) == *name)
    };
    let private = !privacy.is_off();
    let mut names = Vec::new();
    let mut run = Run::default();
    for member in &extra.members {
        let name = record::key(member, &extra.text);
        let hidden = match member.flags & json::flags::KEY_ESCAPED {
            _ if !private => None,
            0 => mask::hides(privacy, &extra.text, (member.start as usize + 1, member.key_end as usize)),
            _ => mask::hides(privacy, &name, (0, name.len())),
        };
        let value = member.value_text(&extra.text);
        let rest = if privacy.paths.is_empty() { None } else { path::hidden(privacy, Some(&name), value) };
        let is_refused = refuses(&name);
        let stays = match value {
            _ if !private => true,
            [b'"', ..] => mask::is_quiet(&extra.text, (member.value as usize + 1, member.end as usize - 1), privacy),
            value => !matches!(value, [b'{' | b'[', ..]),
        };
        if stays && !is_refused && hidden.is_none() && rest.is_none() {
            run.add(member);
            continue;
        }
        run.flush(&extra.text, out);
        if hidden == Some(false) {
            continue;
        }
        if is_refused {
            if names.is_empty() {
                names = claims::sorted_names(&extra.members, &extra.text);
            }
            let brings = |name: &[u8]| names.binary_search_by(|known| (**known).cmp(name)).is_ok();
            Claims { refuses: &refuses, brings: &brings }.push_key(&name, out);
        } else {
            // With its colon.
            out.push(b',');
            out.extend_from_slice(extra.text.get(member.start as usize..member.value as usize).unwrap_or_default());
        }
        let value = rest.as_deref().unwrap_or(value);
        if hidden.is_some() {
            push_replaced(privacy, out);
        } else if private && member.is_string() {
            let inside = (member.value as usize + 1, (member.end as usize).saturating_sub(1));
            let respelled = member.flags & json::flags::RESPELLED != 0;
            push_private_string(&extra.text, inside, respelled, Look::of_member(&name), privacy, out);
        } else if private && matches!(value, [b'{' | b'[', ..]) {
            push_private_json(value, &name, privacy, out);
        } else {
            out.extend_from_slice(value);
        }
    }
    run.flush(&extra.text, out);
}

/// Writes a JSON string, whose inside is there in the text, with what is private in it masked. `respelled`: it has escapes that
/// canonical text spells in another way.
#[inline(never)]
fn push_private_string(
    text: &[u8],
    (start, end): (usize, usize),
    respelled: bool,
    look: Look,
    privacy: &Privacy,
    out: &mut Vec<u8>,
) {
    out.push(b'"');
    if respelled {
        let mut canonical = Vec::with_capacity(end - start + 8);
        value::canonical(text.get(start..end).unwrap_or_default(), &mut canonical);
        mask::push(out, &canonical, (0, canonical.len()), privacy, look);
    } else {
        mask::push(out, text, (start, end), privacy, look);
    }
    out.push(b'"');
}

/// Copies a JSON value, which has this name, with what is private in its texts masked.
fn push_private_json(value: &[u8], name: &[u8], privacy: &Privacy, out: &mut Vec<u8>) {
    let (mut at, mut copied, mut look) = (0, 0, Look::of_member(name));
    loop {
        let quote = swar::find(value, at, value.len(), b'"');
        let Ok((end, flags)) = json::string_apart(value, quote + 1) else {
            return out.extend_from_slice(value.get(copied..).unwrap_or_default());
        };
        let colon = json::blank(value, end + 1);
        let is_key = value.get(colon) == Some(&b':');
        let look_here = if is_key { Look::FREE_TEXT } else { look };
        let escaped = flags & json::flags::ESCAPED != 0;
        let respelled = flags & json::flags::RESPELLED != 0;
        at = end + 1;
        if !mask::is_quiet(value, (quote + 1, end), privacy) {
            out.extend_from_slice(value.get(copied..quote).unwrap_or_default());
            push_private_string(value, (quote + 1, end), respelled, look_here, privacy, out);
            copied = at;
        }
        if is_key {
            let key = value.get(quote + 1..end).unwrap_or_default();
            let key = if escaped { Cow::Owned(value::decode(key, false)) } else { Cow::Borrowed(key) };
            look = Look::of_member(&key);
            let start = json::blank(value, colon + 1);
            if mask::hides(privacy, &key, (0, key.len())).is_some()
                && let Ok((end, _)) = json::value_end(value, start)
            {
                out.extend_from_slice(value.get(copied..start).unwrap_or_default());
                push_replaced(privacy, out);
                (at, copied) = (end, end);
            }
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
            let parsed = parse::parse(program, captures, record, line, &mut ());
            push_log(&program.privacy, captures, record, *member, line, &parsed, out);
        } else {
            out.extend_from_slice(b",\"log\":");
            push_private_json(member.value_text(record.text), b"log", &program.privacy, out);
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
