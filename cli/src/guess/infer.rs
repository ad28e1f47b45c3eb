//! A LogFormat for lines that no well-known one reads: the columns that most of them have, and for each column the
//! directive that its values look like.
use super::{
    choose::Reader,
    columns::{Column, SEPARATORS, Shape, split},
};
use firelens_filter::spec::{Format, Zone};
use std::{collections::HashMap, net::IpAddr};

/// How many lines are looked at.
const LINES: usize = 2_000;

/// How many of the usual ways to write these lines are tried.
const SHAPES: usize = 3;

/// LogFormats that may fit the lines.
pub fn formats(lines: &[&[u8]]) -> Vec<String> {
    let lines: Vec<&str> = lines.iter().take(LINES).filter_map(|line| str::from_utf8(line).ok()).collect();
    let mut formats = Vec::new();
    for separator in SEPARATORS {
        for lines in alike(&lines, separator) {
            let format = Guess::new(&lines).format();
            if lines[0].len() > 2 && !formats.contains(&format) {
                formats.push(format);
            }
        }
    }
    formats
}

/// The lines with the same columns, the most frequent ones first.
fn alike<'a>(lines: &[&'a str], separator: char) -> Vec<Vec<Vec<Column<'a>>>> {
    let mut groups: HashMap<Vec<Column>, Vec<Vec<Column>>> = HashMap::new();
    for columns in lines.iter().filter_map(|line| split(line, separator)) {
        let shape = columns.iter().map(|column| Column { value: "", ..*column }).collect();
        groups.entry(shape).or_default().push(columns);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, in_a), (b, in_b)| {
        (in_b.len(), b.len()).cmp(&(in_a.len(), a.len())).then_with(|| {
            let text = |columns: &[Column]| columns.iter().map(|column| column.key).collect::<String>();
            text(a).cmp(&text(b))
        })
    });
    groups.into_iter().map(|(_, lines)| lines).take(SHAPES).collect()
}

/// The values of a column.
struct Values<'a>(Vec<&'a str>);

impl<'a> Values<'a> {
    /// All that are there look like this; some are.
    fn all(&self, looks: impl Fn(&'a str) -> bool) -> bool {
        let mut there = self.0.iter().filter(|value| **value != "-").peekable();
        there.peek().is_some() && there.all(|value| looks(value))
    }

    /// Most look like this.
    fn most(&self, looks: impl Fn(&'a str) -> bool) -> bool {
        let there = self.0.iter().filter(|value| **value != "-").count();
        there > 0 && 2 * self.0.iter().filter(|value| looks(value)).count() > there
    }

    fn none(&self) -> bool {
        self.0.iter().all(|value| *value == "-")
    }

    fn greatest(&self) -> i64 {
        self.0.iter().filter_map(|value| value.parse().ok()).max().unwrap_or(0)
    }
}

/// A LogFormat in the making.
struct Guess<'a> {
    lines: &'a [Vec<Column<'a>>],
    /// The column in which the time begins.
    time: Option<usize>,
    used: Vec<&'static str>,
}

/// Times as `%{…}t` writes them. The ones with a blank can be two columns.
const TIMES: [&str; 7] = [
    "%d/%b/%Y:%H:%M:%S %z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%d/%b/%Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
];

