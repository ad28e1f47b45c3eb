//! Places in lines where private text can stand.
use super::spell::{self, Random, Secret};
use e2e::record::push_string;

/// A line, what must be gone from the record that it becomes, and what must be in it.
#[derive(Debug, Default)]
pub struct Line {
    pub bytes: Vec<u8>,
    pub gone: Vec<String>,
    pub stays: Vec<String>,
}

impl Line {
    fn take(&mut self, secret: Secret) -> String {
        self.gone.extend(secret.gone);
        secret.text
    }
}

/// How the writer of a line escapes what is not plain.
#[derive(Clone, Copy, PartialEq)]
pub enum Escapes {
    /// httpd: `\t`, `\xhh`, `\"`.
    Httpd,
    /// Nothing is escaped (Rails), but JSON's `\u0026` and a terminal's colours can be text in the line.
    None,
}

/// `ap_escape_logitem`.
fn httpd(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => escaped.extend(['\\', byte as char]),
            b'\n' => escaped.push_str("\\n"),
            b'\t' => escaped.push_str("\\t"),
            b'\r' => escaped.push_str("\\r"),
            0x08 => escaped.push_str("\\b"),
            0x0b => escaped.push_str("\\v"),
            0..0x20 | 0x7f.. => escaped.push_str(&format!("\\x{byte:02x}")),
            _ => escaped.push(byte as char),
        }
    }
    escaped
}

fn written(text: &str, escapes: Escapes) -> String {
    if escapes == Escapes::Httpd { httpd(text) } else { text.to_string() }
}

const BEFORE: [&str; 26] = [
    " ",
    "(",
    "[",
    "{",
    "<",
    ">",
    "'",
    "\"",
    ",",
    ";",
    "=",
    ": ",
    "/",
    "|",
    "-",
    "@",
    "\t",
    "\u{1}",
    "\u{b}",
    "\u{a0}",
    "é",
    "\u{2003}",
    "*",
    "+",
    "\u{1b}[31m",
    "中",
];
const AFTER: [&str; 20] = [
    "",
    " ",
    ")",
    "]",
    "}",
    ">",
    "'",
    "\"",
    ",",
    ";",
    ". ",
    "/24",
    "|",
    "-",
    " ",
    "\t",
    "\u{1}",
    "\u{a0}",
    "\u{1b}[0m",
    "!",
];

/// Free text with one or two secrets among text that stays.
fn free(line: &mut Line, random: &mut Random, escapes: Escapes) -> String {
    let mut text = String::new();
    for _ in 0..1 + random.below(2) {
        let survivor = spell::survivor(random);
        line.stays.push(survivor.to_string());
        let before = if text.is_empty() && random.one_in(6) { "" } else { random.pick(&BEFORE) };
        let after = random.pick(&AFTER);
        let (address, space) = (random.one_in(2), random.pick(&[" ", "  ", " is "]));
        let secret = match address {
            true => {
                let address = line_address(line, random);
                format!("{before}{address}{after}")
            }
            false => {
                let url = spell::url(random);
                let url = line.take(url);
                // As encoders of JSON write an ampersand.
                let url = if random.one_in(3) { url.replace('&', "\\u0026") } else { url };
                format!("{before}{url} ")
            }
        };
        match random.one_in(2) || before.is_empty() {
            true => text.push_str(&format!("{secret} {survivor}{space}")),
            false => text.push_str(&format!("{survivor}{space}{secret} ")),
        }
    }
    written(text.trim_end(), escapes)
}

/// An address, perhaps with a port.
fn line_address(line: &mut Line, random: &mut Random) -> String {
    let address = spell::address(random);
    let address = line.take(address);
    match random.below(6) {
        0 if address.contains(':') => format!("[{address}]:8443"),
        0 => format!("{address}:8443"),
        1 if address.contains(':') => format!("[{address}%eth0]"),
        _ => address,
    }
}

/// Of httpd's `[client …]`.
fn client_with_port(line: &mut Line, random: &mut Random) -> String {
    let address = spell::address(random);
    let port = 10_000 + random.below(50_000);
    let address = line.take(address);
    format!("{address}:{port}")
}

fn user(line: &mut Line, random: &mut Random) -> String {
    if random.one_in(3) {
        return "-".into();
    }
    let word = random.word();
    line.gone.push(word.clone());
    word
}

/// With a second `%u` and `%l`, headers, a note, and the query as a variable.
pub const FORMAT: &str = "%h %l %u %t \\\"%r\\\" %>s %b \\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\" \\\"%{X-Forwarded-For}i\\\" \
    \\\"%{why}n\\\" [%u %l] %{QUERY_STRING}e";

pub fn access(random: &mut Random) -> Line {
    let mut line = Line::default();
    let client = spell::address(random);
    let client = line.take(client);
    let (ident, name) = if random.one_in(4) {
        (user(&mut line, random), user(&mut line, random))
    } else {
        ("-".into(), user(&mut line, random))
    };
    let path = spell::url(random);
    let path = httpd(&line.take(path)).replace("http://shop.example", "").replace("https://shop.example:8443", "");
    let referer = spell::url(random);
    let referer = httpd(&line.take(referer));
    let list = |line: &mut Line, random: &mut Random| {
        let separator = random.pick(&[", ", ",", ",\t", "\t", " ", ",\u{a0}", ";", "\u{1}"]);
        let all: Vec<String> = (0..1 + random.below(3)).map(|_| line_address(line, random)).collect();
        httpd(&all.join(separator))
    };
    let forwarded = list(&mut line, random);
    let note = free(&mut line, random, Escapes::Httpd);
    let variable = spell::query(random);
    let variable = httpd(&line.take(variable));
    let text = format!(
        "{client} {ident} {name} [22/Nov/2026:07:38:32 +0000] \"GET {path} HTTP/1.1\" 200 5 \"{referer}\" \"Mozilla/5.0\" \
         \"{forwarded}\" \"{note}\" [{name} {ident}] {variable}"
    );
    Line { bytes: text.into_bytes(), ..line }
}

