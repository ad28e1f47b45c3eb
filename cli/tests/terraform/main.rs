//! `firelens-kit export terraform`: each stack gives the module in `expected/` (`UPDATE_EXPECTED=1` writes it), which is HCL
//! to two parsers, has only arguments and blocks that the provider knows (`provider.json`), and says, once its expressions
//! are evaluated, what a deploy would make.
mod arguments;
mod docs;
mod errors;
mod expected;
mod module;
mod parity;
mod provider;
#[path = "../support/mod.rs"]
mod support;
mod syntax;

use firelens_infra::{Place, Stack};
use firelens_kit::{
    config::{self, Config},
    stack,
};
use std::{
    fs,
    path::{Path, PathBuf},
};
use support::{Folder, Run};

/// The stacks: ours, and those that are tried without Terraform, too.
const STACKS: [&str; 5] =
    ["archive", "stream", "../../stack/plain", "../../stack/no-service", "../../stack/everything"];

/// What is written into the variable `router_image`.
fn image(config: &Config, place: &Place) -> String {
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let in_ecr = || format!("{}/{}-log-router", place.registry(), config.name.as_deref().unwrap());
    format!("{}@{digest}", config.stack.repository.clone().unwrap_or_else(in_ecr))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/terraform")
}

fn source(stack: &str) -> String {
    fs::read_to_string(folder().join("stacks").join(format!("{stack}.toml"))).unwrap()
}

/// Its name without a path.
fn name(stack: &str) -> &str {
    stack.rsplit('/').next().unwrap_or(stack)
}

fn config(source: &str) -> Config {
    let (config, problems) = config::parse(Path::new("firelens.toml"), source);
    config.unwrap_or_else(|| panic!("{}", config::problem::render("firelens.toml", source, &problems, false)))
}

/// As a deploy in this place has it.
fn deployed(stack: &str, place: &Place) -> Stack {
    let config = config(&source(stack));
    stack::of(&config, place, Some(&image(&config, place)), None).unwrap()
}

/// A folder with the stack's file, and the module in `module/`.
fn exported(stack: &str, arguments: &[&str]) -> Folder {
    let folder = Folder::new().with("firelens.toml", source(stack));
    let run = export(&folder, arguments);
    assert_eq!(run.code, 0, "{stack}: {}", run.stderr);
    folder
}

fn export(folder: &Folder, arguments: &[&str]) -> Run {
    let mut command = folder.command();
    Run::new(command.args(["export", "terraform", "-o", "module"]).args(arguments).output().unwrap())
}

/// The module's files, by name.
fn files(folder: &Folder) -> Vec<(String, String)> {
    let entries = folder.path("module").read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, String)> = entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_string(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}
