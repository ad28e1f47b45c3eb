//! `%t` and `%{…}t`: all of them together make up one time, or two with `begin:` and `end:`.
//!
//! <https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats>
use super::{
    Fault,
    access::{Part, Role, Slot, add_text, last_word},
    directives::Meaning,
    logformat::Directive,
    output::UNUSED,
    pattern::Shape,
    strftime::{self, Piece},
};
use firelens_filter::program::{Emit, TimePart};
use firelens_nearest::nearest;

/// The times of a LogFormat.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    begin: Time,
    end: Time,
}

#[derive(Debug, Clone, Copy, Default)]
struct Time {
    used: bool,
    /// The directives together say a whole time; otherwise each one is text.
    whole: bool,
    /// `%t` is not all of it: a fraction stands elsewhere, for instance.
    mixed: bool,
}

/// Looks at all time directives.
pub(crate) fn collect<'a>(meant: impl Iterator<Item = &'a (Directive, Meaning)>, faults: &mut Vec<Fault>) -> Times {
    let mut parts = [Vec::new(), Vec::new()];
    let mut times = Times::default();
    for (directive, meaning) in meant {
        let Meaning::Time(arg) = meaning else { continue };
        match read(arg) {
            Ok((end, pieces)) => {
                let time = if end { &mut times.end } else { &mut times.begin };
                time.used = true;
                if !directive.conditional {
                    parts[usize::from(end)].extend(pieces.into_iter().filter_map(|piece| match piece {
                        Piece::Part(part) => Some(part),
                        Piece::Text(_) => None,
                    }));
                }
            }
            Err(fault) => faults.push(fault.shifted(directive.arg_start)),
        }
    }
    for (time, parts) in [&mut times.begin, &mut times.end].into_iter().zip(&parts) {
        time.whole = strftime::is_whole(parts);
        time.mixed = parts.contains(&TimePart::Clf) && parts.iter().any(|part| *part != TimePart::Clf);
    }
    times
}

/// What is between the braces: whether it is the response's end, and its pieces.
fn read(arg: &str) -> Result<(bool, Vec<Piece>), Fault> {
    let (end, format) = match (arg, arg.split_once(':')) {
        ("begin", _) => (false, ""),
        ("end", _) => (true, ""),
        (_, Some(("begin", format))) => (false, format),
        (_, Some(("end", format))) => (true, format),
        _ => (false, arg),
    };
    let part = match format {
        "" => return Ok((end, vec![text("["), Piece::Part(TimePart::Clf), text("]")])),
        "sec" => TimePart::EpochSeconds,
        "msec" => TimePart::EpochMillis,
        "usec" => TimePart::EpochMicros,
        "msec_frac" => TimePart::Fraction(3),
        "usec_frac" => TimePart::Fraction(6),
        _ => {
            let start = arg.len() - format.len();
            let pieces = strftime::pieces(format).map_err(|fault| fault.shifted(start))?;
            let has_part = pieces.iter().any(|piece| matches!(piece, Piece::Part(_)));
            return if has_part { Ok((end, pieces)) } else { Err(no_time(format).at(start..arg.len())) };
        }
    };
    Ok((end, vec![Piece::Part(part)]))
}

fn text(text: &str) -> Piece {
    Piece::Text(text.as_bytes().to_vec())
}

/// `%t`, not as one part.
fn clf_in_parts() -> Vec<Piece> {
    strftime::pieces("[%d/%b/%Y:%H:%M:%S %z]").unwrap_or_default()
}

fn no_time(format: &str) -> Fault {
    let words = ["sec", "msec", "usec", "msec_frac", "usec_frac", "begin", "end"];
    let help = match nearest(format, &words) {
        Some(near) => format!("write `%{{{near}}}t`"),
        None => {
            "it can be strftime's, as in `%{%Y-%m-%dT%H:%M:%S%z}t`, or sec, msec, usec, msec_frac, usec_frac".into()
        }
    };
    Fault::new(format!("the time format `{format}` prints no time")).help(help)
}

impl Times {
    /// The set of the begin's or the end's parts.
    fn set(&self, end: bool) -> u8 {
        u8::from(end && self.begin.used)
    }

    /// Adds the parts of a line that a time directive stands for.
    pub(crate) fn parts(&self, directive: &Directive, arg: &str, format: &str, parts: &mut Vec<Part>) {
        let Ok((end, pieces)) = read(arg) else { return };
        let time = if end { self.end } else { self.begin };
        let mut slot = Slot {
            base: String::new(),
            name: if self.set(end) == 1 { "time_end_text" } else { "time_text" }.to_string(),
            shape: Shape::Text,
            emit: Some(Emit::Value),
            otel: None,
            role: Role::Plain,
            source: directive.plain(),
            rank: 0,
            original: false,
            label: format[directive.span.clone()].to_string(),
            span: directive.span.clone(),
        };
        if !time.whole
            && !directive.conditional
            && let Some(words) = words(arg, &pieces)
        {
            return add_words(words, &slot, parts);
        }
        if !time.whole || directive.conditional {
            return parts.push(Part::Slot(slot));
        }
        let whole_in_parts = time.mixed && pieces.contains(&Piece::Part(TimePart::Clf));
        let pieces = if whole_in_parts { clf_in_parts() } else { pieces };
        slot.name = String::new();
        slot.emit = None;
        for piece in pieces {
            match piece {
                Piece::Text(text) => add_text(parts, &text),
                Piece::Part(part) => {
                    let shape = Shape::Time { part, set: self.set(end) };
                    parts.push(Part::Slot(Slot { shape, ..slot.clone() }));
                }
            }
        }
    }

