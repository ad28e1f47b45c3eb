//! The code that packaging writes for formats gives what the filter's general way gives, byte for byte.
//!
//! `FIRELENS_CASES=100000` tries more cases.
#[path = "../common/mod.rs"]
mod common;
mod programs;
mod random;

use common::Both;
use e2e::host;
use firelens_compiler::spec::{Action, AddedField, AddedValue, Condition, Ecs, Format, Privacy, Test};
use firelens_filter::{Program, program::Mask};
use firelens_packager::shape::{Absent, Scan, Shape, Step};
use programs::{PROGRAMS, Sample};
use proptest::prelude::*;
use random::{Line, Surroundings};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};
use wasmtime::{Engine, Module};

fn packaged(engine: &Engine, format: &str, number: u64) -> (Program, Module) {
    let program = programs::program(format, number);
    let module = firelens_packager::package(firelens_packager::RAW, &program).expect("a module");
    (program, Module::new(engine, module).expect("a module"))
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
    made: usize,
    /// The kinds of steps in the code that records went through.
    steps: BTreeSet<&'static str>,
}

/// All kinds of steps that code is written for, by the names that [`kinds`] gives them.
const KINDS: [&str; 18] = [
    "absent never",
    "absent often",
    "absent rarely",
    "byte",
    "mask address",
    "mask free text",
    "mask none",
    "mask url",
    "method",
    "nothing",
    "number",
    "path",
    "path with a masked query",
    "protocol",
    "quote",
    "space",
    "status",
    "time",
];

/// How the value ends, what it is when it is absent, and how it is masked.
fn kinds(step: &Step) -> [&'static str; 3] {
    let scan = match &step.scan {
        Scan::Blank => "space",
        Scan::Byte(_) => "byte",
        Scan::Quote => "quote",
        Scan::Number => "number",
        Scan::Status => "status",
        Scan::Clf => "time",
        Scan::Method => "method",
        Scan::Path { mask: Mask::None, .. } => "path",
        Scan::Path { .. } => "path with a masked query",
        Scan::Protocol => "protocol",
        Scan::Nothing => "nothing",
    };
    let absent = match step.absent {
        Absent::Never => "absent never",
        Absent::Rarely => "absent rarely",
        Absent::Often => "absent often",
    };
    let mask = match step.mask {
        Mask::None => "mask none",
        Mask::Address => "mask address",
        Mask::User => "mask user",
        Mask::Removed => "mask removed",
        Mask::Replaced => "mask replaced",
        Mask::Url => "mask url",
        Mask::Query => "mask query",
        Mask::FreeText => "mask free text",
    };
    [scan, absent, mask]
}

impl Count {
    /// Runs a record through both ways.
    fn check(&mut self, both: &mut Both, tag: &str, record: &[u8]) {
        self.records += 1;
        if both.filter_tagged(tag.as_bytes(), record).is_some() && both.took_made_code() {
            self.made += 1;
            // Of one format, so it is known which steps they were.
            if let [shape] = &Shape::all(both.program())[..] {
                self.steps.extend(shape.steps.iter().flat_map(kinds));
            }
        }
    }
}

#[test]
fn packaged_code_gives_what_the_general_way_gives() {
    let samples = programs::samples();
    let state = RefCell::new((Count::default(), HashMap::new()));
    let engine = host::engine();
    let lines = prop::collection::vec((random::line(), damage()), 2..9);
    // Most of the formats that have code of their own are in front.
    let pick = (prop_oneof![0..5usize, 8..13usize, 0..samples.len()], 0..PROGRAMS);
    proptest!(random::cases(600), |((at, number) in pick, around in random::surroundings(), lines in lines)| {
        let (lines, around): (Vec<(Line, Damage)>, Surroundings) = (lines, around);
        let (count, modules) = &mut *state.borrow_mut();
        let Sample { format, lines: texts } = &samples[at];
        let (program, module) = modules.entry((at, number)).or_insert_with(|| packaged(&engine, format, number));
        // A new instance learns the surroundings on the way.
        let mut both = Both::of(program.clone(), module);
        for (line, damage) in lines {
            count.check(&mut both, around.tag, &damage.done(around.record(&line, texts)));
        }
    });
    let Count { records, made, steps } = state.into_inner().0;
    assert!(made * 16 > records, "{made} of {records} records took the made code");
    assert_eq!(steps, BTreeSet::from(KINDS), "each kind of step is taken");
}

