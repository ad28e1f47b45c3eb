//! The straight path gives what the general one gives.
//!
//! `FIRELENS_CASES=200000` tries more cases.
use super::{
    random::{self, Line, Sample, Surroundings},
    *,
};
use proptest::prelude::*;
use std::{cell::RefCell, collections::HashMap};

/// How many programs there are for each format.
const PROGRAMS: u64 = 24;

/// What became of a record: the outcome, what is returned, and the route.
type Result = (Outcome, Option<String>, Option<usize>, Kind);

fn result(filter: &Filter, outcome: Outcome, out: &[u8]) -> Result {
    let out = (outcome == Outcome::Changed).then(|| String::from_utf8_lossy(out).into_owned());
    (outcome, out, filter.last_route(), filter.last_kind())
}

fn general(filter: &mut Filter, tag: &str, record: &[u8]) -> Result {
    let mut out = Vec::new();
    let outcome = filter.filter(tag.as_bytes(), record, &mut out);
    result(filter, outcome, &out)
}

/// The record with something behind it that must not be taken for a part of it.
fn padded(record: &[u8]) -> Vec<u8> {
    [record, b"\0\"}12 HTTP/1.1\" x"].concat()
}

fn straight(filter: &mut Filter, tag: &str, record: &[u8]) -> Result {
    let mut out = Vec::new();
    let outcome = filter.filter_padded(tag.as_bytes(), &padded(record), record.len(), &mut out);
    result(filter, outcome, &out)
}

/// A record that is not only a line in its surroundings.
#[derive(Debug, Clone)]
enum Damage {
    None,
    Flip(usize, u8),
    Cut(usize),
    Append(&'static [u8]),
}

fn damage() -> impl Strategy<Value = Damage> {
    let appended: Vec<&[u8]> = vec![b" ", b"\n", b"}", b"x", b"\0", b",\"a\":1}"];
    prop_oneof![
        12 => Just(Damage::None),
        1 => (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at.index(1 << 16), byte)),
        1 => any::<prop::sample::Index>().prop_map(|at| Damage::Cut(at.index(1 << 16))),
        1 => prop::sample::select(appended).prop_map(Damage::Append),
    ]
}

impl Damage {
    fn done(&self, mut record: Vec<u8>) -> Vec<u8> {
        let length = record.len();
        match self {
            Damage::None => {}
            Damage::Flip(at, byte) => record[at % length] = *byte,
            Damage::Cut(at) => record.truncate(at % length),
            Damage::Append(text) => record.extend_from_slice(text),
        }
        record
    }
}

/// How many records went which way.
#[derive(Default)]
struct Count {
    records: usize,
    straight: usize,
}

impl Count {
    /// Runs records through both ways. A new filter learns the surroundings on the way.
    fn check(&mut self, one: &mut Filter, tag: &str, records: &[Vec<u8>]) -> std::result::Result<(), TestCaseError> {
        let mut other = Filter::new(one.program().clone());
        for record in records {
            self.records += 1;
            self.straight += other.goes_straight(tag.as_bytes(), &padded(record), record.len()) as usize;
            let expected = general(one, tag, record);
            let got = straight(&mut other, tag, record);
            prop_assert_eq!(got, expected, "{}", String::from_utf8_lossy(record));
        }
        Ok(())
    }
}

#[test]
fn both_ways_are_one() {
    let samples: Vec<Sample> = random::samples();
    let state = RefCell::new((Count::default(), HashMap::new()));
    let lines = prop::collection::vec((random::line(), damage()), 2..9);
    // Most of the formats that can go straight are in front.
    let pick = (prop_oneof![0..5usize, 8..13usize, 0..samples.len()], 0..PROGRAMS);
    proptest!(random::cases(3000), |((at, number) in pick, around in random::surroundings(), lines in lines)| {
        let (lines, around): (Vec<(Line, Damage)>, Surroundings) = (lines, around);
        let (count, filters) = &mut *state.borrow_mut();
        let Sample { format, lines: texts } = &samples[at];
        let filter = filters.entry((at, number)).or_insert_with(|| Filter::new(random::program(format, number)));
        let records: Vec<Vec<u8>> =
            lines.iter().map(|(line, damage)| damage.done(around.record(line, texts))).collect();
        count.check(filter, around.tag, &records)?;
    });
    let Count { records, straight } = state.into_inner().0;
    assert!(straight * 8 > records, "{straight} of {records} records went straight");
}

/// As they are, with FireLens' own fields around them.
#[test]
fn lines_of_the_corpus() {
    let mut count = Count::default();
    for (at, sample) in random::samples().iter().enumerate() {
        let mut filter = Filter::new(random::program(&sample.format, at as u64));
        let record = |line: &&str| {
            json!({"container_name": "/httpd", "source": "stdout", "log": line, "ecs_cluster": "shop"})
                .to_string()
                .into()
        };
        let records: Vec<Vec<u8>> = sample.lines.iter().step_by(4).map(record).collect();
        let checked = count.check(&mut filter, "httpd-firelens-6f", &records);
        checked.unwrap_or_else(|error| panic!("{}: {error}", sample.format));
    }
}
