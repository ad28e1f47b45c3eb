//! Which text of a line became which field: where a field's value stands in the line.
//!
//! The filter does not tell, and a value can stand in a line more than once. Values are looked for in the record's order,
//! behind the last one that was found, as words of their own; then anywhere. A time is found by its minutes and seconds,
//! which no time zone with whole hours changes.
use std::ops::Range;

/// The shortest value that may be a part of a word.
const PART: usize = 4;

/// Finds values, one after the other.
pub struct Finder<'a> {
    line: &'a str,
    taken: Vec<Range<usize>>,
    next: usize,
}

impl<'a> Finder<'a> {
    /// For this line.
    pub fn new(line: &'a str) -> Finder<'a> {
        Finder { line, taken: Vec::new(), next: 0 }
    }

    /// The bytes of the line that hold this value, which no other one has.
    pub fn find(&mut self, value: &str) -> Option<Range<usize>> {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        let found = self.anywhere(value, true).or_else(|| self.anywhere(&escaped, true));
        let found = found.or_else(|| (value.len() >= PART).then(|| self.anywhere(value, false)).flatten());
        self.take(found)
    }

    /// The bytes of the line that hold the time with this text in RFC 3339.
    pub fn find_time(&mut self, rfc3339: &str) -> Option<Range<usize>> {
        if let Some(found) = self.find(rfc3339) {
            return Some(found);
        }
        let clock = rfc3339.get(13..19)?;
        let at = self.line.find(clock)?;
        let (before, after) = (&self.line[..at], &self.line[at + clock.len()..]);
        let bracket = |c: char| c == '[' || c == ']';
        let word = |c: char| c.is_whitespace() || c == '"' || bracket(c);
        let found = match (before.rfind(bracket), after.find(bracket)) {
            (Some(open), Some(close)) if self.line[open..].starts_with('[') && after[close..].starts_with(']') => {
                open + 1..at + clock.len() + close
            }
            _ => {
                let start = before.rfind(word).map_or(0, |end| end + 1);
                start..after.find(word).map_or(self.line.len(), |end| at + clock.len() + end)
            }
        };
        let free = self.is_free(&found).then_some(found);
        self.take(free)
    }

    fn take(&mut self, found: Option<Range<usize>>) -> Option<Range<usize>> {
        let found = found?;
        self.next = found.end;
        self.taken.push(found.clone());
        Some(found)
    }

    fn anywhere(&self, value: &str, word: bool) -> Option<Range<usize>> {
        if value.is_empty() {
            return None;
        }
        let after = self.line[self.next..].match_indices(value).map(|(at, _)| self.next + at);
        let all = after.chain(self.line.match_indices(value).map(|(at, _)| at));
        all.map(|at| at..at + value.len()).find(|place| self.is_free(place) && (!word || self.is_word(place)))
    }

    fn is_free(&self, place: &Range<usize>) -> bool {
        self.taken.iter().all(|taken| taken.end <= place.start || place.end <= taken.start)
    }

    fn is_word(&self, place: &Range<usize>) -> bool {
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let before = self.line[..place.start].chars().next_back();
        let after = self.line[place.end..].chars().next();
        let first = self.line[place.start..].chars().next();
        let last = self.line[..place.end].chars().next_back();
        let begins_inside = inside(before) && inside(first);
        let ends_inside = inside(after) && inside(last);
        !begins_inside && !ends_inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_an_access_line() {
        let line = r#"10.0.0.1 - - [22/Nov/2026:07:38:32 +0000] "GET /2?q=\"x\" HTTP/1.1" 200 200 "-" "a 2""#;
        let mut finder = Finder::new(line);
        let mut find = |value: &str| finder.find(value).map(|place| (place.start, &line[place]));
        assert_eq!(find("10.0.0.1"), Some((0, "10.0.0.1")));
        assert_eq!(find("GET"), Some((43, "GET")));
        assert_eq!(find("/2"), Some((47, "/2")));
        assert_eq!(find("q=\"x\""), Some((50, "q=\\\"x\\\"")));
        assert_eq!(find("200"), Some((68, "200")));
        assert_eq!(find("200"), Some((72, "200")));
        assert_eq!(find("2"), Some((83, "2")));
        assert_eq!(find("200"), None);
        assert_eq!(find(""), None);
        let time = finder.find_time("2026-11-22T07:38:32Z").unwrap();
        assert_eq!(&line[time], "22/Nov/2026:07:38:32 +0000");
    }

    #[test]
    fn times_without_brackets_and_in_other_zones() {
        for (line, rfc3339, expected) in [
            ("time=2026-11-22T09:38:32+02:00 x", "2026-11-22T07:38:32Z", Some("time=2026-11-22T09:38:32+02:00")),
            ("I, [2026-11-22T07:38:32.1 #7] x", "2026-11-22T07:38:32.1Z", Some("2026-11-22T07:38:32.1 #7")),
            ("no time", "2026-11-22T07:38:32Z", None),
            ("x", "short", None),
        ] {
            assert_eq!(Finder::new(line).find_time(rfc3339).map(|place| &line[place]), expected, "{line}");
        }
    }

    #[test]
    fn a_short_value_is_no_part_of_a_word() {
        assert_eq!(Finder::new("abc200def").find("200"), None);
        assert_eq!(Finder::new("xAH00124x").find("AH00124"), Some(1..8));
        assert_eq!(Finder::new("äé").find("é"), None);
    }
}
