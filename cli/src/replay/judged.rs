//! Lines through the module, on all processors: what each becomes, where it stood, and the time that it says.
use crate::offline::{
    host::Judge,
    input,
    judge::{Fate, Verdict},
    pool::{Piece, Work},
    scan::{Members, text},
};
use firelens_infra::send::Position;
use jiff::Timestamp;
use std::sync::Arc;

/// A line that was kept, or that the filter lost.
pub struct Judged {
    pub from: Position,
    pub to: Position,
    pub line: u64,
    /// The line's own, in milliseconds since 1970.
    pub time: Option<i64>,
    /// Index of its route.
    pub route: Option<usize>,
    /// The record; that which went in, when it was lost.
    pub record: Vec<u8>,
    pub lost: bool,
}

/// The lines of a piece.
#[derive(Default)]
pub struct Lines {
    pub source: usize,
    pub kept: Vec<Judged>,
    pub count: u64,
    pub dropped: u64,
}

/// Makes a worker's judge.
pub type MakeJudge = dyn Fn() -> Result<Judge, String> + Send + Sync;

/// Makes the work of one thread; `time_key` is what the field `time` is called.
///
/// # Errors
/// When the module cannot be started.
pub fn work(judge: &MakeJudge, time_key: &Arc<[u8]>) -> Result<Work<Lines>, String> {
    let (mut judge, time_key) = (judge()?, Arc::clone(time_key));
    Ok(Box::new(move |piece| lines(piece, &mut judge, &time_key)))
}

fn lines(piece: &Piece, judge: &mut Judge, time_key: &[u8]) -> Result<Lines, String> {
    let mut lines = Lines { source: piece.source, ..Lines::default() };
    let mut offset = piece.offset;
    let position = |offset| Position { input: piece.source as u32, offset };
    for whole in piece.bytes.split_inclusive(|byte| *byte == b'\n') {
        let from = position(offset);
        offset += whole.len() as u64;
        let line = piece.first_line + lines.count;
        lines.count += 1;
        let verdict = judge.judge(input::lines(whole).next().unwrap_or_default())?;
        match verdict.fate {
            Fate::Dropped => lines.dropped += 1,
            Fate::Kept | Fate::Lost(_) => lines.kept.push(judged(&verdict, from, position(offset), line, time_key)),
        }
    }
    Ok(lines)
}

fn judged(verdict: &Verdict, from: Position, to: Position, line: u64, time_key: &[u8]) -> Judged {
    let lost = verdict.fate != Fate::Kept;
    let record = if lost { verdict.input } else { verdict.record };
    Judged { from, to, line, time: time(record, time_key), route: verdict.facts.route, record: record.to_vec(), lost }
}

/// What the record's field `time` says, when it is a time.
fn time(record: &[u8], key: &[u8]) -> Option<i64> {
    let (_, value) = Members::new(record).find(|(name, _)| *name == key)?;
    let time: Timestamp = text(value).parse().ok()?;
    Some(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_those_of_the_field() {
        let of = |record: &str| time(record.as_bytes(), b"time");
        assert_eq!(of(r#"{"a":{"time":"1970-01-01T00:00:01Z"},"time":"1970-01-01T00:00:02.5+00:00"}"#), Some(2500));
        assert_eq!(of(r#"{"time":"yesterday"}"#), None);
        assert_eq!(of(r#"{"time":5}"#), None);
        assert_eq!(of("{}"), None);
    }
}
