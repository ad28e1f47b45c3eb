//! What hostile lines and ordinary ones cost, in WebAssembly instructions: the same figures on any machine. Fluent Bit
//! interprets the module, so they are what counts there. `TOP` (20): how many of the worst lines are shown.
#[path = "../tests/common/mod.rs"]
mod common;

use common::httpd;
use common::kinds::{costs_of, format_of, privacy};
use e2e::host::{self, Host};
use e2e::{hostile, record, typical};
use firelens_compiler::compile;
use firelens_compiler::spec::{Privacy, Spec};
use wasmtime::Module;

fn main() {
    let engine = host::metered_engine();
    let all = [(false, false), (true, false), (false, true), (true, true)];
    let costs = all.into_iter().flat_map(|(keep_log, private)| costs_of(&engine, keep_log, private, 4000)).collect();
    let (median, ranked) = hostile::ranked(costs);
    println!("{} hostile lines; instructions for each byte of the record as strict JSON", ranked.len());
    println!("{median:>8.1}    1.0 the median");
    let top = std::env::var("TOP").ok().and_then(|top| top.parse().ok()).unwrap_or(20);
    for cost in ranked.iter().take(top) {
        println!("{:>8.1} {:>6.1} {}", cost.each, cost.each / median, cost.name);
    }
    println!("ordinary lines: instructions for each, without masking and with it");
    for kind in typical::KINDS {
        let records: Vec<Vec<u8>> = kind.lines(1000).iter().map(|line| record::firelens("stdout", line)).collect();
        let each = [Privacy::default(), privacy()].map(|privacy| {
            let spec = Spec { privacy, ..httpd(vec![format_of(kind)], vec![]) };
            let packaged = firelens_packager::package(firelens_packager::RAW, &compile(&spec).expect("a program"))
                .expect("a module");
            let mut host = Host::new(&Module::new(&engine, packaged).expect("a module"));
            let mut used = |record: &Vec<u8>| host.instructions(record::TAG, record, u64::MAX).expect("enough");
            records.iter().for_each(|record| _ = used(record));
            records.iter().map(used).sum::<u64>() / records.len() as u64
        });
        println!("{:>8} {:>8} {}", each[0], each[1], kind.name());
    }
}
