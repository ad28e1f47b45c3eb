//! No line costs much more than another: what a byte takes is counted in instructions, which is the same on any machine.
use super::common::{access, httpd};
use e2e::host;
use e2e::hostile::{self, Cost, Place};
use firelens_filter::compile::compile;
use firelens_filter::spec::{Format, Privacy, Spec};
use firelens_kit::module;
use wasmtime::{Engine, Module};

/// How much more a byte of the worst line may take than one of the median.
const FACTOR: f64 = 10.0;

fn privacy() -> Privacy {
    Privacy {
        v4_bits: Some(24),
        v6_bits: Some(48),
        remove_user: true,
        parameters: vec!["token".into(), "q".into(), "session[id]".into()],
        ..Privacy::default()
    }
}

/// The kinds of lines: their name, formats, stream and places.
fn kinds() -> Vec<(&'static str, Vec<Format>, &'static str, &'static [Place])> {
    let rails = Format::Rails { zone: Vec::new() };
    vec![
        ("access", vec![access("combined"), access(hostile::FREE_FIELDS)], "stdout", &hostile::ACCESS),
        ("error", vec![Format::HttpdError { format: None, zone: Vec::new() }], "stderr", &hostile::ERROR),
        ("rails", vec![rails], "stdout", &hostile::RAILS),
        ("lograge", vec![Format::Lograge], "stdout", &hostile::LOGRAGE),
        ("json", vec![Format::Json], "stdout", &hostile::JSON),
        ("unparsed", vec![access("combined"), Format::Lograge, Format::Json], "stdout", &hostile::UNPARSED),
    ]
}

fn costs_of(engine: &Engine, keep_log: bool, private: bool) -> Vec<Cost> {
    let mut costs = Vec::new();
    for (kind, formats, source, places) in kinds() {
        let privacy = if private { privacy() } else { Privacy::default() };
        let spec = Spec { keep_log, privacy, ..httpd(formats.clone(), formats) };
        let packaged = module::package(module::RAW, &compile(&spec).expect("a program")).expect("a module");
        let module = Module::new(engine, packaged).expect("a module");
        let name = format!("{kind}{}{}", if private { ", masked" } else { "" }, if keep_log { ", log kept" } else { "" });
        costs.extend(hostile::costs(&name, &module, source, places));
    }
    costs
}

#[test]
fn no_line_costs_more_than_ten_times_the_median() {
    let engine = host::metered_engine();
    let all = [(false, false), (true, false), (false, true), (true, true)];
    let costs = all.into_iter().flat_map(|(keep_log, private)| costs_of(&engine, keep_log, private)).collect();
    let (median, ranked) = hostile::ranked(costs);
    println!("{} lines, {median:.1} instructions for a byte of the median", ranked.len());
    for cost in ranked.iter().take(20) {
        println!("{:>8.1} {:>6.1} {}", cost.each, cost.each / median, cost.name);
    }
    let worst = &ranked[0];
    assert!(worst.each <= FACTOR * median, "{}: {:.0} instructions for a byte", worst.name, worst.each);
}
