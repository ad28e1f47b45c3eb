//! A line taken apart: words, quoted and bracketed texts, each perhaps behind a `key=`; or the values of a JSON object.

/// How a column is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Shape {
    Word,
    Quoted,
    Bracketed,
    /// A value of a JSON object, without its quotes.
    Json,
    /// What stands between tabs, perhaps after `label:`.
    Labelled,
}

/// A column of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Column<'a> {
    /// What separates it from the column in front of it.
    pub before: &'a str,
    /// `key=`, or a JSON key.
    pub key: &'a str,
    pub shape: Shape,
    /// Without quotes or brackets.
    pub value: &'a str,
}

/// A line's columns, and what follows the last one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Columns<'a> {
    pub columns: Vec<Column<'a>>,
    pub after: &'a str,
}

impl Columns<'_> {
    /// The same without the values: what lines of one format have in common.
    pub(super) fn shape(&self) -> Self {
        let columns = self.columns.iter().map(|column| Column { value: "", ..*column }).collect();
        Columns { columns, after: self.after }
    }
}

/// The texts that separate columns.
pub(super) const SEPARATORS: [char; 5] = [' ', '\t', '|', ';', ','];

/// The columns of a line; `None` when a quote or bracket is not closed.
pub(super) fn split(line: &str, separator: char) -> Option<Columns<'_>> {
    let mut columns = Vec::new();
    let mut rest = line;
    loop {
        let (before, after) = leading(rest, |c| c == separator || c == ' ');
        if after.is_empty() {
            return Some(Columns { columns, after: before });
        }
        let key = key_of(after);
        let (shape, value, taken) = value_of(&after[key.len()..], separator)?;
        columns.push(Column { before, key, shape, value });
        rest = &after[key.len() + taken..];
    }
}

/// Splits a line at its tabs. Columns may contain spaces; in LTSV each begins with `label:`. <http://ltsv.org>
pub(super) fn split_tabs(line: &str) -> Option<Columns<'_>> {
    let fields: Vec<&str> = line.split('\t').collect();
    let key_of = |field: &str| field.split_once(':').map_or("", |(label, _)| label).len();
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    let labelled = fields.iter().all(|field| is_label(&field[..key_of(field)]));
    let columns = fields.iter().enumerate().map(|(at, field)| {
        let key = if labelled { key_of(field) + 1 } else { 0 };
        Column {
            before: if at > 0 { "\t" } else { "" },
            key: &field[..key],
            shape: Shape::Labelled,
            value: &field[key..],
        }
    });
    (fields.len() > 1).then(|| Columns { columns: columns.collect(), after: "" })
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
    for (opening, closing, shape) in [('"', '"', Shape::Quoted), ('[', ']', Shape::Bracketed)] {
        if text.starts_with(opening) {
            let end = closing_at(text, closing, ends)?;
            return Some((shape, &text[1..end], end + 1));
        }
    }
    let end = text.find([separator, ' ']).unwrap_or(text.len());
    Some((Shape::Word, &text[..end], end))
}

/// Where the quote or bracket that begins the text is closed.
fn closing_at(text: &str, closing: char, ends: impl Fn(usize) -> bool) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(at, c)| {
        let closes = c == closing && !escaped && ends(at + 1);
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}

/// The values of a flat JSON object, which need not be strict JSON: httpd writes `\xhh` into its strings.
pub(super) fn split_json(line: &str) -> Option<Columns<'_>> {
    let mut columns = Vec::new();
    let (mut from, mut at) = (0, line.find('{')? + 1);
    if !line[..at - 1].trim().is_empty() {
        return None;
    }
    loop {
        let key = json_string(line, &mut at)?;
        let rest = &line[at..];
        let colon = rest.trim_start().strip_prefix(':')?;
        at = line.len() - colon.trim_start().len();
        let value = match line[at..].starts_with('"') {
            true => json_string(line, &mut at)?,
            false => {
                if line[at..].starts_with(['{', '[']) {
                    return None;
                }
                let end = at + line[at..].find([',', '}', ' '])?;
                let number = &line[at..end];
                at = end;
                number
            }
        };
        let start = value.as_ptr() as usize - line.as_ptr() as usize;
        columns.push(Column { before: &line[from..start], key, shape: Shape::Json, value });
        from = start + value.len();
        let rest = line[at..].trim_start();
        if rest.starts_with('}') {
            return Some(Columns { columns, after: &line[from..] });
        }
        at = line.len() - rest.strip_prefix(',')?.len();
    }
}

/// The inside of the string at `at`, which moves behind it.
fn json_string<'a>(line: &'a str, at: &mut usize) -> Option<&'a str> {
    let text = line[*at..].trim_start();
    let start = line.len() - text.len();
    let end = start + closing_at(text.strip_prefix('"').map(|_| text)?, '"', |_| true)?;
    *at = end + 1;
    Some(&line[start + 1..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(columns: Option<Columns>) -> Option<String> {
        let columns = columns?;
        let one = |column: &Column| format!("{}<{}{:?} {}>", column.before, column.key, column.shape, column.value);
        Some(columns.columns.iter().map(one).collect::<String>() + columns.after)
    }

    #[test]
    fn columns_of_a_line() {
        assert_eq!(
            shown(split(r#"::1 - [22/Nov/2026:07:38:32 +0000] "GET /\"a\" b" rt=5"#, ' ')).unwrap(),
            r#"<Word ::1> <Word -> <Bracketed 22/Nov/2026:07:38:32 +0000> <Quoted GET /\"a\" b> <rt=Word 5>"#
        );
        assert_eq!(shown(split(r#"a|"b|c"|k="d e""#, '|')).unwrap(), r#"<Word a>|<Quoted b|c>|<k=Quoted d e>"#);
        assert_eq!(shown(split("", ' ')).unwrap(), "");
        assert_eq!(shown(split("a  b ", ' ')).unwrap(), "<Word a>  <Word b> ");
        assert_eq!(shown(split("a \"b", ' ')), None);
        assert_eq!(shown(split("=a é", ' ')).unwrap(), "<Word =a> <Word é>");
    }

    #[test]
    fn columns_with_labels() {
        assert_eq!(
            shown(split_tabs("time:[a b]\treq:GET / HTTP/1.1\tua:")).unwrap(),
            "<time:Labelled [a b]>\t<req:Labelled GET / HTTP/1.1>\t<ua:Labelled >"
        );
        assert_eq!(shown(split_tabs("::1\tGET /\ta:b")).unwrap(), "<Labelled ::1>\t<Labelled GET />\t<Labelled a:b>");
        assert_eq!(shown(split_tabs("a:b")), None);
    }

    #[test]
    fn columns_of_json() {
        assert_eq!(
            shown(split_json(r#"{"t":"a\"b\xff", "n" : 12,"e":""}"#)).unwrap(),
            r#"{"t":"<tJson a\"b\xff>", "n" : <nJson 12>,"e":"<eJson >"}"#
        );
        for other in ["", "x", "{", "{}", r#"{"a":{"b":1}}"#, r#"{"a":[1]}"#, r#"{"a":"b"#, r#"x{"a":1}"#, r#"{"é":1"#]
        {
            assert_eq!(shown(split_json(other)), None, "{other}");
        }
    }
}
