//! Reads the text of an ErrorLogFormat the way httpd does.
//!
//! <https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat>: an item that is missing takes its whole field with
//! it, from one separator (a blank, or `% ` without width) to the next.
use super::Fault;
use std::ops::Range;

/// An item of an ErrorLogFormat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// A new field begins here.
    pub(crate) separator: bool,
    pub(crate) kind: Kind,
    /// `-` is printed for what is missing.
    pub(crate) hyphen: bool,
    /// Without it the line is not printed.
    pub(crate) required: bool,
    /// It is missing in lines that are more severe than this level.
    pub(crate) level: u8,
    /// What the user wrote.
    pub(crate) label: String,
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Text(Vec<u8>),
    /// A directive's letter and argument.
    Directive(char, String),
}

/// Splits an ErrorLogFormat into items.
pub(crate) fn parse(format: &str) -> Result<Vec<Item>, Vec<Fault>> {
    let mut items: Vec<Item> = Vec::new();
    let mut faults = Vec::new();
    let mut cursor = Cursor { format, at: 0 };
    let mut separator = false;
    while let Some(byte) = cursor.peek() {
        if format[cursor.at..].starts_with("% ") {
            cursor.at += 2;
            separator = true;
            continue;
        }
        let start = cursor.at;
        let item = if byte == b'%' { cursor.directive() } else { Ok(cursor.text()) };
        match item {
            Ok(mut item) => {
                item.separator = separator || byte == b' ';
                item.span = start..cursor.at;
                item.label = format[item.span.clone()].to_string();
                items.push(item);
            }
            Err(fault) => faults.push(fault),
        }
        separator = false;
    }
    if faults.is_empty() { Ok(items) } else { Err(faults) }
}

struct Cursor<'a> {
    format: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.as_bytes().get(self.at).copied()
    }

    /// Blanks, and then text up to the next blank. (As in httpd, a backslash does not end the leading blanks.)
    fn text(&mut self) -> Item {
        let mut text = Vec::new();
        let mut leading = true;
        while let Some(byte) = self.peek() {
            if byte == b'%' || (byte == b' ' && !leading) {
                break;
            }
            self.at += 1;
            let escaped = if byte == b'\\' { self.peek() } else { None };
            text.push(match escaped {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(other) => other,
                None => byte,
            });
            self.at += usize::from(escaped.is_some());
            leading &= byte == b' ' || escaped.is_some();
        }
        Item::new(Kind::Text(text))
    }

    fn directive(&mut self) -> Result<Item, Fault> {
        let start = self.at;
        let mut item = Item::new(Kind::Text(b"%".to_vec()));
        let mut arg = String::new();
        self.at += 1;
        if self.peek() == Some(b'%') {
            self.at += 1;
            return Ok(item);
        }
        while let Some(byte) = self.peek() {
            match byte {
                b'-' => item.hyphen = true,
                b'+' => item.required = true,
                b'0'..=b'9' => item.level = item.level.saturating_mul(10).saturating_add(byte - b'0'),
                b'{' => {
                    arg = self.braces()?;
                    continue;
                }
                _ => {
                    let letter = self.format[self.at..].chars().next().unwrap_or('%');
                    self.at += letter.len_utf8();
                    item.kind = Kind::Directive(letter, arg);
                    return Ok(item);
                }
            }
            self.at += 1;
        }
        Err(Fault::new(format!("`{}` is not complete: a letter has to follow", &self.format[start..]))
            .at(start..self.at)
            .help("write `%%` for a percent sign"))
    }

    /// `{…}`.
    fn braces(&mut self) -> Result<String, Fault> {
        let rest = &self.format[self.at + 1..];
        let Some(end) = rest.find('}') else {
            let span = self.at..self.format.len();
            self.at = self.format.len();
            return Err(Fault::new("this `{` has no `}`").at(span).help("close it, as in `%{Referer}i`"));
        };
        self.at += end + 2;
        Ok(rest[..end].to_string())
    }
}

impl Item {
    pub(crate) fn new(kind: Kind) -> Item {
        Item { separator: false, kind, hyphen: false, required: false, level: 0, label: String::new(), span: 0..0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items in short: `|` in front of a field's first.
    fn short(format: &str) -> String {
        let item = |item: Item| {
            let text = match item.kind {
                Kind::Text(text) => format!("<{}>", String::from_utf8(text).unwrap()),
                Kind::Directive(letter, arg) => format!("{letter}{arg}"),
            };
            let level = if item.level > 0 { item.level.to_string() } else { String::new() };
            let flags = [(item.separator, "|"), (item.hyphen, "-"), (item.required, "+")];
            let flags: String = flags.into_iter().filter(|(set, _)| *set).map(|(_, flag)| flag).collect();
            flags + &level + &text
        };
        parse(format).unwrap().into_iter().map(item).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn fields_begin_at_blanks() {
        assert_eq!(
            short(r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"),
            "<[> tu <]> |< [> -m <:> l <]> |< [pid> |< > P <:tid> |< > T <]> |< > 7F <:> |< > E <:> |< [client > a <]> \
             |< > M |<, referer > iReferer"
        );
    }

    #[test]
    fn escapes_and_flags() {
        assert_eq!(short(r"a\ b\\c\tx%%  %+{User-Agent}i"), "<a b\\c\tx> <%> |<  > +iUser-Agent");
        assert_eq!(short(r"\ a b\"), "< a> |< b\\>");
        assert_eq!(short("%12F%  x"), "12F |< x>");
    }

    #[test]
    fn incomplete_directives() {
        for (format, span) in [("%t %{Referer", 4..12), ("%t %", 3..4), ("%-", 0..2)] {
            assert_eq!(parse(format).unwrap_err()[0].span, Some(span), "{format}");
        }
    }
}
