//! Regular expressions become DFAs here, so that the module compiles nothing.
use super::Fault;
use regex_automata::{
    dfa::{StartKind, dense},
    nfa::thompson,
    util::syntax,
};
use regex_syntax::Error;

/// The most bytes that a DFA may take before it is made sparse.
const DENSE_LIMIT: usize = 1 << 20;
/// DFAs up to this size are minimized, which takes long for large ones.
const MINIMIZE_LIMIT: usize = 128 << 10;
/// The most bytes that one regex may add to the module.
const SPARSE_LIMIT: usize = 256 << 10;

/// The sparse DFA of a regex, little endian and unanchored.
pub(crate) fn compile(pattern: &str) -> Result<Vec<u8>, Fault> {
    syntax::parse(pattern).map_err(|error| invalid(&error))?;
    // Unicode's classes are large, and its word boundaries need more than a DFA: where the regex names no other
    // characters, `\w`, `\d`, `\s` and `\b` mean ASCII, and `.` is a byte.
    let ascii = pattern.is_ascii().then(|| build(pattern, false)).flatten();
    ascii.or_else(|| build(pattern, true)).ok_or_else(too_large)
}

fn build(pattern: &str, unicode: bool) -> Option<Vec<u8>> {
    let dfa = dense(pattern, unicode, false)?;
    let dfa = if dfa.memory_usage() <= MINIMIZE_LIMIT { dense(pattern, unicode, true)? } else { dfa };
    let bytes = dfa.to_sparse().ok()?.to_bytes_little_endian();
    (bytes.len() <= SPARSE_LIMIT).then_some(bytes)
}

fn dense(pattern: &str, unicode: bool, minimize: bool) -> Option<dense::DFA<Vec<u32>>> {
    let config = dense::Config::new()
        .minimize(minimize)
        .start_kind(StartKind::Unanchored)
        .dfa_size_limit(Some(DENSE_LIMIT))
        .determinize_size_limit(Some(2 * DENSE_LIMIT));
    dense::Builder::new()
        .configure(config)
        .syntax(syntax::Config::new().unicode(unicode).utf8(false))
        .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(DENSE_LIMIT)))
        .build(pattern)
        .ok()
}

fn invalid(error: &Error) -> Fault {
    let (what, span) = match error {
        Error::Parse(error) => (error.kind().to_string(), *error.span()),
        Error::Translate(error) => (error.kind().to_string(), *error.span()),
        other => return Fault::new(format!("this is no regular expression: {other}")),
    };
    Fault::new(format!("this is no regular expression: {what}"))
        .at(span.start.offset..span.end.offset)
        .help("the syntax is <https://docs.rs/regex/latest/regex/#syntax>")
}

fn too_large() -> Fault {
    Fault::new("this regular expression becomes too large")
        .help("use smaller repetitions than `{1,1000}`, `[a-z]` for `\\p{…}`, or `prefix`, `suffix` and `contains`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex_automata::dfa::{Automaton, sparse::DFA};

    fn matches(pattern: &str, text: &[u8]) -> bool {
        let bytes = compile(pattern).unwrap();
        let (dfa, _) = DFA::from_bytes(&bytes).unwrap();
        dfa.try_search_fwd(&text.into()).unwrap().is_some()
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
            let size = compile(pattern).unwrap().len();
            assert!(size <= limit, "{pattern}: {size}");
        }
    }
}
