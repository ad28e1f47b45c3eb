//! Colours that data cannot forge. A [`Style`] does not write a terminal's escape sequence but a mark, which holds a number
//! that only this process knows; [`settle`] turns marks into escape sequences, and everything else that would steer the
//! terminal into visible escapes. So text may be put together with `format!` from what is ours and what is not, and
//! nobody has to remember which is which.
#![expect(clippy::disallowed_types, reason = "the styles of the command line are made here")]
use anstyle::AnsiColor;
use firelens_lines::harmless::{is_harmless, push};
use std::{
    borrow::Cow,
    fmt,
    hash::{BuildHasher as _, RandomState},
    sync::LazyLock,
};

pub const ERROR: Style = Style(AnsiColor::Red.on_default().bold());
pub const WARNING: Style = Style(AnsiColor::Yellow.on_default().bold());
pub const GOOD: Style = Style(AnsiColor::Green.on_default().bold());
pub const OTHER: Style = Style(AnsiColor::Cyan.on_default());
pub const DIM: Style = Style(anstyle::Style::new().dimmed());
pub const BOLD: Style = Style(anstyle::Style::new().bold());
pub const PLAIN: Style = Style(anstyle::Style::new());
pub const ADDED: Style = Style(AnsiColor::Green.on_default());
pub const REMOVED: Style = Style(AnsiColor::Red.on_default());

/// How text looks: `{style}` begins it, `{style:#}` ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style(anstyle::Style);

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = if f.alternate() { self.0.render_reset().to_string() } else { self.0.render().to_string() };
        f.write_str(&rendered(&sequence))
    }
}

/// What begins a mark: ESC, and a number that nobody can guess.
static MARK: LazyLock<String> = LazyLock::new(|| {
    let random = || RandomState::new().hash_one("mark");
    format!("\x1b{:016x}{:016x}", random(), random())
});

/// The text of a renderer that was given nothing that steers terminals, and whose escape sequences are therefore its own.
pub fn rendered(text: &str) -> String {
    text.replace('\x1b', &MARK)
}

/// The length of the colour codes that follow an escape character, such as `[1;31m`; `None` for any other sequence.
fn colours(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('[')?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    rest[end..].starts_with('m').then_some(end + 2)
}

/// The text as a terminal may get it: styles as escape sequences, or nowhere without `colour`; everything else is shown.
/// Lines stay lines, and tabs stay tabs.
pub(super) fn settle(text: &str, colour: bool) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((sequence, end)) = rest.strip_prefix(MARK.as_str()).and_then(|text| Some((text, colours(text)?))) {
            if colour {
                out.push('\x1b');
                out.push_str(&sequence[..end]);
            }
            rest = &sequence[end..];
            continue;
        }
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if rest.starts_with("\r\n") => out.push(c),
            c if is_harmless(c) => out.push(c),
            c => push(&mut out, c),
        }
        rest = &rest[c.len_utf8()..];
    }
    out.into()
}

/// Without styles.
pub fn plain(text: &str) -> String {
    settle(text, false).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_ours_and_escapes_of_data_are_shown() {
        let text = format!("{ERROR}error{ERROR:#}: \x1b[31mred\x1b[0m \x1b]0;title\x07\u{9b}8m\n\tend\r\nx\ry");
        let shown = "error\x1b[0m: \\u{1b}[31mred\\u{1b}[0m \\u{1b}]0;title\\u{7}\\u{9b}8m\n\tend\r\nx\\ry";
        assert_eq!(settle(&text, true), format!("\x1b[1m\x1b[31m{shown}"));
        assert_eq!(settle(&text, false), shown.replacen("\x1b[0m", "", 1));
    }

    #[test]
    fn a_mark_cannot_be_guessed_nor_cut() {
        let forged = format!("\x1b{:032x}[31m", 7);
        assert!(!settle(&forged, true).contains('\x1b'));
        let cut = format!("{ERROR}");
        assert!(!settle(&cut[..20], true).contains('\x1b'));
        assert!(!settle(&rendered("\x1b]0;title\x07 \x1b[2J \x1b[1"), true).contains(['\x1b', '\x07']));
        assert_eq!(settle("é 日", true), "é 日");
    }
}
