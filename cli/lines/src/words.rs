//! Searching text eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The high bit of each byte of `word` that is `byte`. Bytes behind the first such one may be marked wrongly.
fn equal(word: u64, byte: u8) -> u64 {
    let zero = word ^ (ONES * u64::from(byte));
    zero.wrapping_sub(ONES) & !zero & HIGHS
}

/// The first byte from `start` on that ends a JSON string or begins an escape in it: `"` or `\`.
pub(super) fn find_quote(text: &[u8], start: usize) -> Option<usize> {
    find(text, start, |word| equal(word, b'"') | equal(word, b'\\'))
}

/// The first byte from `start` on that does not stand for itself in a JSON string of ASCII text: `"`, `\`, control
/// characters, and all that is not ASCII.
pub(super) fn find_special(text: &[u8], start: usize) -> Option<usize> {
    find(text, start, |word| {
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        control | equal(word, b'"') | equal(word, b'\\') | equal(word, 0x7f) | (word & HIGHS)
    })
}

/// The first byte that `marks` marks with its high bit; others behind it may be marked too.
#[inline(always)]
fn find(text: &[u8], start: usize, marks: impl Fn(u64) -> u64) -> Option<usize> {
    let (words, rest) = text.get(start..)?.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let found = marks(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(start + 8 * index + found.trailing_zeros() as usize / 8);
        }
    }
    let mut last = [b' '; 8];
    last[..rest.len()].copy_from_slice(rest);
    let found = marks(u64::from_le_bytes(last));
    (found != 0).then(|| start + 8 * words.len() + found.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_in_every_place() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=255u8 {
                    for behind in [b'a', b'"', 0, 0xff] {
                        let mut text = vec![b'a'; length];
                        text[at + 1..].fill(behind);
                        text[at] = byte;
                        for start in 0..=at {
                            let quote = text[start..].iter().position(|byte| matches!(byte, b'"' | b'\\'));
                            assert_eq!(find_quote(&text, start), quote.map(|found| start + found), "{text:?}");
                            let special = text[start..]
                                .iter()
                                .position(|byte| !matches!(byte, b' '..=b'~') || b"\"\\".contains(byte));
                            assert_eq!(find_special(&text, start), special.map(|found| start + found), "{text:?}");
                        }
                    }
                }
            }
        }
        assert_eq!(find_quote(b"", 0), None);
        assert_eq!(find_quote(b"x", 2), None);
    }
}