impl<'a> Guess<'a> {
    fn new(lines: &'a [Vec<Column<'a>>]) -> Guess<'a> {
        Guess { lines, time: None, used: Vec::new() }
    }

    fn values(&self, at: usize) -> Values<'a> {
        Values(self.lines.iter().map(|columns| columns[at].value).collect())
    }

    fn format(mut self) -> String {
        let columns = &self.lines[0];
        let times: Vec<Option<(String, usize)>> = (0..columns.len()).map(|at| self.time_at(at)).collect();
        self.time = times.iter().position(Option::is_some);
        let (mut format, mut at) = (String::new(), 0);
        while let Some(column) = columns.get(at) {
            format.push_str(&column.before.replace('\t', "\\t"));
            format.push_str(column.key);
            let (directive, width) = match times[at].clone().filter(|_| self.time == Some(at)) {
                Some(time) => time,
                None => (self.directive(at, column), 1),
            };
            match column.shape {
                Shape::Quoted => format.push_str(&format!("\"{directive}\"")),
                Shape::Bracketed if directive != "%t" => format.push_str(&format!("[{directive}]")),
                _ => format.push_str(&directive),
            }
            at += width;
        }
        format
    }

    /// The time that this column is, or begins.
    fn time_at(&self, at: usize) -> Option<(String, usize)> {
        let values = self.values(at);
        let digits =
            |length: usize| values.all(|value| value.len() == length && is_number(value) && value.starts_with('1'));
        for (length, unit) in [(10, "sec"), (13, "msec"), (16, "usec")] {
            if digits(length) {
                return Some((format!("%{{{unit}}}t"), 1));
            }
        }
        if !values.all(|value| value.len() > 7 && value.contains(['-', '/', ' '])) {
            return None;
        }
        let bracketed = self.lines[0][at].shape == Shape::Bracketed;
        if bracketed && reads(TIMES[0], &values) {
            return Some(("%t".to_string(), 1));
        }
        if let Some(time) = TIMES.iter().find(|time| reads(time, &values)) {
            return Some((format!("%{{{time}}}t"), 1));
        }
        let both: Option<Vec<String>> = self.lines.iter().map(|columns| joined(columns, at)).collect();
        let both = both?;
        let values = Values(both.iter().map(String::as_str).collect());
        let time = TIMES.iter().find(|time| time.contains(' ') && reads(time, &values))?;
        Some((format!("%{{{time}}}t"), 2))
    }

    /// The directive, if it was not taken yet.
    fn take(&mut self, directive: &'static str) -> Option<&'static str> {
        let free = !self.used.contains(&directive);
        self.used.push(directive);
        free.then_some(directive)
    }

    /// The first of them that is free.
    fn first(&mut self, directives: &[&'static str]) -> Option<&'static str> {
        let free = directives.iter().find(|directive| !self.used.contains(directive)).copied();
        self.used.extend(free);
        free
    }

    fn directive(&mut self, at: usize, column: &Column) -> String {
        let values = self.values(at);
        let known = match column.shape {
            Shape::Quoted => self.quoted(&values).or_else(|| self.word(at, &values)),
            _ => self.word(at, &values),
        };
        if let Some(directive) = known {
            return directive.to_string();
        }
        if column.shape == Shape::Word && is_label(column.value) && values.0.iter().all(|value| *value == column.value)
        {
            return column.value.replace('%', "%%");
        }
        match column.key.trim_end_matches('=') {
            "" => format!("%{{field{}}}n", at + 1),
            key => format!("%{{{key}}}n"),
        }
    }

    fn quoted(&mut self, values: &Values) -> Option<&'static str> {
        let is_request = |value: &str| value.contains(" HTTP/") && value.starts_with(|c: char| c.is_ascii_uppercase());
        let is_agent =
            |value: &str| value.split('/').nth(1).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if values.most(is_request) {
            return self.take("%r");
        }
        if values.all(|value| value.split(',').all(|part| is_address(part.trim()))) {
            return self.first(&["%{X-Forwarded-For}i", "%a"]);
        }
        if values.most(|value| value.starts_with("http://") || value.starts_with("https://")) {
            return self.take("%{Referer}i");
        }
        if values.most(is_agent) {
            return self.take("%{User-Agent}i");
        }
        if values.most(|value| value.contains('=')) {
            return self.take("%{Cookie}i");
        }
        if values.none() && self.used.contains(&"%r") {
            self.first(&["%{Referer}i", "%{X-Forwarded-For}i"])
        } else {
            None
        }
    }

    fn word(&mut self, at: usize, values: &Values) -> Option<&'static str> {
        if values.all(is_address) || (at == 0 && values.all(is_host) && values.most(is_address)) {
            return self.first(&["%h", "%a", "%{c}a", "%A"]);
        }
        if let Some(directive) = self.identity(at, values) {
            return Some(directive);
        }
        if values.all(is_status) && !values.0.contains(&"-") && !self.used.contains(&"%>s") {
            return self.take("%>s");
        }
        if values.all(is_number) {
            return self.number(values);
        }
        self.text(values)
    }

    /// `%l` and `%u` stand behind the client.
    fn identity(&mut self, at: usize, values: &Values) -> Option<&'static str> {
        if !self.lines[0][at].key.is_empty() || values.all(is_host_with_dot) || values.all(is_number) {
            return None;
        }
        let next_is_word = self.lines[0].get(at + 1).is_some_and(|next| next.shape == Shape::Word);
        match self.used.last() {
            Some(&"%h") if next_is_word && self.time != Some(at + 1) => self.take("%l"),
            Some(&"%h" | &"%l") => self.take("%u"),
            _ => None,
        }
    }

    fn number(&mut self, values: &Values) -> Option<&'static str> {
        let duration = if values.greatest() >= 1000 { "%D" } else { "%T" };
        let after_status = self.used.contains(&"%>s");
        if after_status { self.first(&["%b", duration, "%I", "%O", "%k", "%P"]) } else { self.first(&["%P", "%p"]) }
    }

    fn text(&mut self, values: &Values) -> Option<&'static str> {
        let is_pair = |value: &str| value.split_once('/').is_some_and(|(a, b)| is_number(a) && is_number(b));
        let is_port = |value: &str| value.rsplit_once(':').is_some_and(|(host, port)| is_host(host) && is_number(port));
        let is_cipher = |value: &str| value.contains('-') && (value.contains("AES") || value.contains("CHACHA"));
        let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];
        match () {
            () if values.all(|value| value.starts_with("TLSv") || value.starts_with("SSLv")) => {
                self.take("%{SSL_PROTOCOL}x")
            }
            () if values.all(is_cipher) => self.take("%{SSL_CIPHER}x"),
            () if values.all(|value| value.starts_with("HTTP/")) => self.take("%H"),
            () if values.all(|value| methods.contains(&value)) => self.take("%m"),
            () if values.all(|value| value.starts_with('/')) => self.take("%U"),
            () if values.all(|value| value.starts_with('?')) => self.take("%q"),
            () if values.all(|value| value == "+" || value == "X") => self.take("%X"),
            () if values.all(is_pair) => self.take("%T/%D"),
            () if values.all(is_port) => self.take("%v:%p"),
            () if values.all(is_host_with_dot) => self.first(&["%v", "%V"]),
            () => None,
        }
    }
}

