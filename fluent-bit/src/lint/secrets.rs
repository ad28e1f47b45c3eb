//! The secrets in a configuration, so that they are told and never printed: neither in the lines that are shown nor in what
//! is said about them.
use super::{Context, Finding, context::Content};
use crate::{
    conf::{Section, Span, Text},
    plugin::is_secret,
};
use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use std::collections::BTreeSet;

/// The values of a section that are secrets, written out: not a `${VARIABLE}`.
pub fn plain(section: &Section) -> Vec<&Text> {
    let mut found = Vec::new();
    for entry in &section.entries {
        let secret = |text: &&Text| is_secret(&entry.name, &text.text);
        let written = |text: &&Text| !text.text.is_empty() && !text.text.contains("${");
        found.extend(entry.texts().into_iter().filter(secret).filter(written));
    }
    found
}

/// A text with stars for what looks like a secret, whether it could be read or not. Everything stays in its place.
pub fn covered(text: &str) -> String {
    cover(text, &in_text(text))
}

/// What is a secret in some texts.
#[derive(Debug, Default)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Those that stand at these places of a text.
    pub fn at(text: &str, spans: &[Span]) -> Secrets {
        let mut secrets = Secrets::default();
        spans.iter().filter_map(|span| text.get(span.clone())).for_each(|secret| secrets.add(secret));
        secrets
    }

    /// Those of a text that look like some.
    pub fn of(text: &str) -> Secrets {
        Secrets::at(text, &in_text(text))
    }

    fn add(&mut self, secret: &str) {
        let secret = secret.trim_matches(|c: char| c.is_whitespace() || "\"'`,}]".contains(c));
        if !secret.is_empty() && !secret.starts_with("arn:") {
            self.0.insert(secret.to_string());
        }
    }

    /// All of them together.
    pub fn join(&mut self, other: Secrets) {
        self.0.extend(other.0);
    }

    /// What finds them again. Short ones are found where they are quoted, since they may be a part of any word.
    pub fn cover(&self) -> Cover {
        let quoted = |secret: &String| QUOTES.map(|quote| format!("{quote}{secret}{quote}"));
        let (long, short): (Vec<&String>, Vec<&String>) = self.0.iter().partition(|secret| secret.len() >= LONG);
        let all: Vec<String> = long.into_iter().cloned().chain(short.into_iter().flat_map(quoted)).collect();
        let builder = AhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest).build(&all);
        // It can be too large to be built: then nothing at all is said.
        Cover(if all.is_empty() { Some(None) } else { builder.ok().map(Some) })
    }
}

const QUOTES: [char; 3] = ['`', '"', '\''];

/// Takes secrets out of texts.
#[derive(Debug, Clone)]
pub struct Cover(Option<Option<AhoCorasick>>);

impl Cover {
    /// What is said, without them.
    pub fn message(&self, message: &str) -> String {
        self.text(&covered_quotes(message))
    }

    /// A text with stars in their places.
    pub fn text(&self, text: &str) -> String {
        let Some(finder) = &self.0 else { return stars(text) };
        let Some(finder) = finder else { return text.to_string() };
        let mut out = String::with_capacity(text.len());
        finder.replace_all_with(text, &mut out, |_, found, out| {
            let short = found.len() >= 2 && found.starts_with(QUOTES) && found.len() - 2 < LONG;
            match short {
                true => out.push_str(&format!("{}{}{}", &found[..1], stars(&found[1..found.len() - 1]), &found[..1])),
                false => out.push_str(&stars(found)),
            }
            true
        });
        out
    }
}

/// A secret of so many bytes is covered wherever it stands.
const LONG: usize = 6;

/// The files as they are shown, without their secrets.
pub(super) fn texts(context: &Context) -> Vec<String> {
    let mut texts: Vec<String> = context.files.iter().map(|file| covered(&file.text)).collect();
    for section in sections(context) {
        for secret in plain(section) {
            if let Some(shown) = texts[section.file].get(secret.span.clone()) {
                let stars = stars(shown);
                texts[section.file].replace_range(secret.span.clone(), &stars);
            }
        }
    }
    let cover = all(context).cover();
    texts.iter().map(|text| cover.text(text)).collect()
}

/// Takes the secrets of all files out of what was found.
pub(super) fn hide(context: &Context, findings: &mut [Finding]) {
    let cover = all(context).cover();
    findings.iter_mut().for_each(|finding| finding.hide(&cover));
}

fn all(context: &Context) -> Secrets {
    let mut secrets = Secrets::default();
    context.files.iter().for_each(|file| secrets.join(Secrets::of(&file.text)));
    sections(context).flat_map(plain).for_each(|secret| secrets.add(&secret.text));
    secrets
}

