//! The module that runs inside Fluent Bit, and how a program becomes part of it.
//!
//! The command line carries the module as it was built, which exports two globals for this file only: `__heap_base`,
//! where its free memory begins, and `firelens_program`, where it looks for the address and the length of its program.
//! The program is put where the free memory began, and exported globals go, together with names and other custom sections.
mod straight;

use crate::Error;
use firelens_filter::{Program, straight::Straight};
use std::collections::HashMap;
use straight::Place;
use wasm_encoder::{
    CodeSection, DataSection, ExportSection, Function, MemoryType, Module,
    reencode::{Error as ReencodeError, Reencode, utils},
};
use wasmparser::{ConstExpr, DataSectionReader, Export, ExternalKind, FunctionBody, Operator, Parser, Payload};

/// The module as it was built, without a program: what Fluent Bit gets comes from [`package`].
pub const RAW: &[u8] = include_bytes!(env!("FIRELENS_FILTER_WASM"));

/// The globals that only packaging needs.
const HEAP_BASE: &str = "__heap_base";
const PROGRAM: &str = "firelens_program";
const STATE: &str = "firelens_state";
const FRAMES: &str = "firelens_frames";
/// The function whose place code for the program's formats takes, and those that this code calls.
const FILTER: &str = "firelens_filter";
const GENERAL: &str = "firelens_general";
const CLOCK: &str = "firelens_clock";
const CHECK: &str = "firelens_check";
const HASH: &str = "firelens_hash";
const MASK: &str = "firelens_mask";

/// The size of a page of linear memory.
const PAGE: u64 = 64 * 1024;

/// The module with this program as part of its data.
///
/// # Errors
/// When `raw` is not the filter's module.
pub fn package(raw: &[u8], program: &Program) -> Result<Vec<u8>, Error> {
    let layout = Layout::read(raw).map_err(|error| not_the_filter(&error))?;
    let fast = straight::fast(program, &layout.place);
    let outlines = Straight::all(program).iter().map(Straight::outline).collect();
    let program = Program { outlines, ..program.clone() }.to_bytes();
    let mut segments = Vec::new();
    let mut free = layout.place.free;
    let mut filter = None;
    if let Some(fast) = fast {
        free = fast.texts_at + fast.texts.len() as u32;
        segments.push((fast.texts_at, fast.texts));
        filter = Some((layout.filter, fast.function));
    }
    let start = free.next_multiple_of(16);
    let pages = (u64::from(start) + program.len() as u64).div_ceil(PAGE) + 1;
    let mut pointer = start.to_le_bytes().to_vec();
    pointer.extend_from_slice(&(program.len() as u32).to_le_bytes());
    segments.extend([(start, program), (layout.program, pointer)]);
    let mut packager = Packager { segments, pages, filter, bodies: 0 };
    let mut module = Module::new();
    packager.parse_core_module(&mut module, Parser::new(0), raw).map_err(|error| not_the_filter(&error))?;
    Ok(module.finish())
}

fn not_the_filter(error: &dyn std::fmt::Display) -> Error {
    Error::new(format!("this module is not the filter: {error}"))
}

/// What packaging has to know of the raw module.
struct Layout {
    program: u32,
    /// The index of the filter function.
    filter: u32,
    place: Place,
}

