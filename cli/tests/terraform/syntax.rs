//! The module is HCL: to the parser of hcl-rs, and to python-hcl2, where it is installed (`scripts/counterparts hcl`).
use super::{STACKS, exported, files};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn each_file_is_hcl_and_has_the_same_blocks_to_another_parser() {
    let python = python();
    for stack in STACKS {
        let folder = exported(stack, &["--import"]);
        let files = files(&folder);
        let blocks = files.iter().map(|(name, text)| {
            let body = hcl::parse(text).unwrap_or_else(|error| panic!("{stack}: {name}: {error}\n{text}"));
            assert!(body.attributes().next().is_none() && body.blocks().next().is_some(), "{stack}: {name}");
            body.blocks().count()
        });
        let blocks: Vec<usize> = blocks.collect();
        if let Some(python) = &python {
            let paths = files.iter().map(|(name, _)| folder.path("module").join(name)).collect();
            assert_eq!(blocks_to_python(python, paths), blocks, "{stack}");
        }
    }
    if python.is_none() {
        eprintln!("skipped: without python-hcl2 (scripts/counterparts hcl) only one parser reads the modules");
    }
}

fn python() -> Option<PathBuf> {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python-hcl2/bin/python");
    installed.is_file().then_some(installed)
}

/// How many blocks it finds in each file.
fn blocks_to_python(python: &Path, files: Vec<PathBuf>) -> Vec<usize> {
    const PROGRAM: &str = "
import hcl2, json, sys
bodies = [hcl2.load(open(path, encoding='utf-8')) for path in sys.argv[1:]]
print(json.dumps([sum(len(blocks) for kind, blocks in body.items() if not kind.startswith('__')) for body in bodies]))";
    let output = Command::new(python).args(["-c", PROGRAM]).args(&files).output().unwrap();
    assert!(output.status.success(), "{files:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
