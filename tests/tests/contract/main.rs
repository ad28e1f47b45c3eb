//! The module's contract with its host: what Fluent Bit's `wasm` filter expects, checked on the bytes that it gets.
#[path = "../common/mod.rs"]
mod common;
mod cost;
mod stack;

use common::{access, httpd};
use e2e::corpus;
use e2e::host::{self, Host};
use e2e::record;
use firelens_compiler::compile;
use firelens_compiler::spec::{Action, Condition, Format, Route, Spec, Test};
use firelens_filter::Program;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;
use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wasmtime::Module;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const PAGE: usize = 64 * KIB;

/// The most code and constant data before a configuration is added.
const MAX_SIZE: usize = 96 * KIB;

/// The operand stack that Fluent Bit gives a module unless it is told otherwise (`wasm_stack_size`).
const OPERAND_STACK: usize = 8 * KIB;

/// The plain module, for any Fluent Bit.
static PLAIN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let program: Program = compile(&Spec::default()).expect("the formats that need no configuration");
    firelens_packager::package(firelens_packager::RAW, &program).expect("a module")
});

static MODULE: LazyLock<Module> = LazyLock::new(|| Module::new(&host::engine(), &*PLAIN).expect("a module"));

const LINE: &[u8] = br#"203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] "GET /a?b=c HTTP/1.1" 200 512 "-" "curl/8.5.0""#;

/// The plain module and packaged ones, by name: with one format, and with everything.
static MODULES: LazyLock<[(&str, Vec<u8>); 3]> = LazyLock::new(|| {
    let packaged = |spec: &Spec| {
        firelens_packager::package(firelens_packager::RAW, &compile(spec).expect("a program")).expect("a module")
    };
    let combined = Format::Access { format: "combined".into(), zone: Vec::new() };
    let mut formats: Vec<Format> = corpus::access_formats().into_iter().map(|(_, format)| access(&format)).collect();
    formats.extend([
        Format::HttpdError { format: None, zone: Vec::new() },
        Format::Lograge { zone: Vec::new() },
        Format::Json { zone: Vec::new() },
    ]);
    let regex = Condition { field: "path".into(), not: false, any: vec![Test::Regex("(?i)^/admin(/|$)".into())] };
    let routes = vec![
        Route { name: "admin".into(), any_of: vec![vec![regex]], action: Action::Sample(0.5) },
        Route { name: "rest".into(), any_of: vec![], action: Action::Keep },
    ];
    let everything = Spec { routes, ..httpd(formats.clone(), formats) };
    [
        ("plain", PLAIN.clone()),
        ("combined", packaged(&httpd(vec![combined], vec![]))),
        ("everything", packaged(&everything)),
    ]
});

fn payloads(module: &[u8]) -> impl Iterator<Item = Payload<'_>> {
    Parser::new(0).parse_all(module).map(|payload| payload.expect("a module"))
}

fn length(range: Range<usize>) -> usize {
    range.end - range.start
}

#[test]
fn exports_are_the_five_and_a_start_function_and_nothing_is_imported() {
    let expected = BTreeSet::from(["firelens_filter", "firelens_version", "free", "malloc", "memory"]);
    for (name, module) in &*MODULES {
        let (mut exports, mut starts) = (BTreeSet::new(), 0);
        for payload in payloads(module) {
            match payload {
                Payload::ExportSection(section) => {
                    exports = section.into_iter().map(|export| export.expect("an export").name).collect();
                }
                Payload::StartSection { .. } => starts += 1,
                Payload::ImportSection(_) => panic!("{name}: {payload:?}"),
                _ => {}
            }
        }
        assert_eq!((exports, starts), (expected.clone(), 1), "{name}");
    }
}

#[test]
fn code_and_data_are_small() {
    let size: usize = payloads(&PLAIN)
        .map(|payload| match payload {
            Payload::CodeSectionStart { range, .. } => length(range),
            Payload::DataSection(section) => length(section.range()),
            _ => 0,
        })
        .sum();
    println!("{size} bytes of code and data, {} in all", PLAIN.len());
    assert!(size > KIB && size <= MAX_SIZE, "{size} bytes");
}

#[test]
fn only_features_that_the_fast_interpreter_has() {
    let features = WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS;
    for (name, module) in &*MODULES {
        let valid = Validator::new_with_features(features).validate_all(module);
        assert!(valid.is_ok(), "{name}: {:?}", valid.err());
    }
}

#[test]
fn the_operand_stack_suffices() {
    for (name, module) in &*MODULES {
        let stack = stack::Stack::new(module);
        for export in ["firelens_filter", "malloc", "free", "firelens_version", stack::START] {
            let (bytes, chain) = stack.needed(export);
            println!("{name}: {export}: {bytes} bytes in a chain of {}", chain.len());
            assert!(bytes <= OPERAND_STACK, "{name}: {export} needs {bytes} bytes: functions {chain:?}");
        }
    }
}

#[test]
fn the_version_is_told() {
    let mut store = wasmtime::Store::new(MODULE.engine(), ());
    let instance = wasmtime::Instance::new(&mut store, &MODULE, &[]).expect("an instance");
    let version = instance.get_typed_func::<(), u32>(&mut store, "firelens_version").expect("firelens_version");
    let address = version.call(&mut store, ()).expect("no trap") as usize;
    let memory = instance.get_memory(&mut store, "memory").expect("memory").data(&store);
    assert!(memory[address..].starts_with(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()));
}

