//! The kinds of lines with their formats, for what is measured.
use super::{access, httpd};
use e2e::hostile::{self, Cost, Place};
use e2e::typical::Kind;
use firelens_compiler::compile;
use firelens_compiler::spec::{Format, Library, Privacy, Spec};
use wasmtime::{Engine, Module};

/// Masks all that can be masked without patterns.
pub fn privacy() -> Privacy {
    Privacy {
        v4_bits: Some(24),
        v6_bits: Some(48),
        remove_user: true,
        parameters: vec!["token".into(), "q".into(), "session[id]".into()],
        ..Privacy::default()
    }
}

type Kinds = Vec<(&'static str, Vec<Format>, &'static str, &'static [Place])>;

/// The kinds of lines: their name, formats, stream and places.
fn kinds() -> Kinds {
    let rails = Format::Rails { zone: Vec::new() };
    vec![
        ("access", vec![access("combined"), access(hostile::FREE_FIELDS)], "stdout", &hostile::ACCESS),
        ("error", vec![Format::HttpdError { format: None, zone: Vec::new() }], "stderr", &hostile::ERROR),
        ("rails", vec![rails], "stdout", &hostile::RAILS),
        ("lograge", vec![Format::Lograge { zone: Vec::new() }], "stdout", &hostile::LOGRAGE),
        ("json", vec![Format::Json { zone: Vec::new() }], "stdout", &hostile::JSON),
        (
            "unparsed",
            vec![access("combined"), Format::Lograge { zone: Vec::new() }, Format::Json { zone: Vec::new() }],
            "stdout",
            &hostile::UNPARSED,
        ),
    ]
}

/// The same of libraries around Rails.
fn libraries() -> Kinds {
    vec![
        ("semantic logger", vec![library(Library::SemanticLogger)], "stdout", &hostile::SEMANTIC_LOGGER),
        ("thruster", vec![library(Library::Thruster)], "stdout", &hostile::THRUSTER),
        ("puma", vec![library(Library::Puma)], "stdout", &hostile::PUMA),
        ("solid queue", vec![library(Library::SolidQueue)], "stdout", &hostile::SOLID_QUEUE),
    ]
}

fn library(library: Library) -> Format {
    Format::Library { library, zone: Vec::new() }
}

/// What hostile lines of all kinds cost, with and without masking, and with the line kept or not.
pub fn costs_of(engine: &Engine, keep_log: bool, private: bool, length: usize) -> Vec<Cost> {
    costs(engine, kinds(), keep_log, private, length)
}

/// What they cost in the formats of libraries.
pub fn costs_of_libraries(engine: &Engine, keep_log: bool, private: bool, length: usize) -> Vec<Cost> {
    costs(engine, libraries(), keep_log, private, length)
}

fn costs(engine: &Engine, kinds: Kinds, keep_log: bool, private: bool, length: usize) -> Vec<Cost> {
    let mut costs = Vec::new();
    for (kind, formats, source, places) in kinds {
        let privacy = if private { privacy() } else { Privacy::default() };
        let spec = Spec { keep_log, privacy, ..httpd(formats.clone(), formats) };
        let packaged =
            firelens_packager::package(firelens_packager::RAW, &compile(&spec).expect("a program")).expect("a module");
        let module = Module::new(engine, packaged).expect("a module");
        let name =
            format!("{kind}{}{}", if private { ", masked" } else { "" }, if keep_log { ", log kept" } else { "" });
        costs.extend(hostile::costs(&name, &module, source, places, length));
    }
    costs
}

/// The format of ordinary lines.
pub fn format_of(kind: Kind) -> Format {
    match kind {
        Kind::Error => Format::HttpdError { format: None, zone: Vec::new() },
        Kind::Rails => Format::Rails { zone: Vec::new() },
        Kind::Lograge => Format::Lograge { zone: Vec::new() },
        Kind::Json => Format::Json { zone: Vec::new() },
        Kind::Access | Kind::Unparsed => access(kind.format()),
    }
}