fn sections(context: &Context) -> impl Iterator<Item = &Section> {
    let documents = context.files.iter().filter_map(|file| match &file.content {
        Content::Configuration(document) => Some(document),
        Content::TaskDefinition(_) | Content::Fluentd => None,
    });
    let own = documents.flat_map(|document| document.sections());
    own.chain(context.configurations.iter().flat_map(|configuration| &configuration.sections))
}

impl Finding {
    /// Takes secrets out of what is said.
    pub fn hide(&mut self, cover: &Cover) {
        self.message = cover.message(&self.message);
        self.label = cover.message(&self.label);
        self.help = self.help.take().map(|help| cover.message(&help));
        if let Some((_, label)) = &mut self.related {
            *label = cover.message(label);
        }
        if let Some(fix) = &mut self.fix {
            fix.title = cover.message(&fix.title);
        }
    }
}

/// What is quoted in a message can be a name with its secret.
fn covered_quotes(message: &str) -> String {
    let parts: Vec<&str> = message.split('`').collect();
    let quoted = |(index, part): (usize, &&str)| match index % 2 == 1 && index + 1 < parts.len() {
        true => covered(part),
        false => part.to_string(),
    };
    parts.iter().enumerate().map(quoted).collect::<Vec<_>>().join("`")
}

fn cover(text: &str, spans: &[Span]) -> String {
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for span in spans.iter().filter(|span| span.start < span.end) {
        if span.end <= at {
            continue;
        }
        let start = span.start.max(at);
        out.push_str(&text[at..start]);
        out.push_str(&stars(&text[start..span.end]));
        at = span.end;
    }
    out.push_str(&text[at..]);
    out
}

/// A star for every byte, but for what ends a line.
fn stars(secret: &str) -> String {
    secret.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect()
}

/// Where what looks like a secret stands, in order.
fn in_text(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 0);
    while let Some((name, end)) = next_name(text, at) {
        at = end;
        if end > line || line == 0 {
            line = text[end..].find('\n').map_or(text.len(), |length| end + length);
        }
        if name == "arn" && text[end..].starts_with(':') {
            // It only says where a secret is.
            at = text[end..]
                .find(|c: char| c.is_whitespace() || "\"',}]".contains(c))
                .map_or(text.len(), |length| end + length);
            continue;
        }
        // Headers are told by their value.
        if !is_secret(name, "Authorization x") {
            continue;
        }
        let secret = value(text, name, end, line).filter(|span| is_secret(name, text[span.clone()].trim()));
        if let Some(span) = secret.filter(|span| !text[span.clone()].contains("${")) {
            at = span.end;
            found.push(span);
        }
    }
    found
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || "_.-".contains(c)
}

/// The next word that can be a name, and where it ends.
fn next_name(text: &str, at: usize) -> Option<(&str, usize)> {
    let start = at + text[at..].find(is_of_name)?;
    let end = text[start..].find(|c| !is_of_name(c)).map_or(text.len(), |length| start + length);
    Some((&text[start..end], end))
}

/// The value of a name that ends at `name`: to the end of its quotes, or of its line. One that has nothing more on its line
/// can have it on the next ones, in YAML and JSON.
fn value(text: &str, called: &str, name: usize, line: usize) -> Option<Span> {
    let rest = &text[name..line];
    // Whatever stands behind a name: people write `=`, `:`, a tab, or anything else.
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let between = rest[first..].trim_start_matches(|c: char| c.is_whitespace() || "\"':=,|>".contains(c));
    let start = line - between.len();
    let before = &text[name..start];
    let value = between.trim_end();
    if before.contains(',') && value.starts_with("value") {
        // `"name": "DB_PASSWORD", "value": "…"`, where a `valueFrom` only says where the secret is.
        let end = start + "value".len();
        return if text[end..].starts_with(is_of_name) { None } else { self::value(text, called, end, line) };
    }
    let many = value.starts_with('{') || value.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with('{'));
    // `secrets = { NAME = "arn:…" }`, which only says where they are.
    let places = called.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("secret"));
    if (many && places) || value.trim_start_matches(['"', '\'']).starts_with("arn:") {
        return None;
    }
    if let Some(quotes) = ["\"\"\"", "'''"].into_iter().find(|quotes| before.ends_with(quotes)) {
        let length = text[start..].find(quotes).unwrap_or(value.len());
        return Some(start..start + length);
    }
    if matches!(value, "" | "-" | "+") {
        return if before.contains([':', ',']) { block(text, name, line) } else { None };
    }
    match before.chars().next_back() {
        Some(quote @ ('"' | '\'')) => Some(start..closing(text, start, line, quote)),
        _ => Some(start..start + value.len()),
    }
}

