//! Compiles the filter for `wasm32-unknown-unknown`: the module that is packaged.
//!
//! The path of the module is left in the environment variable `FIRELENS_FILTER_WASM` of the crate's compilation; who sets
//! the variable beforehand brings a module that was built before. The
//! toolchain that builds the crate is used when it has the target; or else Debian's, with the standard library built from
//! its source (`scripts/setup` makes sure that one of the two is there). The same source gives the same bytes, wherever
//! it lies.
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the module is.
const MODULE: &str = "FIRELENS_FILTER_WASM";

const TARGET: &str = "wasm32-unknown-unknown";

/// What Fluent Bit's WebAssembly runtime takes, and a stack of 32 KiB. `__heap_base` tells where the free memory starts.
const RUSTFLAGS: [&str; 10] = [
    "--cfg",
    "firelens_module",
    "-C",
    "target-cpu=mvp",
    "-C",
    "target-feature=+bulk-memory,+sign-ext,+mutable-globals,+nontrapping-fptoint",
    "-C",
    "link-arg=-zstack-size=32768",
    "-C",
    "link-arg=--export=__heap_base",
];

/// Settings of cargo that belong to the machine, not to the build that runs this script.
const KEPT: [&str; 6] =
    ["CARGO_HOME", "CARGO_MAKEFLAGS", "CARGO_NET_", "CARGO_HTTP_", "CARGO_REGISTRIES_", "CARGO_SOURCE_"];

fn main() {
    let root = Path::new(&variable("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate lies in its workspace")
        .to_owned();
    for path in ["filter/src", "filter/Cargo.toml", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    println!("cargo::rerun-if-env-changed={MODULE}");
    if let Some(module) = env::var_os(MODULE) {
        return println!("cargo::rustc-env={MODULE}={}", Path::new(&module).display());
    }
    let module = Toolchain::find().and_then(|toolchain| toolchain.build(&root));
    match module {
        Ok(module) => println!("cargo::rustc-env={MODULE}={}", module.display()),
        Err(message) => println!("cargo::error={message}"),
    }
}

fn variable(name: &str) -> OsString {
    env::var_os(name).unwrap_or_else(|| panic!("cargo sets {name}"))
}

/// A compiler for the target.
struct Toolchain {
    cargo: PathBuf,
    rustc: PathBuf,
    /// It has no standard library for the target but the library's source; this links.
    linker: Option<PathBuf>,
}

impl Toolchain {
    fn find() -> Result<Toolchain, String> {
        let own = Toolchain { cargo: variable("CARGO").into(), rustc: variable("RUSTC").into(), linker: None };
        if own.print("target-libdir").is_some_and(|libdir| libdir.exists()) {
            return Ok(own);
        }
        let debian = Toolchain { cargo: "/usr/bin/cargo".into(), rustc: "/usr/bin/rustc".into(), linker: None };
        let source = debian.library_source().filter(|source| source.join("library/core/Cargo.toml").exists());
        let linker = debian_linker().or_else(|| own.bundled_linker());
        match (source, linker) {
            (Some(_), Some(linker)) => Ok(Toolchain { linker: Some(linker), ..debian }),
            _ => Err(format!("the filter cannot be compiled: this Rust toolchain lacks {TARGET}; run `make setup`")),
        }
    }

    /// What `rustc --print` says, as a path.
    fn print(&self, what: &str) -> Option<PathBuf> {
        let mut command = Command::new(&self.rustc);
        let output = command.args(["--print", what, "--target", TARGET]).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().into())
    }

    fn library_source(&self) -> Option<PathBuf> {
        Some(self.print("sysroot")?.join("lib/rustlib/src/rust"))
    }

    /// The `rust-lld` that comes with rustup's toolchains.
    fn bundled_linker(&self) -> Option<PathBuf> {
        let linker = self.print("sysroot")?.join("lib/rustlib").join(variable("HOST")).join("bin/rust-lld");
        linker.exists().then_some(linker)
    }

    /// Builds the module and returns its path.
    fn build(&self, root: &Path) -> Result<PathBuf, String> {
        let out = PathBuf::from(variable("OUT_DIR"));
        let target_dir = module_dir(&out);
        let mut command = Command::new(&self.cargo);
        forget_outer_build(&mut command);
        command.current_dir(root).env("RUSTC", &self.rustc).env("CARGO_ENCODED_RUSTFLAGS", self.rustflags(root));
        command.args(["rustc", "--package", "firelens-filter", "--lib", "--profile", "module", "--target", TARGET]);
        command.args(["--crate-type", "cdylib", "--target-dir"]).arg(&target_dir);
        if let Some(linker) = &self.linker {
            command.env_remove("LD_LIBRARY_PATH").env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=core,alloc");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        let status = command.status().map_err(|error| format!("cannot run {}: {error}", self.cargo.display()))?;
        if !status.success() {
            return Err("the filter could not be compiled; the messages above say why".into());
        }
        let built = target_dir.join(TARGET).join("module/firelens_filter.wasm");
        let module = out.join("filter.wasm");
        fs::copy(&built, &module).map_err(|error| format!("cannot copy {}: {error}", built.display()))?;
        Ok(module)
    }

    /// The flags, with names for the folders of this machine, so that its paths do not end up in the module.
    fn rustflags(&self, root: &Path) -> OsString {
        let mut flags: Vec<OsString> = RUSTFLAGS.iter().map(OsString::from).collect();
        let mut remap = |from: &Path, to: &str| {
            let mut flag = OsString::from("--remap-path-prefix=");
            flag.push(from);
            flag.push(format!("={to}"));
            flags.push(flag);
        };
        remap(root, "/firelens-kit");
        if let Some(home) = cargo_home() {
            remap(&home, "/cargo");
        }
        if let Some(source) = self.library_source() {
            remap(&source, "/rust");
        }
        flags.join("\u{1f}".as_ref())
    }
}

/// Debian's lld, of whatever version.
fn debian_linker() -> Option<PathBuf> {
    let mut linkers: Vec<PathBuf> = fs::read_dir("/usr/bin")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("wasm-ld")))
        .collect();
    linkers.sort();
    linkers.pop()
}

fn cargo_home() -> Option<PathBuf> {
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
}

/// A folder beside the profiles' own in cargo's target folder, so that all profiles share one module.
fn module_dir(out: &Path) -> PathBuf {
    let target = out.ancestors().find(|dir| dir.join("CACHEDIR.TAG").exists());
    target.unwrap_or(out).join("module")
}

/// Takes away what cargo told this script: another crate, for another target, is built now.
fn forget_outer_build(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let cargo = text.starts_with("CARGO") && !KEPT.iter().any(|kept| text.starts_with(kept));
        if cargo || text.starts_with("RUSTC") || text == "RUSTFLAGS" || text == "RUSTDOC" {
            command.env_remove(&name);
        }
    }
}
