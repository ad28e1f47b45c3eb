use super::*;
use firelens_compiler::spec::Test;

#[test]
fn the_caret_stands_under_the_place_whatever_is_before_it() {
    // Three quotes and a tab are two bytes each in JSON text, `é` is two bytes anyway.
    let failed = failure("\"é\"\t\"x", 10, "%>s".into());
    assert_eq!(failed.column, 6);
    assert_eq!(failed.excerpt, "\"é\"\\t\"x");
    assert_eq!(failed.up_to, "\"é\"\\t\"");
}

#[test]
fn a_format_that_gave_up_says_so() {
    let failed = Some(Failed { gave_up: true, ..failure("a b", 2, "%l".into()) });
    let tried = Tried { format: Named { format: "common".into(), place: None }, failed };
    assert_eq!(tried.to_json()["gave_up"], true);
}

#[test]
fn long_lines_are_shown_around_the_place() {
    let failed = failure(&"x".repeat(1000), 500, String::new());
    assert_eq!(failed.excerpt.chars().count(), BEFORE + BEHIND + 2);
    assert_eq!(failed.up_to.chars().count(), BEFORE + 1);
    assert_eq!(failure("abc", 3, String::new()).excerpt, "abc");
    assert_eq!(failure("abc", 99, String::new()).column, 4);
}

#[test]
fn conditions_in_words() {
    let condition = |not, any| Condition { field: "status".into(), not, any };
    assert_eq!(describe(&condition(false, vec![Test::Range(500, 599)])), "status is from 500 to 599");
    assert_eq!(
        describe(&condition(true, vec![Test::Equals("a".into()), Test::Present])),
        "not: status is \"a\" or is there"
    );
    assert_eq!(Test::Level(0, 4).to_string(), "is warn or more severe");
    assert_eq!(Test::Level(9, 9).to_string(), "is trace2");
    assert_eq!(Test::Range(400, i64::MAX).to_string(), "is at least 400");
}

#[test]
fn an_explanation_as_json() {
    let named = |format: &str, place| Named { format: format.into(), place };
    let explanation = Explanation {
        formats: vec![
            Tried { format: named("common", None), failed: Some(failure("a b", 2, "%l".into())) },
            Tried { format: named("combined", Some(("httpd".into(), "stdout"))), failed: None },
        ],
        routes: vec![Considered {
            route: "failures".into(),
            condition: "status is 503".into(),
            value: Some("200".into()),
            held: false,
        }],
        route: Some("rest".into()),
    };
    assert_eq!(
        explanation.to_json(),
        json!({
            "formats": [
                { "format": "common", "fits": false, "column": 3, "expected": "%l" },
                { "format": "combined", "fits": true, "container": "httpd", "stream": "stdout" },
            ],
            "conditions": [{ "route": "failures", "condition": "status is 503", "value": 200, "held": false }],
            "route": "rest",
        })
    );
}
