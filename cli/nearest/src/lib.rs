//! "Did you mean": the right name in place of a wrong one.
//!
//! ```
//! assert_eq!(firelens_nearest::nearest("formt", &["format", "type"]), Some("format"));
//! ```
#![warn(missing_docs, unreachable_pub)]

/// The first of the names that are nearest to a wrong one, where that takes at most `limit` changes: a letter more, less,
/// another, or two that change places. Case does not matter.
pub fn within<'a>(wrong: &str, limit: usize, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&wrong, &name.to_lowercase());
    let near = right.into_iter().map(|name| (distance(name), name)).filter(|(far, _)| *far <= limit);
    near.min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// The name that was probably meant: one that differs by a few letters, or by what stands before or after it.
pub fn nearest<'a>(wrong: &str, right: &[&'a str]) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    let limit = (wrong.chars().count() / 3).max(1);
    let near = within(&wrong, limit, right.iter().copied());
    let longer = |name: &&&str| {
        let (short, long) = if name.len() < wrong.len() { (**name, wrong.as_str()) } else { (wrong.as_str(), **name) };
        short.len() > 2 && (long.starts_with(short) || long.ends_with(short))
    };
    near.or_else(|| right.iter().filter(longer).min_by_key(|name| name.len()).copied())
}

/// Lists with more names than this are not shown.
const MOST: usize = 20;

/// What to say about a wrong name: the one that was probably meant, or else all that there are.
pub fn suggestion(wrong: &str, known: &[&str]) -> Option<String> {
    match (nearest(wrong, known), known.len()) {
        (Some(near), _) => Some(format!("did you mean `{near}`?")),
        (None, 1..=MOST) => Some(format!("known are: {}", known.join(", "))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found() {
        assert_eq!(nearest("formt", &["format", "type"]), Some("format"));
        assert_eq!(nearest("Rails", &["rails", "json"]), Some("rails"));
        assert_eq!(nearest("xyz", &["format", "type"]), None);
        assert_eq!(nearest("two", &["to"]), Some("to"));
        assert_eq!(nearest("warning", &["alert", "warn"]), Some("warn"));
        assert_eq!(nearest("err", &["emerg", "error"]), Some("error"));
    }

    #[test]
    fn names_are_listed_where_none_is_near() {
        assert_eq!(suggestion("formt", &["format", "type"]).as_deref(), Some("did you mean `format`?"));
        assert_eq!(suggestion("xyz", &["format", "type"]).as_deref(), Some("known are: format, type"));
        assert_eq!(suggestion("xyz", &[]), None);
        assert_eq!(suggestion("xyz", &["abcdefgh"; 21]), None);
    }
}