pub fn error(random: &mut Random) -> Line {
    let mut line = Line::default();
    let client = client_with_port(&mut line, random);
    let message = free(&mut line, random, Escapes::Httpd);
    let referer = spell::url(random);
    let referer = httpd(&line.take(referer));
    let text = format!(
        "[Sun Nov 22 07:38:33.301671 2026] [core:error] [pid 1:tid 2] [client {client}] AH00127: {message}, referer: {referer}"
    );
    Line { bytes: text.into_bytes(), ..line }
}

/// What Ruby's Logger and tagged logging put in front of a line.
fn header(line: &mut Line, random: &mut Random) -> String {
    let tag = match random.below(3) {
        // A tag that holds brackets is none.
        0 => {
            let address = spell::address(random);
            format!("[{}] ", line.take(address))
        }
        1 => "[0b9e7a52-6f0e-4d1c-9a57-3c5f9d1e2a10] ".to_string(),
        _ => String::new(),
    };
    let program = if random.one_in(4) { line_address(line, random) } else { String::new() };
    format!("I, [2026-11-22T07:38:32.123456 #7]  INFO -- {program}: {tag}")
}

pub fn rails(random: &mut Random) -> Line {
    let mut line = Line::default();
    let header = header(&mut line, random);
    let rest = match random.below(4) {
        0 => {
            let (path, client) = (spell::query(random), spell::address(random));
            let (path, client) = (line.take(path), line.take(client));
            format!("Started GET \"/a?{path}\" for {client} at 2026-11-22 07:38:32 +0000")
        }
        1 => {
            let value = random.word();
            line.gone.push(value.clone());
            let arrow = random.pick(&["=>", " => "]);
            let address = spell::address(random);
            let address = line.take(address);
            format!(
                "  Parameters: {{\"token\"{arrow}\"{value}\", \"ip\"{arrow}\"{address}\", \"user\"{arrow}{{\"session_id\"{arrow}\"{value}\"}}}}"
            )
        }
        2 => {
            let secret = spell::address(random);
            format!("Sent file /srv/{}/a.txt (0.1ms)", line.take(secret))
        }
        _ => free(&mut line, random, Escapes::None).trim_start().replace(['\t', '\u{b}'], " "),
    };
    Line { bytes: format!("{header}{rest}").into_bytes(), ..line }
}

pub fn lograge(random: &mut Random) -> Line {
    let mut line = Line::default();
    let header = if random.one_in(2) { header(&mut line, random) } else { String::new() };
    let path = spell::url(random);
    let path = line.take(path);
    let client = line_address(&mut line, random);
    let (value, query) = (random.word(), spell::query(random));
    line.gone.push(value.clone());
    let query = line.take(query);
    let address = line_address(&mut line, random);
    let error = format!("Foo::Bar: {address} at 07:38:33");
    line.stays.push("Foo::Bar".into());
    let text = format!(
        "{header}method=GET path={path} format=html status=200 duration=1.5 client={client} token={value} query={query} error='{error}'"
    );
    Line { bytes: text.into_bytes(), ..line }
}

pub fn json(random: &mut Random) -> Line {
    let mut line = Line::default();
    let mut out = if random.one_in(3) { header(&mut line, random).into_bytes() } else { Vec::new() };
    let value = random.word();
    line.gone.push(value.clone());
    let query = spell::query(random);
    let query = line.take(query);
    let client = line_address(&mut line, random);
    let message = free(&mut line, random, Escapes::None);
    let nested = free(&mut line, random, Escapes::None);
    let mut member = |before: &str, text: &str| {
        out.extend_from_slice(before.as_bytes());
        push_string(&mut out, text.as_bytes());
    };
    member("{\"m\":", &message);
    member(",\"req\":{\"query\":", &query);
    member(",\"Token\":", &value);
    member(",\"list\":[1,{\"a\":", &nested);
    member(",\"session_id\": {\"x\":[", &value);
    member("]}}],\"ip\":", &client);
    // An object that was logged as text.
    let inner = format!("{{\"token\":\"{value}\",\"query\":\"{query}\",\"n\":1}}");
    member("},\"payload\":", &inner);
    out.extend_from_slice(",\"größe\":".as_bytes());
    push_string(&mut out, value.as_bytes());
    out.push(b'}');
    Line { bytes: out, ..line }
}

pub fn unparsed(random: &mut Random) -> Line {
    let mut line = Line::default();
    let escapes = if random.one_in(2) { Escapes::Httpd } else { Escapes::None };
    let text = match random.below(4) {
        0 => String::from_utf8(json(random).moved_to(&mut line)).expect("text"),
        _ => format!("it was {}", free(&mut line, random, escapes)),
    };
    Line { bytes: text.into_bytes(), ..line }
}

impl Line {
    fn moved_to(self, other: &mut Line) -> Vec<u8> {
        other.gone.extend(self.gone);
        other.stays.extend(self.stays);
        self.bytes
    }
}