/// Where a quoted text ends; that of its line when it does not.
fn closing(text: &str, start: usize, line: usize, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text[start..line].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quote == '"',
            c if c == quote => return start + at,
            _ => {}
        }
    }
    start + text[start..line].trim_end().len()
}

/// The lines after this one that are indented deeper than it; or the very next one, when it is a text alone, or a `"value"`.
fn block(text: &str, name: usize, line: usize) -> Option<Span> {
    let head = &text[..name][text[..name].rfind('\n').map_or(0, |end| end + 1)..];
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let (own, start) = (indent(head), (line + 1).min(text.len()));
    let mut end = start;
    for (number, next) in text[start..].split_inclusive('\n').enumerate() {
        let deeper = indent(next) > own || next.trim().is_empty();
        let value = number == 0 && next.trim_start().trim_start_matches('"').starts_with("value");
        if !(deeper || value) || number >= BLOCK {
            break;
        }
        end += next.len();
        if value {
            break;
        }
    }
    let value = text[start..end].trim_end();
    (!value.trim().is_empty()).then(|| start..start + value.len())
}

/// More lines are no secret.
const BLOCK: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_covered_in_any_line() {
        let covers = [
            ("    apikey  s3cr3t é\r\n", "    apikey  *********\r\n"),
            ("apikey\ts3cr3t", "apikey\t******"),
            ("- {name: http, http_passwd: x}", "- {name: http, http_passwd: **"),
            ("Header Authorization Bearer x", "Header **********************"),
            ("@SET password=x\n", "@SET password=*\n"),
            ("http_passwd=hunter2", "http_passwd=*******"),
            ("http_passwd:hunter2", "http_passwd:*******"),
            ("http_passwd|hunter2", "http_passwd|*******"),
            ("http_passwd /hunter2/+x", "http_passwd ***********"),
            (
                r#"{"name": "http", "http_passwd": "hun\"ter2", "tls": "on"}"#,
                r#"{"name": "http", "http_passwd": "*********", "tls": "on"}"#,
            ),
            (
                r#"{"name": "DB_PASSWORD", "value": "hunter2"}, {}"#,
                r#"{"name": "DB_PASSWORD", "value": "*******"}, {}"#,
            ),
            (
                "{\n \"name\": \"DB_PASSWORD\",\n \"value\": \"hunter2\"\n}",
                "{\n \"name\": \"DB_PASSWORD\",\n*******************\n}",
            ),
            (
                "a:\n  http_passwd: |\n    hunter2\n    more\n  tls: on\n",
                "a:\n  http_passwd: |\n***********\n********\n  tls: on\n",
            ),
            ("a:\n  http_passwd:\n    hunter2\n  tls: on\n", "a:\n  http_passwd:\n***********\n  tls: on\n"),
            ("http_passwd = 'hunter2' # x", "http_passwd = '*******' # x"),
            ("http_passwd = \"\"\"\nhunter2\n\"\"\"\n", "http_passwd = \"\"\"\n*******\n\"\"\"\n"),
            ("http_passwd: [hunter2, x]", "http_passwd: ************"),
        ];
        for (line, shown) in covers {
            assert_eq!(covered(line), shown, "{line}");
            assert_eq!(covered(line).len(), line.len(), "{line}");
        }
        for line in [
            "apikey ${KEY}\n",
            "log_key log",
            "# the password",
            "password",
            "",
            "http_passwd:",
            "tls.key_file /x",
            "passwd_file: /x",
            "secrets = { A = 1 }",
            "password = \"arn:aws:ssm:x\"",
            "\"secretOptions\": [{ \"name\": \"apikey\", \"valueFrom\": \"arn:x\" }]",
        ] {
            assert_eq!(covered(line), line);
        }
    }

    #[test]
    fn what_is_said_holds_no_secret() {
        let cover = Secrets::of("http_passwd hunter2\napikey abc").cover();
        for (message, shown) in [
            ("the key `http_passwd=hunter2` has no value", "the key `http_passwd=*******` has no value"),
            ("`hunter2` is no boolean", "`*******` is no boolean"),
            ("did you mean `abc`? abcd", "did you mean `***`? abcd"),
            ("x hunter2 y", "x ******* y"),
            ("`http_passwd` holds a secret", "`http_passwd` holds a secret"),
            ("`a` and `password=x", "`a` and `password=x"),
        ] {
            assert_eq!(cover.message(message), shown);
        }
    }

    /// What looked at these in proportion to the square of their length would never end.
    #[test]
    fn long_lines_take_time_in_proportion() {
        for text in [
            "http_passwd ".repeat(100_000),
            "header ".repeat(200_000),
            "password: ".repeat(100_000),
            "x\n".repeat(500_000),
        ] {
            assert_eq!(covered(&text).len(), text.len());
        }
    }
}
