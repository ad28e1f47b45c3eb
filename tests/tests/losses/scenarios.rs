//! Configurations that lose records or double them, beside those that do not.

use firelens_pipeline::Version;

/// One rule: the same records through what it finds and through what it lets pass. `@file NAME MATCH` is an output.
pub struct Scenario {
    pub rule: &'static str,
    pub sent: &'static [&'static str],
    pub bad: &'static str,
    /// The records that arrive, by output. An output without records has no file.
    pub bad_counts: &'static [(&'static str, usize)],
    /// The same since a release that does better.
    pub better: Option<(Version, &'static [(&'static str, usize)])>,
    pub good: &'static str,
    pub good_counts: &'static [(&'static str, usize)],
}

const LEVELS: &[&str] = &[
    r#"{"log": "a 1", "level": "info"}"#,
    r#"{"log": "b 2", "level": "error"}"#,
    r#"{"log": "c 3", "level": "error"}"#,
    r#"{"log": "d 4", "level": "info"}"#,
];

const ODD: &[&str] =
    &[r#"{"log": "a 1"}"#, r#"{"log": 2}"#, r#"{"log": {"n": 3}}"#, r#"{"log": null}"#, r#"{"message": "e 5"}"#];

const NUMBERED: &[&str] = &[
    r#"{"log": "a 1", "container_name": "web"}"#,
    r#"{"log": "b 2", "container_name": "web"}"#,
    r#"{"log": "no pair"}"#,
];

/// A line of JSON in two pieces, as Docker's log driver cuts it, and a whole one.
const PIECES: &[&str] = &[
    r#"{"log": "{\"a\":\"x", "partial_message": "true", "partial_id": "1", "partial_ordinal": "1", "partial_last": "false"}"#,
    r#"{"log": "y\"}", "partial_message": "true", "partial_id": "1", "partial_ordinal": "2", "partial_last": "true"}"#,
    r#"{"log": "{\"a\":\"z\"}"}"#,
];

pub const SCENARIOS: &[Scenario] = &[
    // The new tag fits the pattern as well: these records go round and never arrive.
    Scenario {
        rule: "FLK020",
        sent: LEVELS,
        bad: "[FILTER]\n    Name rewrite_tag\n    Match *-firelens-*\n    Rule $level ^error$ errors.$TAG false\n@file all *",
        bad_counts: &[("all", 4)],
        better: Some((Version::new(5, 1, 1), &[("all", 6)])),
        good: "[FILTER]\n    Name rewrite_tag\n    Match *-firelens-*\n    Rule $level ^error$ errors false\n@file all *",
        good_counts: &[("all", 6)],
    },
    // The health check's record arrives, too, and here the last one.
    Scenario {
        rule: "FLK023",
        sent: LEVELS,
        bad: "@file all *",
        bad_counts: &[("all", 6)],
        better: None,
        good: "@file all *-firelens-*",
        good_counts: &[("all", 4)],
    },
    // Neither piece is JSON.
    Scenario {
        rule: "FLK033",
        sent: PIECES,
        bad: "[FILTER]\n    Name parser\n    Match *-firelens-*\n    Key_Name log\n    Parser json\n    Reserve_Data On\n[FILTER]\n    Name grep\n    Match *-firelens-*\n    Regex a .\n@file parsed *-firelens-*",
        bad_counts: &[("parsed", 1)],
        better: None,
        good: "[FILTER]\n    Name multiline\n    Match *-firelens-*\n    Multiline.Key_Content log\n    Mode partial_message\n[FILTER]\n    Name parser\n    Match *-firelens-*\n    Key_Name log\n    Parser json\n    Reserve_Data On\n[FILTER]\n    Name grep\n    Match *-firelens-*\n    Regex a .\n@file parsed *-firelens-*",
        good_counts: &[("parsed", 2)],
    },
    // The new tag has no output.
    Scenario {
        rule: "FLK021",
        sent: LEVELS,
        bad: "[FILTER]\n    Name rewrite_tag\n    Match *-firelens-*\n    Rule $level ^error$ errors false\n@file all *-firelens-*",
        bad_counts: &[("all", 2)],
        better: None,
        good: "[FILTER]\n    Name rewrite_tag\n    Match *-firelens-*\n    Rule $level ^error$ errors false\n@file all *-firelens-*\n@file errors errors",
        good_counts: &[("all", 2), ("errors", 2)],
    },
    // The pattern fits no tag.
    Scenario {
        rule: "FLK022",
        sent: LEVELS,
        bad: "@file all *-firelens-*\n[FILTER]\n    Name grep\n    Match web\n    Exclude level info",
        bad_counts: &[("all", 4)],
        better: None,
        good: "@file all *-firelens-*\n[FILTER]\n    Name grep\n    Match web-firelens-*\n    Exclude level info",
        good_counts: &[("all", 2)],
    },
    // Only text matches.
    Scenario {
        rule: "FLK025",
        sent: ODD,
        bad: "[FILTER]\n    Name rewrite_tag\n    Match *-firelens-*\n    Rule $log .* all false\n@file all all",
        bad_counts: &[("all", 1)],
        better: None,
        good: "[FILTER]\n    Name rewrite_tag\n    Match *-firelens-*\n    Rule $log .* all false\n@file all all\n@file rest *-firelens-*",
        good_counts: &[("all", 1), ("rest", 4)],
    },
    // The comment becomes a part of the pattern.
    Scenario {
        rule: "FLK068",
        sent: LEVELS,
        bad: "[FILTER]\n    Name grep\n    Match *-firelens-*  # everything\n    Regex level error\n@file all *-firelens-*",
        bad_counts: &[("all", 4)],
        better: None,
        good: "# everything\n[FILTER]\n    Name grep\n    Match *-firelens-*\n    Regex level error\n@file all *-firelens-*",
        good_counts: &[("all", 2)],
    },
    // The other fields of what was parsed are gone, so that nothing says which container it is from.
    Scenario {
        rule: "FLK082",
        sent: NUMBERED,
        bad: "[FILTER]\n    Name parser\n    Match *-firelens-*\n    Key_Name log\n    Parser pair\n[FILTER]\n    Name grep\n    Match *-firelens-*\n    Regex container_name .\n@file all *-firelens-*",
        bad_counts: &[],
        better: None,
        good: "[FILTER]\n    Name parser\n    Match *-firelens-*\n    Key_Name log\n    Parser pair\n    Reserve_Data On\n[FILTER]\n    Name grep\n    Match *-firelens-*\n    Regex container_name .\n@file all *-firelens-*",
        good_counts: &[("all", 2)],
    },
    // What one output shall not get, no output gets.
    Scenario {
        rule: "FLK083",
        sent: LEVELS,
        bad: "[FILTER]\n    Name grep\n    Match web-firelens-*\n    Regex level error\n@file alerts web-firelens-*\n@file archive *-firelens-*",
        bad_counts: &[("alerts", 2), ("archive", 2)],
        better: None,
        good: "[FILTER]\n    Name rewrite_tag\n    Match web-firelens-*\n    Rule $level ^error$ alerts true\n@file alerts alerts\n@file archive *-firelens-*",
        good_counts: &[("alerts", 2), ("archive", 4)],
    },
];
