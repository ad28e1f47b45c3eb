//! Members that are copied: the record's own, and those of an object in the line.
use crate::claims::{self, Claims};
use crate::extra::Extra;
use crate::json::{self, Member};
use crate::mask;
use crate::names::{is_ours, is_reserved};
use crate::path;
use crate::program::{Look, Privacy};
use crate::record::{self, Record};
use crate::swar;
use crate::value;
use alloc::{borrow::Cow, vec::Vec};

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
pub(super) fn push_replaced(privacy: &Privacy, out: &mut Vec<u8>) {
    out.push(b'"');
    mask::push_replacement(privacy, false, out);
    out.push(b'"');
}

/// Writes the members of a line's object. The record's own fields, those of the text in front of the object (`in_front`, as
/// they were written), and names that are not the line's to give, win.
pub(super) fn push_extra(record: &Record, mut in_front: Vec<u8>, extra: &Extra, privacy: &Privacy, out: &mut Vec<u8>) {
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
pub(super) fn push_private_json(value: &[u8], name: &[u8], privacy: &Privacy, out: &mut Vec<u8>) {
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
