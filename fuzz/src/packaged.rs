//! The packaged module beside the general engine.
use crate::programs::{self, PROGRAMS};
use crate::{host::Host, record};
use firelens_filter::{Filter, Outcome, json::push_ascii};
use std::cell::RefCell;
use std::collections::HashMap;
use wasmtime::{Engine, Module};

/// What stands around the line in a record: before and after it.
const AROUND: [(&str, &str); 5] = [
    (r#"{"container_id":"6f2f0e2b","container_name":"/httpd","source":"stdout","log":"#, r#","ecs_cluster":"shop"}"#),
    (r#"{"log":"#, r#","container_id":"6f2f0e2b","container_name":"/httpd","source":"stdout"}"#),
    (r#"{"source":"stdout","log":"#, "}"),
    (r#"{"status":200,"log":"#, r#","client":"10.0.0.1","kind":"error"}"#),
    (r#"{"log":"#, r#","n" : 1.50}"#),
];

/// How many programs there are for each format.
pub const EACH: u64 = 4 * PROGRAMS;

struct Both {
    general: Filter,
    packaged: Host,
}

thread_local! {
    static ENGINE: Engine = crate::host::engine();
    static BOTH: RefCell<HashMap<(usize, u64), Both>> = RefCell::default();
}

/// The first three bytes choose format, program and surroundings; the rest is the line, or the format's first one where there
/// is none. It is a JSON string's text, with its bytes above ASCII as they are. `load` makes a module of its bytes.
pub fn compare_with(load: fn(&Engine, &[u8]) -> Module, input: &[u8]) {
    let [format, program, around, line @ ..] = input else { return };
    let samples = programs::samples();
    let sample = &samples[usize::from(*format) % samples.len()];
    let line = if line.is_empty() { sample.lines[0].as_bytes() } else { line };
    let (format, program) = (usize::from(*format) % samples.len(), u64::from(*program) % EACH);
    BOTH.with_borrow_mut(|all| {
        let both = all.entry((format, program)).or_insert_with(|| {
            let program = programs::program(&sample.format, program);
            let bytes = firelens_packager::package(firelens_packager::RAW, &program).expect("a module");
            let module = ENGINE.with(|engine| load(engine, &bytes));
            Both { general: Filter::new(program), packaged: Host::new(&module) }
        });
        let (before, after) = AROUND[usize::from(*around) % AROUND.len()];
        let mut record = before.as_bytes().to_vec();
        record.push(b'"');
        for &byte in line {
            match byte {
                0x80.. => record.push(byte),
                _ => push_ascii(&mut record, byte),
            }
        }
        record.push(b'"');
        record.extend_from_slice(after.as_bytes());
        both.compare(&record);
        // The second time, its surroundings are known.
        both.compare(&record);
    });
}

impl Both {
    fn compare(&mut self, record: &[u8]) {
        let mut out = Vec::new();
        let general = match self.general.filter(record::TAG, record, &mut out) {
            Outcome::Unchanged => Some(record.to_vec()),
            Outcome::Changed => Some(out),
            Outcome::Dropped => None,
        };
        let packaged = self.packaged.call(record::TAG, record);
        let text = |out: &Option<Vec<u8>>| out.as_ref().map(|text| text.escape_ascii().to_string());
        assert!(general == packaged, "general: {:?}\npackaged: {:?}", text(&general), text(&packaged));
    }
}
