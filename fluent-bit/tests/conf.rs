//! Whatever the bytes of a configuration are, the readers end, every place they tell lies within the text, and the rules
//! and the mends can do with what was read.
use firelens_pipeline::{
    Version,
    conf::{self, Document, Entry, Item, Section, Span, Syntax, Value},
    lint::{self, Context, fix, report},
};
use proptest::prelude::*;

/// Pieces that configurations are made of, and some that break them.
const PIECES: &[&str] = &[
    "[INPUT]",
    "[",
    "]",
    "\n",
    "\r\n",
    "\r",
    "    ",
    "\t",
    " ",
    "#",
    "Name",
    "tail",
    "@INCLUDE ",
    "@SET ",
    "=",
    "${",
    "}",
    ":-",
    "\0",
    "é",
    "\u{feff}",
    "pipeline:",
    "inputs:",
    "outputs:",
    "  - ",
    "name: ",
    "processors:",
    "logs:",
    "env:",
    "includes:",
    "{",
    ",",
    "'",
    "\"",
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "---\n",
    "service:",
    "[OUTPUT]\n",
    "[FILTER]\n    Name rewrite_tag\n    Rule $a b c d\n",
    "    Match *\n",
    "    Name http\n",
    "[SERVICE]\n",
    "    apikey é\n",
];

fn text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        6 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn entries<'a>(entries: &'a [Entry], spans: &mut Vec<&'a Span>) {
    for entry in entries {
        spans.extend([&entry.key.span, entry.value.span()]);
        match &entry.value {
            Value::Map(inner, _) => self::entries(inner, spans),
            Value::List(list, _) => spans.extend(list.iter().map(Value::span)),
            Value::Text(_) => {}
        }
    }
}

fn section<'a>(section: &'a Section, spans: &mut Vec<&'a Span>) {
    spans.push(&section.title.span);
    entries(&section.entries, spans);
    section.groups.iter().for_each(|group| entries(&group.entries, spans));
    section.processors.iter().for_each(|processor| self::section(&processor.section, spans));
}

fn spans(document: &Document) -> Vec<&Span> {
    let mut spans: Vec<&Span> = document.faults.iter().map(|fault| &fault.span).collect();
    for item in &document.items {
        match item {
            Item::Section(inner) => section(inner, &mut spans),
            Item::Include(path) => spans.push(&path.span),
        }
    }
    spans.extend(document.variables.iter().flat_map(|variable| [&variable.name.span, &variable.value.span]));
    spans
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in text()) {
        let text = conf::decode(&bytes);
        prop_assert_eq!(text.len(), bytes.len());
        for syntax in [Syntax::Classic, Syntax::Yaml] {
            let document = conf::read(&text, syntax, 0);
            for span in spans(&document) {
                prop_assert!(text.get(span.clone()).is_some(), "{:?} of {:?}", span, text);
            }
        }
    }

    /// The place of a key or a value holds that key or value.
    #[test]
    fn places_are_right(bytes in text()) {
        let text = conf::decode(&bytes);
        let document = conf::read(&text, Syntax::Classic, 0);
        for entry in document.sections().flat_map(|section| &section.entries) {
            prop_assert_eq!(&text[entry.key.span.clone()], &entry.key.text);
            let value = entry.text().unwrap();
            prop_assert_eq!(&text[value.span.clone()], &value.text);
        }
    }

    /// All rules look at it, everything is printed, and what `--fix` writes can be linted again.
    #[test]
    fn any_bytes_are_linted(bytes in text(), ending in prop::sample::select(vec!["conf", "yaml", "json"])) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("any.{ending}"));
        std::fs::write(&path, &bytes).unwrap();
        let read = || Context::read(std::slice::from_ref(&path), None, Version::DEFAULT).unwrap();
        let context = read();
        let (findings, sources) = (lint::lint(&context), context.sources());
        report::text(&sources, &findings, true);
        report::json(&sources, &findings);
        report::sarif(&sources, &findings, "0");
        report::github(&sources, &findings);
        for fixed in fix::apply(&context.texts(), &findings) {
            std::fs::write(&path, &fixed.text).unwrap();
            lint::lint(&read());
        }
    }
}

#[test]
fn numbers_that_are_too_large_are_no_trouble() {
    let folder = tempfile::tempdir().unwrap();
    let (task, conf) = (folder.path().join("task.json"), folder.path().join("pipeline.conf"));
    let most = i64::MAX;
    let app = |name: &str| {
        format!(
            r#"{{ "name": "{name}", "image": "x", "memory": {most}, "logConfiguration": {{ "logDriver": "awsfirelens",
               "options": {{ "log-driver-buffer-limit": "{}" }} }} }}"#,
            u64::MAX
        )
    };
    let router = format!(
        r#"{{ "name": "r", "image": "fluent/fluent-bit:65535.65535.65536", "memory": 256, "stopTimeout": -{most},
           "firelensConfiguration": {{ "type": "fluentbit",
             "options": {{ "config-file-type": "file", "config-file-value": "/pipeline.conf" }} }} }}"#
    );
    let containers = [router, app("a"), app("b")].join(", ");
    std::fs::write(&task, format!(r#"{{ "memory": "{most}", "containerDefinitions": [{containers}] }}"#)).unwrap();
    let input = "[INPUT]\n    Name tail\n    Tag x\n    Mem_Buf_Limit 9223372035G\n";
    let service = format!("[SERVICE]\n    Grace {most}\n    Flush 1e308\n");
    std::fs::write(&conf, [&service, input, input].concat()).unwrap();
    let context = Context::read(&[task, conf], None, Version::DEFAULT).unwrap();
    let findings = lint::lint(&context);
    assert!(findings.iter().any(|finding| finding.rule.code == "FLK062"), "{findings:?}");
}
