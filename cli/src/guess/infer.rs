//! A LogFormat for lines that no well-known one reads: the columns that most of them have, and for each column the
//! directive that its values look like (`directive`).
use super::{
    columns::{Column, Columns, SEPARATORS, Shape, split, split_json, split_tabs},
    directive::{Directives, Values},
    reader::Reader,
    values::is_number,
};
use firelens_compiler::spec::{Format, Zone};
use std::collections::HashMap;

/// How many lines are looked at.
const LINES: usize = 2_000;

/// How many of the usual ways to write these lines are tried.
const SHAPES: usize = 3;

/// Lines of less than this many columns say too little.
const COLUMNS: usize = 3;

/// A LogFormat that was inferred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    pub format: String,
    /// The directives in it that could be others.
    pub uncertain: Vec<String>,
}

impl Inferred {
    /// A format whose directives are those of a well-known one.
    pub fn certain(format: &str) -> Inferred {
        Inferred { format: format.to_string(), uncertain: Vec::new() }
    }
}

/// LogFormats that may fit the lines.
pub fn formats(lines: &[&str]) -> Vec<Inferred> {
    let lines = &lines[..lines.len().min(LINES)];
    let mut formats = guess(lines.iter().filter_map(|line| split_tabs(line)));
    let split_by = |separator| lines.iter().filter_map(move |line| split(line, separator));
    formats.extend(SEPARATORS.into_iter().flat_map(|separator| guess(split_by(separator))));
    formats.dedup();
    formats
}

/// LogFormats that may fit lines that look like JSON.
pub fn json_formats(lines: &[&str]) -> Vec<Inferred> {
    guess(lines.iter().take(LINES).filter_map(|line| split_json(line)))
}

/// A format for each of the most frequent shapes, where the values of its columns are telling.
fn guess<'a>(lines: impl Iterator<Item = Columns<'a>>) -> Vec<Inferred> {
    let mut groups: HashMap<Columns, Vec<Columns>> = HashMap::new();
    for columns in lines.filter(|columns| columns.columns.len() >= COLUMNS) {
        groups.entry(columns.shape()).or_default().push(columns);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, in_a), (b, in_b)| in_b.len().cmp(&in_a.len()).then_with(|| a.cmp(b)));
    groups.into_iter().take(SHAPES).filter_map(|(_, lines)| Guess { lines: &lines }.format()).collect()
}

/// Times as LogFormats write them. The ones with a blank can be two columns.
const TIMES: [&str; 12] = [
    "%{%d/%b/%Y:%H:%M:%S %z}t",
    "%{%Y-%m-%dT%H:%M:%S%z}t",
    "%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t",
    "%{%Y-%m-%dT%H:%M:%S}t.%{usec_frac}t%{%z}t",
    "%{%Y-%m-%d %H:%M:%S %z}t",
    "%{%Y-%m-%d %H:%M:%S}t",
    "%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t",
    "%{%Y-%m-%dT%H:%M:%S}t",
    "%{%d/%b/%Y %H:%M:%S}t",
    "%{%d/%b/%Y:%H:%M:%S}t",
    "%{%d/%b/%Y:%H:%M:%S}t.%{msec_frac}t",
    "%{%a %b %d %H:%M:%S %Y}t",
];

/// A LogFormat in the making, for lines of one shape.
struct Guess<'a> {
    lines: &'a [Columns<'a>],
}

impl<'a> Guess<'a> {
    /// `None` when too little of it was recognised.
    fn format(&self) -> Option<Inferred> {
        let first = &self.lines[0];
        let times: Vec<Option<(String, usize)>> = (0..first.columns.len()).map(|at| self.time_at(at)).collect();
        let time = times.iter().position(Option::is_some);
        let mut directives = Directives::new(self.lines, time);
        let (mut format, mut at) = (String::new(), 0);
        while let Some(column) = first.columns.get(at) {
            format.push_str(&literal(column.before));
            if column.shape != Shape::Json {
                format.push_str(&literal(column.key));
            }
            let (directive, width) = match times[at].clone().filter(|_| time == Some(at)) {
                Some(time) => time,
                None => match directives.of(at) {
                    Some(directive) => (directive, 1),
                    None => {
                        let other = other(at, column, &self.values(at));
                        if other.starts_with("%{") {
                            directives.uncertain.push(other.clone());
                        }
                        (other, 1)
                    }
                },
            };
            format.push_str(&match column.shape {
                Shape::Quoted => format!("\"{directive}\""),
                Shape::Bracketed if directive != "%t" => format!("[{directive}]"),
                _ => directive,
            });
            at += width;
        }
        format.push_str(&literal(first.after));
        let tells = directives.has_request() && (time.is_some() || directives.telling() >= 2);
        tells.then_some(Inferred { format, uncertain: directives.uncertain })
    }

