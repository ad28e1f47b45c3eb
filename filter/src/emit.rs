//! Writes the record that is returned.
mod log;
mod members;

use crate::claims::{self, Claims};
use crate::line::Line;
use crate::mask;
use crate::matcher::Captures;
use crate::parse::Parsed;
use crate::program::{CompiledFormat, Emit, Kind, Look, Mask, Output, Pattern, Privacy, Program};
use crate::record::Record;
use crate::swar;
use crate::value;
use alloc::vec::Vec;
pub(crate) use members::push_members;
use members::{push_extra, push_replaced};

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
        log::push_log(&program.privacy, captures, record, member, line, parsed, out);
    }
    if private && record.has_other_logs {
        log::push_other_logs(program, captures, record, out);
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
