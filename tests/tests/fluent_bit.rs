//! The real Fluent Bit, where there is one (`$FLUENT_BIT`, or several in `$FLUENT_BITS`): nothing that goes through the module is lost in it.
//!
//! Needs: fluent_bit.
use e2e::fluent_bit::msgpack::{self, Item};
use e2e::fluent_bit::odd;
use e2e::fluent_bit::{self, file_output, reading, run_until, section, wasm_filter};
use e2e::{corpus, record};
use firelens_compiler::compile;
use firelens_compiler::spec::Spec;
use firelens_filter::{Filter, Outcome, Program};
use firelens_packager::shape::Shape;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

const TAG: &str = "httpd-firelens-6f2f0e2b";
const LIMIT: Duration = Duration::from_secs(60);

fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    dir
}

/// The records that arrived.
fn arrived(file: &Path) -> Vec<Value> {
    let text = fs::read(file).unwrap_or_default();
    let lines = text.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"));
    lines.map(|line| serde_json::from_slice(line).expect("a record")).collect()
}

/// What the plain filter returns for all that the corpus and the fuzz targets' inputs hold.
fn outputs() -> Vec<Vec<u8>> {
    let mut filter = Filter::new(compile(&Spec::default()).expect("a program"));
    let mut out = Vec::new();
    let mut records: Vec<Vec<u8>> = Vec::new();
    for (format, _) in corpus::access_formats() {
        records.extend(corpus::lines(&format!("access/{format}.log")).iter().map(|l| record::firelens("stdout", l)));
    }
    for log in corpus::ERROR_LOGS {
        records.extend(corpus::lines(&format!("error/{log}.log")).iter().map(|line| record::firelens("stderr", line)));
    }
    let fuzzed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/record");
    for entry in fs::read_dir(fuzzed).into_iter().flatten().flatten() {
        records.extend(fs::read(entry.path()));
    }
    let mut outputs: Vec<Vec<u8>> = records
        .iter()
        .filter_map(|record| match filter.filter(record::TAG, record, &mut out) {
            Outcome::Changed => Some(out.clone()),
            _ => None,
        })
        .collect();
    outputs.sort();
    outputs.dedup();
    outputs
}

/// A module that returns a good record and one of these texts in turn, whatever it gets.
fn returning(texts: &[Vec<u8>]) -> Vec<u8> {
    let (table, good, first) = (131_072u32, 2048u32, 131_072 + 4 * texts.len() as u32);
    let (mut pointers, mut data) = (Vec::new(), Vec::new());
    for text in texts {
        pointers.extend_from_slice(&(first + data.len() as u32).to_le_bytes());
        data.extend_from_slice(text);
        data.push(0);
    }
    let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let pages = (first as usize + data.len()).div_ceil(65_536);
    let text = format!(
        r#"(module
        (memory (export "memory") {pages})
        (global $calls (mut i32) (i32.const 0))
        (func (export "malloc") (param $size i32) (result i32)
            (if (result i32) (i32.gt_u (local.get $size) (i32.const 64)) (then (i32.const 65536)) (else (i32.const 1024))))
        (func (export "free") (param i32))
        (func (export "firelens_filter") (param i32 i32 i32 i32 i32 i32) (result i32)
            (local $call i32)
            (local.set $call (global.get $calls))
            (global.set $calls (i32.add (local.get $call) (i32.const 1)))
            (if (result i32) (i32.and (local.get $call) (i32.const 1))
                (then (i32.load (i32.add (i32.const {table}) (i32.shl (i32.shr_u (local.get $call) (i32.const 1)) (i32.const 2)))))
                (else (i32.const {good}))))
        (data (i32.const {good}) "{{\"good\":\"record\"}}\00")
        (data (i32.const {table}) "{}")
        (data (i32.const {first}) "{}"))"#,
        escaped(&pointers),
        escaped(&data)
    );
    wat::parse_str(text).expect("a module")
}

/// The host decodes every text that the filter returns, each after a good record.
#[test]
fn what_the_filter_returns_arrives() {
    fluent_bit::needed().iter().for_each(|program| returned(program));
}

fn returned(program: &Path) {
    let dir = folder("returned");
    let texts = outputs();
    println!("{} texts", texts.len());
    fs::write(dir.join("returning.wasm"), returning(&texts)).expect("a module");
    fs::write(dir.join("in.log"), "x\n".repeat(2 * texts.len())).expect("a file");
    let out = dir.join("out.log");
    let rest = [wasm_filter(&dir.join("returning.wasm"), TAG), file_output(&out, TAG)];
    fs::write(dir.join("fb.conf"), reading(&dir.join("in.log"), TAG, false, &rest)).expect("a configuration");
    let mut command = fluent_bit::command(program, &dir.join("fb.conf"));
    let wanted = 2 * texts.len();
    run_until(&mut command, LIMIT, || count(&out) >= wanted).expect("Fluent Bit");
    let records = arrived(&out);
    assert_eq!(records.len(), wanted, "records are missing");
    for (pair, text) in records.chunks(2).zip(&texts) {
        assert_eq!(pair[0], serde_json::json!({"good": "record"}), "in front of {}", text.escape_ascii());
        // Big numbers are not the same afterwards, and of equal names one is left.
        let expected = record::members(std::str::from_utf8(text).expect("UTF-8"));
        let kinds: Vec<&str> = expected.iter().filter(|(key, _)| *key == "kind").map(|(_, member)| *member).collect();
        assert_eq!(kinds, [format!("\"kind\":{}", pair[1]["kind"])], "{}", text.escape_ascii());
    }
}

