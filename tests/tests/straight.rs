//! The code that packaging writes for formats gives what the filter's general way gives.
//!
//! `FIRELENS_CASES=100000` tries more cases.
mod common;
#[path = "../../filter/src/tests/random.rs"]
mod random;

use common::{Both, access};
use e2e::host;
use firelens_filter::{
    Program,
    compile::{self, compile},
    json::push_ascii,
    program,
    spec::{self, Action, Condition, Route},
};
use firelens_kit::module;
use proptest::prelude::*;
use serde_json::Value;
use std::{cell::RefCell, collections::HashMap};
use wasmtime::{Engine, Module};

/// How many programs there are for each format.
const PROGRAMS: u64 = 2;

fn route(name: &str, conditions: Vec<Condition>, action: Action) -> Route {
    let any_of = if conditions.is_empty() { Vec::new() } else { vec![conditions] };
    Route { name: name.to_string(), any_of, action }
}

fn packaged(engine: &Engine, format: &str, number: u64) -> (Program, Module) {
    let program = random::program(format, number);
    let module = module::package(module::RAW, &program).expect("a module");
    (program, Module::new(engine, module).expect("a module"))
}

#[test]
fn packaged_code_gives_what_the_general_way_gives() {
    let samples = random::samples();
    let (engine, modules) = (host::engine(), RefCell::new(HashMap::new()));
    let lines = prop::collection::vec(random::line(), 2..9);
    // Most of the formats that can go straight are in front.
    let pick = (prop_oneof![0..5usize, 8..13usize, 0..samples.len()], 0..PROGRAMS);
    proptest!(random::cases(500), |((at, number) in pick, around in random::surroundings(), lines in lines)| {
        let random::Sample { format, lines: texts } = &samples[at];
        let mut modules = modules.borrow_mut();
        let (program, module) = modules.entry((at, number)).or_insert_with(|| packaged(&engine, format, number));
        let mut both = Both::of(program.clone(), module);
        for line in lines {
            both.filter_tagged(around.tag.as_bytes(), &around.record(&line, texts));
        }
    });
}
