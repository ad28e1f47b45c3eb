//! A line taken apart: words, quoted and bracketed texts, each perhaps behind a `key=`.

/// How a column is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    Word,
    Quoted,
    Bracketed,
}

/// A column of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Column<'a> {
    /// What separates it from the column in front of it.
    pub before: &'a str,
    /// `key=`
    pub key: &'a str,
    pub shape: Shape,
    /// Without quotes or brackets.
    pub value: &'a str,
}

/// The texts that separate columns.
pub const SEPARATORS: [char; 5] = [' ', '\t', '|', ';', ','];

/// The columns of a line; `None` when a quote or bracket is not closed.
pub fn split(line: &str, separator: char) -> Option<Vec<Column<'_>>> {
    let mut columns = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (before, after) = leading(rest, |c| c == separator || c == ' ');
        if after.is_empty() {
            break;
        }
        let key = key_of(after);
        let (shape, value, taken) = value_of(&after[key.len()..], separator)?;
        columns.push(Column { before, key, shape, value });
        rest = &after[key.len() + taken..];
    }
    Some(columns)
}

/// The characters at the beginning that fit, and the rest.
fn leading(text: &str, fits: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.len() - text.trim_start_matches(fits).len())
}

/// `key=`, if it is there.
fn key_of(text: &str) -> &str {
    let (name, rest) = leading(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == '-');
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if is_name && rest.starts_with('=') { &text[..name.len() + 1] } else { "" }
}

/// The shape of a value, the value, and how much of the text it takes.
fn value_of(text: &str, separator: char) -> Option<(Shape, &str, usize)> {
    let ends = |at: usize| text[at..].is_empty() || text[at..].starts_with([separator, ' ']);
    let close = |closing: char| {
        let mut escaped = false;
        text.char_indices().skip(1).find_map(|(at, c)| {
            let closes = c == closing && !escaped && ends(at + 1);
            escaped = c == '\\' && !escaped;
            closes.then_some(at)
        })
    };
    if text.starts_with('"') {
        let end = close('"')?;
        return Some((Shape::Quoted, &text[1..end], end + 1));
    }
    if text.starts_with('[') {
        let end = close(']')?;
        return Some((Shape::Bracketed, &text[1..end], end + 1));
    }
    let end = text.find([separator, ' ']).unwrap_or(text.len());
    Some((Shape::Word, &text[..end], end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str, separator: char) -> Option<String> {
        let columns = split(line, separator)?;
        let one = |column: &Column| format!("{}{}{:?}({})", column.before, column.key, column.shape, column.value);
        Some(columns.iter().map(one).collect())
    }

    #[test]
    fn columns_of_a_line() {
        assert_eq!(
            shown(r#"::1 - [22/Nov/2026:07:38:32 +0000] "GET /\"a\" b" rt=5"#, ' ').unwrap(),
            r#"Word(::1) Word(-) Bracketed(22/Nov/2026:07:38:32 +0000) Quoted(GET /\"a\" b) rt=Word(5)"#
        );
        assert_eq!(shown(r#"a|"b|c"|k="d e""#, '|').unwrap(), r#"Word(a)|Quoted(b|c)|k=Quoted(d e)"#);
        assert_eq!(shown("", ' ').unwrap(), "");
        assert_eq!(shown("a  b ", ' ').unwrap(), "Word(a)  Word(b)");
        assert_eq!(shown("a \"b", ' '), None);
        assert_eq!(shown("=a é", ' ').unwrap(), "Word(=a) Word(é)");
    }
}