fn count(file: &Path) -> usize {
    fs::read(file).unwrap_or_default().iter().filter(|&&byte| byte == b'\n').count()
}

/// A module that cannot read its program, with the privacy settings in it, must not run without them.
#[test]
fn a_module_whose_program_is_damaged_does_not_start() {
    fluent_bit::needed().iter().for_each(|program| damaged(program));
}

fn damaged(program: &Path) {
    let dir = folder("damaged");
    let compiled = compile(&Spec::default()).expect("a program");
    let whole = firelens_packager::package(firelens_packager::RAW, &compiled).expect("a module");
    let outlines = Shape::all(&compiled).iter().map(Shape::outline).collect();
    let bytes = Program { outlines, ..compiled }.to_bytes();
    let start = whole.windows(bytes.len()).position(|window| window == bytes).expect("the program");
    let mut broken = whole.clone();
    // The number of names, behind whether `log` is kept.
    broken[start + 1] = 0x7f;
    fs::write(dir.join("in.log"), "x\n").expect("a file");
    let run = |module: &[u8]| {
        let out = dir.join("out.log");
        let _ = fs::remove_file(&out);
        fs::write(dir.join("filter.wasm"), module).expect("a module");
        let rest = [wasm_filter(&dir.join("filter.wasm"), TAG), file_output(&out, TAG)];
        fs::write(dir.join("fb.conf"), reading(&dir.join("in.log"), TAG, true, &rest)).expect("a configuration");
        let status = fluent_bit::command(program, &dir.join("fb.conf")).status().expect("Fluent Bit");
        (status.code(), count(&out))
    };
    assert_eq!(run(&whole), (Some(0), 1));
    assert_eq!(run(&broken), (Some(255), 0), "Fluent Bit starts with a module that has no program");
}

/// From 5.1 on the forward input cannot call modules: all records are moved to a tag of their own first.
fn needs_an_emitter(program: &Path) -> bool {
    let version = std::process::Command::new(program).arg("--version").output().expect("a version");
    let text = String::from_utf8_lossy(&version.stdout).into_owned();
    let number = text.split_once('v').map_or("", |(_, number)| number);
    let parts: Vec<u32> = number.split(['.', '\n', ' ']).take(2).filter_map(|part| part.parse().ok()).collect();
    parts >= vec![5, 1]
}

/// Each odd record after a good one, through the forward input and the module, as FireLens does it.
#[test]
fn odd_records_arrive() {
    fluent_bit::needed().iter().for_each(|program| odd_records(program));
}

fn odd_records(program: &Path) {
    let dir = folder("odd");
    let plain = firelens_packager::package(firelens_packager::RAW, &compile(&Spec::default()).expect("a program"))
        .expect("a module");
    fs::write(dir.join("filter.wasm"), plain).expect("a module");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let out = dir.join("out.log");
    // Deep records need more than the stack that an output has on its own before 5.1.
    let settings = [("flush", "1"), ("grace", "1"), ("log_level", "error"), ("coro_stack_size", "65536")];
    let service = section("SERVICE", &settings);
    let forward = [("name", "forward"), ("listen", "127.0.0.1"), ("port", &port.to_string())];
    let move_all = [("name", "rewrite_tag"), ("match", "in"), ("rule", "$number . moved false")];
    let (tag, emitter) = match needs_an_emitter(program) {
        true => ("moved", section("FILTER", &move_all)),
        false => ("in", String::new()),
    };
    let filters = emitter + &wasm_filter(&dir.join("filter.wasm"), tag);
    let config = service + &section("INPUT", &forward) + &filters + &file_output(&out, tag);
    fs::write(dir.join("fb.conf"), config).expect("a configuration");

    let odd = odd::records();
    let mut records = Vec::new();
    for record in &odd {
        records.push(vec![(Item::text("log"), Item::text("a good record"))]);
        records.push(record.clone());
    }
    for (number, record) in records.iter_mut().enumerate() {
        record.insert(0, (Item::text("number"), Item::text(&number.to_string())));
    }
    let wanted = records.len();
    let message = msgpack::forward_message("in", records);
    let mut sent = false;
    let mut command = fluent_bit::command(program, &dir.join("fb.conf"));
    run_until(&mut command, LIMIT, || {
        sent = sent || TcpStream::connect(("127.0.0.1", port)).is_ok_and(|mut to| to.write_all(&message).is_ok());
        count(&out) >= wanted
    })
    .expect("Fluent Bit");
    let arrived = arrived(&out);
    let numbers: Vec<&str> = arrived.iter().filter_map(|record| record["number"].as_str()).collect();
    let missing: Vec<usize> = (0..wanted).filter(|n| !numbers.contains(&n.to_string().as_str())).collect();
    assert!(missing.is_empty(), "missing: {missing:?} of {wanted}");
    assert!(arrived.iter().all(|record| record["kind"].is_string()), "the module did not run");
    assert_eq!(arrived.iter().filter(|record| record["log"] == "a good record").count(), odd.len());
}
