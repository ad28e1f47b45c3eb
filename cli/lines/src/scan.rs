//! The members of a JSON object's first level, found without parsing the rest.
//!
//! Records are printed as the module returned them, byte for byte, and only a few of their fields are looked at. So this
//! walks over the text; where it is no JSON it ends early.
use crate::words;
use std::borrow::Cow;

/// The members of an object: keys without their quotes and values, both as they are written.
pub struct Members<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Members<'a> {
    /// `json` may have blanks around the object. What is no object has no members.
    pub fn new(json: &'a [u8]) -> Members<'a> {
        let start = json.iter().position(|byte| !is_blank(*byte)).unwrap_or(json.len());
        match json.get(start) {
            Some(b'{') => Members { json, at: start + 1 },
            _ => Members { json, at: json.len() },
        }
    }

    fn skip_blanks(&mut self) {
        while self.json.get(self.at).is_some_and(|byte| is_blank(*byte)) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.skip_blanks();
        (*self.json.get(self.at)? == byte).then(|| self.at += 1)
    }

    /// Goes on behind the string that begins here, and gives what is between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let start = self.at;
        loop {
            let quote = words::find_quote(self.json, self.at)?;
            if self.json[quote] == b'"' {
                self.at = quote + 1;
                return Some(&self.json[start..quote]);
            }
            self.at = quote + 2;
        }
    }

    /// Goes on behind the value that begins here, and gives its text.
    fn value(&mut self) -> Option<&'a [u8]> {
        self.skip_blanks();
        let start = self.at;
        let mut depth = 0usize;
        loop {
            match self.json.get(self.at)? {
                b'"' => {
                    self.string()?;
                    if depth == 0 {
                        return Some(&self.json[start..self.at]);
                    }
                }
                b',' | b'}' if depth == 0 => {
                    let text = self.json[start..self.at].trim_ascii_end();
                    return (!text.is_empty()).then_some(text);
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                    if depth == 0 {
                        return Some(&self.json[start..self.at]);
                    }
                }
                _ => self.at += 1,
            }
        }
    }

    fn member(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        let key = self.string()?;
        self.take(b':')?;
        let value = self.value()?;
        self.skip_blanks();
        if self.json.get(self.at) == Some(&b',') {
            self.at += 1;
        }
        Some((key, value))
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let member = self.member();
        if member.is_none() {
            self.at = self.json.len();
        }
        member
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// What a value says: the text of a string, or the value as it is written.
pub fn text(value: &[u8]) -> Cow<'_, str> {
    match value {
        [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => String::from_utf8_lossy(inner),
        [b'"', .., b'"'] => match serde_json::from_slice::<String>(value) {
            Ok(text) => Cow::Owned(text),
            Err(_) => String::from_utf8_lossy(value),
        },
        _ => String::from_utf8_lossy(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: &str) -> Vec<(String, String)> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Members::new(json.as_bytes()).map(|(key, value)| (text(key), text(value))).collect()
    }

    #[track_caller]
    fn assert_members(json: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        assert_eq!(members(json), expected);
    }

    #[test]
    fn members_of_every_type() {
        assert_members(
            r#" { "a" : 1 , "b":"x\"}","c":{"route":"no","d":["]}"]},"e":[1,{"f":2}],"g":null,"h":-1.5e3 } "#,
            &[
                ("a", "1"),
                ("b", r#""x\"}""#),
                ("c", r#"{"route":"no","d":["]}"]}"#),
                ("e", r#"[1,{"f":2}]"#),
                ("g", "null"),
                ("h", "-1.5e3"),
            ],
        );
    }

    #[test]
    fn text_that_is_no_object_has_none() {
        for text in ["", "x", "[1]", "{", "{}", "{]", r#"{"a""#, r#"{"a":"#, r#"{"a":"\"#, r#"{"a":]}"#, "{1:2}"] {
            assert_members(text, &[]);
        }
    }

    #[test]
    fn a_cut_object_has_the_members_before_the_cut() {
        assert_members(r#"{"a":1,"b":"x"#, &[("a", "1")]);
    }

    #[test]
    fn values_as_text() {
        assert_eq!(text(br#""plain""#), "plain");
        assert_eq!(text(br#""a\"\u00e9""#), "a\"é");
        assert_eq!(text(b"12"), "12");
        assert_eq!(text(b"\"\xff\""), "\u{fffd}");
    }
}