/// The task's id can come from the tag, so that another tag is another task; and what is added costs no line its made code.
#[test]
fn added_fields_follow_the_tag() {
    let field = |name: &str, value| AddedField { container: None, name: name.to_string(), value };
    let mut spec = common::httpd(vec![common::access("combined")], vec![]);
    spec.added = vec![field("service", AddedValue::Text("shop".into())), field("task", AddedValue::Ecs(Ecs::TaskId))];
    let mut both = Both::new(&spec);
    let line = "203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"curl\"";
    let record = json!({"source": "stdout", "log": line}).to_string();
    let mut made = 0;
    for task in ["1", "2", "1", "2", "11", "1", "11"] {
        let out = both.filter_tagged(format!("httpd-firelens-{task}").as_bytes(), record.as_bytes()).unwrap();
        made += usize::from(both.took_made_code());
        let out: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!([&out["service"], &out["task"], &out["status"]], [&json!("shop"), &json!(task), &json!(200)]);
    }
    assert_eq!(made, 4, "each tag is met once before");
}

/// What the module leaves out when nobody asks for paths is there when somebody does, and costs access lines no made code.
#[test]
fn paths_in_the_module() {
    let on = |field: &str| Condition { field: field.to_string(), not: false, any: vec![Test::Equals("500".into())] };
    let combined = common::access("combined");
    let mut spec = common::httpd(vec![combined, Format::Json { zone: Vec::new() }], vec![]);
    spec.routes = vec![
        programs::route("nested", vec![on("payload.status")], Action::Keep),
        programs::route("rest", vec![], Action::Keep),
    ];
    spec.privacy = Privacy { remove: vec!["payload.token".into()], ..Privacy::default() };
    let mut both = Both::new(&spec);
    let access = "203.0.113.7 - - [22/Nov/2026:07:38:32 +0000] \"GET /a HTTP/1.1\" 200 512 \"-\" \"curl\"";
    let json = r#"{"payload":{"status":500,"token":1,"x":{"y":[1]}}}"#;
    let mut made = 0;
    for (line, members, route) in [
        (access, "", "rest"),
        (access, "", "rest"),
        (access, r#""payload":{"status":"500","token":2},"#, "nested"),
        (access, r#""payload":{"status":"500","token":2},"#, "nested"),
        (json, "", "nested"),
        (json, r#""payload":1,"#, "rest"),
    ] {
        let record = format!("{{\"source\":\"stdout\",{members}\"log\":{}}}", Value::from(line));
        let out = both.filter_tagged(b"httpd-firelens-1", record.as_bytes()).unwrap();
        made += usize::from(both.took_made_code());
        let out: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(out["route"], route, "{line} {members}");
        assert_eq!(out.pointer("/payload/token"), None, "{out}");
    }
    assert_eq!(made, 2, "access lines in surroundings that were met take it");
}

/// As they are, with FireLens' own fields around them, in all orders.
#[test]
fn lines_of_the_corpus() {
    let (mut count, engine) = (Count::default(), host::engine());
    for (at, sample) in programs::samples().iter().enumerate() {
        let (program, module) = packaged(&engine, &sample.format, at as u64);
        let mut both = Both::of(program, &module);
        for (number, line) in sample.lines.iter().enumerate() {
            let mut members = [
                json!({"container_name": "/httpd"}),
                json!({"source": "stdout"}),
                json!({"log": line}),
                json!({"container_id": "6f2f0e2ba0d142f2a2c6a1a0bb1e1c116f2f0e2ba0d142f2a2c6a1a0bb1e1c11"}),
                json!({"ecs_cluster": "shop"}),
            ];
            members[..4].rotate_left(number % 4);
            let texts: Vec<String> = members.iter().map(Value::to_string).collect();
            let members: Vec<&str> = texts.iter().map(|text| &text[1..text.len() - 1]).collect();
            count.check(&mut both, "httpd-firelens-6f", format!("{{{}}}", members.join(",")).as_bytes());
        }
    }
    let Count { records, made, .. } = count;
    assert!(made * 3 > records, "{made} of {records} records took the made code");
}
