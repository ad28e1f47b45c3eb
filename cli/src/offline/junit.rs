//! The results of expectations as JUnit XML, which CI systems show.
use super::report::{FileReport, shown};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::{fmt::Write as _, time::Duration};

/// One test suite a file.
///
/// # Errors
/// When the XML cannot be made.
pub fn render(reports: &[FileReport]) -> Result<String, String> {
    let mut all = Report::new("firelens-kit test");
    for report in reports {
        let mut suite = TestSuite::new(report.path.display().to_string());
        suite.add_test_cases(report.outcomes.iter().map(|outcome| {
            let mut case = TestCase::new(outcome.case.name.as_str(), TestCaseStatus::success());
            if !outcome.passed() {
                let mut details = format!("{}:{}\n", report.path.display(), outcome.case.line_number);
                for difference in &outcome.differences {
                    let (expected, got) = (shown(difference.expected.as_ref()), shown(difference.got.as_ref()));
                    let _ = writeln!(details, "{}: expected {expected}, got {got}", difference.field);
                }
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                let fields: Vec<_> = outcome.differences.iter().map(|difference| difference.field.as_str()).collect();
                status.set_message(format!("not as expected: {}", fields.join(", "))).set_description(details);
                case = TestCase::new(outcome.case.name.as_str(), status);
            }
            case.set_classname(report.path.display().to_string());
            case.set_time(Duration::from_secs_f64(outcome.seconds));
            case
        }));
        all.add_test_suite(suite);
    }
    all.to_string().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_say_what_was_expected() {
        let xml = render(&super::super::report::tests::reports()).unwrap();
        assert!(xml.contains(r#"<testsuite name="shop.test.toml" tests="2" "#), "{xml}");
        assert!(xml.contains(r#"failures="1""#), "{xml}");
        assert!(xml.contains(r#"<testcase name="bad &lt;one&gt;""#), "{xml}");
        assert!(xml.contains("user: expected nothing, got \"bob\"") || xml.contains("got &quot;bob&quot;"), "{xml}");
    }
}
