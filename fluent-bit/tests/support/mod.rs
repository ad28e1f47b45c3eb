//! The fixtures of the rules: `tests/lint/FLK001/{bad,good}*`.
#![allow(dead_code, reason = "each binary uses some of it")]

use firelens_pipeline::{
    Version,
    lint::{Context, Rule},
};
use std::{
    fs,
    path::{Path, PathBuf},
};

pub fn root() -> PathBuf {
    PathBuf::from("tests/lint")
}

pub fn update() -> bool {
    std::env::var_os("UPDATE_EXPECTED").is_some()
}

/// A fixture: a file, or a folder.
pub struct Case {
    pub path: PathBuf,
    pub files: Vec<PathBuf>,
}

pub fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

pub fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// The cases of a rule whose names begin so.
pub fn cases(rule: &Rule, start: &str) -> Vec<Case> {
    let fixture = |path: &PathBuf| {
        let name = file_name(path);
        name.starts_with(start) && !name.contains(".fixed") && !name.ends_with(".txt")
    };
    let case = |path: PathBuf| match path.is_dir() {
        true => Case { files: sorted(&path), path },
        false => Case { files: vec![path.clone()], path },
    };
    let mut all: Vec<PathBuf> = sorted(&root().join(rule.code)).into_iter().filter(fixture).collect();
    // The plain one first: the page shows it.
    all.sort_by_key(|path| file_name(path).contains('-'));
    all.into_iter().map(case).collect()
}

impl Case {
    /// `bad@5.1.1.conf`: 5.1.1
    pub fn version(&self) -> Option<Version> {
        let name = file_name(&self.path);
        let (_, version) = name.split_once('@')?;
        let version: Vec<&str> = version.split('.').take(3).collect();
        Some(version.join(".").parse().unwrap())
    }

    /// Only the files that no other one names: what a user would give.
    pub fn context(&self) -> Context {
        let mains = self.files.iter().filter(|path| !file_name(path).contains("included")).cloned();
        Context::read(&mains.collect::<Vec<_>>(), self.version(), Version::DEFAULT).unwrap()
    }

    /// The file beside it with this ending.
    pub fn beside(&self, ending: &str) -> PathBuf {
        let name = file_name(&self.path);
        let stem = name.rsplit_once('.').filter(|_| self.path.is_file()).map_or(name, |(stem, _)| stem);
        self.path.with_file_name(format!("{stem}{ending}"))
    }
}

/// Writes configurations that include others in two steps, and returns their main files: each must find three files.
pub fn includes(folder: &Path) -> [PathBuf; 2] {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    let output = "[OUTPUT]\n    Name null\n    Match *\n";
    let inner = "pipeline:\n  outputs:\n    - name: null\n      match: '*'\n";
    // The classic format: always from the main file's folder. YAML: from that of the file which includes.
    let classic = write("main.conf", "@INCLUDE sub/one.conf\n");
    write("sub/one.conf", "@INCLUDE two.conf\n");
    write("two.conf", output);
    let yaml = write("main.yaml", "includes:\n  - sub/one.yaml\n");
    write("sub/one.yaml", "includes:\n  - two.yaml\n");
    write("sub/two.yaml", inner);
    [classic, yaml]
}
