//! Packages a [`Program`]: the module that runs inside Fluent Bit, with the program in its data and code that is made for
//! the program's formats.
//!
//! The module is carried as it was built ([`RAW`]). Packaging finds its way by what it exports
//! ([`border`](firelens_filter::border)): the program is put where its free memory begins, `firelens_start` becomes its
//! start function, code that is made for the program's [`shape`]s takes the place of `firelens_filter`, and all exports
//! that only packaging needs go, together with names and other custom sections.
//!
//! ```
//! # use firelens_filter::Program;
//! let module = firelens_packager::package(firelens_packager::RAW, &Program::default())?;
//! assert!(module.starts_with(b"\0asm"));
//! # Ok::<(), firelens_packager::Error>(())
//! ```
#![warn(missing_docs, unreachable_pub)]
mod code;
mod layout;
mod needed;
pub mod shape;

use firelens_filter::{
    Program,
    border::{ALIGN, INTERNAL, OPTIONAL, PAGE},
};
use layout::Layout;
use needed::Calls;
use shape::Shape;
use std::{collections::BTreeSet, fmt};
use wasm_encoder::{
    CodeSection, DataSection, ExportSection, Function, Instruction, MemoryType, Module, SectionId, StartSection,
    reencode::{Error as ReencodeError, Reencode, utils},
};
use wasmparser::{DataSectionReader, Export, ExternalKind, FunctionBody, Parser};

/// The module as it was built, without a program: what Fluent Bit gets comes from [`package`].
pub const RAW: &[u8] = include_bytes!(env!("FIRELENS_FILTER_WASM"));

/// Why a program cannot be packaged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The module is not the filter, and why.
    NotTheFilter(String),
    /// The module could not read the program back, and would not start.
    Program,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotTheFilter(why) => write!(f, "this module is not the filter: {why}"),
            Error::Program => f.write_str("the program cannot be read back by the module, which would not start"),
        }
    }
}

impl std::error::Error for Error {}

/// The module with this program as part of its data.
///
/// # Errors
/// When `raw` is not the filter's module, or the module could not read the program.
pub fn package(raw: &[u8], program: &Program) -> Result<Vec<u8>, Error> {
    let layout = Layout::read(raw).map_err(Error::NotTheFilter)?;
    let calls = Calls::read(raw).map_err(|error| Error::NotTheFilter(error.to_string()))?;
    let unused = OPTIONAL.iter().filter(|optional| !(optional.is_needed)(program)).map(|optional| optional.name);
    let unused: Vec<&str> = unused.collect();
    let shapes = Shape::all(program);
    let made = code::make(program, &shapes, &layout.addresses);
    let program = to_bytes(&Program { outlines: shapes.iter().map(Shape::outline).collect(), ..program.clone() })?;
    let mut segments = Vec::new();
    let mut free = layout.addresses.free;
    let mut filter = None;
    if let Some(made) = made {
        free = made.texts_at + made.texts.len() as u32;
        segments.push((made.texts_at, made.texts));
        filter = Some((layout.filter, made.function));
    }
    let start = free.next_multiple_of(ALIGN);
    let pages = (u64::from(start) + program.len() as u64).div_ceil(PAGE.into()) + 1;
    let mut pointer = start.to_le_bytes().to_vec();
    pointer.extend_from_slice(&(program.len() as u32).to_le_bytes());
    segments.extend([(start, program), (layout.program, pointer)]);
    let needed = Some(calls.needed(&unused));
    let mut packager = Packager { segments, pages, filter, bodies: 0, start: layout.start, needed };
    let mut module = Module::new();
    let copied = packager.parse_core_module(&mut module, Parser::new(0), raw);
    copied.map_err(|error| Error::NotTheFilter(error.to_string()))?;
    Ok(module.finish())
}

