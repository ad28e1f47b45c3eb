//! What a request carries, so that its record is known again.
use super::Sighting;
use serde_json::Value;
use std::{
    fmt,
    hash::{BuildHasher as _, RandomState},
    ops::RangeInclusive,
    str::FromStr,
};

/// A text that nothing else has in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

/// How long it is, at least and at most.
const LENGTH: RangeInclusive<usize> = 8..=64;

impl Mark {
    /// A new one.
    pub fn new() -> Mark {
        // Its keys are the system's random numbers.
        Mark(format!("fk{:016x}", RandomState::new().hash_one("mark")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a line says, if the mark is in it. An error line is not the request's own.
    pub(super) fn in_line(&self, line: &[u8], place: &str) -> Option<Sighting> {
        let mark = self.0.as_bytes();
        line.windows(mark.len()).position(|part| part == mark)?;
        let record: Value = serde_json::from_slice(line).unwrap_or_default();
        let sighting = Sighting { route: record["route"].as_str().map(str::to_string), place: place.to_string() };
        (record["kind"] != "error").then_some(sighting)
    }
}

impl Default for Mark {
    fn default() -> Mark {
        Mark::new()
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Mark {
    type Err = String;

    fn from_str(text: &str) -> Result<Mark, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if LENGTH.contains(&text.len()) && text.bytes().all(fits) {
            return Ok(Mark(text.to_string()));
        }
        Err(format!("a mark is {} to {} letters, digits, `-` and `_`", LENGTH.start(), LENGTH.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_in_records_and_in_lines_but_not_in_error_lines() {
        let mark: Mark = "fk01234567".parse().unwrap();
        let route = |line: &str| mark.in_line(line.as_bytes(), "here").map(|sighting| sighting.route);
        assert_eq!(route(r#"{"query":"m=fk01234567","kind":"access","route":"rest"}"#), Some(Some("rest".into())));
        assert_eq!(route("GET /?m=fk01234567"), Some(None));
        assert_eq!(route(r#"{"message":"no fk01234567","kind":"error","route":"failures"}"#), None);
        assert_eq!(route(r#"{"query":"m=fk0123456"}"#), None);
    }

    #[test]
    fn marks_are_new_and_need_no_quotes() {
        let mark = Mark::new();
        assert_ne!(mark, Mark::new());
        assert_eq!(mark.as_str().parse(), Ok(mark));
        for wrong in ["short", "with a blank", &"x".repeat(65)] {
            assert!(wrong.parse::<Mark>().is_err(), "{wrong}");
        }
    }
}
