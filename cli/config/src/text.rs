//! From a place in a string to the place in the file: a string can be written with escapes.
use crate::problem::Span;

/// Where `inner`, bytes of the string's value, stands in the source; `outer` is the string with its quotes. `None` when
/// `outer` is no string or `inner` does not lie in it.
pub(crate) fn inner(source: &str, outer: &Span, inner: &Span) -> Option<Span> {
    let raw = source.get(outer.clone())?;
    let (quotes, escapes) = match raw.as_bytes() {
        [b'"', b'"', b'"', ..] if raw.len() >= 6 => (3, true),
        [b'"', ..] => (1, true),
        [b'\'', b'\'', b'\'', ..] if raw.len() >= 6 => (3, false),
        [b'\'', ..] => (1, false),
        _ => return None,
    };
    let starts = value_offsets(raw, quotes, escapes)?;
    let at = |value: usize| starts.iter().position(|(start, _)| *start >= value).map(|index| starts[index].1);
    let (start, end) = (at(inner.start)?, at(inner.end)?);
    Some(outer.start + start..outer.start + end.max(start))
}

/// For each character of the value, and for its end: the offset in the value, and in the raw text.
fn value_offsets(raw: &str, quotes: usize, escapes: bool) -> Option<Vec<(usize, usize)>> {
    let body = raw.get(quotes..raw.len().checked_sub(quotes)?)?;
    let mut rest = body;
    if quotes == 3 {
        rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
    }
    let mut offsets = Vec::new();
    let mut value = 0;
    while let Some(first) = rest.chars().next() {
        let (taken, produced) =
            if escapes && first == '\\' { escape(rest)? } else { (first.len_utf8(), first.len_utf8()) };
        if produced > 0 {
            offsets.push((value, quotes + body.len() - rest.len()));
        }
        value += produced;
        rest = &rest[taken..];
    }
    offsets.push((value, quotes + body.len()));
    Some(offsets)
}

/// How many bytes an escape takes in the file, and how many it stands for.
fn escape(rest: &str) -> Option<(usize, usize)> {
    let code = |digits: usize| {
        let number = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((2 + digits, char::from_u32(number)?.len_utf8()))
    };
    match rest.as_bytes().get(1)? {
        b'x' => code(2),
        b'u' => code(4),
        b'U' => code(8),
        b' ' | b'\t' | b'\r' | b'\n' => {
            let trimmed = rest[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            Some((rest.len() - trimmed.len(), 0))
        }
        _ => Some((2, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `inner` underlines.
    fn underlined(source: &str, value: Span) -> Option<&str> {
        inner(source, &(0..source.len()), &value).map(|span| &source[span])
    }

    #[test]
    fn strings_without_escapes() {
        assert_eq!(underlined("'%h %z'", 3..5), Some("%z"));
        assert_eq!(underlined("\"%h %z\"", 3..5), Some("%z"));
        assert_eq!(underlined("'''\n%h %z'''", 3..5), Some("%z"));
        assert_eq!(underlined("'%h'", 2..2), Some(""));
    }

    #[test]
    fn strings_with_escapes() {
        assert_eq!(underlined(r#""\"%r\" %z""#, 5..7), Some("%z"));
        assert_eq!(underlined(r#""\"%r\" %z""#, 3..4), Some(r#"\""#));
        assert_eq!(underlined(r#""\u00e9%z""#, 2..4), Some("%z"));
        assert_eq!(underlined("\"\"\"a\\\n   %z\"\"\"", 1..3), Some("%z"));
    }

    #[test]
    fn what_is_no_string_has_no_inside() {
        assert_eq!(underlined("404", 0..1), None);
        assert_eq!(underlined("'%h'", 0..9), None);
        assert_eq!(underlined("\"", 0..0), None);
    }
}
