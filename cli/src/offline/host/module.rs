//! The module in wasmtime, as Fluent Bit hosts it.
//!
//! One instance lives for all records. For each of them the host asks the module's `malloc` for room for the tag and for
//! the record, copies both with a NUL behind, calls the filter, reads what it returns as a C string, and calls `free` for
//! both. What Fluent Bit would make of the result is told apart in [`Returned`]: an empty string drops a record on
//! purpose, and everything that is neither that nor a JSON object loses it.
use super::{Loss, Returned};
use firelens_filter::border;
use std::ops::Range;
use wasmtime::{Config, Engine, InstancePre, Linker, Memory, Module, Store, TypedFunc};

/// The time that every record gets, so that the same input gives the same output.
const SECONDS: i32 = 1_767_225_600;

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
        Ok(Instance {
            malloc: instance.get_typed_func(&mut store, "malloc").map_err(lacks)?,
            free: instance.get_typed_func(&mut store, "free").map_err(lacks)?,
            filter: instance.get_typed_func(&mut store, border::FILTER).map_err(lacks)?,
            memory: instance.get_memory(&mut store, "memory").ok_or("the module exports no memory")?,
            to_free: [0; 2],
            store,
        })
    }
}

/// `firelens_filter(tag, tag_len, sec, nsec, record, record_len) -> result`.
type FilterFunc = TypedFunc<(u32, u32, i32, i32, u32, u32), u32>;

/// A running module.
pub struct Instance {
    store: Store<()>,
    memory: Memory,
    malloc: TypedFunc<u32, u32>,
    free: TypedFunc<u32, ()>,
    filter: FilterFunc,
    /// The last record's tag and text: freed when its result was read, that is before the next one.
    to_free: [u32; 2],
}

impl Instance {
    /// Runs one record through the module. After a [`Loss::Trap`] the instance is of no more use.
    pub fn call(&mut self, tag: &[u8], record: &[u8]) -> Returned {
        let (input, result) = match self.call_filter(tag, record) {
            Ok(pointers) => pointers,
            Err(loss) => return Returned::Lost(loss),
        };
        let Some(json) = c_string(self.memory.data(&self.store), result) else {
            return Returned::Lost(if result == 0 { Loss::Null } else { Loss::NoString });
        };
        match json {
            [] => Returned::Dropped,
            [b'{', .., b'}'] => {
                let start = result as usize;
                Returned::Record { place: start..start + json.len(), unchanged: result == input }
            }
            _ => Returned::Lost(Loss::no_object(json)),
        }
    }

    /// What is at this place in the module's memory, until the next call.
    pub fn text(&self, place: Range<usize>) -> &[u8] {
        &self.memory.data(&self.store)[place]
    }

    /// The pointers to the record in the module's memory and to the result.
    fn call_filter(&mut self, tag: &[u8], record: &[u8]) -> Result<(u32, u32), Loss> {
        for pointer in std::mem::take(&mut self.to_free).into_iter().filter(|pointer| *pointer != 0) {
            self.free.call(&mut self.store, pointer).map_err(|error| trap(&error))?;
        }
        let tag_at = self.copy_in(tag)?;
        let record_at = self.copy_in(record)?;
        let arguments = (tag_at, tag.len() as u32, SECONDS, 0, record_at, record.len() as u32);
        let result = self.filter.call(&mut self.store, arguments).map_err(|error| trap(&error))?;
        self.to_free = [tag_at, record_at];
        Ok((record_at, result))
    }

    /// Copies bytes into the module's memory, with a NUL behind them.
    fn copy_in(&mut self, bytes: &[u8]) -> Result<u32, Loss> {
        let no_memory = Loss::NoMemory(bytes.len() + 1);
        let Ok(size) = u32::try_from(bytes.len() + 1) else { return Err(no_memory) };
        let at = self.malloc.call(&mut self.store, size).map_err(|error| trap(&error))?;
        let room = self.memory.data_mut(&mut self.store).get_mut(at as usize..).unwrap_or_default();
        if at == 0 || room.len() <= bytes.len() {
            return Err(no_memory);
        }
        room[..bytes.len()].copy_from_slice(bytes);
        room[bytes.len()] = 0;
        Ok(at)
    }
}

/// The C string at `pointer`.
fn c_string(memory: &[u8], pointer: u32) -> Option<&[u8]> {
    let text = memory.get(pointer as usize..).filter(|_| pointer != 0)?;
    memchr::memchr(0, text).map(|end| &text[..end])
}

fn trap(error: &wasmtime::Error) -> Loss {
    Loss::Trap(error.root_cause().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::stand_in;

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
