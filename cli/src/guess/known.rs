//! Formats that are in use out there: httpd's own, those of distributions, and the usual additions to them.
use super::infer::Inferred;
use firelens_compiler::spec::{Format, Library, Zone};
use firelens_filter::program::Kind;

/// A format, and how it is written in `firelens.toml`.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub format: Format,
    pub toml: String,
    /// It was inferred from the lines: no well-known one.
    pub inferred: bool,
    /// The directives in it that could be others.
    pub uncertain: Vec<String>,
}

/// LogFormats by their nickname or as they are. Where two fit the same lines, the first one is chosen.
const ACCESS: [&str; 26] = [
    "combined",
    "common",
    "vhost_combined",
    "combinedio",
    "vhost_common",
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %I %O %D"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %T/%D"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" **%T/%D**"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i""#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i" %D"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{Cookie}i""#,
    r#"%h %l %u %t "%r" %>s %b %D"#,
    r#"%h %l %u %t "%r" %>s %b %T"#,
    r#"%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" %D"#,
    r#"%h %v %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%{X-Forwarded-For}i %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%{X-Forwarded-For}i %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D"#,
    r#"%{X-Forwarded-For}i %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%h (%{X-Forwarded-For}i) %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%t %h %{SSL_PROTOCOL}x %{SSL_CIPHER}x "%r" %b"#,
    r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %{SSL_PROTOCOL}x %{SSL_CIPHER}x"#,
    r#"%h %l %u [%{%Y-%m-%dT%H:%M:%S%z}t] "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#,
    r#"%a %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %k %X"#,
    "referer",
];

/// ErrorLogFormats beside the default ones, from httpd's manual.
const ERROR: [&str; 5] = [
    r"[%{uc}t] [%-m:%l] [R:%L] [C:%{C}L] %7F: %E: %M",
    r"[%{cu}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    r"[%{c}t] [%-m:%l] [pid %P] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    r"[%{u}t] [%l] [pid %P] %F: %E: [client\ %a] %M",
    r"[%t] [%l] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
];

/// All of them, in the order of preference.
pub fn candidates() -> Vec<Candidate> {
    let mut all: Vec<Candidate> = ACCESS.into_iter().map(access).collect();
    all.push(named(Format::HttpdError { format: None, zone: Zone::new() }, "httpd_error"));
    all.extend(ERROR.into_iter().map(error));
    let library = |library: Library| named(Format::Library { library, zone: Zone::new() }, library.word());
    all.extend(Library::ALL.map(library));
    all.push(named(Format::Lograge { zone: Zone::new() }, "lograge"));
    all.push(named(Format::Rails { zone: Zone::new() }, "rails"));
    all
}

/// JSON objects of any sort: what is left for them when all others were tried.
pub fn json() -> Candidate {
    named(Format::Json { zone: Zone::new() }, "json")
}

fn named(format: Format, name: &str) -> Candidate {
    Candidate { format, toml: quoted(name), inferred: false, uncertain: Vec::new() }
}

/// A LogFormat or nickname.
pub fn access(format: &str) -> Candidate {
    named(Format::Access { format: format.to_string(), zone: Zone::new() }, format)
}

/// An ErrorLogFormat.
pub fn error(format: &str) -> Candidate {
    let toml = format!("{{ type = \"httpd_error\", format = {} }}", quoted(format));
    let spec = Format::HttpdError { format: Some(format.to_string()), zone: Zone::new() };
    Candidate { toml, ..named(spec, format) }
}

/// The default ErrorLogFormats: of a file, and of syslog, which writes the time itself.
pub fn error_formats() -> impl Iterator<Item = &'static str> {
    [
        r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
        r"[%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
        r"[%-m:%l] [pid %P] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i",
    ]
    .into_iter()
}

/// One that was inferred.
pub fn inferred(inferred: Inferred) -> Candidate {
    Candidate { inferred: true, uncertain: inferred.uncertain, ..access(&inferred.format) }
}

/// The LogFormats among the well-known ones, spelled out.
pub fn log_formats() -> impl Iterator<Item = &'static str> {
    ACCESS.into_iter().map(|format| firelens_compiler::log_format(format).unwrap_or(format))
}

/// The kind of the records that a format yields.
pub fn kind(format: &Format) -> Kind {
    match format {
        Format::Access { .. } => Kind::Access,
        Format::HttpdError { .. } => Kind::Error,
        Format::Rails { .. } | Format::Lograge { .. } => Kind::Rails,
        Format::Json { .. } => Kind::Json,
        Format::Library { library, .. } => library.kind(),
        Format::Exception { .. } => Kind::Exception,
    }
}

/// A string of TOML, as few escapes in it as possible.
pub fn quoted(text: &str) -> String {
    let plain = text.chars().all(|c| c == '\t' || !c.is_control());
    match text {
        _ if plain && !text.contains(['"', '\\']) => format!("\"{text}\""),
        _ if plain && !text.contains('\'') => format!("'{text}'"),
        _ if plain && !text.contains("'''") && !text.ends_with('\'') => format!("'''{text}'''"),
        _ => toml_edit::Value::from(text).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_toml() {
        for text in ["plain", "a \"b\"", "it's \"c\"", "it's \"d'", "e\n\u{1}\"'''", "C:\\x", "", "\u{7f}é"] {
            let toml: toml::Table = format!("a = {}", quoted(text)).parse().unwrap();
            assert_eq!(toml["a"].as_str(), Some(text));
        }
        assert_eq!(quoted("a \"b\""), "'a \"b\"'");
    }
}
