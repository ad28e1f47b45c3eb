//! What a record costs: natively, and as the module under wasmtime. `ROUNDS` (5) and `LINES` (200000) may be set.
#[path = "../tests/common/mod.rs"]
mod common;

use common::{access, httpd};
use e2e::host::{self, Host};
use e2e::{corpus, load, record};
use firelens_compiler::compile;
use firelens_compiler::spec::{Action, Condition, Route, Spec, Test};
use firelens_filter::{Filter, Program};
use std::env;
use std::time::{Duration, Instant};
use wasmtime::Module;

fn main() {
    let lines = number("LINES", 200_000);
    let mut text = Vec::new();
    load::write_combined(lines, &mut text).expect("memory takes it");
    let ordinary: Vec<Vec<u8>> = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).map(bare).collect();
    let hostile: Vec<Vec<u8>> = corpus::lines("access/combined.log").iter().map(|line| bare(line)).collect();
    let firelens: Vec<Vec<u8>> =
        text.split(|&byte| byte == b'\n').map(|line| record::firelens("stdout", line)).collect();
    let program = compile(&routed()).expect("a program");
    println!("{:<44} {:>10} {:>10} {:>8}", "combined lines", "native", "wasmtime", "ratio");
    for (name, records) in [
        ("ordinary, as tail gives them", &ordinary),
        ("ordinary, with FireLens' fields", &firelens),
        ("all of the corpus", &hostile),
    ] {
        let (native, module) = measure(&program, records);
        let each = |time: Duration| time.as_secs_f64() * 1e9 / records.len() as f64;
        let (native, module) = (each(native), each(module));
        println!("{name:<44} {native:>7.0} ns {module:>7.0} ns {:>8.2}", module / native);
    }
    let plain = compile(&Spec::default()).expect("a program");
    let size = |program| firelens_packager::package(firelens_packager::RAW, program).expect("a module").len();
    println!("the module: {} bytes plain, {} with this configuration", size(&plain), size(&program));
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The record of a line that comes from a file.
fn bare(line: &[u8]) -> Vec<u8> {
    let mut record = b"{\"log\":".to_vec();
    record::push_string(&mut record, line);
    record.push(b'}');
    record
}

/// Health checks are dropped, failures have a route of their own: what `bench.toml` says.
fn routed() -> Spec {
    let on = |field: &str, test| vec![vec![Condition { field: field.into(), not: false, any: vec![test] }]];
    let route = |name: &str, any_of, action| Route { name: name.into(), any_of, action };
    let routes = vec![
        route("health-checks", on("user_agent", Test::Prefix("ELB-HealthChecker".into())), Action::Drop),
        route("failures", on("status", Test::Range(500, 599)), Action::Keep),
        route("rest", vec![], Action::Keep),
    ];
    Spec { routes, ..httpd(vec![access("combined")], vec![]) }
}

/// The least time for all records: natively, and as the module.
fn measure(program: &Program, records: &[Vec<u8>]) -> (Duration, Duration) {
    let packaged = firelens_packager::package(firelens_packager::RAW, program).expect("a module");
    let mut host = Host::new(&Module::new(&host::engine(), packaged).expect("a module"));
    let mut filter = Filter::new(program.clone());
    let mut out = Vec::new();
    let (mut native, mut module) = (Duration::MAX, Duration::MAX);
    for _ in 0..number("ROUNDS", 5) {
        let start = Instant::now();
        for record in records {
            std::hint::black_box(filter.filter(record::TAG, record, &mut out));
        }
        native = native.min(start.elapsed());
        let start = Instant::now();
        for record in records {
            std::hint::black_box(host.call(record::TAG, record));
        }
        module = module.min(start.elapsed());
    }
    (native, module)
}
