//! Paths to members of members: names with dots between them, in quotes where they hold one, as in TOML's dotted keys.
use super::Fault;
use firelens_filter::{json::MAX_DEPTH, names::OURS};

/// A path, or the name of a member itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// A member of the record.
    Member(String),
    /// The names on the way to a member of a member, with a zero byte between them.
    Path(String),
}

/// Reads what a user calls a member. What is called like it as a whole, dots and all, is that member.
pub(crate) fn read<'a>(text: &str, mut known: impl Iterator<Item = &'a str>) -> Result<Name, Fault> {
    if known.any(|name| name == text) || !text.contains(['.', '"', '\'']) {
        return Ok(Name::Member(text.to_string()));
    }
    let names = split(text)?;
    if names.len() == 1 {
        return Ok(Name::Member(names.concat()));
    }
    if names.len() >= MAX_DEPTH {
        let message = format!("`{text}` has {} names, and records are at most {MAX_DEPTH} levels deep", names.len());
        return Err(Fault::new(message).help(format!("leave out names, so that there are at most {}", MAX_DEPTH - 1)));
    }
    let root = names[0].as_str();
    if OURS.contains(&root) || ["container", "log", "source"].contains(&root) {
        return Err(Fault::new(format!("`{root}` is text, so that there is no `{text}`"))
            .help("a path leads through objects, for example of lines that are JSON"));
    }
    Ok(Name::Path(names.join("\0")))
}

/// The names in a path.
fn split(text: &str) -> Result<Vec<String>, Fault> {
    let mut names = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let (name, len) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(text, at, quote)?,
            _ => {
                let len = rest.find('.').unwrap_or(rest.len());
                if len == 0 {
                    return Err(Fault::new(format!("a name is missing in the path `{text}`"))
                        .at(at..at + rest.len().min(1))
                        .help(
                            "write names with one dot between them, and one that holds a dot in quotes: req.\"a.b\"",
                        ));
                }
                (rest[..len].to_string(), len)
            }
        };
        if name.contains('\0') {
            return Err(Fault::new(format!("a name in `{text:?}` holds a zero byte")).at(at..at + len));
        }
        names.push(name);
        at += len;
        match text[at..].chars().next() {
            None => return Ok(names),
            Some('.') => at += 1,
            Some(other) => {
                return Err(Fault::new(format!("a dot has to follow a name in quotes, not `{other}`"))
                    .at(at..at + other.len_utf8())
                    .help("write req.\"user-agent\".length"));
            }
        }
    }
}

/// A name in quotes, and its length with them: `\` escapes in double quotes.
fn quoted(text: &str, from: usize, quote: char) -> Result<(String, usize), Fault> {
    let mut name = String::new();
    let mut rest = text[from + 1..].char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '\\' if quote == '"' => match rest.next() {
                Some((_, c @ ('"' | '\\'))) => name.push(c),
                _ => {
                    let at = from + 1 + at;
                    return Err(Fault::new("only `\\\"` and `\\\\` can be escaped in a path").at(at..at + 1));
                }
            },
            c if c == quote => return Ok((name, at + 2)),
            c => name.push(c),
        }
    }
    Err(Fault::new(format!("a quote is not closed in the path `{text}`")).at(from..text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_in_toml() {
        for (text, expected) in [
            ("status", Name::Member("status".into())),
            ("user agent", Name::Member("user agent".into())),
            ("a.b", Name::Path("a\0b".into())),
            ("a.b-c.d e", Name::Path("a\0b-c\0d e".into())),
            (r#"req.headers."user-agent""#, Name::Path("req\0headers\0user-agent".into())),
            (r#"'a.b'.c"#, Name::Path("a.b\0c".into())),
            (r#""a.b""#, Name::Member("a.b".into())),
            (r#"a."\"\\".b"#, Name::Path("a\0\"\\\0b".into())),
            (r#"a."".b"#, Name::Path("a\0\0b".into())),
            ("known.name", Name::Member("known.name".into())),
        ] {
            assert_eq!(read(text, ["known.name"].into_iter()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_path() {
        let deep = vec!["a"; 32].join(".");
        for (text, message, span) in [
            ("a..b", "a name is missing", Some(2..3)),
            ("a.", "a name is missing", Some(2..2)),
            (".a", "a name is missing", Some(0..1)),
            ("a.\"b", "not closed", Some(2..4)),
            ("a.\"b\"c", "has to follow", Some(5..6)),
            ("a.\"\\n\"", "can be escaped", Some(3..4)),
            ("a.\"\0\"", "zero byte", Some(2..5)),
            ("log.a", "`log` is text", None),
            ("kind.a", "`kind` is text", None),
            (&deep, "32 names", None),
        ] {
            let fault = read(text, std::iter::empty()).unwrap_err();
            assert!(fault.message.contains(message), "{text}: {}", fault.message);
            assert_eq!(fault.span, span, "{text}");
        }
        assert!(read(&deep[2..], std::iter::empty()).is_ok());
    }
}
