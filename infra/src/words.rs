//! Numbers with their nouns.

/// `1 object`, `2 objects`
pub(crate) fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
