//! The module in wasmtime.
use firelens_filter::border;
use firelens_lines::host::{Arguments, Hosted, Machine};
use std::ops::Range;
use wasmtime::{Config, Engine, InstancePre, Linker, Memory, Module, Store, TypedFunc};

/// A compiled module, from which instances are made.
pub struct Host {
    engine: Engine,
    instance: InstancePre<()>,
}

impl Host {
    /// Compiles a module.
    ///
    /// # Errors
    /// When it is no module, or one that Fluent Bit could not load.
    pub fn new(wasm: &[u8]) -> Result<Host, String> {
        let engine = Engine::new(&Config::new()).map_err(|error| format!("cannot set up wasmtime: {error}"))?;
        let module = Module::new(&engine, wasm).map_err(|error| format!("cannot compile the module: {error:#}"))?;
        let instance = Linker::new(&engine)
            .instantiate_pre(&module)
            .map_err(|error| format!("the module needs what Fluent Bit does not have: {error}"))?;
        Ok(Host { engine, instance })
    }

    /// A new instance.
    ///
    /// # Errors
    /// When the module lacks an export that the host calls.
    pub fn instantiate(&self) -> Result<Instance, String> {
        let mut store = Store::new(&self.engine, ());
        let instance =
            self.instance.instantiate(&mut store).map_err(|error| format!("cannot start the module: {error}"))?;
        let lacks = |error| format!("the module has no function that Fluent Bit can call: {error}");
        Ok(Hosted::new(Running {
            malloc: instance.get_typed_func(&mut store, "malloc").map_err(lacks)?,
            free: instance.get_typed_func(&mut store, "free").map_err(lacks)?,
            filter: instance.get_typed_func(&mut store, border::FILTER).map_err(lacks)?,
            memory: instance.get_memory(&mut store, "memory").ok_or("the module exports no memory")?,
            store,
        }))
    }
}

/// A running module.
pub(super) type Instance = Hosted<Running>;

/// The exports and the memory of a running module.
pub struct Running {
    store: Store<()>,
    memory: Memory,
    malloc: TypedFunc<u32, u32>,
    free: TypedFunc<u32, ()>,
    filter: TypedFunc<Arguments, u32>,
}

impl Machine for Running {
    fn malloc(&mut self, size: u32) -> Result<u32, String> {
        self.malloc.call(&mut self.store, size).map_err(|error| trap(&error))
    }

    fn free(&mut self, pointer: u32) -> Result<(), String> {
        self.free.call(&mut self.store, pointer).map_err(|error| trap(&error))
    }

    fn filter(&mut self, arguments: Arguments) -> Result<u32, String> {
        self.filter.call(&mut self.store, arguments).map_err(|error| trap(&error))
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> bool {
        let room = self.memory.data_mut(&mut self.store).get_mut(at as usize..).unwrap_or_default();
        if room.len() <= bytes.len() {
            return false;
        }
        room[..bytes.len()].copy_from_slice(bytes);
        room[bytes.len()] = 0;
        true
    }

    fn string(&mut self, pointer: u32) -> Option<Range<usize>> {
        let start = pointer as usize;
        let text = self.memory.data(&self.store).get(start..).filter(|_| start != 0)?;
        memchr::memchr(0, text).map(|end| start..start + end)
    }

    fn bytes(&self, place: Range<usize>) -> &[u8] {
        &self.memory.data(&self.store)[place]
    }
}

fn trap(error: &wasmtime::Error) -> String {
    error.root_cause().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::{
        host::{CanCall as _, Loss, Returned},
        stand_in,
    };

    fn call(kind: &str, record: &str) -> Result<String, Loss> {
        let host = Host::new(&stand_in::module(kind)).unwrap();
        let mut instance = host.instantiate().unwrap();
        match instance.call(b"tag", record.as_bytes()) {
            Returned::Record { place, .. } => Ok(String::from_utf8(instance.text(place).to_vec()).unwrap()),
            Returned::Dropped => Ok(String::new()),
            Returned::Lost(loss) => Err(loss),
        }
    }

    #[test]
    fn a_record_goes_in_and_comes_back() {
        assert_eq!(call(stand_in::ECHO, r#"{"log":"a"}"#).unwrap(), r#"{"log":"a"}"#);
    }

    #[test]
    fn five_megabytes_find_room() {
        let record = format!(r#"{{"log":"{}"}}"#, "x".repeat(5 << 20));
        assert_eq!(call(stand_in::ECHO, &record).unwrap(), record);
    }

    #[test]
    fn the_record_itself_is_told_from_a_new_one() {
        let host = Host::new(&stand_in::module(stand_in::ECHO)).unwrap();
        let mut instance = host.instantiate().unwrap();
        assert!(matches!(instance.call(b"", b"{}"), Returned::Record { unchanged: true, .. }));
    }

    #[test]
    fn an_empty_string_is_a_drop_and_all_else_a_loss() {
        assert_eq!(call("i32.const 8", "{}").unwrap(), "");
        assert_eq!(call("i32.const 0", "{}"), Err(Loss::Null));
        assert_eq!(call("i32.const -1", "{}"), Err(Loss::NoString));
        assert_eq!(call(stand_in::ECHO, "[1]"), Err(Loss::NoObject("[1]".into())));
        assert!(matches!(call("unreachable", "{}"), Err(Loss::Trap(reason)) if reason.contains("unreachable")));
    }

    #[test]
    fn a_module_that_fluent_bit_could_not_load_is_refused() {
        let imports = wat::parse_str(r#"(module (import "env" "now" (func (result i32))))"#).unwrap();
        assert!(Host::new(&imports).err().unwrap().contains("env::now"));
        let empty = Host::new(&wat::parse_str("(module)").unwrap()).unwrap();
        assert!(empty.instantiate().err().unwrap().contains("malloc"));
        assert!(Host::new(b"\0asm nonsense").is_err());
    }
}