    fn values(&self, at: usize) -> Values<'a> {
        Values(self.lines.iter().map(|line| line.columns[at].value).collect())
    }

    /// The time that this column is, or begins.
    fn time_at(&self, at: usize) -> Option<(String, usize)> {
        let values = self.values(at);
        for (length, unit) in [(10, "sec"), (13, "msec"), (16, "usec")] {
            if values.all(|value| value.len() == length && is_number(value) && value.starts_with('1')) {
                return Some((format!("%{{{unit}}}t"), 1));
            }
        }
        if !values.all(|value| value.len() > 7 && value.contains(['-', '/', ' '])) {
            return None;
        }
        match self.lines[0].columns[at].shape {
            Shape::Bracketed if reads(TIMES[0], &values) => return Some(("%t".to_string(), 1)),
            Shape::Labelled | Shape::Json | Shape::Quoted if reads("%t", &values) => {
                return Some(("%t".to_string(), 1));
            }
            _ => {}
        }
        if let Some(time) = TIMES.iter().find(|time| reads(time, &values)) {
            return Some((time.to_string(), 1));
        }
        let both: Option<Vec<String>> = self.lines.iter().map(|line| joined(&line.columns, at)).collect();
        let both = both?;
        let values = Values(both.iter().map(String::as_str).collect());
        let time = TIMES.iter().find(|time| time.contains(' ') && reads(time, &values))?;
        Some((time.to_string(), 2))
    }
}

/// Text of a format that stands for itself.
fn literal(text: &str) -> String {
    text.replace('%', "%%").replace('\t', "\\t")
}

/// A column that is not recognised: a word that is part of the format, or a value that the user has to name.
fn other(at: usize, column: &Column, values: &Values) -> String {
    let is_label = |c: char| c.is_ascii_alphabetic() || "=:|()*-_%".contains(c);
    let fixed = values.0.iter().all(|value| *value == column.value);
    if column.shape == Shape::Word && fixed && column.value != "-" && column.value.chars().all(is_label) {
        return literal(column.value);
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    match column.key.trim_end_matches(['=', ':']) {
        "" => format!("%{{field{}}}n", at + 1),
        key => format!("%{{{}}}n", key.chars().map(plain).collect::<String>()),
    }
}

/// Two columns, with a blank between them.
fn joined(columns: &[Column], at: usize) -> Option<String> {
    let (first, second) = (columns.get(at)?, columns.get(at + 1)?);
    let words = first.shape == Shape::Word && second.shape == Shape::Word;
    (words && second.key.is_empty() && second.before == " ").then(|| format!("{} {}", first.value, second.value))
}

/// Whether the filter reads the values as this time.
fn reads(time: &str, values: &Values) -> bool {
    let format = Format::Access { format: time.to_string(), zone: Zone::new() };
    let Some(mut reader) = Reader::new(&format) else { return false };
    let mut sample = values.0.iter().filter(|value| **value != "-").take(50).peekable();
    sample.peek().is_some() && sample.all(|value| reader.reads(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_inferred(lines: &[&str], expected: &str) {
        let formats = if lines[0].starts_with('{') { json_formats(lines) } else { formats(lines) };
        assert!(formats.iter().any(|inferred| inferred.format == expected), "{formats:#?}");
        let mut reader = Reader::new(&Format::Access { format: expected.to_string(), zone: Zone::new() }).unwrap();
        assert!(lines.iter().all(|line| reader.reads(line.as_bytes())));
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
            "ts=%{%Y-%m-%dT%H:%M:%S%z}t client=%h user=%u method=%m path=%U status=%>s bytes=%b rt=%{rt}n tag=%{tag}n",
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
    fn sizes_are_told_by_each_other() {
        assert_inferred(
            &[
                r#"203.0.113.7:5123 [22/Nov/2026:07:38:32 +0000] "GET /old HTTP/1.1" 301/301 279 82 510 304 "example.com""#,
                r#"203.0.113.8:5124 [22/Nov/2026:07:38:33 +0000] "GET /b HTTP/1.1" 404/200 3 158 155 2628 "www.example.com""#,
            ],
            r#"%a:%{remote}p %t "%r" %>s/%s %b %I %O %D "%{Host}i""#,
        );
    }

    #[test]
    fn json_objects() {
        assert_inferred(
            &[
                r#"{"time":"2026-11-22T07:38:32.729+0000", "ip":"::1","request":"GET /\xff HTTP/1.1","status":"200","us":3041,"x y":"a"}"#,
                r#"{"time":"2026-11-22T07:38:33.001+0000", "ip":"::1","request":"GET / HTTP/1.1","status":"404","us":30,"x y":"b"}"#,
            ],
            r#"{"time":"%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t%{%z}t", "ip":"%h","request":"%r","status":"%>s","us":%D,"x y":"%{x_y}n"}"#,
        );
    }

    #[test]
    fn text_that_is_no_log_has_no_format() {
        for line in
            ["", "\"", "[", "a=b", "% %% %{", "é \u{0}|x|\"", "= = = =", "Illegal option Bogus is on", "a 1 b 2 c 3"]
        {
            assert_eq!(formats(&[line]), [], "{line}");
            assert_eq!(json_formats(&[line]), [], "{line}");
        }
    }
}
