//! Numbers with their nouns.

/// `1 object`, `1,234 objects`
pub fn count(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// The number with commas.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_nouns_their_plural() {
        assert_eq!([count(0, "line"), count(1, "line"), count(1_234, "line")], ["0 lines", "1 line", "1,234 lines"]);
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
