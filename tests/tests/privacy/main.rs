//! Private text in every spelling and place that `docs/privacy.md` promises, through the module, is in no output; and text
//! beside it stays. Nothing here uses the filter's own code to find it.
//!
//! `FIRELENS_RECORDS=1000000` tries more records than the usual 30,000; `FIRELENS_SEED` begins elsewhere.
mod place;
mod spell;

use e2e::host::{self, Host};
use e2e::record;
use firelens_compiler::compile;
use firelens_compiler::spec::{Container, Format, Privacy, Spec};
use place::Line;
use serde_json::Value;
use spell::Random;
use wasmtime::Module;

fn variable(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

fn privacy() -> Privacy {
    Privacy {
        v4_bits: Some(24),
        v6_bits: Some(48),
        remove_user: true,
        parameters: spell::PARAMETERS.map(String::from).to_vec(),
        ..Privacy::default()
    }
}

type Kind = (&'static str, &'static str, fn() -> Format, fn(&mut Random) -> Line);

/// The kinds of lines: their name as the record has it, stream, format, and how lines are made.
const KINDS: [Kind; 6] = [
    ("access", "stdout", || access(&place::FORMAT.replace("\\\"", "\"")), place::access),
    ("error", "stderr", || Format::HttpdError { format: None, zone: Vec::new() }, place::error),
    ("rails", "stdout", || Format::Rails { zone: Vec::new() }, place::rails),
    ("rails", "stdout", || Format::Lograge { zone: Vec::new() }, place::lograge),
    ("json", "stdout", || Format::Json { zone: Vec::new() }, place::json),
    ("unparsed", "stdout", || access("%v %p %D"), place::unparsed),
];

fn access(format: &str) -> Format {
    Format::Access { format: format.into(), zone: Vec::new() }
}

fn host(format: Format, keep_log: bool) -> Host {
    let container = Container { name: "httpd".into(), stdout: vec![format.clone()], stderr: vec![format] };
    let spec = Spec { containers: vec![container], keep_log, privacy: privacy(), ..Spec::default() };
    let packaged =
        firelens_packager::package(firelens_packager::RAW, &compile(&spec).expect("a program")).expect("a module");
    Host::new(&Module::new(&host::engine(), packaged).expect("a module"))
}

/// All texts of a record, keys included.
fn texts<'v>(value: &'v Value, all: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => all.push(text),
        Value::Array(list) => list.iter().for_each(|value| texts(value, all)),
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            all.push(key);
            texts(value, all);
        }),
        _ => {}
    }
}

/// What is wrong with the record that a line became.
fn fault(kind: &str, line: &Line, out: &[u8]) -> Option<String> {
    let Ok(object) = record::strict(out) else { return Some("it is not strict".into()) };
    if object["kind"] != kind {
        return Some(format!("it is not {kind}"));
    }
    let value = Value::Object(object);
    let mut all = Vec::new();
    texts(&value, &mut all);
    let all: Vec<String> = all.into_iter().map(str::to_lowercase).collect();
    let has = |text: &str| all.iter().any(|one| one.contains(&text.to_lowercase()));
    if let Some(text) = line.gone.iter().find(|text| has(text)) {
        return Some(format!("{text} is still there"));
    }
    line.stays.iter().find(|text| !has(text)).map(|text| format!("{text} is gone"))
}

#[test]
fn nothing_private_is_in_any_output() {
    let (records, seed) = (variable("FIRELENS_RECORDS", 30_000), variable("FIRELENS_SEED", 1));
    let mut faults = Vec::new();
    for (index, (kind, stream, format, line)) in KINDS.into_iter().enumerate() {
        let mut hosts = [false, true].map(|keep_log| host(format(), keep_log));
        for number in 0..records / KINDS.len() as u64 {
            let seed = seed.wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(number * 8 + index as u64);
            let line = line(&mut Random(seed));
            let host = &mut hosts[(number / 7 % 2) as usize];
            let out = host.call(record::TAG, &record::firelens(stream, &line.bytes)).expect("nothing is dropped");
            if let Some(fault) = fault(kind, &line, &out) {
                let [line, out] = [&line.bytes, &out].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
                faults.push(format!("{fault}\n  {line}\n  {out}"));
            }
        }
    }
    let shown = faults.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(faults.is_empty(), "{} of {records} records:\n{shown}", faults.len());
}