#[test]
fn a_line_is_parsed_without_a_configuration() {
    let out = Host::new(&MODULE).call(record::TAG, &record::firelens("stdout", LINE)).expect("a record");
    let object = record::strict(&out).expect("strict JSON");
    assert_eq!(object["kind"], "access");
    assert_eq!(object["status"], 200);
    assert_eq!(object["query"], "b=c");
    assert!(!object.contains_key("log"));
}

#[test]
fn memory_at_rest_is_small() {
    let mut host = Host::new(&MODULE);
    assert!(host.memory_size() <= MIB, "{} bytes", host.memory_size());
    host.call(record::TAG, &record::firelens("stdout", LINE));
    assert!(host.memory_size() <= MIB, "{} bytes after a record", host.memory_size());
}

/// Records of all sizes up to a few KiB, parsed ones and others.
fn mixed(number: usize) -> Vec<u8> {
    let mut line = LINE.to_vec();
    match number % 4 {
        0 => line.extend(vec![b'x'; number % 3000]),
        1 => line.splice(80..80, vec![b'a'; number % 3000]).for_each(drop),
        _ => {}
    }
    record::firelens(if number.is_multiple_of(5) { "stderr" } else { "stdout" }, &line)
}

fn stays_flat(frees: bool) {
    let mut host = Host::new(&MODULE);
    host.frees = frees;
    let records: Vec<Vec<u8>> = (0..6000).map(mixed).collect();
    for record in &records {
        host.call(record::TAG, record).expect("a record");
    }
    let before = host.memory_size();
    for number in 0..400_000 {
        host.call(record::TAG, &records[number % records.len()]).expect("a record");
    }
    assert_eq!(host.memory_size(), before);
    assert!(before <= MIB, "{before} bytes");
}

#[test]
fn memory_stays_flat() {
    stays_flat(true);
}

#[test]
fn memory_stays_flat_on_a_host_that_never_frees() {
    stays_flat(false);
}

#[test]
fn an_instance_for_each_chunk() {
    let record = record::firelens("stdout", LINE);
    let mut first = None;
    for _ in 0..200 {
        let mut host = Host::new(&MODULE);
        for _ in 0..3 {
            let out = host.call(record::TAG, &record);
            assert_eq!(&out, first.get_or_insert_with(|| out.clone()));
        }
    }
}

#[test]
fn results_do_not_depend_on_earlier_records() {
    let mut host = Host::new(&MODULE);
    for number in 0..2000 {
        let record = mixed(number * 7);
        let alone = Host::new(&MODULE).call(record::TAG, &record);
        assert_eq!(host.call(record::TAG, &record), alone, "record {number}");
    }
}

/// A record whose JSON text is exactly so long, with a line that any reader takes.
fn record_of(size: usize) -> Vec<u8> {
    let (head, tail) = LINE.split_at(LINE.len() - 1);
    let short = record::firelens("stdout", LINE).len();
    let line = [head, &vec![b'u'; size - short], tail].concat();
    let record = record::firelens("stdout", &line);
    assert_eq!(record.len(), size);
    record
}

#[test]
fn a_record_of_one_mib_is_parsed() {
    let mut host = Host::new(&MODULE);
    let out = host.call(record::TAG, &record_of(MIB)).expect("a record");
    let object = record::strict(&out).expect("strict JSON");
    assert_eq!(object["kind"], "access");
    assert!(object["user_agent"].as_str().expect("text").len() > MIB - KIB);
}

#[test]
fn a_longer_record_passes_as_it_came() {
    let mut host = Host::new(&MODULE);
    for size in [MIB + 1, 2 * MIB, 20 * MIB] {
        let record = record_of(size);
        assert!(host.call(record::TAG, &record).expect("a record") == record, "{size} bytes were changed");
    }
}

#[test]
fn big_records_do_not_add_up() {
    for frees in [true, false] {
        let mut host = Host::new(&MODULE);
        host.frees = frees;
        let record = record_of(MIB);
        host.call(record::TAG, &record).expect("a record");
        let before = host.memory_size();
        for _ in 0..50 {
            host.call(record::TAG, &record).expect("a record");
        }
        assert_eq!(host.memory_size(), before);
        println!("{} MiB for a record of one", before / MIB);
    }
}

#[test]
fn malloc_grows_memory_for_whatever_the_host_asks() {
    let mut host = Host::new(&MODULE);
    let small = host.malloc(1);
    let big = host.malloc(64 * MIB as u32);
    assert_ne!(big, 0);
    host.write(big, &vec![0xaa; 64 * MIB]);
    host.write(small, b"x");
    assert_eq!(host.malloc(u32::MAX), 0, "more than there can be: null, no trap");
    let after = host.call(record::TAG, &record::firelens("stdout", LINE)).expect("a record");
    assert!(after.starts_with(b"{"));
}

#[test]
fn memory_has_no_limit_and_starts_small() {
    for (name, module) in &*MODULES {
        let memory = payloads(module).find_map(|payload| match payload {
            Payload::MemorySection(section) => section.into_iter().next(),
            _ => None,
        });
        let memory = memory.expect("a memory").expect("a memory");
        assert!(memory.initial as usize * PAGE <= MIB, "{name}: {} pages", memory.initial);
        assert_eq!(memory.maximum, None, "{name}: a limit would lose the records that do not fit");
    }
}
