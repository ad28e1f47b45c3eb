//! Text that others wrote, made safe for a terminal: what would steer it is shown as an escape.
use std::borrow::Cow;

/// Whether a character is only ever shown: it is no control character (of C0, C1, or DEL), does not change the direction of
/// writing, and ends no line.
pub fn is_harmless(c: char) -> bool {
    let bidirectional =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !bidirectional && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// The text on one line, with escapes (`\n`, `\u{1b}`) in place of what could steer the terminal.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_harmless) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    text.chars().for_each(|c| push(&mut shown, c));
    shown.into()
}

/// Appends a character, or its escape.
pub fn push(out: &mut String, c: char) {
    match is_harmless(c) {
        true => out.push(c),
        false => out.extend(c.escape_default()),
    }
}

/// JSON with JSON's own escapes in place of characters that steer terminals: the same values. Such characters stand in its
/// strings only; the whitespace between its tokens stays.
pub fn json(text: &str) -> Cow<'_, str> {
    let stays = |c: char| is_harmless(c) || c.is_ascii_whitespace();
    if text.chars().all(stays) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match stays(c) {
            true => shown.push(c),
            false => shown.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown_as_an_escape() {
        for (text, shown) in [
            ("plain é 日本語 \u{1f600}", "plain é 日本語 \u{1f600}"),
            ("a\u{1b}[2Jb\r\n\tc", "a\\u{1b}[2Jb\\r\\n\\tc"),
            ("\u{0}\u{7}\u{8}\u{7f}\u{80}\u{9b}\u{9f}", "\\u{0}\\u{7}\\u{8}\\u{7f}\\u{80}\\u{9b}\\u{9f}"),
            (
                "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}",
                "\\u{61c}\\u{200e}\\u{200f}\\u{202a}\\u{202e}\\u{2066}\\u{2069}",
            ),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn json_keeps_its_values() {
        let value = serde_json::json!({ "a\u{9b}": ["\u{1b}]0;x\u{7}", "\u{202e}\u{2028}\u{7f}é"] });
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = json(&text);
            assert!(shown.chars().all(|c| is_harmless(c) || c == '\n'), "{shown}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
        }
    }
}
