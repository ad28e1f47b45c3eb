//! The module is HCL: to the parser of hcl-rs, and to python-hcl2.
use super::{STACKS, exported, files};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

#[test]
fn each_file_is_hcl() {
    for stack in STACKS {
        let folder = exported(stack, &["--import"]);
        for (name, text) in files(&folder) {
            let body = hcl::parse(&text).unwrap_or_else(|error| panic!("{stack}: {name}: {error}\n{text}"));
            assert!(body.attributes().next().is_none() && body.blocks().next().is_some(), "{stack}: {name}");
        }
    }
}

mod needs_hcl {
    use super::*;

    #[test]
    fn each_file_has_the_same_blocks_to_another_parser() {
        let python = python();
        for stack in STACKS {
            let folder = exported(stack, &["--import"]);
            let files = files(&folder);
            let blocks = files.iter().map(|(name, text)| {
                let body = hcl::parse(text).unwrap_or_else(|error| panic!("{stack}: {name}: {error}\n{text}"));
                body.blocks().count()
            });
            let blocks: Vec<usize> = blocks.collect();
            let paths = files.iter().map(|(name, _)| folder.path("module").join(name)).collect();
            assert_eq!(blocks_to_python(&python, paths), blocks, "{stack}");
        }
    }
}

/// Of `scripts/counterparts hcl`.
fn python() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python-hcl2/bin/python");
    assert!(installed.is_file(), "the counterpart `hcl` is missing: `scripts/counterparts hcl` installs it");
    installed
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
