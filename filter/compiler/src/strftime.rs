//! The formats of `strftime`, as in `%{%Y-%m-%d}t`, as parts of a time.
//!
//! <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats> refers to `strftime(3)`.
use super::Fault;
use firelens_filter::program::TimePart;

/// What a time format consists of.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    Text(Vec<u8>),
    Part(TimePart),
}

/// Splits a strftime format. Spans count from the format's start.
pub(crate) fn pieces(format: &str) -> Result<Vec<Piece>, Fault> {
    let mut pieces = Vec::new();
    let mut chars = format.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '%' {
            text(&mut pieces, c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        let mut letter = chars.next().map(|(_, c)| c);
        if matches!(letter, Some('E' | 'O')) {
            letter = chars.next().map(|(_, c)| c);
        }
        let end = chars.clone().next().map_or(format.len(), |(at, _)| at);
        let Some(letter) = letter else {
            return Err(Fault::new("the time format ends within a directive")
                .at(at..end)
                .help("write `%%` for a percent sign"));
        };
        directive(letter, &mut pieces).map_err(|help| {
            Fault::new(format!("`{}` in a time format cannot be read back", &format[at..end])).at(at..end).help(help)
        })?;
    }
    Ok(pieces)
}

fn text(pieces: &mut Vec<Piece>, more: &[u8]) {
    match pieces.last_mut() {
        Some(Piece::Text(text)) => text.extend_from_slice(more),
        _ => pieces.push(Piece::Text(more.to_vec())),
    }
}

/// Adds what `%letter` stands for; the error is how to mend it.
fn directive(letter: char, pieces: &mut Vec<Piece>) -> Result<(), &'static str> {
    use TimePart::*;
    let part = match letter {
        'Y' => Year,
        'y' => Year2,
        'C' => Century,
        'm' => Month,
        'b' | 'h' => MonthName,
        'B' => MonthFull,
        'd' | 'e' => Day,
        'j' => YearDay,
        'H' | 'k' => Hour,
        'I' | 'l' => Hour12,
        'p' | 'P' => AmPm,
        'M' => Minute,
        'S' => Second,
        'z' => Zone,
        'Z' => ZoneName,
        's' => EpochSeconds,
        'a' => WeekdayName,
        'A' => WeekdayFull,
        'u' | 'w' => Ignored(1),
        'g' | 'U' | 'V' | 'W' => Ignored(2),
        'G' => Ignored(4),
        '%' | 'n' | 't' => {
            text(
                pieces,
                if letter == '%' {
                    b"%"
                } else if letter == 'n' {
                    b"\n"
                } else {
                    b"\t"
                },
            );
            return Ok(());
        }
        'D' | 'x' => return expand("%m/%d/%y", pieces),
        'F' => return expand("%Y-%m-%d", pieces),
        'T' | 'X' => return expand("%H:%M:%S", pieces),
        'R' => return expand("%H:%M", pieces),
        'r' => return expand("%I:%M:%S %p", pieces),
        'c' => return expand("%a %b %e %H:%M:%S %Y", pieces),
        '+' => return expand("%a %b %e %H:%M:%S %Z %Y", pieces),
        '-' | '_' | '0' | '^' | '#' => return Err("leave out the flag: only parts of a fixed width can be read back"),
        'L' | 'f' | 'N' => return Err("strftime knows no fractions: write `%{msec_frac}t` or `%{usec_frac}t`"),
        _ => return Err("strftime knows no such directive"),
    };
    pieces.push(Piece::Part(part));
    Ok(())
}

/// Adds the pieces of a format that consists of nothing but known directives.
fn expand(format: &str, pieces: &mut Vec<Piece>) -> Result<(), &'static str> {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match (c, chars.clone().next()) {
            ('%', Some(letter)) => {
                chars.next();
                directive(letter, pieces)?;
            }
            _ => text(pieces, c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Ok(())
}

/// Whether a time can be told from these parts: they have a date.
pub(crate) fn is_whole(parts: &[TimePart]) -> bool {
    use TimePart::*;
    let has = |wanted: &[TimePart]| parts.iter().any(|part| wanted.contains(part));
    let year = has(&[Year, Year2]);
    let day = has(&[YearDay]) || (has(&[Month, MonthName, MonthFull]) && has(&[Day]));
    let hour = has(&[Hour12]) == has(&[AmPm]) && !(has(&[Hour]) && has(&[Hour12]));
    has(&[Clf, EpochSeconds, EpochMillis, EpochMicros]) || (year && day && hour)
}

#[cfg(test)]
mod tests {
    use super::{TimePart::*, *};

    fn parts(format: &str) -> Vec<TimePart> {
        let part = |piece: Piece| match piece {
            Piece::Part(part) => Some(part),
            Piece::Text(_) => None,
        };
        pieces(format).unwrap().into_iter().filter_map(part).collect()
    }

    #[test]
    fn iso_8601() {
        let text = |text: &str| Piece::Text(text.as_bytes().to_vec());
        assert_eq!(
            pieces("%FT%T%z").unwrap(),
            [
                Piece::Part(Year),
                text("-"),
                Piece::Part(Month),
                text("-"),
                Piece::Part(Day),
                text("T"),
                Piece::Part(Hour),
                text(":"),
                Piece::Part(Minute),
                text(":"),
                Piece::Part(Second),
                Piece::Part(Zone)
            ]
        );
        assert_eq!(pieces("%FT%T%z"), pieces("%Y-%m-%dT%H:%M:%S%z"));
    }

    #[test]
    fn whole_times_have_a_date() {
        for (format, whole) in [
            ("%c", true),
            ("%D %r", true),
            ("%D %I", false),
            ("%x %X", true),
            ("%s", true),
            ("%Y%j", true),
            ("%F %H %p", false),
            ("%T", false),
            ("%d/%b", false),
            ("%C%y-%m-%e %k", true),
        ] {
            assert_eq!(is_whole(&parts(format)), whole, "{format}");
        }
    }

    #[test]
    fn what_cannot_be_read_back_is_named() {
        for (format, span) in [("%Y-%-d", 3..5), ("%Q", 0..2), ("é%L", 2..4), ("%Y%", 2..3), ("%E", 0..2)] {
            let fault = pieces(format).unwrap_err();
            assert_eq!(fault.span, Some(span), "{format}");
            assert!(fault.help.is_some());
        }
        assert_eq!(parts("%Ey%Od"), [Year2, Day]);
        assert_eq!(pieces("%%%n%t").unwrap(), [Piece::Text(b"%\n\t".to_vec())]);
    }
}
