//! `--explain`: an explanation as text.
use crate::ui::{DIM, ERROR, GOOD};
pub use firelens_lines::explain::Explainer;
use firelens_lines::explain::{Considered, Explanation, Failed, LINE_END, Named, Tried};
use std::{borrow::Cow, fmt::Write as _};
use unicode_width::UnicodeWidthStr as _;

/// How much of a value is shown.
const VALUE: usize = 60;

/// An explanation of the line with this number as text with colours, indented.
pub fn text(explanation: &Explanation, line: u64) -> String {
    let mut text = format!("    {DIM}line {line}{DIM:#}\n");
    for tried in &explanation.formats {
        format_text(tried, &mut text);
    }
    if explanation.formats.is_empty() {
        text.push_str("    no format is bound to this container and stream\n");
    }
    for Considered { route, condition, value, held } in &explanation.routes {
        let value = value.as_deref().map_or("absent".into(), shortened);
        let _ = writeln!(text, "    {} route {route}: {condition}  {DIM}({value}){DIM:#}", mark(*held));
    }
    if let Some(route) = &explanation.route {
        let _ = writeln!(text, "    → route {route}");
    }
    text.push('\n');
    text
}

fn shortened(value: &str) -> Cow<'_, str> {
    match value.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]).into(),
        None => value.into(),
    }
}

fn mark(good: bool) -> String {
    if good { format!("{GOOD}✓{GOOD:#}") } else { format!("{ERROR}✗{ERROR:#}") }
}

fn format_text(tried: &Tried, text: &mut String) {
    let Named { format, place } = &tried.format;
    let place = place.as_ref().map_or(String::new(), |(name, stream)| format!("  {DIM}({name} {stream}){DIM:#}"));
    let _ = writeln!(text, "    {} {format}{place}", mark(tried.failed.is_none()));
    let Some(failed) = tried.failed.as_ref().filter(|failed| failed.column > 0) else { return };
    let _ = writeln!(text, "        {}\n        {ERROR}{}{ERROR:#}", failed.excerpt, marked(failed));
    if failed.gave_up {
        text.push_str("        gave up here: there are too many ways to cut this line into the format's values\n");
    }
}

/// The line around the place where a format failed, and a line that marks it.
pub fn shown(failed: &Failed) -> [String; 2] {
    [failed.excerpt.clone(), marked(failed)]
}

/// `   ^ column 7: expected …`, to stand below the excerpt.
fn marked(failed: &Failed) -> String {
    let problem = match failed.expected.as_str() {
        "" => "the format does not fit".into(),
        LINE_END => format!("expected {LINE_END}"),
        label => format!("expected `{label}`"),
    };
    format!("{}^ column {}: {problem}", " ".repeat(failed.up_to.width()), failed.column)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Failed {
        Failed { expected: "%l".into(), column: 3, excerpt: "a b".into(), up_to: "a ".into(), gave_up: false }
    }

    #[test]
    fn a_format_that_gave_up_says_so() {
        let failed = Some(Failed { gave_up: true, ..failed() });
        let mut text = String::new();
        format_text(&Tried { format: Named { format: "common".into(), place: None }, failed }, &mut text);
        assert!(text.contains("gave up here"), "{text}");
    }

    #[test]
    fn an_explanation_as_text() {
        let named = |format: &str, place| Named { format: format.into(), place };
        let explanation = Explanation {
            formats: vec![
                Tried { format: named("common", None), failed: Some(failed()) },
                Tried { format: named("combined", Some(("httpd".into(), "stdout"))), failed: None },
            ],
            routes: vec![Considered {
                route: "failures".into(),
                condition: "status is 503".into(),
                value: Some("200".into()),
                held: false,
            }],
            route: Some("rest".into()),
        };
        let expected = "    line 3
    ✗ common
        a b
          ^ column 3: expected `%l`
    ✓ combined  (httpd stdout)
    ✗ route failures: status is 503  (200)
    → route rest

";
        assert_eq!(crate::ui::plain(&text(&explanation, 3)), expected);
    }
}
