//! Regular expressions that run in Fluent Bit: its dialect is Ruby's, and offline Rust's crate `regex` stands in for it. What
//! the two would read differently is refused.
use regex_syntax::ast::{self, Ast};

/// Why a pattern is refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub message: String,
    pub help: String,
}

/// Whether the pattern means the same in both dialects.
pub(crate) fn check(pattern: &str) -> Result<(), Fault> {
    let fault = |message: &str, help: &str| Fault { message: message.to_string(), help: help.to_string() };
    if pattern.is_empty() {
        return Err(fault("the pattern is empty", "name what the line begins with, such as '^[0-9]{4}-'"));
    }
    if pattern.contains(['\n', '\r', '\0']) {
        return Err(fault("a line holds no newline", "write one pattern for one line"));
    }
    let parsed = ast::parse::Parser::new().parse(pattern).map_err(|error| Fault {
        message: format!("{}", error.kind()),
        help: "Fluent Bit's look-around and references are not available here; escape `( [ { . * + ?` with `\\`"
            .to_string(),
    })?;
    ast::visit(&parsed, Visitor)?;
    let built = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern);
    built.map(|_| ()).map_err(|error| Fault { message: reason(&error), help: ASCII.to_string() })
}

const ASCII: &str = "write characters beyond ASCII outside of `[…]`";

fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

/// Whether it fits whatever stands in the line: lines that have nothing in common are tried.
pub(crate) fn fits_everything(pattern: &str) -> bool {
    const LINES: [&str; 8] = ["x", "0", " ", "-", "\u{e9}", "{", "\tat", "A b: 1"];
    let built = firelens_pipeline::multiline::Pattern::new(pattern);
    built.is_ok_and(|pattern| LINES.iter().all(|line| pattern.fits(line.as_bytes())) || pattern.fits(b""))
}

/// Looks for what the dialects read differently.
struct Visitor;

impl ast::Visitor for Visitor {
    type Output = ();
    type Err = Fault;

    fn finish(self) -> Result<(), Fault> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), Fault> {
        let (what, help) = match ast {
            Ast::Flags(_) => ("a flag", "leave it out"),
            Ast::Group(group) if matches!(&group.kind, ast::GroupKind::NonCapturing(flags) if !flags.items.is_empty()) => {
                ("a flag", "leave it out")
            }
            Ast::Group(group) if matches!(group.kind, ast::GroupKind::CaptureName { .. }) => {
                ("a named group", "write `(?:…)`")
            }
            Ast::ClassUnicode(_) => return Err(unicode()),
            Ast::Repetition(outer) if matches!(&*outer.ast, Ast::Repetition(_)) => {
                ("a repetition of a repetition", "put the inner one into `(?:…)`")
            }
            Ast::Assertion(assertion) if !known(&assertion.kind) => {
                ("this kind of boundary", r"write `\b`, `^` or `$`")
            }
            Ast::Literal(literal) if !plain(&literal.kind) => ("this escape", r"write `\xHH`, or the character itself"),
            _ => return Ok(()),
        };
        Err(Fault { message: format!("{what} means something else in Fluent Bit"), help: help.to_string() })
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ast::ClassSetBinaryOp) -> Result<(), Fault> {
        let message = "`&&`, `--` or `~~` in a class means something else in Fluent Bit".to_string();
        Err(Fault { message, help: r"escape the characters with `\`".to_string() })
    }

    fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), Fault> {
        let literal = match item {
            ast::ClassSetItem::Literal(literal) => literal,
            ast::ClassSetItem::Unicode(_) => return Err(unicode()),
            _ => return Ok(()),
        };
        self.visit_pre(&Ast::literal(literal.clone()))
    }
}

fn unicode() -> Fault {
    let message = "a Unicode class means something else in Fluent Bit".to_string();
    Fault { message, help: "write its characters, such as `[A-Za-z]`".to_string() }
}

fn known(kind: &ast::AssertionKind) -> bool {
    use ast::AssertionKind::*;
    matches!(kind, StartLine | EndLine | StartText | EndText | WordBoundary | NotWordBoundary)
}

fn plain(kind: &ast::LiteralKind) -> bool {
    use ast::{HexLiteralKind::X, LiteralKind::*};
    matches!(kind, Verbatim | Meta | Superfluous | HexFixed(X) | Special(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_dialects_read_alike_is_taken() {
        for pattern in [
            r"^[0-9]{4}-\d\d-\d\d ",
            r"^\[",
            r"^(?:INFO|WARN) \(a\)",
            r"\bpanic: ",
            r"^[^\t ]+?\.go:\d+",
            "^é ",
            r"a\/b\x41\-",
        ] {
            assert_eq!(check(pattern), Ok(()), "{pattern}");
        }
    }

    #[test]
    fn what_they_read_differently_is_refused() {
        for (pattern, part) in [
            ("", "empty"),
            ("a\nb", "newline"),
            ("^(?!x)", "look-around"),
            ("(a", "unclosed"),
            ("(?m)^a", "a flag"),
            ("(?s:a.)", "a flag"),
            ("(?P<a>x)", "a named group"),
            (r"\p{Lu}", "a Unicode class"),
            (r"[\p{Lu}]", "a Unicode class"),
            ("a++", "a repetition of a repetition"),
            (r"\u{e9}", "this escape"),
            (r"\<a", "this kind of boundary"),
            ("[a&&b]", "in a class"),
            ("[é]", "Unicode"),
        ] {
            let fault = check(pattern).expect_err(pattern);
            assert!(format!("{} {}", fault.message, fault.help).contains(part), "{pattern}: {fault:?}");
        }
    }

    #[test]
    fn a_pattern_that_fits_all_lines_is_known() {
        assert!([".", "^", ".*", "^.+$", "x*", "(?:a|.)", "^$"].into_iter().all(fits_everything));
        assert!(!["^x", "[0-9]", "^[A-Z]"].into_iter().any(fits_everything));
    }
}
