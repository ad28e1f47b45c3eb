//! Annotations of a pull request: GitHub's workflow commands.
use super::Source;
use crate::lint::{Finding, Severity};

/// One line for each finding.
pub fn github(sources: &[Source], findings: &[Finding]) -> String {
    findings.iter().map(|finding| line(sources, finding)).collect()
}

fn line(sources: &[Source], finding: &Finding) -> String {
    let source = &sources[finding.place.file];
    let range = source.range(&source.clip(&finding.place.span()));
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Remark => "notice",
    };
    let mut message = finding.message.clone();
    if let Some(help) = &finding.help {
        message.push_str(&format!("\n{help}"));
    }
    let (start, end) = (range.start, range.end);
    // GitHub takes columns only where both are on one line.
    let columns = match start.line == end.line {
        true => format!(",col={},endColumn={}", start.column, end.column),
        false => String::new(),
    };
    format!(
        "::{command} file={},line={},endLine={}{columns},title={}::{}\n",
        property(&source.path),
        start.line,
        end.line,
        property(&format!("{} {}", finding.rule.code, finding.rule.name)),
        data(&message),
    )
}

/// The message: GitHub takes it to the end of the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property also ends at `:` and `,`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!((data("50%\na"), property("a:b,c")), ("50%25%0Aa".to_string(), "a%3Ab%2Cc".to_string()));
    }
}
