//! No line costs much more than another: what a byte takes is counted in instructions, which is the same on any machine.
use super::common::httpd;
use super::common::kinds::{costs_of, costs_of_libraries, format_of, privacy};
use e2e::host::{self, Host};
use e2e::hostile::{self, Cost};
use e2e::record;
use e2e::typical::{self, Kind};
use firelens_compiler::compile;
use firelens_compiler::spec::{Privacy, Spec};
use std::collections::HashSet;
use wasmtime::Module;

/// How much more a byte of the worst line may take than one of the median.
const FACTOR: f64 = 10.5;

#[test]
fn no_line_costs_much_more_than_the_median() {
    let engine = host::metered_engine();
    let all = [(false, false), (true, false), (false, true), (true, true)];
    let costs = all.into_iter().flat_map(|(keep_log, private)| costs_of(&engine, keep_log, private, 4000)).collect();
    let (median, mut ranked) = hostile::ranked(costs);
    // What is measured beside them is held to the same bound, and does not move it.
    ranked.extend(all.into_iter().flat_map(|(keep_log, private)| costs_of_libraries(&engine, keep_log, private, 4000)));
    ranked.sort_by(|a, b| b.each.total_cmp(&a.each));
    println!("{} lines, {median:.1} instructions for a byte of the median", ranked.len());
    // The worst of each place.
    let mut seen = HashSet::new();
    for Cost { name, each, .. } in &ranked {
        let place = name.rsplit_once(" x ").map_or("", |(place, _)| place);
        if seen.insert(place) {
            println!("{each:>8.1} {:>6.1} {name}", each / median);
        }
    }
    let worst = &ranked[0];
    assert!(worst.each <= FACTOR * median, "{}: {:.0} instructions for a byte", worst.name, worst.each);
}

/// How much more a line of the kind may take when it is masked: without `log` in the output, and with it. Some percent above
/// what was measured when these were written.
fn bound(kind: Kind) -> [f64; 2] {
    match kind {
        Kind::Access => [2.1, 14.0],
        Kind::Error => [1.25, 1.35],
        Kind::Rails => [1.15, 1.4],
        Kind::Lograge => [1.3, 1.65],
        Kind::Json => [1.5, 2.7],
        Kind::Unparsed => [1.45, 1.45],
    }
}

/// Instructions for ordinary lines of each kind, without masking and with it.
#[test]
fn masking_ordinary_lines_takes_little() {
    let engine = host::metered_engine();
    for kind in typical::KINDS {
        let format = format_of(kind);
        let records: Vec<Vec<u8>> = kind.lines(300).iter().map(|line| record::firelens("stdout", line)).collect();
        for (keep_log, bound) in [false, true].into_iter().zip(bound(kind)) {
            let each = [Privacy::default(), privacy()].map(|privacy| {
                let spec = Spec { keep_log, privacy, ..httpd(vec![format.clone()], vec![]) };
                let packaged = firelens_packager::package(firelens_packager::RAW, &compile(&spec).expect("a program"))
                    .expect("a module");
                let mut host = Host::new(&Module::new(&engine, packaged).expect("a module"));
                let mut used = |record: &Vec<u8>| host.instructions(record::TAG, record, u64::MAX).expect("enough");
                records.iter().for_each(|record| _ = used(record));
                records.iter().map(used).sum::<u64>() / records.len() as u64
            });
            let ratio = each[1] as f64 / each[0] as f64;
            let kept = if keep_log { ", log kept" } else { "" };
            let name = format!("{}{kept}", kind.name());
            println!("{name:<24} {:>6} {:>6} {ratio:.2}", each[0], each[1]);
            assert!(ratio <= bound, "{name}: masked, a line takes {ratio:.2} times as much, not {bound}");
        }
    }
}

/// The more of a pattern there is, the same each more byte of it takes.
#[test]
fn what_a_byte_takes_does_not_grow_with_the_line() {
    let engine = host::metered_engine();
    let costs = [500, 1000, 2000, 4000].map(|length| costs_of(&engine, true, true, length));
    let [first, second, third, fourth] = &costs;
    for (at, cost) in first.iter().enumerate() {
        let few = (second[at].instructions - cost.instructions) / 500.0;
        let many = (fourth[at].instructions - third[at].instructions) / 2000.0;
        assert!(many <= 1.25 * few + 20.0, "{}: {few:.0}, then {many:.0} instructions for a byte", cost.name);
    }
}
