//! From a line of a file to the record that Fluent Bit would hand to the filter.
use crate::{scan::Members, words};
use firelens_filter::json;

/// What the lines of the input are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Input {
    /// A JSON object with a `log`, `container_name` or `container_id` key is a record, everything else a log line
    #[default]
    Auto,
    /// Log lines, JSON ones too
    Lines,
    /// Fluent Bit's records, one JSON object a line
    Records,
}

/// The keys by which a record of FireLens is told from a log line that happens to be JSON.
const RECORD_KEYS: [&[u8]; 3] = [b"log", b"container_name", b"container_id"];

/// Turns lines into records.
#[derive(Debug, Clone)]
pub struct Framer {
    input: Input,
    /// What the record of a log line has beside it.
    around: Vec<(&'static str, String)>,
    /// The record of a log line, up to the line.
    before: Vec<u8>,
}

impl Framer {
    /// Log lines are given this container and stream, when there are any.
    pub fn new(input: Input, container: Option<&str>, stream: Option<&str>) -> Framer {
        let around = [("container_name", container), ("source", stream)].into_iter();
        let around: Vec<_> = around.filter_map(|(key, value)| Some((key, value?.to_string()))).collect();
        let mut before = vec![b'{'];
        for (key, value) in &around {
            before.extend_from_slice(format!("\"{key}\":\"").as_bytes());
            escape(value.as_bytes(), &mut before);
            before.extend_from_slice(b"\",");
        }
        before.extend_from_slice(b"\"log\":\"");
        Framer { input, around, before }
    }

    /// What the record of a log line has beside it: keys and values.
    pub fn around(&self) -> &[(&'static str, String)] {
        &self.around
    }

    /// The record for a line: the line itself, or one that is written to `buffer`.
    pub fn record<'a>(&self, line: &'a [u8], buffer: &'a mut Vec<u8>) -> &'a [u8] {
        if self.is_record(line) {
            return line;
        }
        buffer.clear();
        buffer.extend_from_slice(&self.before);
        escape(line, buffer);
        buffer.extend_from_slice(b"\"}");
        buffer
    }

    /// Whether the line is a record, and not what a program wrote.
    pub fn is_record(&self, line: &[u8]) -> bool {
        match self.input {
            Input::Lines => false,
            Input::Records => true,
            Input::Auto => looks_like_record(line),
        }
    }
}

fn looks_like_record(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"{") && line.ends_with(b"}") && Members::new(line).any(|(key, _)| RECORD_KEYS.contains(&key))
}

/// Appends text as Fluent Bit writes it into a JSON string: ASCII only, but for bytes that are not UTF-8; these become
/// the code point U+E000 plus the byte.
pub fn escape(text: &[u8], out: &mut Vec<u8>) {
    let mut copied = 0;
    while let Some(special) = words::find_special(text, copied) {
        out.extend_from_slice(&text[copied..special]);
        let run = text[special..].iter().take_while(|byte| !byte.is_ascii()).count();
        copied = special + run.max(1);
        match run {
            0 => escape_char(char::from(text[special]), out),
            _ => escape_beyond_ascii(&text[special..copied], out),
        }
    }
    out.extend_from_slice(&text[copied..]);
}

fn escape_beyond_ascii(text: &[u8], out: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|character| escape_char(character, out));
        for &byte in chunk.invalid() {
            let stand_in = char::from_u32(0xe000 + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(stand_in.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
}

fn escape_char(character: char, out: &mut Vec<u8>) {
    match character {
        '\0'..='\u{7e}' => json::push_ascii(out, character as u8),
        _ => {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units).iter();
            units.for_each(|unit| out.extend_from_slice(format!("\\u{unit:04x}").as_bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_record(framer: &Framer, line: &[u8], expected: &str) {
        let mut buffer = Vec::new();
        assert_eq!(String::from_utf8_lossy(framer.record(line, &mut buffer)), expected);
    }

    #[test]
    fn lines_are_escaped_as_fluent_bit_does() {
        let framer = Framer::new(Input::Auto, None, None);
        assert_record(&framer, br#"GET "/a\b""#, r#"{"log":"GET \"/a\\b\""}"#);
        assert_record(&framer, b"\t\n\r\x08\x0c\x00\x1b\x7f", r#"{"log":"\t\n\r\b\f\u0000\u001b\u007f"}"#);
        assert_record(&framer, "é€😀".as_bytes(), r#"{"log":"\u00e9\u20ac\ud83d\ude00"}"#);
        assert_record(&framer, b"a\xffb\xfec\xe2\x82", "{\"log\":\"a\u{e0ff}b\u{e0fe}c\u{e0e2}\u{e082}\"}");
        assert_record(&framer, b"", r#"{"log":""}"#);
        let long = "0123456789abcdef".repeat(3) + "\"x";
        assert_record(&framer, long.as_bytes(), &format!(r#"{{"log":"{}"}}"#, long.replace('"', "\\\"")));
    }

    #[test]
    fn container_and_stream_are_what_firelens_adds() {
        let framer = Framer::new(Input::Lines, Some("ht\"tpd"), Some("stderr"));
        assert_record(&framer, b"x", r#"{"container_name":"ht\"tpd","source":"stderr","log":"x"}"#);
    }

    #[test]
    fn records_are_told_from_json_lines() {
        let auto = Framer::new(Input::Auto, None, None);
        for record in [r#"{"log":"x"}"#, r#" {"a":1,"log":2} "#, r#"{"container_name":"a","source":"stdout"}"#] {
            assert_record(&auto, record.as_bytes(), record);
        }
        for line in [r#"{"level":"info"}"#, r#"{"a":{"log":1}}"#, r#"{"log":"x"} tail"#, r#"["log"]"#] {
            assert_record(&auto, line.as_bytes(), &format!(r#"{{"log":"{}"}}"#, line.replace('"', "\\\"")));
        }
    }

    #[test]
    fn the_user_can_say_what_the_lines_are() {
        assert_record(&Framer::new(Input::Lines, None, None), br#"{"log":"x"}"#, r#"{"log":"{\"log\":\"x\"}"}"#);
        assert_record(&Framer::new(Input::Records, None, None), b"{\"level\":nan}", "{\"level\":nan}");
    }
}