impl Layout {
    fn read(raw: &[u8]) -> Result<Layout, String> {
        let (mut globals, mut exports, mut functions, mut data) = (Vec::new(), HashMap::new(), HashMap::new(), false);
        for payload in Parser::new(0).parse_all(raw) {
            match payload.map_err(|error| error.to_string())? {
                Payload::GlobalSection(section) => {
                    for global in section {
                        globals.push(constant(&global.map_err(|error| error.to_string())?.init_expr));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section.into_iter().flatten() {
                        match export.kind {
                            ExternalKind::Global => exports.insert(export.name, export.index),
                            _ => functions.insert(export.name, export.index),
                        };
                    }
                }
                Payload::ImportSection(section) if section.count() > 0 => return Err("it has imports".to_string()),
                Payload::DataSection(_) => data = true,
                _ => {}
            }
        }
        let global = |name: &str| {
            let value = exports.get(name).and_then(|index| globals.get(*index as usize).copied().flatten());
            value.ok_or_else(|| format!("it does not export `{name}`"))
        };
        if !data {
            return Err("it has no data".to_string());
        }
        let function = |name: &str| {
            functions.get(name).copied().ok_or_else(|| format!("it does not export the function `{name}`"))
        };
        let place = Place {
            free: global(HEAP_BASE)?,
            state: global(STATE)?,
            frames: global(FRAMES)?,
            general: function(GENERAL)?,
            clock: function(CLOCK)?,
            check: function(CHECK)?,
            hash: function(HASH)?,
            mask: function(MASK)?,
        };
        Ok(Layout { program: global(PROGRAM)?, filter: function(FILTER)?, place })
    }
}

/// The value of `i32.const`.
fn constant(init: &ConstExpr) -> Option<u32> {
    match init.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => Some(value as u32),
        _ => None,
    }
}

/// Copies a module, with more segments of data (address, bytes) and enough memory for them.
struct Packager {
    segments: Vec<(u32, Vec<u8>)>,
    pages: u64,
    /// The index and the body of the function that is replaced. (Without imports, functions and bodies have one index.)
    filter: Option<(u32, Function)>,
    bodies: u32,
}

type Copied = Result<(), ReencodeError>;

impl Reencode for Packager {
    type Error = std::convert::Infallible;

    fn memory_type(&mut self, memory: wasmparser::MemoryType) -> Result<MemoryType, ReencodeError> {
        let mut memory = utils::memory_type(self, memory);
        memory.minimum = memory.minimum.max(self.pages);
        memory.maximum = memory.maximum.map(|maximum| maximum.max(self.pages));
        Ok(memory)
    }

