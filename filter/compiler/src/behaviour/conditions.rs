//! Conditions see what is printed.
use super::*;

/// Whether a condition on a line's field holds.
fn holds(format: Format, line: &str, field: &str, test: Test) -> bool {
    let yes = route("yes", vec![on(field, test)], Action::Keep);
    // With JSON lines among the formats any test may be asked of any field.
    let spec = Spec {
        routes: vec![yes, route("no", vec![], Action::Keep)],
        ..httpd(vec![format, Format::Json { zone: Vec::new() }])
    };
    let fields = read(&spec, line);
    assert_ne!(fields["kind"], "unparsed", "{line}");
    fields["route"] == "yes"
}

#[test]
fn durations_are_microseconds() {
    for (format, line, micros) in [("%h %T", "h 5", 5_000_000), ("%h %{ms}T", "h 12", 12_000), ("%h %D", "h 7", 7)] {
        for (test, expected) in [
            (Test::Range(micros, micros), true),
            (Test::Range(0, micros - 1), false),
            (Test::Equals(micros.to_string()), true),
        ] {
            assert_eq!(holds(access(format), line, "duration_us", test.clone()), expected, "{line} {test:?}");
        }
    }
    let rails = || Format::Rails { zone: Vec::new() };
    assert!(holds(rails(), "Completed 200 OK in 12ms (Views: 3.4ms)", "duration_us", Test::Range(12_000, 12_000)));
    assert!(holds(rails(), "Completed 200 OK in 12ms (Views: 3.4ms)", "view_us", Test::Range(3_400, 3_400)));
}

#[test]
fn numbers_have_no_plus_and_no_zeros_in_front() {
    assert!(holds(access("%h %O"), "h 007", "bytes_out", Test::Equals("7".to_string())));
    assert!(holds(access("%h %O"), "h +7", "bytes_out", Test::Range(7, 7)));
    assert!(holds(access("%h %O"), "h -07", "bytes_out", Test::Equals("-7".to_string())));
    assert!(holds(access("%h %O"), "h 0", "bytes_out", Test::Equals("0".to_string())));
    assert!(!holds(access("%h %O"), "h -", "bytes_out", Test::Present));
}

#[test]
fn words_are_in_lower_case() {
    let line = "E, [2026-11-22T07:38:32.729000 #1] ERROR -- : x";
    let rails = || Format::Rails { zone: Vec::new() };
    assert!(holds(rails(), line, "level", Test::Equals("error".to_string())));
    assert!(holds(rails(), line, "level", Test::Level(3, 3)));
}

#[test]
fn empty_and_absent_values() {
    let empty = || Test::Equals(String::new());
    assert!(holds(access("[%u] %h"), r#"[""] h"#, "user", empty()));
    assert!(!holds(access("[%u] %h"), "[-] h", "user", Test::Present));
    assert!(holds(access("%h %X"), "h -", "conn_status", Test::Equals("-".to_string())));
    assert!(holds(access("%h \"%{Referer}i\""), "h \"\"", "referer", empty()));
}

#[test]
fn times() {
    for (format, line) in [("%h %t", "h [22/Nov/2026:08:38:32 +0100]"), ("%h %{%F %T}t", "h 2026-11-22 07:38:32")] {
        assert!(holds(access(format), line, "time", Test::Prefix("2026-11-22T07:38:32Z".to_string())), "{line}");
        assert!(!holds(access(format), line, "time", Test::Prefix("2026-11-22T08".to_string())), "{line}");
    }
}

#[test]
fn a_number_without_digits_is_not_printed() {
    let rails = httpd(vec![Format::Rails { zone: Vec::new() }]);
    let fields = read(&rails, "I, [2026-11-22T07:38:32.729000 #-]  INFO -- : x");
    assert_eq!((fields.get("pid"), &fields["kind"]), (None, &json!("rails")));
    assert_eq!(read(&rails, "Completed 200 OK in -ms").get("duration_us"), None);
}
