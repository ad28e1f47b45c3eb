//! The LogFormats that have names in httpd's and Debian's configuration.
//!
//! <https://httpd.apache.org/docs/2.4/logs.html#accesslog>; Debian's apache2.conf.

/// Nickname and LogFormat.
pub(crate) const NICKNAMES: [(&str, &str); 7] = [
    ("combined", r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i""#),
    ("common", r#"%h %l %u %t "%r" %>s %b"#),
    ("combinedio", r#"%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %I %O"#),
    ("vhost_combined", r#"%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i""#),
    ("vhost_common", r#"%v %h %l %u %t "%r" %>s %b"#),
    ("referer", "%{Referer}i -> %U"),
    ("agent", "%{User-agent}i"),
];

/// The LogFormat of a nickname.
pub(crate) fn log_format(nickname: &str) -> Option<&'static str> {
    NICKNAMES.iter().find(|(known, _)| *known == nickname).map(|(_, format)| *format)
}
