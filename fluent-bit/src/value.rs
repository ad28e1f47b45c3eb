//! Values as Fluent Bit reads them: sizes, booleans and times (`src/flb_utils.c`). Where Fluent Bit makes something of a
//! text that nobody can have meant, there is no value here.

/// The words for true, in any case (`flb_utils_bool`).
const TRUE: [&str; 3] = ["on", "true", "yes"];

/// The words for false.
pub const FALSE: [&str; 3] = ["off", "false", "no"];

/// A boolean.
pub fn boolean(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match (is(TRUE), is(FALSE)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// Whether a text means true.
pub fn is_on(text: &str) -> bool {
    boolean(text) == Some(true)
}

/// Whether a text means false.
pub fn is_off(text: &str) -> bool {
    boolean(text) == Some(false)
}

/// A number of bytes (`flb_utils_size_to_bytes`). K, M and G are powers of 1000, and a B may follow them, but not the number
/// alone. `false` is 0, which most properties take for "no limit".
pub fn size(text: &str) -> Option<u64> {
    if text.eq_ignore_ascii_case("false") {
        return Some(0);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => 1.0,
        "K" | "KB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        _ => return None,
    };
    let bytes = number(digits)? * factor;
    (0.0..MOST).contains(&bytes).then_some(bytes as u64)
}

/// A size that limits something; 0 and `false` do not.
pub fn limit(text: &str) -> Option<u64> {
    size(text).filter(|bytes| *bytes > 0)
}

/// More bytes than Fluent Bit counts: 2 to the power of 63.
const MOST: f64 = 9_223_372_036_854_775_808.0;

/// A number of seconds (`flb_utils_time_to_seconds`), which is whole: of `1.5h` Fluent Bit reads `1h`.
pub fn seconds(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86400,
        _ => return None,
    };
    whole(digits)?.checked_mul(factor).filter(|seconds| *seconds <= i32::MAX.unsigned_abs().into())
}

/// Digits, with a fraction at most: no sign, no exponent, no `inf`.
fn number(digits: &str) -> Option<f64> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let fits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (fits(whole) && fits(fraction)).then(|| digits.parse().ok()).flatten()
}

fn whole(digits: &str) -> Option<u64> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text, what `flb_utils_size_to_bytes` of v5.0.9 and v5.1.1 makes of it (-1: nothing), and what is made of it here.
    const SIZES: [(&str, i64, Option<u64>); 33] = [
        ("0", 0, Some(0)),
        ("512", 512, Some(512)),
        ("5M", 5000000, Some(5000000)),
        ("10MB", 10000000, Some(10000000)),
        ("1k", 1000, Some(1000)),
        ("1KB", 1000, Some(1000)),
        ("1.5G", 1500000000, Some(1500000000)),
        ("1.5g", 1500000000, Some(1500000000)),
        ("700B", -1, None),
        ("2 M", -1, None),
        ("10 MB", -1, None),
        ("10X", -1, None),
        ("10MX", -1, None),
        ("10KiB", -1, None),
        ("MB", -1, None),
        ("M", 0, None),
        ("abc", -1, None),
        ("", -1, None),
        ("off", -1, None),
        ("false", 0, Some(0)),
        ("FALSE", 0, Some(0)),
        ("true", -1, None),
        ("-5", -5, None),
        ("-5M", -5000000, None),
        ("1e3", 1000, None),
        ("+5", 5, None),
        ("5.", -1, None),
        ("1.5.2", 1, None),
        ("9223372036854775807", -9223372036854775808, None),
        ("9223372036854775808", -9223372036854775808, None),
        ("9223372037G", -1, None),
        ("9223372035G", 9223372035000000512, Some(9223372035000000512)),
        ("5MM", -1, None),
    ];

    /// The same for `flb_utils_time_to_seconds`, which makes a number of everything.
    const TIMES: [(&str, i64, Option<u64>); 20] = [
        ("0", 0, Some(0)),
        ("30", 30, Some(30)),
        ("30s", 30, Some(30)),
        ("30S", 30, Some(30)),
        ("5m", 300, Some(300)),
        ("5M", 300, Some(300)),
        ("2h", 7200, Some(7200)),
        ("1d", 86400, Some(86400)),
        ("1D", 86400, Some(86400)),
        ("1.5h", 3600, None),
        ("1.5", 1, None),
        ("90 s", 90, None),
        ("soon", 0, None),
        ("", 0, None),
        ("10ms", 10, None),
        ("1w", 1, None),
        ("-1", -1, None),
        ("1h30m", 60, None),
        ("99999999999", 1215752191, None),
        ("30000d", -1702967296, None),
    ];

    /// The same for `flb_utils_bool`, from which nothing differs here.
    const BOOLEANS: [(&str, i8); 17] = [
        ("on", 1),
        ("On", 1),
        ("TRUE", 1),
        ("yes", 1),
        ("off", 0),
        ("Off", 0),
        ("false", 0),
        ("no", 0),
        ("NO", 0),
        ("1", -1),
        ("0", -1),
        ("y", -1),
        ("n", -1),
        ("t", -1),
        ("enabled", -1),
        ("", -1),
        (" on", -1),
    ];

    fn assert_reads(table: &[(&str, i64, Option<u64>)], read: fn(&str) -> Option<u64>) {
        for (text, fluent_bit, wanted) in table {
            assert_eq!(read(text), *wanted, "{text:?}");
            let same = wanted.is_none_or(|wanted| i64::try_from(wanted) == Ok(*fluent_bit));
            assert!(same, "{text:?}: Fluent Bit reads {fluent_bit}");
        }
    }

    #[test]
    fn sizes_are_what_fluent_bit_reads() {
        assert_reads(&SIZES, size);
    }

    #[test]
    fn times_are_what_fluent_bit_reads() {
        assert_reads(&TIMES, seconds);
    }

    #[test]
    fn booleans_are_what_fluent_bit_reads() {
        for (text, fluent_bit) in BOOLEANS {
            let wanted = [None, Some(false), Some(true)][usize::try_from(fluent_bit + 1).unwrap()];
            assert_eq!(boolean(text), wanted, "{text:?}");
        }
    }
}