/// The program's bytes, if they can be read back.
fn to_bytes(program: &Program) -> Result<Vec<u8>, Error> {
    let bytes = program.to_bytes();
    match Program::from_bytes(&bytes) {
        Some(read) if read.to_bytes() == bytes => Ok(bytes),
        _ => Err(Error::Program),
    }
}

/// Copies a module, with more segments of data (address, bytes) and enough memory for them.
struct Packager {
    segments: Vec<(u32, Vec<u8>)>,
    pages: u64,
    /// The index and the body of the function that is replaced. (Without imports, functions and bodies have one index.)
    filter: Option<(u32, Function)>,
    bodies: u32,
    /// The index of the start function.
    start: u32,
    /// The functions that keep their bodies; without a list, all of them.
    needed: Option<BTreeSet<u32>>,
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
            _ if INTERNAL.contains(&export.name) || OPTIONAL.iter().any(|optional| optional.name == export.name) => {
                Ok(())
            }
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
        if self.needed.as_ref().is_some_and(|needed| !needed.contains(&index)) {
            let mut nothing = Function::new([]);
            nothing.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
            code.function(&nothing);
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

    /// The start section comes after the exports.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        after: Option<SectionId>,
        _: Option<SectionId>,
    ) -> Copied {
        if after == Some(SectionId::Export) {
            module.section(&StartSection { function_index: self.start });
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
    use wasmparser::Payload;
    use wasmtime::{Engine, Instance, Store};

    /// A module that tells where its program is, how long, its byte at an offset, and the size of its memory.
    const RAW: &str = r#"(module
        (memory (export "memory") 1 2)
        (global $heap i32 (i32.const 65529))
        (global $program i32 (i32.const 1024))
        (global $state i32 (i32.const 2048))
        (global $started (mut i32) (i32.const 0))
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
        (func (export "firelens_start") (global.set $started (i32.load (i32.const 1024))))
        (func (export "started") (result i32) (global.get $started))
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
        assert_eq!(call("started"), 65536, "the start function has run, and its program was in its place");
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
        assert_eq!(exports, ["memory", "pointer", "length", "byte", "pages", "firelens_filter", "started", "passive"]);
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
    fn a_module_that_cannot_read_its_program_does_not_start() {
        let engine = Engine::default();
        let program = program(3);
        let packaged = super::package(super::RAW, &program).unwrap();
        let starts = |module: &[u8]| {
            let module = wasmtime::Module::new(&engine, module).unwrap();
            Instance::new(&mut Store::new(&engine, ()), &module, &[]).is_ok()
        };
        assert!(starts(&packaged));
        let bytes = program.to_bytes();
        let at = packaged.windows(bytes.len()).position(|window| window == bytes).unwrap();
        // The first byte says whether `log` is kept; the second how many names there are.
        let mut broken = packaged.clone();
        broken[at + 1] = 0x7f;
        assert!(!starts(&broken));
        // Without a program, it is the raw module.
        let mut engine_only = Module::new();
        let layout = Layout::read(super::RAW).unwrap();
        let mut packager =
            Packager { segments: Vec::new(), pages: 0, filter: None, bodies: 0, start: layout.start, needed: None };
        packager.parse_core_module(&mut engine_only, Parser::new(0), super::RAW).unwrap();
        assert!(!starts(&engine_only.finish()));
    }

    #[test]
    fn a_program_that_cannot_be_read_back_is_refused() {
        assert_eq!(super::package(super::RAW, &program(251)), Err(Error::Program));
        let jump = firelens_filter::program::Op::Jump(0);
        let pattern = firelens_filter::program::Pattern { ops: vec![jump], ..Default::default() };
        let format = firelens_filter::program::CompiledFormat {
            kind: firelens_filter::program::Kind::Access,
            patterns: vec![pattern],
            httpd_escapes: true,
            zone: Vec::new(),
        };
        let broken = Program { formats: vec![format], ..Program::default() };
        assert_eq!(super::package(super::RAW, &broken), Err(Error::Program));
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
