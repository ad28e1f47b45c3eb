//! A sweep: lines of all pairs and triples of directives, with every kind of value that httpd prints, are read back.
//!
//! What a line means is told by the same directives with text between them that no value holds.
use super::{
    compile,
    sweep::{Printed, printed, read},
};
use crate::spec::{Container, Format, Spec};
use firelens_filter::Filter;
use serde_json::{Map, Value};

const STREAM: &str = "stdout";

/// Text that stands in no value.
const APART: &str = " <#> ";

const HEADER: &[&str] = &["a b", r#"\"q\""#, "[x]", r"a\\", "a, b; c", r"\x01", r#"a \"b\" c"#, " ", "- "];

const ALL: &[Printed] = &[
    printed("%h", &["192.0.2.1", "2001:db8::1", "www.example.com"], &[]),
    printed("%a", &["192.0.2.1", "2001:db8::1"], &[]),
    printed("%l", &["-"], &["id"]),
    printed("%u", &["-", "bob"], &[r#""""#, "bob smith", r#"a\"b"#, "[x]", "- -"]),
    printed("%{%a, %d %b}t", &["Sun, 22 Nov"], &[]),
    printed("%t", &["[22/Nov/2026:07:38:32 +0000]"], &[]),
    printed(
        "%r",
        &["GET /a?b=c HTTP/1.1", "GET / HTTP/1.0", "-"],
        &["GET /", r"\x16\x03", r#"GET /\"b HTTP/1.1"#, "GET /a b HTTP/1.1", ""],
    ),
    printed("%>s", &["200", "-"], &[]),
    printed("%b", &["5", "-"], &[]),
    printed("%B", &["0", "17"], &[]),
    printed("%D", &["1234"], &[]),
    printed("%v", &["www.example.com"], &[]),
    printed("%m", &["GET", "-"], &["get"]),
    printed("%U", &["/", "/a"], &["/a b", "/[x]", "-"]),
    printed("%q", &["", "?x=y"], &["?x=y z", "?[x]"]),
    printed("%H", &["HTTP/1.1", "HTTP/2.0"], &[]),
    printed("%X", &["+", "-", "X"], &[]),
    printed("%{Referer}i", &["-", "https://example.com/"], HEADER),
    printed("%{User-Agent}i", &["-", "curl/8.5.0"], &["Mozilla/5.0 (X11; Linux) x/1", r#"\"q\""#, "[x]", ""]),
    printed("%{sid}C", &["-", "s3cr3t"], HEADER),
    printed("%{Content-Type}o", &["-", "text/html"], &["text/html; charset=utf-8"]),
    printed("%{SSL_PROTOCOL}x", &["-", "TLSv1.3"], &[]),
    printed("%{ratio}n", &["-", "45"], &["a b"]),
    printed("%p", &["443"], &[]),
    printed("%k", &["0", "3"], &[]),
    printed("%P", &["4711"], &[]),
    printed("%L", &["-", "Wq+Cf5oXAAA"], &[]),
    printed("%R", &["-", "proxy-server"], &[]),
];

fn filter(format: &str) -> Result<Filter, String> {
    let stdout = vec![Format::Access { format: format.to_string(), zone: Vec::new() }];
    let containers = vec![Container { name: "httpd".to_string(), stdout, stderr: vec![] }];
    let program = compile(&Spec { containers, ..Spec::default() });
    program.map(Filter::new).map_err(|errors| format!("{errors:?}"))
}

/// Text between two values, or around one.
fn line(texts: &[&str], quoted: u8, [before, between, after]: [&str; 3]) -> String {
    let wrap = |(at, text): (usize, &&str)| match quoted >> at & 1 {
        1 => format!("\"{text}\""),
        _ => (*text).to_string(),
    };
    let wrapped: Vec<String> = texts.iter().enumerate().map(wrap).collect();
    format!("{before}{}{after}", wrapped.join(between))
}

const BARE: [&str; 3] = ["", " ", ""];

/// A request line with a protocol.
fn is_request(text: &str) -> bool {
    let mut words = text.split(' ');
    let protocol = words.next_back().is_some_and(|word| word.starts_with("HTTP/"));
    protocol && words.count() > 1 && !text.starts_with(' ')
}

/// How a line of these directives, with spaces between them and no quotes, is to be read: of all ways to split it into
/// values, the first that fits, from the left. But a request line goes up to a protocol, mod_ssl's values are what they
/// usually are, and `%l` is `-`, where the line can be read so.
fn right(filter: &mut Filter, directives: &[&str], printed: &str) -> Map<String, Value> {
    let mut splits = splits(printed, directives.len());
    splits.sort_by_key(|split| (is_unusual(directives, split), has_ident(directives, split)));
    let readings = splits.iter().map(|split| read(filter, STREAM, &line(split, 0, ["", APART, ""])));
    let mut fitting = readings.filter(|fields| fields["kind"] == "access");
    fitting
        .next()
        .unwrap_or_else(|| Map::from_iter([("kind".into(), "unparsed".into()), ("log".into(), printed.into())]))
}

/// All ways to cut a text at its spaces into so many values, the ones with short values in front first.
fn splits(text: &str, values: usize) -> Vec<Vec<&str>> {
    if values == 1 {
        return vec![vec![text]];
    }
    let cuts = text.match_indices(' ').map(|(at, _)| (&text[..at], &text[at + 1..]));
    let with = |(first, rest)| splits(rest, values - 1).into_iter().map(move |split| [&[first], &split[..]].concat());
    cuts.flat_map(with).collect()
}

/// Whether a value in front of others is not what it usually is, or a TLS version is none.
fn is_unusual(directives: &[&str], split: &[&str]) -> bool {
    let values = directives.iter().zip(split).enumerate();
    values.into_iter().any(|(at, (directive, value))| match *directive {
        "%r" => at + 1 < split.len() && !is_request(value),
        "%{SSL_PROTOCOL}x" => !value.starts_with("TLS") && *value != "-",
        _ => false,
    })
}

fn has_ident(directives: &[&str], split: &[&str]) -> bool {
    directives.iter().zip(split).any(|(directive, value)| *directive == "%l" && *value != "-")
}

/// Tries all lines of some directives that were given so many values each.
fn sweep(directives: &[&Printed], quoted: u8, frame: [&str; 3], most: usize, wrong: &mut Vec<String>) -> usize {
    let names: Vec<&str> = directives.iter().map(|printed| printed.directive).collect();
    let format = line(&names, quoted, frame);
    let mut clear = filter(&line(&names, quoted, ["", APART, ""])).unwrap();
    let mut tight = filter(&format).unwrap_or_else(|error| panic!("{format}: {error}"));
    let mut lists: Vec<Vec<(&str, bool)>> = vec![vec![]];
    for printed in directives {
        let ordinary = printed.ordinary.iter().take(most).map(|value| (*value, false));
        let values: Vec<_> = ordinary.chain(printed.odd.iter().take(most).map(|value| (*value, true))).collect();
        let with = |list: Vec<_>| values.iter().map(move |value| [&list[..], &[*value]].concat()).collect::<Vec<_>>();
        lists = lists.into_iter().flat_map(with).collect();
    }
    let tried = lists.len();
    for list in lists {
        let values: Vec<&str> = list.iter().map(|(value, _)| *value).collect();
        let printed = line(&values, quoted, frame);
        let truth = read(&mut clear, STREAM, &line(&values, quoted, ["", APART, ""]));
        assert_eq!(truth["kind"], "access", "{format} {printed}");
        let got = read(&mut tight, STREAM, &printed);
        let ordinary = list.iter().all(|(_, odd)| !odd);
        if got != truth && (ordinary || quoted != 0 || frame != BARE || got != right(&mut clear, &names, &printed)) {
            wrong.push(format!(
                "{format:30} {printed:50} {} {}",
                if ordinary { "ORDINARY" } else { "odd" },
                Value::from(got)
            ));
        }
    }
    tried
}

#[test]
fn pairs() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for first in ALL {
        for second in ALL {
            for quoted in 0..4 {
                tried += sweep(&[first, second], quoted, BARE, 9, &mut wrong);
            }
            for frame in [["", "|", ""], ["", "\t", ""], ["[", "] [", "]"]] {
                tried += sweep(&[first, second], 0, frame, 9, &mut wrong);
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn triples() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for first in ALL {
        for second in ALL {
            for third in ALL {
                for quoted in [0, 0b010, 0b111] {
                    tried += sweep(&[first, second, third], quoted, BARE, 1, &mut wrong);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}
