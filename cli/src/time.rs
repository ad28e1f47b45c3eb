//! Times and spans of time, as they are given on the command line.
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp, civil::DateTime, tz::TimeZone};

/// A time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Ago(SignedDuration),
    At(Timestamp),
}

impl Moment {
    pub fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Moment::Ago(span) => now.checked_sub(span).unwrap_or(Timestamp::MIN),
            Moment::At(time) => time,
        }
    }
}

/// `90s`, `10m`, `1h 30m`, `2d`; a day has 24 hours.
///
/// # Errors
/// What is wrong with it.
pub fn span(text: &str) -> Result<SignedDuration, String> {
    const HELP: &str = "write for example 90s, 10m, 2h or 1d";
    let span: Span = text.trim().parse().map_err(|_| HELP)?;
    let span = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| HELP)?;
    if span.is_positive() { Ok(span) } else { Err(HELP.to_string()) }
}

/// A span of time before now, or a time; without a zone, it is UTC's.
///
/// # Errors
/// What is wrong with it.
pub fn moment(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Ok(Moment::At(time));
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return time
            .to_zoned(TimeZone::UTC)
            .map(|time| Moment::At(time.timestamp()))
            .map_err(|error| error.to_string());
    }
    span(text).map(Moment::Ago).map_err(|_| {
        "write how long ago (90s, 10m, 2h, 1d) or when (2026-11-25T08:00:00Z; without a zone it is UTC)".to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_spans_are_read() {
        let now: Timestamp = "2026-11-25T08:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("90s", "2026-11-25T07:58:30Z"),
            ("1h 30m", "2026-11-25T06:30:00Z"),
            ("2d", "2026-11-23T08:00:00Z"),
            ("2026-11-24", "2026-11-24T00:00:00Z"),
            ("2026-11-24T06:00", "2026-11-24T06:00:00Z"),
            ("2026-11-24T06:00:00+02:00", "2026-11-24T04:00:00Z"),
        ] {
            assert_eq!(moment(text).unwrap().at(now).to_string(), expected, "{text}");
        }
        for wrong in ["", "10", "-5m", "0s", "1mo", "yesterday", "2026-13-01"] {
            assert!(moment(wrong).is_err() && span(wrong).is_err(), "{wrong}");
        }
    }
}