    /// The fields that are written.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = (&'static str, Emit)> {
        let times = [(self.begin, 0), (self.end, self.set(true))];
        let whole = times.into_iter().filter(|(time, _)| time.whole);
        whole.map(|(_, set)| (if set == 1 { "time_end" } else { "time" }, Emit::Time(set)))
    }
}

/// The number of words that such a time prints, and what stands between them: `Sat Nov 25` are three. `None` where there is
/// only one, or the number cannot be told: `%e`, `%k` and `%l` begin with a blank at times.
fn words(arg: &str, pieces: &[Piece]) -> Option<Vec<Vec<u8>>> {
    let padded = ["%e", "%k", "%l", "%n", "%t"].iter().any(|letter| arg.contains(letter));
    let is_blank = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(&b' '));
    // Text without a blank is a part of its word.
    let between = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) if text.contains(&b' ') => Some(text.clone()),
        _ => None,
    });
    let between: Vec<Vec<u8>> = between.collect();
    let inside = !pieces.first().is_some_and(is_blank) && !pieces.last().is_some_and(is_blank);
    (!padded && inside && !between.is_empty()).then_some(between)
}

/// A value of several words: the first one's field takes all of them.
fn add_words(between: Vec<Vec<u8>>, slot: &Slot, parts: &mut Vec<Part>) {
    let word = Slot { shape: Shape::Token, ..slot.clone() };
    parts.push(Part::Slot(Slot { role: Role::Words { at: slot.span.start }, ..word.clone() }));
    let last = between.len() - 1;
    for (at, text) in between.iter().enumerate() {
        add_text(parts, text);
        let name = if at == last { last_word(slot.span.start) } else { UNUSED.to_string() };
        parts.push(Part::Slot(Slot { name, emit: None, ..word.clone() }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::compile_alone;
    use firelens_filter::program::{Op, Pattern, Refine};

    fn compiled(format: &str) -> Pattern {
        compile_alone(format).unwrap().0.remove(0)
    }

    fn sets(format: &str) -> Vec<(TimePart, u8)> {
        let time = |op: Op| match op {
            Op::Time { part, set, .. } => Some((part, set)),
            _ => None,
        };
        compiled(format).ops.into_iter().filter_map(time).collect()
    }

    fn keys(format: &str) -> Vec<String> {
        compiled(format).outputs.into_iter().map(|output| output.key).collect()
    }

    #[test]
    fn begin_and_end() {
        assert_eq!(sets("%t"), [(TimePart::Clf, 0)]);
        assert_eq!(sets("%{end}t"), [(TimePart::Clf, 0)]);
        assert_eq!(sets("%{begin:sec}t %{end:msec}t"), [(TimePart::EpochSeconds, 0), (TimePart::EpochMillis, 1)]);
        assert_eq!(keys("%{begin}t %{end}t"), [",\"time\":", ",\"time_end\":"]);
        assert_eq!(keys("%{end:%F %T}t"), [",\"time\":"]);
    }

    #[test]
    fn the_parts_of_one_time_can_stand_apart() {
        assert_eq!(sets("%{%F}t %{%T}t.%{usec_frac}t").last(), Some(&(TimePart::Fraction(6), 0)));
        assert_eq!(keys("%{%F}t %{%T}t"), [",\"time\":"]);
        assert_eq!(sets("%t.%{msec_frac}t")[0], (TimePart::Day, 0));
        assert_eq!(sets("%t %t"), [(TimePart::Clf, 0), (TimePart::Clf, 0)]);
    }

    #[test]
    fn what_is_no_whole_time_stays_text() {
        assert_eq!(keys("%h %{%H:%M}t"), [",\"time_text\":", ",\"client\":"]);
        assert_eq!(keys("%{begin}t %{end:%T}t"), [",\"time\":", ",\"time_end_text\":"]);
        assert_eq!(keys("%200t %h"), [",\"time_text\":", ",\"client\":"]);
        let words = compiled("%{%a %b %d}t %r");
        assert_eq!(words.ops.len(), 5, "{words:?}");
        assert!(matches!(words.refine[0], Refine::Join { .. }), "{words:?}");
        assert_eq!(compiled("%{%b %e}t %r").refine.len(), 1, "a blank can be its day's");
    }

    #[test]
    fn faults_point_into_the_braces() {
        for (format, span, help) in
            [("%h %{msecs}t", 5..10, "`%{msec}t`"), ("%{begin:%Q}t", 8..10, "no such"), ("%{iso}t", 2..5, "strftime's")]
        {
            let faults = compile_alone(format).unwrap_err();
            assert_eq!(faults[0].span, Some(span), "{format}");
            assert!(faults[0].help.as_ref().unwrap().contains(help), "{format}: {:?}", faults[0].help);
        }
    }
}
