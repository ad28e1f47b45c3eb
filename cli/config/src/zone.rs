//! Time zones: a name or an offset becomes the table of offsets that the filter works with, since it has no clock and no
//! database of its own.
use crate::{
    problem::{Code, Problem},
    reader::{Problems, Text},
};
use firelens_compiler::spec::Zone;
use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};

/// The years whose changes are in the table; the last offset stays after them.
const FIRST: &str = "2000-01-01T00:00:00Z";
const LAST: &str = "2051-01-01T00:00:00Z";

/// The zone with this name.
pub(crate) fn read(text: &Text, problems: &Problems) -> Option<Zone> {
    let zone = parse(&text.text);
    if zone.is_none() {
        let problem = Problem::error(Code::Timezone, text.span.clone(), format!("unknown time zone `{}`", text.text));
        let database = TimeZoneDatabase::bundled();
        let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
        let near = super::problem::nearest(&text.text, &names.iter().map(String::as_str).collect::<Vec<_>>());
        problems.add(problem.label("no such zone").help(match near {
            Some(name) => format!("did you mean `{name}`?"),
            None => "write `UTC`, an offset such as `+02:00`, or a name such as `Europe/Berlin`".to_string(),
        }));
    }
    zone
}

fn parse(text: &str) -> Option<Zone> {
    if ["UTC", "GMT", "Z", "Etc/UTC"].iter().any(|utc| utc.eq_ignore_ascii_case(text)) {
        return Some(Zone::new());
    }
    if let Some(offset) = parse_offset(text) {
        return Some(if offset == 0 { Zone::new() } else { vec![(i64::MIN, offset)] });
    }
    Some(table(&TimeZoneDatabase::bundled().get(text).ok()?))
}

/// `+02`, `+02:00`, `-0530`.
fn parse_offset(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None => digits.split_at_checked(2)?,
    };
    let number = |text: &str, limit: i32| {
        let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i32>().ok().filter(|number| fits && *number <= limit)
    };
    let minutes = if minutes.is_empty() && !digits.contains(':') { 0 } else { number(minutes, 59)? };
    Some(sign * (number(hours, 18)? * 3600 + minutes * 60))
}

/// From which local second on which offset counts.
///
/// A change at an instant moves the clock from one local second to another. Where the clock goes back, the local times
/// between the two come twice, and the first time is taken; where it goes forward, those times do not exist, and the old
/// offset reads them. Both mean that the new offset begins at the greater of the two local seconds.
fn table(zone: &TimeZone) -> Zone {
    let first: Timestamp = FIRST.parse().expect("a timestamp");
    let last: Timestamp = LAST.parse().expect("a timestamp");
    let mut offset = zone.to_offset(first).seconds();
    let mut table = vec![(i64::MIN, offset)];
    for change in zone.following(first).take_while(|change| change.timestamp() < last) {
        let next = change.offset().seconds();
        if next != offset {
            table.push((change.timestamp().as_second() + i64::from(offset.max(next)), next));
            offset = next;
        }
    }
    if table == [(i64::MIN, 0)] { Zone::new() } else { table }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> i64 {
        format!("{text}Z").parse::<Timestamp>().unwrap().as_second()
    }

    fn offset_at(zone: &Zone, text: &str) -> i32 {
        let second = local(text);
        zone.iter().rev().find(|(from, _)| *from <= second).map_or(0, |(_, offset)| *offset)
    }

    #[test]
    fn offsets_and_utc() {
        assert_eq!(parse("UTC"), Some(vec![]));
        assert_eq!(parse("+00:00"), Some(vec![]));
        assert_eq!(parse("+02:00"), Some(vec![(i64::MIN, 7200)]));
        assert_eq!(parse("-0530"), Some(vec![(i64::MIN, -19800)]));
        assert_eq!(parse("+02"), Some(vec![(i64::MIN, 7200)]));
        for wrong in ["", "+", "+2", "+02:", "+02:60", "+99:00", "+0a:00", "02:00", "é", "+é"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_clock_that_goes_forward_and_back() {
        let berlin = parse("Europe/Berlin").unwrap();
        assert!(berlin.is_sorted());
        assert_eq!(berlin.len(), 1 + 2 * 51);
        assert_eq!(offset_at(&berlin, "2026-03-29T01:59:59"), 3600);
        assert_eq!(offset_at(&berlin, "2026-03-29T02:30:00"), 3600, "this time does not exist");
        assert_eq!(offset_at(&berlin, "2026-03-29T03:00:00"), 7200);
        assert_eq!(offset_at(&berlin, "2026-10-25T02:30:00"), 7200, "the first of two");
        assert_eq!(offset_at(&berlin, "2026-10-25T03:00:00"), 3600);
        assert_eq!(offset_at(&berlin, "2050-07-01T00:00:00"), 7200);
    }

    #[test]
    fn the_tables_agree_with_the_database_at_every_change() {
        for name in ["America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca", "Asia/Pyongyang"] {
            let (zone, ours) = (TimeZoneDatabase::bundled().get(name).unwrap(), parse(name).unwrap());
            assert!(ours.is_sorted(), "{name}");
            for change in zone.following(FIRST.parse().unwrap()).take(90) {
                for around in [-7201, -3601, -1801, -1, 0, 1, 1801, 3601, 7201] {
                    let second = change.timestamp().as_second() + around;
                    let clock = zone.to_datetime(Timestamp::from_second(second).unwrap());
                    let wanted = zone.to_timestamp(clock).unwrap().as_second();
                    let local = clock.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
                    let offset = ours.iter().rev().find(|(from, _)| *from <= local).unwrap().1;
                    assert_eq!(local - i64::from(offset), wanted, "{name} {clock}");
                }
            }
        }
    }

    #[test]
    fn names_are_looked_up_in_any_case() {
        assert_eq!(parse("europe/berlin"), parse("Europe/Berlin"));
        assert_eq!(parse("Asia/Kolkata"), Some(vec![(i64::MIN, 19800)]));
        assert_eq!(parse("Europe/Berlim"), None);
    }
}
