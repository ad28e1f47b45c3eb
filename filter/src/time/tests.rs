use super::*;

fn clf(text: &str) -> Option<String> {
    let mut clock = Clock::default();
    clock.read(text.as_bytes(), 0).then(|| String::from_utf8(clock.rendered(text.as_bytes(), 0).to_vec()).unwrap())
}

#[test]
fn clf_times() {
    assert_eq!(clf("22/Nov/2026:07:38:32 +0000").as_deref(), Some("2026-11-22T07:38:32Z"));
    assert_eq!(clf("01/Jan/2026:00:30:00 +0130").as_deref(), Some("2025-12-31T23:00:00Z"));
    assert_eq!(clf("29/Feb/2024:23:59:60 -0800").as_deref(), Some("2024-03-01T08:00:00Z"));
    for bad in [
        "29/Feb/2026:00:00:00 +0000",
        "00/Jan/2026:00:00:00 +0000",
        "01/Jax/2026:00:00:00 +0000",
        "01/Jan/2026:24:00:00 +0000",
        "01/Jan/2026 00:00:00 +0000",
        "01/Jan/2026:00:00:00 +000",
        "01/Jan/0000:00:00:00 +0100",
    ] {
        assert_eq!(clf(bad), None, "{bad}");
    }
}

#[test]
fn a_clock_tells_what_a_new_one_tells() {
    let times = [
        "22/Nov/2026:07:38:32 +0000",
        "22/Nov/2026:07:38:59 +0000",
        "22/Nov/2026:07:38:60 +0000",
        "22/Nov/2026:07:38:61 +0000",
        "22/Nov/2026:07:38:0x +0000",
        "22/Nov/2026:07:38:32 +0001",
        "22/Nov/2026:07:38:33 -0001",
        "22/Nov/2026:07:39:32 +0000",
        "23/Nov/2026:07:38:00 +0000",
    ];
    let mut clock = Clock::default();
    for before in times {
        for time in times {
            clock.read(before.as_bytes(), 0);
            let read = clock.read(time.as_bytes(), 0);
            let told = read.then(|| String::from_utf8(clock.rendered(time.as_bytes(), 0).to_vec()).unwrap());
            assert_eq!(told, clf(time), "{time} after {before}");
        }
    }
}

fn parts(list: &[TimePart], text: &str, zone: &[(i64, i32)]) -> Option<String> {
    let (mut time, mut at) = (Time::default(), 0);
    for part in list {
        at += time.read(*part, text.as_bytes(), at)?;
        at += text.as_bytes()[at..].iter().take_while(|b| b"-:./, T".contains(b)).count();
    }
    let mut out = Vec::new();
    (time.render(zone, &mut out) && at == text.len()).then(|| String::from_utf8(out).unwrap())
}

#[test]
fn times_in_parts() {
    use TimePart::*;
    let error = [WeekdayName, MonthName, Day, Hour, Minute, Second, Fraction(6), Year];
    assert_eq!(parts(&error, "Sun Nov 22 07:38:32.399242 2026", &[]).as_deref(), Some("2026-11-22T07:38:32.399242Z"));
    assert_eq!(
        parts(&error, "Sun Nov 22 07:38:32.000042 2026", &[(0, -28800)]).as_deref(),
        Some("2026-11-22T15:38:32.000042Z")
    );
    assert_eq!(parts(&[EpochSeconds, Fraction(3)], "1795333112.007", &[]).as_deref(), Some("2026-11-22T07:38:32.007Z"));
    assert_eq!(parts(&[EpochMicros], "1795333112729983", &[]).as_deref(), Some("2026-11-22T07:38:32.729983Z"));
    assert_eq!(
        parts(&[Year, YearDay, Hour12, Minute, AmPm], "2026-326-12:30PM", &[]).as_deref(),
        Some("2026-11-22T12:30:00Z")
    );
    assert_eq!(
        parts(&[Year, Month, Day, Hour, Minute, Second, Zone], "2026-11-22T07:38:32+05:30", &[]).as_deref(),
        Some("2026-11-22T02:08:32Z")
    );
    assert_eq!(parts(&[Hour, Minute], "07:38", &[]), None);
}

#[test]
fn the_zone_changes_with_the_season() {
    use TimePart::*;
    let list = [Year, Month, Day, Hour];
    let zone = [(0, 3600), (1_774_749_600, 7200), (1_792_893_600, 3600)];
    assert_eq!(parts(&list, "2026-01-10 12", &zone).as_deref(), Some("2026-01-10T11:00:00Z"));
    assert_eq!(parts(&list, "2026-07-10 12", &zone).as_deref(), Some("2026-07-10T10:00:00Z"));
    assert_eq!(parts(&list, "2026-12-10 12", &zone).as_deref(), Some("2026-12-10T11:00:00Z"));
}

#[test]
fn the_calendar_turns_back() {
    for days in (-719_468..2_932_896).step_by(97) {
        let (year, month, day) = civil(days);
        assert_eq!(days_from_civil(year as i32, month as u8, day as u8), days);
    }
}