/// Two columns, with a blank between them.
fn joined(columns: &[Column], at: usize) -> Option<String> {
    let (first, second) = (columns.get(at)?, columns.get(at + 1)?);
    let plain =
        second.key.is_empty() && second.before == " " && first.shape == Shape::Word && second.shape == Shape::Word;
    plain.then(|| format!("{} {}", first.value, second.value))
}

/// Whether the filter reads all values as this time.
fn reads(time: &str, values: &Values) -> bool {
    let format = Format::Access { format: format!("%{{{time}}}t"), zone: Zone::new() };
    Reader::new(&format).is_some_and(|mut reader| values.0.iter().all(|value| reader.reads(value.as_bytes())))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_status(text: &str) -> bool {
    text.len() == 3 && is_number(text) && text.starts_with(['1', '2', '3', '4', '5'])
}

fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:".contains(c))
}

fn is_host_with_dot(text: &str) -> bool {
    is_host(text) && text.contains('.') && text.contains(|c: char| c.is_ascii_alphabetic())
}

/// A word that can be part of the format itself.
fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || "=:|()*-_%".contains(c)) && text != "-"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_inferred(lines: &[&str], expected: &str) {
        let lines: Vec<&[u8]> = lines.iter().map(|line| line.as_bytes()).collect();
        let formats = formats(&lines);
        assert!(formats.iter().any(|format| format == expected), "{formats:#?}");
        let mut reader = Reader::new(&Format::Access { format: expected.to_string(), zone: Zone::new() }).unwrap();
        assert!(lines.iter().all(|line| reader.reads(line)));
    }

    #[test]
    fn columns_in_another_order() {
        assert_inferred(
            &[
                r#"[22/Nov/2026:07:38:32 +0000] 203.0.113.7 shop.example.com "GET / HTTP/1.1" 200 512 1234 TLSv1.3 "curl/8""#,
                r#"[22/Nov/2026:07:38:33 +0000] ::1 api.example.com "POST /a?b=c HTTP/1.1" 503 - 99871 TLSv1.2 "-""#,
            ],
            r#"%t %h %v "%r" %>s %b %D %{SSL_PROTOCOL}x "%{User-Agent}i""#,
        );
    }

    #[test]
    fn keys_in_front_of_values() {
        assert_inferred(
            &[
                r#"ts=2026-11-22T07:38:32+0000 client=203.0.113.7 user=- method=GET path=/ status=200 bytes=17 rt=0.2 tag=a"#,
                r#"ts=2026-11-22T07:38:33+0000 client=203.0.113.8 user=bob method=PUT path=/x status=404 bytes=- rt=1.5 tag=b"#,
            ],
            "ts=%{%Y-%m-%dT%H:%M:%S%z}t client=%h user=%{user}n method=%m path=%U status=%>s bytes=%b rt=%{rt}n tag=%{tag}n",
        );
    }

    #[test]
    fn another_separator_and_a_time_in_two_columns() {
        assert_inferred(
            &[r#"203.0.113.7|1767225600|"GET / HTTP/1.1"|200|5"#, r#"203.0.113.9|1767225601|"GET /b HTTP/1.1"|304|-"#],
            r#"%h|%{sec}t|"%r"|%>s|%b"#,
        );
        assert_inferred(
            &[
                r#"2026-11-22 07:38:32 203.0.113.7 - bob ACCESS "GET / HTTP/1.1" 200 5"#,
                r#"2026-11-22 07:38:33 203.0.113.7 - - ACCESS "GET / HTTP/1.1" 200 7"#,
            ],
            r#"%{%Y-%m-%d %H:%M:%S}t %h %l %u ACCESS "%r" %>s %b"#,
        );
    }

    #[test]
    fn text_that_is_no_log_does_not_break_it() {
        for line in ["", "\"", "[", "a=b", "% %% %{", "é \u{0}|x|\"", "= = = ="] {
            formats(&[line.as_bytes()]);
        }
        assert!(formats(&[b"\xff\xfe a b c"]).is_empty());
    }
}
