//! Reads the text of a LogFormat the way httpd does.
//!
//! <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats>
use super::Fault;
use std::ops::Range;

/// A piece of a LogFormat.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Text(Vec<u8>),
    Directive(Directive),
}

/// `%!200,304<{arg}letter`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Directive {
    /// `h`, `^FB`.
    pub(crate) letter: String,
    pub(crate) arg: Option<String>,
    /// `<` asks for the original request, `>` for the one that internal redirects led to.
    pub(crate) original: Option<bool>,
    /// Only printed for some statuses; otherwise `-`.
    pub(crate) conditional: bool,
    pub(crate) span: Range<usize>,
    /// Where the argument begins.
    pub(crate) arg_start: usize,
}

impl Directive {
    /// The letter and its argument, without modifiers: `%{Referer}i`.
    pub(crate) fn plain(&self) -> String {
        match &self.arg {
            Some(arg) => format!("%{{{arg}}}{}", self.letter),
            None => format!("%{}", self.letter),
        }
    }
}

/// Splits a LogFormat into text and directives.
pub(crate) fn parse(format: &str) -> Result<Vec<Item>, Vec<Fault>> {
    let mut items = Vec::new();
    let mut faults = Vec::new();
    let mut rest = Cursor { format, at: 0 };
    while let Some(byte) = rest.peek() {
        if byte != b'%' {
            let byte = rest.text_byte();
            add_text(&mut items, byte);
        } else if format[rest.at..].starts_with("%%") {
            rest.at += 2;
            add_text(&mut items, b'%');
        } else {
            match rest.directive() {
                Ok(directive) => items.push(Item::Directive(directive)),
                Err(fault) => faults.push(fault),
            }
        }
    }
    if faults.is_empty() { Ok(items) } else { Err(faults) }
}

fn add_text(items: &mut Vec<Item>, byte: u8) {
    match items.last_mut() {
        Some(Item::Text(text)) => text.push(byte),
        _ => items.push(Item::Text(vec![byte])),
    }
}

struct Cursor<'a> {
    format: &'a str,
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.format.as_bytes().get(self.at).copied()
    }

    /// The next byte of text; a backslash changes the one behind it, as in httpd's configuration.
    fn text_byte(&mut self) -> u8 {
        let bytes = &self.format.as_bytes()[self.at..];
        let (byte, len) = match bytes {
            [b'\\', b'n', ..] => (b'\n', 2),
            [b'\\', b'r', ..] => (b'\r', 2),
            [b'\\', b't', ..] => (b'\t', 2),
            [b'\\', escaped @ (b'\\' | b'"' | b'\''), ..] => (*escaped, 2),
            _ => (bytes[0], 1),
        };
        self.at += len;
        byte
    }

    fn directive(&mut self) -> Result<Directive, Fault> {
        let start = self.at;
        let mut directive = Directive {
            letter: String::new(),
            arg: None,
            original: None,
            conditional: false,
            span: start..start,
            arg_start: start,
        };
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'<' => directive.original = Some(true),
                b'>' => directive.original = Some(false),
                b'0'..=b'9' | b'!' => directive.conditional = true,
                b',' => {}
                b'{' => {
                    directive.arg_start = self.at + 1;
                    directive.arg = Some(self.braces()?);
                    continue;
                }
                _ => {
                    directive.letter = self.letter();
                    directive.span = start..self.at;
                    return Ok(directive);
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

    /// One letter, or `^` and two letters.
    fn letter(&mut self) -> String {
        let rest = &self.format[self.at..];
        let len = if rest.starts_with('^') { 3 } else { 1 };
        let letter: String = rest.chars().take(len).collect();
        self.at += letter.len();
        letter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directive(format: &str) -> Directive {
        match &parse(format).unwrap()[..] {
            [Item::Directive(directive)] => directive.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn modifiers() {
        let with = directive("%!200,304{Referer}i");
        assert_eq!((with.letter.as_str(), with.arg.as_deref(), with.conditional), ("i", Some("Referer"), true));
        assert_eq!((with.span.clone(), with.arg_start), (0..19, 10));
        assert_eq!(with.plain(), "%{Referer}i");
        assert_eq!(directive("%>s").original, Some(false));
        assert_eq!(directive("%<s").original, Some(true));
        assert_eq!(directive("%{Foo}^ti").letter, "^ti");
        assert_eq!(directive("%^FB").plain(), "%^FB");
    }

    #[test]
    fn text_and_its_escapes() {
        assert_eq!(parse(r#"a\"\\\t%%é"#).unwrap(), [Item::Text("a\"\\\t%é".as_bytes().to_vec())]);
        assert_eq!(parse(r"\d\").unwrap(), [Item::Text(br"\d\".to_vec())]);
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn incomplete_directives() {
        for (format, span) in [("%h %{Referer", 4..12), ("%h %", 3..4), ("%>", 0..2), ("%{a}", 0..4)] {
            let faults = parse(format).unwrap_err();
            assert_eq!(faults[0].span, Some(span), "{format}");
        }
        assert_eq!(directive("%é").letter, "é");
    }
}
