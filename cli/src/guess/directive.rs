//! The directive that a column's values look like.
use super::{
    columns::{Column, Columns, Shape},
    values::{
        self, are_addresses, is_address, is_cipher, is_decimal, is_host, is_host_with_dot, is_media_type, is_number,
        is_status, is_tls_version,
    },
};
use std::net::IpAddr;

/// The values of a column.
pub(super) struct Values<'a>(pub Vec<&'a str>);

impl<'a> Values<'a> {
    /// Nearly all that are there look like this; hostile clients write what they like.
    pub(super) fn all(&self, looks: impl Fn(&'a str) -> bool) -> bool {
        self.share(looks).is_some_and(|(looking, there)| 10 * looking >= 9 * there)
    }

    /// Most look like this.
    pub(super) fn most(&self, looks: impl Fn(&'a str) -> bool) -> bool {
        self.share(looks).is_some_and(|(looking, there)| 2 * looking > there)
    }

    /// How many look like this, of how many; `None` when there are none.
    fn share(&self, looks: impl Fn(&'a str) -> bool) -> Option<(usize, usize)> {
        let there = self.0.iter().filter(|value| !is_absent(value));
        let (there, looking) = (there.clone().count(), there.filter(|value| looks(value)).count());
        (there > 0).then_some((looking, there))
    }

    /// The word that all values begin with, and what follows it: `client` of `client 192.0.2.1`.
    fn labelled(&self) -> Option<(&'a str, Values<'a>)> {
        let (label, _) = self.0.first()?.split_once(' ')?;
        let rest: Option<Vec<&str>> = self.0.iter().map(|value| value.strip_prefix(label)?.strip_prefix(' ')).collect();
        let is_word = !label.is_empty() && label.chars().all(|c| c.is_ascii_alphabetic());
        rest.filter(|_| is_word).map(|rest| (label, Values(rest)))
    }

    pub(super) fn none(&self) -> bool {
        self.0.iter().all(|value| is_absent(value))
    }

    fn greatest(&self) -> i64 {
        self.0.iter().filter_map(|value| value.parse().ok()).max().unwrap_or(0)
    }
}

/// Directives that tell that this is an access log at all.
const TELLING: [&str; 7] = ["%r", "%>s", "%>s/%s", "%h", "%a:%{remote}p", "%m", "%U"];

/// Names of a key, the directive that they tell of, and what its values have to be.
type Key = (&'static [&'static str], &'static str, fn(&str) -> bool);

/// What a key's name says about numbers and texts that could be anything, and what the values have to be all the same.
const KEYS: [Key; 14] = [
    (&["ident", "remote_logname"], "%l", values::is_word),
    (&["user", "remote_user"], "%u", values::is_word),
    (&["host", "http_host"], "%{Host}i", values::is_host),
    (&["vhost", "server", "server_name"], "%v", values::is_host_with_dot),
    (&["bytes", "size", "body_bytes_sent", "bytes_sent"], "%b", values::is_number),
    (&["reqsize", "request_length", "bytes_in"], "%I", values::is_number),
    (&["us", "duration_us", "time_us", "usec", "reqtime_microsec"], "%D", values::is_number),
    (&["ms", "duration_ms", "time_ms", "msec", "reqtime_msec"], "%{ms}T", values::is_number),
    (&["reqtime", "request_time"], "%T", values::is_number),
    (&["pid"], "%P", values::is_number),
    (&["referer", "referrer", "http_referer"], "%{Referer}i", values::is_referer),
    (&["ua", "agent", "user_agent", "useragent", "http_user_agent"], "%{User-Agent}i", values::is_user_agent),
    (&["forwardedfor", "x_forwarded_for", "xff", "http_x_forwarded_for"], "%{X-Forwarded-For}i", values::are_addresses),
    (&["cookie"], "%{Cookie}i", |text| text.contains('=')),
];

/// Keys of a program's own log, in which a request is a detail.
const MESSAGES: [&str; 7] = ["level", "severity", "message", "msg", "logger", "stack", "exception"];

/// The directives of a line's columns, each used once.
pub(super) struct Directives<'a> {
    lines: &'a [Columns<'a>],
    /// The column in which the time begins.
    time: Option<usize>,
    used: Vec<&'static str>,
    /// The column of the request line, and that of the size of the response.
    request: Option<usize>,
    size: Option<usize>,
    /// The directives that could be others.
    pub(super) uncertain: Vec<String>,
}

impl<'a> Directives<'a> {
    pub(super) fn new(lines: &'a [Columns<'a>], time: Option<usize>) -> Directives<'a> {
        Directives { lines, time, used: Vec::new(), request: None, size: None, uncertain: Vec::new() }
    }

    /// How many of the directives tell what the lines are.
    pub(super) fn telling(&self) -> usize {
        TELLING.iter().filter(|directive| self.used.contains(directive)).count()
    }

    /// Whether each line is about a request: anything else is no access log.
    pub(super) fn has_request(&self) -> bool {
        let has = |directive: &str| self.used.contains(&directive);
        let path = has("%U") || has("%U%q");
        let of_program = self.lines[0].columns.iter().any(|column| MESSAGES.contains(&key(column).as_str()));
        !of_program && (has("%r") || path && (has("%m") || self.has_status()))
    }

    /// The directive of the next column; `None` when its values look like nothing in particular.
    pub(super) fn of(&mut self, at: usize) -> Option<String> {
        let values = self.values(at);
        let column = &self.lines[0].columns[at];
        let key = key(column);
        let named = KEYS.iter().find(|(names, ..)| names.contains(&key.as_str()));
        let named = named.filter(|(_, _, fits)| values.none() || values.all(fits)).map(|(_, directive, _)| *directive);
        if column.shape == Shape::Bracketed
            && !values.most(is_request)
            && let Some((label, rest)) = values.labelled()
        {
            let directive = if rest.all(is_address) { self.address(&rest) } else { self.word(at, &rest) };
            return directive.map(|directive| format!("{label} {directive}"));
        }
        let found = match column.shape {
            _ if values.all(is_address) => self.address(&values),
            _ if named.is_some() => self.first(&[named?]),
            Shape::Word => self.word(at, &values),
            Shape::Bracketed if !values.most(is_request) => self.word(at, &values).or_else(|| self.log_id(&values)),
            Shape::Bracketed | Shape::Quoted | Shape::Json | Shape::Labelled => {
                self.quoted(at, &values).or_else(|| self.word(at, &values))
            }
        };
        match found {
            Some("%r") => self.request = Some(at),
            Some("%b") => self.size = Some(at),
            _ => {}
        }
        let Some(directive) = found else {
            // Where it is from cannot be told, but the field's name has it masked as an address.
            let directive = values.all(are_addresses).then(|| format!("%{{remote_addr{}}}n", at + 1));
            self.uncertain.extend(directive.clone());
            return directive;
        };
        if named.is_none_or(|named| named != directive) && self.is_uncertain(directive, &values) {
            self.uncertain.push(directive.to_string());
        }
        Some(directive.to_string())
    }

    /// Whether other directives print such values too, which nothing tells from this one.
    fn is_uncertain(&self, directive: &str, values: &Values) -> bool {
        match directive {
            "%a" | "%{c}a" | "%{Cookie}i" | "%O" | "%I" | "%D" | "%T" | "%k" | "%P" | "%V" | "%L" => true,
            // Beside another one.
            "%h" => self.lines[0].columns.iter().filter(|column| is_address(column.value)).count() > 1,
            _ => values.none() && !["%l", "%u"].contains(&directive),
        }
    }

    /// An address: of the client, where it is the only one.
    fn address(&mut self, values: &Values) -> Option<&'static str> {
        let with_port = values.all(|value| value.parse::<IpAddr>().is_err());
        match with_port {
            true => self.first(&["%a:%{remote}p"]),
            false => self.first(&["%h", "%a", "%{c}a"]),
        }
    }

    /// The id of a request or a connection: letters and digits without spaces.
    fn log_id(&mut self, values: &Values) -> Option<&'static str> {
        let is_id = |value: &str| value.len() >= 8 && values::is_word(value) && !is_decimal(value);
        if values.all(is_id) { self.first(&["%L"]) } else { None }
    }

    fn values(&self, at: usize) -> Values<'a> {
        Values(self.lines.iter().map(|line| line.columns[at].value).collect())
    }

    /// The first of them that is free.
    fn first(&mut self, directives: &[&'static str]) -> Option<&'static str> {
        let free = directives.iter().find(|directive| !self.used.contains(directive)).copied();
        self.used.extend(free);
        free
    }

    fn quoted(&mut self, at: usize, values: &Values) -> Option<&'static str> {
        let is_agent =
            |value: &str| value.split('/').nth(1).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        let after_request = self.request.is_some_and(|request| request < at);
        if values.all(|value| is_tls_version(value) || is_cipher(value)) {
            return None;
        }
        if values.most(is_request) {
            return self.first(&["%r"]);
        }
        if values.all(are_addresses) {
            return self.first(if after_request { &["%{X-Forwarded-For}i"] } else { &["%{X-Forwarded-For}i", "%a"] });
        }
        if values.all(is_media_type) {
            return self.first(&["%{Content-Type}o", "%{Content-Type}i"]);
        }
        if values.most(|value| value.contains("://") && !value.contains(' ')) {
            return self.first(&["%{Referer}i"]);
        }
        if values.most(is_agent) && !values.most(|value| value.starts_with('/') || value.starts_with("HTTP/")) {
            return self.first(&["%{User-Agent}i"]);
        }
        if values.most(is_host_with_dot) {
            return self.first(&["%{Host}i", "%v"]);
        }
        if values.most(|value| value.contains('=')) && !values.most(|value| value.starts_with(['?', '/'])) {
            return self.first(&["%{Cookie}i"]);
        }
        let before_agent = after_request && !self.used.contains(&"%{User-Agent}i");
        if values.none() && before_agent { self.first(&["%{Referer}i"]) } else { None }
    }

    fn word(&mut self, at: usize, values: &Values) -> Option<&'static str> {
        if at == 0 && values.all(is_host) && values.most(is_address) {
            return self.first(&["%h"]);
        }
        if let Some(directive) = self.identity(at, values) {
            return Some(directive);
        }
        let always_there = !values.0.iter().any(|value| is_absent(value));
        if values.all(is_status) && always_there && !self.has_status() {
            return self.first(&["%>s"]);
        }
        if values.all(is_number) {
            // Nothing puts quotes around a number but JSON, and what has a key.
            let is_bare = self.lines[0].columns[at].shape != Shape::Quoted || !self.lines[0].columns[at].key.is_empty();
            return if is_bare { self.number(at, values) } else { None };
        }
        self.text(values)
    }

    /// `%l` and `%u` stand behind the client.
    fn identity(&mut self, at: usize, values: &Values) -> Option<&'static str> {
        let columns = &self.lines[0].columns;
        if columns[at].shape != Shape::Word || values.all(is_host_with_dot) || values.all(is_number) {
            return None;
        }
        let next_is_word = columns.get(at + 1).is_some_and(|next| next.shape == Shape::Word);
        match self.used.last() {
            _ if !columns[at].key.is_empty() || self.request.is_some() => None,
            Some(&"%h" | &"%a" | &"%{c}a") if next_is_word && self.time != Some(at + 1) => self.first(&["%l"]),
            Some(&"%h" | &"%a" | &"%{c}a" | &"%l") => self.first(&["%u"]),
            _ => None,
        }
    }

    fn has_status(&self) -> bool {
        ["%>s", "%>s/%s"].iter().any(|status| self.used.contains(status))
    }

    /// A number: what it counts can be told by others at best.
    fn number(&mut self, at: usize, values: &Values) -> Option<&'static str> {
        if !self.has_status() {
            return None;
        }
        if self.size.is_none() {
            return self.first(&["%b"]);
        }
        if self.is_sent(at) {
            return self.first(&["%O"]);
        }
        if self.is_sent(at + 1) {
            return self.first(&["%I"]);
        }
        self.first(if values.greatest() >= 1000 { &["%D", "%P"] } else { &["%T", "%k"] })
    }

    /// Whether this is always a bit more than the size of the response's body: it counts the headers too.
    fn is_sent(&self, at: usize) -> bool {
        let (Some(size), true) = (self.size, at < self.lines[0].columns.len()) else { return false };
        let more = self.lines.iter().map(|line| {
            let number = |at: usize| line.columns[at].value.parse::<i64>();
            number(at).ok().map(|sent| sent - number(size).unwrap_or(0))
        });
        let (all, headers) = more.fold((0, 0), |(all, headers), more| {
            (all + 1, headers + usize::from(more.is_some_and(|more| (40..4000).contains(&more))))
        });
        10 * headers >= 9 * all && self.lines[0].columns[at].shape != Shape::Json
    }

    fn text(&mut self, values: &Values) -> Option<&'static str> {
        let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];
        type Looks<'v> = (&'v dyn Fn(&str) -> bool, &'static [&'static str]);
        let looks: [Looks; 14] = [
            (&is_tls_version, &["%{SSL_PROTOCOL}x"]),
            (&is_cipher, &["%{SSL_CIPHER}x"]),
            (&is_media_type, &["%{Content-Type}o", "%{Content-Type}i"]),
            (&|value| value.starts_with("HTTP/"), &["%H"]),
            (&|value| methods.contains(&value), &["%m"]),
            (&|value| value.starts_with('/') && value.contains('?'), &["%U%q"]),
            (&|value| value.starts_with('/'), &["%U"]),
            (&|value| value.starts_with('?'), &["%q"]),
            (&|value| value == "+" || value == "X", &["%X"]),
            (&|value| value.split_once('/').is_some_and(|(a, b)| is_status(a) && is_status(b)), &["%>s/%s"]),
            (&|value| value.split_once('/').is_some_and(|(a, b)| are_durations(a, b)), &["%T/%D"]),
            (&|value| value.rsplit_once(':').is_some_and(|(a, b)| is_address(a) && is_number(b)), &["%a:%{remote}p"]),
            (
                &|value| {
                    value
                        .rsplit_once(':')
                        .is_some_and(|(a, b)| is_host(a) && !is_address(a) && !is_number(a) && is_number(b))
                },
                &["%v:%p"],
            ),
            (&is_host_with_dot, &["%v", "%V"]),
        ];
        let (_, directives) = looks.iter().find(|(looks, _)| values.all(looks))?;
        self.first(directives)
    }
}

/// httpd's `-`, and the empty strings of empty headers.
fn is_absent(text: &str) -> bool {
    text == "-" || text.is_empty()
}

/// `GET / HTTP/1.1`
fn is_request(text: &str) -> bool {
    text.contains(" HTTP/") && text.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether these can be the same time in seconds and in microseconds.
fn are_durations(seconds: &str, micros: &str) -> bool {
    let [seconds, micros] = [seconds, micros].map(str::parse::<u64>);
    matches!((seconds, micros), (Ok(seconds), Ok(micros)) if micros >= 10 && micros / 1_000_000 == seconds)
}

/// A column's key, without what follows it.
fn key(column: &Column) -> String {
    column.key.trim_end_matches(['=', ':']).to_ascii_lowercase()
}
