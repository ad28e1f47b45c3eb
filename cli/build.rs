//! Puts the playground's page into the command line, where `scripts/playground` has built one.
#![expect(clippy::disallowed_macros, reason = "cargo reads what a build script prints")]
use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() {
    println!("cargo::rustc-check-cfg=cfg(playground)");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    // The folder is always there, so that cargo need not ask again each time.
    let folder = target(&out).join("playground/page");
    if let Err(error) = fs::create_dir_all(&folder) {
        return println!("cargo::error=cannot make {}: {error}", folder.display());
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    let (page, copy) = (folder.join("served.html.gz"), out.join("served.html.gz"));
    if fs::copy(&page, &copy).is_ok() {
        println!("cargo::rustc-cfg=playground");
        println!("cargo::rustc-env=FIRELENS_PLAYGROUND={}", copy.display());
    }
}

/// Cargo's target folder: the one that it marked, or else that in which `PROFILE/build/CRATE/out` lies.
fn target(out: &Path) -> &Path {
    let marked = out.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    marked.or(out.ancestors().nth(4)).unwrap_or(out)
}
