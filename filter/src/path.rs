//! Members of members, `payload.status`: what conditions ask for, and what is hidden.
//!
//! A path is the names of its members with a zero byte between them. (Packaging leaves these functions out of modules that have
//! no paths.)
use crate::json::{self, Member};
use crate::mask;
use crate::program::Privacy;
use crate::record;
use alloc::{borrow::Cow, vec::Vec};

/// Between the names of a path.
const THEN: u8 = 0;

/// The name of a member that stands for the whole path: its names with dots between them.
fn dotted(path: &[u8]) -> Vec<u8> {
    path.iter().map(|byte| if *byte == THEN { b'.' } else { *byte }).collect()
}

/// The path's first name, and the others.
fn split(path: &[u8]) -> (&[u8], Option<&[u8]>) {
    let end = path.iter().position(|byte| *byte == THEN).unwrap_or(path.len());
    (path.get(..end).unwrap_or_default(), path.get(end + 1..))
}

/// Whether the path begins here: with an object, or with a member that is called like all of it.
#[inline(never)]
#[cfg_attr(firelens_module, unsafe(export_name = "firelens_path_is_of"))]
pub(crate) fn is_of(path: &[u8], has: &dyn Fn(&[u8]) -> bool) -> bool {
    has(&dotted(path)) || has(split(path).0)
}

/// The value at the end of a path; of members with one name the last counts. A member that is called like the whole path comes
/// first.
#[inline(never)]
#[cfg_attr(firelens_module, unsafe(export_name = "firelens_path_value"))]
pub(crate) fn value<'a>(members: &[Member], text: &'a [u8], path: &[u8]) -> Option<Cow<'a, [u8]>> {
    if let Some(member) = record::find(members, text, &dotted(path)) {
        return record::value_of(member, text);
    }
    let (name, mut rest) = split(path);
    let mut member = *record::find(members, text, name)?;
    let (mut text, mut inner) = (text, Vec::new());
    while let Some(path) = rest {
        let name;
        (name, rest) = split(path);
        text = member.value_text(text);
        inner.clear();
        json::object(text, &mut inner).ok()?;
        member = *record::find(&inner, text, name)?;
    }
    record::value_of(&member, text)
}

/// The value of a member of this name without what is hidden in it; nothing when nothing is. Without a name, the object
/// itself.
#[inline(never)]
#[cfg_attr(firelens_module, unsafe(export_name = "firelens_path_hide"))]
pub(crate) fn hidden(privacy: &Privacy, name: Option<&[u8]>, value: &[u8]) -> Option<Vec<u8>> {
    let mut changed = None;
    for hidden in &privacy.paths {
        let path = match name {
            None => Some(hidden.path.as_bytes()),
            Some(name) => match split(hidden.path.as_bytes()) {
                (root, rest) if root == name => rest,
                _ => None,
            },
        };
        let Some(path) = path else { continue };
        let text = changed.as_deref().unwrap_or(value);
        let mut out = Vec::with_capacity(text.len() + 8);
        if hide(text, path, hidden.replace.then_some(privacy), &mut out) {
            changed = Some(out);
        }
    }
    changed
}

/// Writes the object with all members at the end of the path replaced, or without them. Says whether there was any.
fn hide(object: &[u8], path: &[u8], replace: Option<&Privacy>, out: &mut Vec<u8>) -> bool {
    let mut members = Vec::new();
    if json::object(object, &mut members).is_err() {
        out.extend_from_slice(object);
        return false;
    }
    let (name, rest) = split(path);
    let mut any = false;
    let from = out.len();
    out.push(b'{');
    for member in &members {
        let is_meant = *record::key(member, object) == *name;
        if is_meant && rest.is_none() && replace.is_none() {
            any = true;
            continue;
        }
        if out.len() > from + 1 {
            out.push(b',');
        }
        match rest {
            _ if !is_meant => out.extend_from_slice(member.whole(object)),
            _ => {
                out.extend_from_slice(object.get(member.start as usize..member.value as usize).unwrap_or_default());
                match (rest, replace) {
                    (Some(rest), _) => any |= hide(member.value_text(object), rest, replace, out),
                    (None, Some(privacy)) => {
                        any = true;
                        out.push(b'"');
                        mask::push_replacement(privacy, false, out);
                        out.push(b'"');
                    }
                    _ => {}
                }
            }
        }
    }
    out.push(b'}');
    any
}
