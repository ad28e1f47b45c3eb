//! A host that calls the module as Fluent Bit's `wasm` filter does.
//!
//! Tag and record are copied in as C strings through the module's own `malloc`, the result is read as a C string, and
//! what was allocated is given back, or not: 4.1.0 and 4.1.1 never do. Before 4.1.0 each chunk had an instance of its own.
use wasmtime::{Config, Engine, Instance, Memory, Module, Store, Trap, TypedFunc};

/// The engine with what Fluent Bit's WebAssembly runtime offers, and nothing more.
pub fn engine() -> Engine {
    let mut config = Config::new();
    config.wasm_simd(false).wasm_relaxed_simd(false).wasm_multi_value(false).wasm_tail_call(false);
    Engine::new(&config).expect("an engine")
}

/// [`engine`], where each instruction uses one unit of fuel, so that what a record costs can be counted: Fluent Bit
/// interprets the module, and each instruction costs about the same there.
pub fn metered_engine() -> Engine {
    let mut config = Config::new();
    config.wasm_simd(false).wasm_relaxed_simd(false).wasm_multi_value(false).wasm_tail_call(false).consume_fuel(true);
    Engine::new(&config).expect("an engine")
}

type FilterCall = (u32, u32, u32, u32, u32, u32);

/// One instance of the module.
pub struct Host {
    store: Store<()>,
    memory: Memory,
    malloc: TypedFunc<u32, u32>,
    free: TypedFunc<u32, ()>,
    filter: TypedFunc<FilterCall, u32>,
    /// Give back what was allocated.
    pub frees: bool,
    /// Where the last record was, and the result.
    pub addresses: (u32, u32),
}

impl Host {
    /// An instance. Like the host, it brings no imports.
    pub fn new(module: &Module) -> Host {
        let mut store = Store::new(module.engine(), ());
        // Fails where nothing is metered.
        let _ = store.set_fuel(u64::MAX);
        let instance = Instance::new(&mut store, module, &[]).expect("a module without imports");
        Host {
            memory: instance.get_memory(&mut store, "memory").expect("an exported memory"),
            malloc: instance.get_typed_func(&mut store, "malloc").expect("malloc"),
            free: instance.get_typed_func(&mut store, "free").expect("free"),
            filter: instance.get_typed_func(&mut store, "firelens_filter").expect("firelens_filter"),
            store,
            frees: true,
            addresses: (0, 0),
        }
    }

    /// Filters a record: `None` when it is dropped on purpose.
    ///
    /// # Panics
    /// On whatever loses a record in the host: a trap, null, an address outside of memory, text without an end.
    pub fn call(&mut self, tag: &[u8], record: &[u8]) -> Option<Vec<u8>> {
        let tag_at = self.copy_in(tag);
        let record_at = self.copy_in(record);
        let arguments = (tag_at, tag.len() as u32, 1_795_333_112, 0, record_at, record.len() as u32);
        let result = self.filter.call(&mut self.store, arguments).expect("the module never traps");
        self.addresses = (record_at, result);
        let text = self.c_string(result);
        if self.frees {
            for address in [tag_at, record_at] {
                self.free.call(&mut self.store, address).expect("free never traps");
            }
        }
        (!text.is_empty()).then_some(text)
    }

    /// How many instructions a record takes, on a module of [`metered_engine`]; `None` when they are more than `most`, and
    /// the instance cannot be used any more.
    pub fn instructions(&mut self, tag: &[u8], record: &[u8], most: u64) -> Option<u64> {
        let tag_at = self.copy_in(tag);
        let record_at = self.copy_in(record);
        self.store.set_fuel(most).expect("a metered engine");
        let arguments = (tag_at, tag.len() as u32, 1_795_333_112, 0, record_at, record.len() as u32);
        let result = self.filter.call(&mut self.store, arguments);
        let used = most - self.store.get_fuel().expect("a metered engine");
        self.store.set_fuel(u64::MAX).expect("a metered engine");
        if let Err(error) = result {
            let trap = error.downcast_ref::<Trap>().copied();
            assert_eq!(trap, Some(Trap::OutOfFuel), "the module never traps: {error:?}");
            return None;
        }
        Some(used)
    }

    /// Copies a C string in, with the byte that ends it.
    fn copy_in(&mut self, bytes: &[u8]) -> u32 {
        let address = self.malloc(bytes.len() as u32 + 1);
        assert_ne!(address, 0, "malloc({}) failed: the record would be lost", bytes.len() + 1);
        self.memory.write(&mut self.store, address as usize, bytes).expect("inside of memory");
        self.memory.write(&mut self.store, address as usize + bytes.len(), &[0]).expect("inside of memory");
        address
    }

    /// What the module's `malloc` returns.
    pub fn malloc(&mut self, size: u32) -> u32 {
        self.malloc.call(&mut self.store, size).expect("malloc never traps")
    }

    fn c_string(&mut self, address: u32) -> Vec<u8> {
        assert_ne!(address, 0, "null: the record is lost");
        let memory = self.memory.data(&self.store);
        let text = memory.get(address as usize..).expect("an address inside of memory");
        let end = text.iter().position(|&byte| byte == 0).expect("an end inside of memory");
        text[..end].to_vec()
    }

    /// The linear memory, in bytes.
    pub fn memory_size(&self) -> usize {
        self.memory.data_size(&self.store)
    }

    /// Writes bytes into memory, as the host does behind the module's back.
    pub fn write(&mut self, address: u32, bytes: &[u8]) {
        self.memory.write(&mut self.store, address as usize, bytes).expect("inside of memory");
    }
}
