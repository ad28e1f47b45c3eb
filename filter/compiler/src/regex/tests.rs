use super::*;
use proptest::prelude::*;

fn matches(pattern: &str, text: &[u8]) -> bool {
    compile(pattern).unwrap().is_match(text)
}

#[test]
fn found_anywhere_in_any_bytes() {
    for (pattern, text, expected) in [
        (r"^/(api|admin)/", "/api/x", true),
        (r"^/(api|admin)/", "/x/api/", false),
        (r"\.(png|jpe?g)$", "/a.jpeg", true),
        (r"(?i)bot\b", "GoogleBot/2.1", true),
        (r"\bbot\b", "robots é", false),
        (r"ä+", "Käse", true),
        (r"(?i)KÄSE", "käse", true),
        (r"\d{3}", "a123", true),
        ("", "", true),
    ] {
        assert_eq!(matches(pattern, text.as_bytes()), expected, "{pattern} {text}");
    }
    assert!(matches("x$", b"\xff\xfex"));
}

#[test]
fn faults() {
    let fault = compile("/a(b").unwrap_err();
    assert_eq!(fault.span, Some(2..3));
    assert!(fault.message.contains("unclosed group"), "{}", fault.message);
    assert!(compile(r"\p{L}{1,200}x{500}").unwrap_err().message.contains("too large"));
    assert!(compile(r"(?<a>x)\1").unwrap_err().message.contains("backreferences"));
}

#[test]
fn usual_ones_are_small() {
    for (pattern, limit) in [(r"^/health", 1500), (r"(?i)(bot|crawler|spider)", 4000), (r"\w+@\w+", 3000)] {
        let size = compile(pattern).unwrap().size();
        assert!(size <= limit, "{pattern}: {size}");
    }
}

#[test]
fn what_cannot_be_searched_for() {
    for (pattern, part) in [("^a", "cannot have `^`"), (r"a\b", "`\\b`"), ("a*", "empty"), ("a(", "unclosed")] {
        let fault = compile_search(pattern).unwrap_err();
        assert!(fault.message.contains(part), "{pattern}: {}", fault.message);
    }
    assert!(compile_search(r"\p{L}{1,200}x{500}").unwrap_err().message.contains("too large"));
}

/// As the `regex` crate sees it, with Unicode only where the pattern needs it.
fn expected(pattern: &str, text: &[u8]) -> bool {
    let mut builder = regex::bytes::RegexBuilder::new(pattern);
    builder.unicode(!pattern.is_ascii()).build().unwrap().is_match(text)
}

fn patterns(leaf: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::select(leaf).prop_map(str::to_string).prop_recursive(5, 24, 4, |inner| {
        let repeat = proptest::sample::select(&["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0}", "{2,}?"][..]);
        let flags = proptest::sample::select(&["", "?:", "?i:", "?m:", "?s:", "?U:", "?x:", "?mR:", "?ims:"][..]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..5).prop_map(|parts| parts.concat()),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            (inner.clone(), repeat).prop_map(|(part, repeat)| format!("(?:{part}){repeat}")),
            (inner, flags).prop_map(|(part, flags)| format!("({flags}{part})")),
        ]
    })
}

fn texts() -> impl Strategy<Value = Vec<u8>> {
    let piece = proptest::sample::select(
        &["a", "b", "c", "A", "k", "K", "_", "1", " ", "\n", "\r", "-", "é", "É", "\u{212a}"][..],
    );
    let piece = prop_oneof![
        9 => piece.prop_map(|piece| piece.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    proptest::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

#[rustfmt::skip]
const ASCII: &[&str] = &[
    "a", "b", "ab", "k", "", ".", r"\w", r"\W", r"\d", r"\s", r"\b", r"\B", "^", "$", r"\A", r"\z", "[^a]", "[a-c]",
    r"\x{2d}", r"(?-u:\w)", r"\b{start}", r"\b{end}", r"\b{start-half}", r"\b{end-half}", "\n", r"\r",
];
#[rustfmt::skip]
const UNICODE: &[&str] = &[
    "a", "é", "É", "k", "aé", "", ".", "^", "$", r"\A", r"\z", "[^é]", "[a-é]", r"(?-u:\w)", r"(?-u:\b)", r"\d",
];

proptest! {
    #[test]
    fn ascii_matches_are_those_of_the_regex_crate(
        pattern in patterns(ASCII), texts in proptest::collection::vec(texts(), 1..20),
    ) {
        let dfa = compile(&pattern).unwrap();
        for text in texts {
            prop_assert_eq!(dfa.is_match(&text), expected(&pattern, &text), "{} {:?}", pattern, text);
        }
    }

    /// What is found is a match, and beside what is found there is none.
    #[test]
    fn searches_find_all_that_matches(
        pattern in patterns(&["a", "b", "ab", ".", "[^a]", r"\d", "k", "-"]), texts in proptest::collection::vec(texts(), 1..20),
    ) {
        let Ok((ends, start)) = compile_search(&pattern) else { return Ok(()) };
        let regex = |pattern: &str| regex::bytes::RegexBuilder::new(pattern).unicode(false).build().unwrap();
        let (any, whole) = (regex(&pattern), regex(&format!("^(?:{pattern})$")));
        for text in texts {
            let mut found = Vec::new();
            firelens_filter::program::find_matches(&ends, &start, &text, &mut found);
            let mut before = text.len();
            for (from, to) in found.iter().copied().chain([(0, 0)]) {
                prop_assert!(to <= before && !any.is_match(&text[to..before]), "{} {:?} {:?}", pattern, text, found);
                prop_assert!(from == to || whole.is_match(&text[from..to]), "{} {:?} {:?}", pattern, text, found);
                before = from;
            }
        }
    }

    #[test]
    fn unicode_matches_are_those_of_the_regex_crate(
        pattern in patterns(UNICODE), texts in proptest::collection::vec(texts(), 1..20),
    ) {
        let dfa = compile(&pattern).unwrap();
        for text in texts {
            prop_assert_eq!(dfa.is_match(&text), expected(&pattern, &text), "{} {:?}", pattern, text);
        }
    }
}
