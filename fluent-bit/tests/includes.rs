//! Which files an include may lead to, and how many.
use firelens_pipeline::{
    Version,
    conf::{MAX_FILE, MAX_FILES},
    lint::{self, Context},
};
use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// `conf/main.conf` in a folder, with a secret beside `conf`.
fn folder(main: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("conf")).unwrap();
    fs::create_dir(folder.path().join("private")).unwrap();
    fs::write(folder.path().join("conf/main.conf"), main).unwrap();
    fs::write(folder.path().join("private/key.conf"), "[OUTPUT]\n    PRIVATE x\n").unwrap();
    folder
}

fn read(folder: &Path, more: &[PathBuf]) -> Context {
    let main = folder.join("conf/main.conf");
    Context::read_with(&[main], more, None, Version::DEFAULT).unwrap()
}

fn said(context: &Context) -> Vec<String> {
    let findings = lint::lint(context);
    findings.into_iter().filter(|finding| finding.rule.code == "FLK004").map(|finding| finding.message).collect()
}

#[track_caller]
fn is_outside(folder: &TempDir) {
    let context = read(folder.path(), &[]);
    assert_eq!(context.files.len(), 1, "{:?}", context.files[1].path);
    let said = said(&context);
    assert!(
        said.iter().all(|message| message.ends_with("is outside the folders of the files that are linted")),
        "{said:?}"
    );
    assert_eq!(said.len(), 1);
}

#[test]
fn files_of_other_folders_are_not_read() {
    for include in [
        "../private/key.conf",
        "../private/*.conf",
        "../*/key.conf",
        "../private/missing",
        "/proc/self/environ",
        "/proc/self/*viron",
        "x*/../../private/key.conf",
    ] {
        let folder = folder(&format!("@INCLUDE {include}\n"));
        fs::create_dir(folder.path().join("conf/x1")).unwrap();
        is_outside(&folder);
    }
    is_outside(&folder("[SERVICE]\n    Parsers_File ../private/key.conf\n"));
    let yaml = folder("");
    fs::write(yaml.path().join("conf/main.yaml"), "includes:\n  - ../private/key.conf\n").unwrap();
    let context = Context::read(&[yaml.path().join("conf/main.yaml")], None, Version::DEFAULT).unwrap();
    assert_eq!((context.files.len(), said(&context).len()), (1, 1));
}

#[test]
fn links_are_followed_before_that_is_decided() {
    let file = folder("@INCLUDE linked.conf\n");
    symlink("../private/key.conf", file.path().join("conf/linked.conf")).unwrap();
    is_outside(&file);
    let glob = folder("@INCLUDE linked*.conf\n");
    symlink("../private/key.conf", glob.path().join("conf/linked.conf")).unwrap();
    is_outside(&glob);
    let inner = folder("@INCLUDE linked/key.conf\n");
    symlink("../private", inner.path().join("conf/linked")).unwrap();
    is_outside(&inner);
    let within = folder("@INCLUDE linked.conf\n");
    fs::write(within.path().join("conf/other.conf"), "[OUTPUT]\n    Name null\n    Match *\n").unwrap();
    symlink("other.conf", within.path().join("conf/linked.conf")).unwrap();
    assert_eq!((read(within.path(), &[]).files.len(), said(&read(within.path(), &[])).len()), (2, 0));
}

#[test]
fn a_folder_that_is_named_is_read_as_well() {
    let folder = folder("@INCLUDE ../private/key.conf\n");
    let context = read(folder.path(), &[folder.path().join("private")]);
    assert_eq!((context.files.len(), context.named, said(&context).len()), (2, 1, 0));
}

#[test]
fn chains_and_patterns_have_an_end() {
    let chain = folder("@INCLUDE 1.conf\n");
    for number in 1..MAX_FILES + 500 {
        fs::write(chain.path().join(format!("conf/{number}.conf")), format!("@INCLUDE {}.conf\n", number + 1)).unwrap();
    }
    let context = read(chain.path(), &[]);
    assert_eq!(context.files.len(), MAX_FILES);
    assert_eq!(said(&context), ["more than 1000 files, or more than 64 MiB in them"]);
    let glob = folder("@INCLUDE many-*.conf\n");
    for number in 0..MAX_FILES + 500 {
        fs::write(glob.path().join(format!("conf/many-{number}.conf")), "").unwrap();
    }
    assert_eq!(said(&read(glob.path(), &[])), ["more than 1000 files, or more than 64 MiB in them"]);
    let itself = folder("@INCLUDE main.conf\n@INCLUDE *\n");
    assert_eq!(read(itself.path(), &[]).files.len(), 1);
}

#[test]
fn two_stars_walk_through_no_folders() {
    let folder = folder("@INCLUDE **/x.conf\n");
    fs::create_dir_all(folder.path().join("conf/a/b")).unwrap();
    fs::write(folder.path().join("conf/a/b/x.conf"), "").unwrap();
    assert_eq!(read(folder.path(), &[]).files.len(), 1);
    fs::write(folder.path().join("conf/a/x.conf"), "").unwrap();
    assert_eq!(read(folder.path(), &[]).files.len(), 2);
}

#[test]
fn a_folder_may_have_the_characters_of_patterns_in_its_name() {
    let folder = TempDir::new().unwrap();
    let inner = folder.path().join("a[b]?*");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("main.conf"), "@INCLUDE o*.conf\n").unwrap();
    fs::write(inner.join("o.conf"), "").unwrap();
    assert_eq!(Context::read(&[inner.join("main.conf")], None, Version::DEFAULT).unwrap().files.len(), 2);
}

#[test]
fn big_files_are_refused() {
    let folder = folder("@INCLUDE big.conf\n");
    fs::write(folder.path().join("conf/big.conf"), "#".repeat(MAX_FILE as usize + 1)).unwrap();
    let context = read(folder.path(), &[]);
    assert_eq!(context.files.len(), 1);
    assert!(said(&context)[0].ends_with("big.conf is larger than 4 MiB"));
    let named = Context::read(&[folder.path().join("conf/big.conf")], None, Version::DEFAULT).unwrap_err();
    assert!(named.to_string().contains("larger than 4 MiB"), "{named}");
    let endless = Context::read(&[PathBuf::from("/dev/zero")], None, Version::DEFAULT).unwrap_err();
    assert!(endless.to_string().contains("larger than 4 MiB"), "{endless}");
}