    fn parse_export(&mut self, exports: &mut ExportSection, export: Export<'_>) -> Copied {
        match export.kind {
            ExternalKind::Global => Ok(()),
            _ if [GENERAL, CLOCK, CHECK, HASH, MASK].contains(&export.name) => Ok(()),
            _ => utils::parse_export(self, exports, export),
        }
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Copied {
        let index = self.bodies;
        self.bodies += 1;
        if let Some((_, function)) = self.filter.take_if(|(replaced, _)| *replaced == index) {
            code.function(&function);
            return Ok(());
        }
        utils::parse_function_body(self, code, body)
    }

    fn data_count(&mut self, count: u32) -> Result<u32, ReencodeError> {
        Ok(count + self.segments.len() as u32)
    }

    fn parse_data_section(&mut self, data: &mut DataSection, section: DataSectionReader<'_>) -> Copied {
        utils::parse_data_section(self, data, section)?;
        for (at, bytes) in &self.segments {
            data.active(0, &wasm_encoder::ConstExpr::i32_const(*at as i32), bytes.iter().copied());
        }
        Ok(())
    }

    fn parse_custom_section(&mut self, _: &mut Module, _: wasmparser::CustomSectionReader<'_>) -> Copied {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Engine, Instance, Store};

    /// A module that tells where its program is, how long, its byte at an offset, and the size of its memory.
    const RAW: &str = r#"(module
        (memory (export "memory") 1 2)
        (global $heap i32 (i32.const 65529))
        (global $program i32 (i32.const 1024))
        (global $state i32 (i32.const 2048))
        (export "__heap_base" (global $heap))
        (export "firelens_program" (global $program))
        (export "firelens_state" (global $state))
        (export "firelens_frames" (global $state))
        (data (i32.const 8) "abc")
        (data $passive "xyz")
        (func (export "pointer") (result i32) (i32.load (i32.const 1024)))
        (func (export "length") (result i32) (i32.load (i32.const 1028)))
        (func (export "byte") (param i32) (result i32)
            (i32.load8_u (i32.add (i32.load (i32.const 1024)) (local.get 0))))
        (func (export "pages") (result i32) memory.size)
        (func (export "firelens_filter") (param i32 i32 i32 i32 i32 i32) (result i32) (local.get 4))
        (func (export "firelens_general") (param i32 i32 i32 i32) (result i32) (local.get 2))
        (func (export "firelens_clock") (param i32) (result i32) (i32.const 0))
        (func (export "firelens_check") (param i32 i32 i32) (result i32) (i32.const 0))
        (func (export "firelens_hash") (param i32 i32) (result i32) (i32.const 0))
        (func (export "firelens_mask") (param i32 i32 i32 i32) (result i32) (i32.const 0))
        (func (export "passive") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 3)))
        (@custom "producers" "someone"))"#;

    fn raw() -> Vec<u8> {
        wat::parse_str(RAW).unwrap()
    }

    fn program(names: usize) -> Program {
        Program { names: (0..names).map(|n| format!("field {n}")).collect(), ..Program::default() }
    }

    #[test]
    fn a_packaged_module_finds_its_program() {
        let program = program(200);
        let bytes = program.to_bytes();
        let engine = Engine::default();
        let module = wasmtime::Module::new(&engine, package(&raw(), &program).unwrap()).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let mut call = |name: &str| {
            let function = instance.get_typed_func::<(), i32>(&mut store, name).unwrap();
            function.call(&mut store, ()).unwrap()
        };
        assert_eq!(call("pointer"), 65536);
        assert_eq!(call("length") as usize, bytes.len());
        assert_eq!(call("pages"), 3, "one for the raw module, one for the program, one that is free");
        let byte = instance.get_typed_func::<i32, i32>(&mut store, "byte").unwrap();
        for (at, expected) in bytes.iter().enumerate() {
            assert_eq!(byte.call(&mut store, at as i32).unwrap(), i32::from(*expected));
        }
        let passive = instance.get_typed_func::<(), ()>(&mut store, "passive").unwrap();
        passive.call(&mut store, ()).unwrap();
    }

    #[test]
    fn what_only_packaging_needs_is_gone() {
        let packaged = package(&raw(), &program(1)).unwrap();
        let module = wasmtime::Module::new(&Engine::default(), &packaged).unwrap();
        let exports: Vec<String> = module.exports().map(|export| export.name().to_string()).collect();
        assert_eq!(exports, ["memory", "pointer", "length", "byte", "pages", "firelens_filter", "passive"]);
        let custom = |payload: Payload| matches!(payload, Payload::CustomSection(_));
        assert!(!Parser::new(0).parse_all(&packaged).any(|payload| custom(payload.unwrap())));
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        assert_eq!(package(&raw(), &program(9)).unwrap(), package(&raw(), &program(9)).unwrap());
    }

    #[test]
    fn the_filter_itself_is_packaged() {
        let engine = Engine::default();
        let packaged = super::package(super::RAW, &program(1)).unwrap();
        let module = wasmtime::Module::new(&engine, packaged).unwrap();
        let mut exports: Vec<String> = module.exports().map(|export| export.name().to_string()).collect();
        exports.sort();
        assert_eq!(exports, ["firelens_filter", "firelens_version", "free", "malloc", "memory"]);
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        let version = instance.get_typed_func::<(), u32>(&mut store, "firelens_version").unwrap();
        let at = version.call(&mut store, ()).unwrap() as usize;
        let memory = instance.get_memory(&mut store, "memory").unwrap().data(&store);
        assert!(memory[at..].starts_with(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()));
    }

    #[test]
    fn other_modules_are_refused() {
        let package = |text: &str| package(&wat::parse_str(text).unwrap(), &program(1)).unwrap_err().to_string();
        assert!(package("(module)").contains("no data"));
        let without = "(module (memory 1) (data (i32.const 0) \"a\"))";
        assert!(package(without).contains("`__heap_base`"));
        assert!(package(r#"(module (import "a" "b" (func)))"#).contains("imports"));
        assert!(super::package(b"nonsense", &program(1)).is_err());
    }
}
