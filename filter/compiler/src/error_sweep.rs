//! A sweep: lines of all pairs of ErrorLogFormat directives in front of a message, in layouts that people use, with every kind
//! of value that httpd prints, are read back.
//!
//! What a line means is told by the same directives with text between them that no value holds. `error_round_trip.rs` does the
//! same for what is missing.
use super::{
    compile,
    sweep::{Printed, printed, read},
};
use crate::spec::{Container, Format, Spec};
use firelens_filter::Filter;
use serde_json::{Map, Value};

const STREAM: &str = "stderr";

/// Text that stands in no value, as a format has it and as httpd prints it.
const APART: [&str; 2] = [r"\ <#>\ ", " <#> "];

const HEADER: &[&str] =
    &["a b", r#""q""#, "[x]", "a, b; c: d", r"a\\", "x] y", r#"x","b":"y"#, "a|b", "- ", " ", "(2)x", "b=c"];

const ALL: &[Printed] = &[
    printed("%t", &["Sun Nov 22 07:38:32 2026"], &[]),
    printed("%{cu}t", &["2026-11-22 07:38:32.399242"], &[]),
    printed("%l", &["error", "trace1"], &[]),
    printed("%m", &["core", "proxy_fcgi"], &[]),
    printed("%P", &["12"], &[]),
    printed("%T", &["140187234817792"], &[]),
    printed("%F", &["core.c(7)"], &[]),
    printed("%E", &["(13)Permission denied", "(EAI 2)Name or service not known"], &["(OS 5)Access is denied.  "]),
    printed("%a", &["192.0.2.1:80", "2001:db8::1:80"], &[]),
    printed("%{c}a", &["192.0.2.2:80"], &[]),
    printed("%A", &["192.0.2.3:443"], &[]),
    printed("%k", &["0", "3"], &[]),
    printed("%L", &["Wq+Cf5oXAAA"], &[]),
    printed("%{c}L", &["Xq/Cf5oXAAA"], &[]),
    printed("%v", &["www.example.com"], &[]),
    printed("%V", &["www.example.com"], &["[::1]"]),
    printed("%{Referer}i", &["https://example.com/"], HEADER),
    printed("%{User-Agent}i", &["curl/8.5.0"], HEADER),
    printed("%{X}e", &["45"], &["a b", "[x]"]),
    printed("%{X}n", &["x"], &["a b", "[x]"]),
];

const MESSAGE: Printed = printed(
    "%M",
    &["AH00128: File does not exist: /srv/a", "caught SIGTERM, shutting down"],
    &[
        r#"x "y" z"#,
        "[client 192.0.2.9:1] x",
        "a: [b] c",
        "-",
        r"x\ny",
        "(2)No such file",
        "x|y",
        r#"a","m":"b"#,
        "m=1",
    ],
);

/// The texts in front of, between and behind two values and a message, as a format has them.
const LAYOUTS: [[&str; 4]; 8] = [
    ["[", "] [", "] ", ""],
    ["[", "] ", " ", ""],
    ["", " ", " ", ""],
    ["", ": ", ": ", ""],
    ["", "|", "|", ""],
    ["\"", "\" \"", "\" \"", "\""],
    [r#"{"a":""#, r#"","b":""#, r#"","m":""#, r#""}"#],
    ["a=", r"\ b=", r"\ m=", ""],
];

fn filter(format: &str) -> Filter {
    let stderr = vec![Format::HttpdError { format: Some(format.to_string()), zone: Vec::new() }];
    let containers = vec![Container { name: "httpd".to_string(), stdout: vec![], stderr }];
    let program = compile(&Spec { containers, ..Spec::default() });
    Filter::new(program.unwrap_or_else(|errors| panic!("{format}: {errors:?}")))
}

fn joined([first, second, message]: [&str; 3], [before, between, then, after]: [&str; 4]) -> String {
    format!("{before}{first}{between}{second}{then}{message}{after}")
}

fn apart(values: [&str; 3], apart: &str) -> String {
    joined(values, ["", apart, apart, ""])
}

/// How a line is to be read: of all ways to cut it at the layout's texts, the first that fits, from the left; but one with a
/// numbered message comes first where a value in front of it can hold what ends it.
fn right(clear: &mut Filter, line: &str, [before, between, then, after]: [&str; 4]) -> Map<String, Value> {
    let inner = line.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
    let mut readings = Vec::new();
    for (first, _) in inner.match_indices(between) {
        let rest = &inner[first + between.len()..];
        for (second, _) in rest.match_indices(then) {
            let values = [&inner[..first], &rest[..second], &rest[second + then.len()..]];
            readings.push(read(clear, STREAM, &apart(values, APART[1])));
        }
    }
    // Not with a directive as missing, so that the next value holds what stands between two.
    let is_whole = |fields: &Map<String, Value>| !Value::from(fields.clone()).to_string().contains("<#>");
    readings.retain(|fields| fields["kind"] == "error" && is_whole(fields));
    let numbered = readings.iter().position(|fields| fields.contains_key("code"));
    readings.swap_remove(numbered.unwrap_or(0))
}

/// The values of a directive, and whether they are odd. Where a directive without `-` has an odd value, what is missing is one
/// more way to read the line.
fn values(of: &Printed, hyphen: bool, blank_ends: bool) -> Vec<(&str, bool)> {
    let mut values: Vec<_> = of.ordinary.iter().map(|value| (*value, of.directive == "%E" && blank_ends)).collect();
    if hyphen {
        values.push(("-", false));
    }
    if hyphen || of.directive == "%M" {
        values.extend(of.odd.iter().map(|value| (*value, true)));
    }
    values
}

/// The directive with its `-`, if it is one that can be missing.
fn with_hyphen(directive: &str) -> Option<String> {
    (!matches!(directive, "%t" | "%{cu}t" | "%l" | "%P")).then(|| directive.replacen('%', "%-", 1))
}

fn sweep([first, second]: [&'static Printed; 2], hyphen: bool, layout: [&str; 4], wrong: &mut Vec<String>) -> usize {
    let name = |of: &Printed| with_hyphen(of.directive).filter(|_| hyphen).unwrap_or_else(|| of.directive.into());
    let names = [&*name(first), &*name(second), "%M"];
    let format = joined(names, layout);
    let (mut tight, mut clear) = (filter(&format), filter(&apart(names, APART[0])));
    let texts = layout.map(|text| text.replace(r"\ ", " "));
    let texts = [0, 1, 2, 3].map(|at| &*texts[at]);
    let list = |of: &'static Printed, then: usize| {
        values(of, hyphen && with_hyphen(of.directive).is_some(), texts[then] == " ")
    };
    let mut tried = 0;
    for (a, odd_a) in list(first, 1) {
        for (b, odd_b) in list(second, 2) {
            for (message, odd) in list(&MESSAGE, 3) {
                tried += 1;
                let values = [a, b, message];
                let line = joined(values, texts);
                let truth = read(&mut clear, STREAM, &apart(values, APART[1]));
                assert_eq!(truth["kind"], "error", "{format} {line}");
                let got = read(&mut tight, STREAM, &line);
                let odd = odd || odd_a || odd_b;
                if got != truth && !(odd && got == right(&mut clear, &line, texts)) {
                    let what = if odd { "odd" } else { "ORDINARY" };
                    wrong.push(format!("{what} {format:30} {line:60} {}", Value::from(got)));
                }
            }
        }
    }
    tried
}

#[test]
fn pairs_in_front_of_a_message() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for first in ALL {
        for second in ALL.iter().filter(|second| second.directive != first.directive) {
            for layout in LAYOUTS {
                for hyphen in [false, true] {
                    tried += sweep([first, second], hyphen, layout, &mut wrong);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}
