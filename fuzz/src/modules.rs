//! Modules that are compiled once.
use crate::packaged::EACH;
use crate::{host, module, programs};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, process, thread};
use wasmtime::{Engine, Module};

/// The machine code of a module. To compile one takes longer than thousands of runs, the more so with the counters of a fuzzer
/// in the compiler, so it is kept in `fuzz/modules` under a name that follows from the module's bytes.
struct Compiled<'a> {
    module: &'a [u8],
    path: PathBuf,
}

impl<'a> Compiled<'a> {
    fn of(module: &'a [u8]) -> Compiled<'a> {
        let mut hash = DefaultHasher::new();
        module.hash(&mut hash);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("modules");
        fs::create_dir_all(&folder).expect("a folder");
        Compiled { path: folder.join(format!("{:016x}.cwasm", hash.finish())), module }
    }

    /// Compiles the module unless that was done before.
    fn write(&self, engine: &Engine) {
        if self.path.exists() {
            return;
        }
        let code = engine.precompile_module(self.module).expect("a module");
        let temporary = self.path.with_extension(format!("{}.{:?}", process::id(), thread::current().id()));
        fs::write(&temporary, code).expect("a file");
        fs::rename(&temporary, &self.path).expect("a file");
    }
}

/// The module of these bytes.
pub fn load(engine: &Engine, module: &[u8]) -> Module {
    let compiled = Compiled::of(module);
    compiled.write(engine);
    // SAFETY: the file holds what `write` wrote, whole; wasmtime refuses that of another version or configuration.
    unsafe { Module::deserialize_file(engine, &compiled.path) }
        .expect("machine code; remove fuzz/modules and try again")
}

/// Compiles the modules of all programs, so that a fuzzer only loads them.
pub fn compile_all() {
    let engine = host::engine();
    let samples = programs::samples();
    let all: Vec<_> = samples.iter().flat_map(|sample| (0..EACH).map(|number| (&sample.format, number))).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for part in all.chunks(all.len().div_ceil(threads)) {
            let engine = &engine;
            scope.spawn(move || {
                for (format, number) in part {
                    let module = module::package(module::RAW, &programs::program(format, *number)).expect("a module");
                    Compiled::of(&module).write(engine);
                }
            });
        }
    });
    println!("packaged: {} modules are compiled", all.len());
}
