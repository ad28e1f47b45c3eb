//! Image layouts and archives that somebody made to do harm, and folders to write to that hold more than they show.
use crate::base::{Base, RELEASE, digest};
use crate::stage::{Run, Stage};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The blob that is a layer.
const LAYER: &[u8] = b"a layer";

/// A layout in `hostile` for one platform. The changes are made to its configuration, to its manifest, and to its index.
fn layout(stage: &Stage, config: fn(&mut Value), manifest: fn(&mut Value), index: fn(&mut Value)) {
    let folder = stage.path("hostile");
    fs::create_dir_all(folder.join("blobs/sha256")).expect("a folder");
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
    let put = |bytes: &[u8]| {
        fs::write(blob(&folder, bytes), bytes).expect("a file");
        json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": digest(bytes), "size": bytes.len() })
    };
    let layer = put(LAYER);
    let mut content = json!({
        "os": "linux", "architecture": "amd64", "config": { "Labels": { RELEASE: "5.0.9" } },
        "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
    });
    config(&mut content);
    let mut content = json!({ "schemaVersion": 2, "config": put(content.to_string().as_bytes()), "layers": [layer] });
    manifest(&mut content);
    let mut content = json!({ "schemaVersion": 2, "manifests": [put(content.to_string().as_bytes())] });
    content["manifests"][0]["mediaType"] = json!("application/vnd.oci.image.manifest.v1+json");
    index(&mut content);
    fs::write(folder.join("index.json"), content.to_string()).expect("a file");
}

fn blob(folder: &Path, bytes: &[u8]) -> PathBuf {
    folder.join("blobs").join(digest(bytes).replace(':', "/"))
}

fn same(_: &mut Value) {}

/// Builds from it, with colours, since without them nothing is printed that moves a cursor. It has to end soon, in little
/// memory.
fn build(stage: &Stage, base: &str) -> Run {
    let mut command = stage.command(&["build", "--base", base, "-o", "image"]);
    Stage::within(command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1")).without_colours()
}

#[track_caller]
fn refused(stage: &Stage, base: &str, parts: &[&str]) {
    build(stage, base).fails_with(parts);
    assert!(!stage.path("image").exists());
}

fn make_fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo runs").success());
}

#[test]
fn a_layout_that_is_right_is_taken() {
    let stage = Stage::new();
    layout(&stage, same, same, same);
    build(&stage, "oci:hostile").succeeds();
}

/// Puts something at a path.
type Make = fn(&Path);
/// Spoils a manifest.
type Change = fn(&mut Value);

#[test]
fn blobs_that_are_links_devices_fifos_or_sockets_are_refused() {
    let what: [(&str, Make); 5] = [
        ("is a symbolic link, not a regular file", |path| symlink("/dev/zero", path).expect("a link")),
        ("is a symbolic link, not a regular file", |path| symlink("/etc/passwd", path).expect("a link")),
        ("is a FIFO, not a regular file", make_fifo),
        ("is a directory, not a regular file", |path| fs::create_dir(path).expect("a folder")),
        ("is a socket, not a regular file", |path| drop(UnixListener::bind(path).expect("a socket"))),
    ];
    for (said, put) in what {
        for file in ["layer", "manifest", "config", "index.json"] {
            // A socket's name is short.
            let stage = Stage::new();
            layout(&stage, same, same, same);
            let folder = stage.path("hostile");
            let index = folder.join("index.json");
            let read = |path: &Path| serde_json::from_slice::<Value>(&fs::read(path).expect("a file")).expect("JSON");
            let named = |of: &Value| folder.join("blobs").join(of.as_str().expect("a digest").replace(':', "/"));
            let manifest = named(&read(&index)["manifests"][0]["digest"]);
            let path = match file {
                "layer" => blob(&folder, LAYER),
                "manifest" => manifest,
                "config" => named(&read(&manifest)["config"]["digest"]),
                _ => index,
            };
            fs::remove_file(&path).expect("a file");
            put(&path);
            refused(&stage, "oci:hostile", &[said]);
        }
    }
}

#[test]
fn folders_of_blobs_that_are_links_are_refused() {
    for name in ["blobs", "blobs/sha256"] {
        let stage = Stage::new();
        layout(&stage, same, same, same);
        let folder = stage.path("hostile").join(name);
        fs::rename(&folder, stage.path("elsewhere")).expect("a folder");
        symlink(stage.path("elsewhere"), &folder).expect("a link");
        refused(&stage, "oci:hostile", &["is a symbolic link, not a directory", "cp -rL DIR COPY"]);
    }
}

#[test]
fn sizes_and_digests_that_cannot_be_are_refused() {
    let digest = "is no digest that is known here";
    let changes: [(Change, &str); 7] = [
        (|of| of["layers"][0]["size"] = json!(-5), "has a negative size"),
        (|of| of["layers"][0]["size"] = json!(1u64 << 62), "is bigger than the 54525952000 bytes that ECR takes"),
        (|of| of["layers"][0]["size"] = json!(1u64 << 33), "has 7 bytes, not the 8589934592 of its manifest"),
        (|of| of["layers"][0]["digest"] = json!("sha256:../../../../etc/passwd"), digest),
        (|of| of["layers"][0]["digest"] = json!("md5:\u{1b}]0;x\u{7}"), digest),
        (|of| of["layers"] = json!(vec![of["layers"][0].clone(); 5000]), "it has 5000 layers, more than 500"),
        (|of| of["layers"] = json!([]), "it has 0 layers, and 1 in its configuration"),
    ];
    for (change, said) in changes {
        let stage = Stage::new();
        layout(&stage, same, change, same);
        refused(&stage, "oci:hostile", &[said]);
    }
    let stage = Stage::new();
    layout(&stage, same, same, |index| index["manifests"][0]["digest"] = json!("sha256:../../../../etc/passwd"));
    refused(&stage, "oci:hostile", &[digest]);
}

#[test]
fn what_is_too_big_is_not_read() {
    let stage = Stage::new();
    layout(&stage, |config| config["x"] = json!("y".repeat(5 << 20)), same, same);
    refused(&stage, "oci:hostile", &["bytes, more than 4194304"]);
    layout(&stage, same, |manifest| manifest["x"] = json!("y".repeat(5 << 20)), same);
    refused(&stage, "oci:hostile", &["has more than 4194304 bytes"]);
    layout(&stage, same, same, |index| index["x"] = json!("y".repeat(5 << 20)));
    refused(&stage, "oci:hostile", &["has more than 4194304 bytes"]);
    fs::write(stage.path("hostile/index.json"), "[".repeat(1 << 20)).expect("a file");
    refused(&stage, "oci:hostile", &["this is no manifest"]);
}

#[test]
fn names_and_labels_move_no_cursor() {
    const HOSTILE: &str = "5\u{1b}]0;x\u{7}\u{1b}[2J\u{202e}.0.9";
    let stage = Stage::new();
    layout(&stage, |config| config["config"]["Labels"][RELEASE] = json!(HOSTILE), same, same);
    refused(&stage, "oci:hostile", &["is no version of Fluent Bit"]);
    layout(&stage, same, same, |index| {
        let one = index["manifests"][0].clone();
        let named = |at: usize| {
            let mut entry = one.clone();
            entry["annotations"] = json!({ "org.opencontainers.image.ref.name": format!("{at}{HOSTILE}") });
            entry
        };
        index["manifests"] = json!([named(1), named(2)]);
    });
    refused(&stage, "oci:hostile", &["has 2 images"]);
    layout(&stage, same, same, |index| {
        let name = format!("a/b{HOSTILE}:1");
        index["manifests"][0]["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
    });
    build(&stage, "oci:hostile").succeeds();
}

/// An archive; its first entry's size is said to be another one.
fn archive(stage: &Stage, layers: usize, size: Option<[u8; 12]>) {
    let config = json!({
        "os": "linux", "architecture": "amd64", "config": { "Labels": { RELEASE: "5.0.9" } },
        "rootfs": { "type": "layers", "diff_ids": vec![digest(LAYER); layers] },
    });
    let manifest =
        json!([{ "Config": "c.json", "RepoTags": ["a\u{1b}]0;x\u{7}/b:1"], "Layers": vec!["l.tar"; layers] }]);
    let mut tar = tar::Builder::new(Vec::new());
    let (config, manifest) = (config.to_string(), manifest.to_string());
    for (name, bytes) in [("l.tar", LAYER), ("c.json", config.as_bytes()), ("manifest.json", manifest.as_bytes())] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, bytes).expect("memory takes all");
    }
    let mut bytes = tar.into_inner().expect("memory takes all");
    if let Some(size) = size {
        bytes[124..136].copy_from_slice(&size);
        bytes[148..156].fill(b' ');
        let sum: u32 = bytes[..512].iter().map(|byte| u32::from(*byte)).sum();
        bytes[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    fs::write(stage.path("base.tar"), bytes).expect("a file");
}

#[test]
fn archives_that_lie_about_sizes_are_refused() {
    let stage = Stage::new();
    archive(&stage, 1, None);
    build(&stage, "base.tar").succeeds();
    fs::remove_dir_all(stage.path("image")).expect("a folder");
    let mut binary = [0; 12];
    binary[0] = 0x80;
    binary[4] = 0x40;
    for size in [*b"77777777777\0", binary, [0xff; 12]] {
        archive(&stage, 1, Some(size));
        refused(&stage, "base.tar", &["base.tar"]);
    }
    archive(&stage, 5000, None);
    refused(&stage, "base.tar", &["it has 5000 layers, more than 500"]);
    let whole = fs::read(stage.path("base.tar")).expect("a file");
    fs::write(stage.path("base.tar"), &whole[..700]).expect("a file");
    refused(&stage, "base.tar", &["base.tar"]);
}

#[test]
fn archives_that_are_fifos_or_devices_are_refused() {
    let stage = Stage::new();
    make_fifo(&stage.path("base.tar"));
    refused(&stage, "docker-archive:base.tar", &["base.tar is a FIFO, not a regular file"]);
    refused(&stage, "docker-archive:/dev/zero", &["/dev/zero is a device, not a regular file"]);
}

#[test]
fn an_entry_with_an_endless_name_is_refused() {
    let stage = Stage::new();
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    let name = vec![b'n'; 8 << 20];
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(name.len() as u64);
    tar.append_data(&mut header, "././@LongLink", &name[..]).expect("memory takes all");
    fs::write(stage.path("base.tar"), tar.into_inner().expect("memory takes all")).expect("a file");
    refused(&stage, "base.tar", &["an entry has a name or attributes of more than 4096 bytes"]);
}

const BUILD: [&str; 5] = ["build", "--base", "oci:base", "-o", "image"];

#[test]
fn nothing_is_written_through_a_link() {
    let links: [fn(&Stage); 4] = [
        |stage| symlink(stage.path("victim"), stage.path("image")).expect("a link"),
        |stage| {
            fs::create_dir(stage.path("image")).expect("a folder");
            fs::write(stage.path("image/oci-layout"), "{}").expect("a file");
            symlink(stage.path("victim"), stage.path("image/blobs")).expect("a link");
        },
        |stage| {
            fs::create_dir_all(stage.path("image/blobs")).expect("a folder");
            fs::write(stage.path("image/oci-layout"), "{}").expect("a file");
            symlink(stage.path("victim"), stage.path("image/blobs/sha256")).expect("a link");
        },
        |stage| {
            fs::create_dir(stage.path("image")).expect("a folder");
            fs::write(stage.path("image/oci-layout"), "{}").expect("a file");
            symlink(stage.path("victim/index.json"), stage.path("image/index.json")).expect("a link");
        },
    ];
    for link in links {
        let stage = Stage::new();
        fs::create_dir(stage.path("victim")).expect("a folder");
        link(&stage);
        stage.kit_within(&BUILD).fails_with(&["is a link, which is not followed"]);
        assert_eq!(fs::read_dir(stage.path("victim")).expect("a folder").count(), 0);
    }
}

#[test]
fn only_what_was_written_is_deleted() {
    let stage = Stage::on(&Base::default());
    stage.kit(&BUILD).succeeds();
    let blobs = stage.path("image/blobs/sha256");
    let foreign = "0".repeat(64);
    for name in ["notes.txt", &foreign] {
        fs::write(blobs.join(name), "mine").expect("a file");
    }
    let before = fs::read_dir(&blobs).expect("a folder").count();
    stage.config("[router]\nlog_level = \"debug\"\n");
    stage.kit(&BUILD).succeeds();
    for name in ["notes.txt", &foreign] {
        assert_eq!(fs::read_to_string(blobs.join(name)).expect("a file"), "mine");
    }
    assert_eq!(fs::read_dir(&blobs).expect("a folder").count(), before, "the older image's own blobs are gone");
}

#[test]
fn a_blob_that_is_there_is_used_only_when_it_is_right() {
    let stage = Stage::on(&Base::default());
    stage.kit(&BUILD).succeeds();
    for entry in fs::read_dir(stage.path("image/blobs/sha256")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let mut bytes = fs::read(&path).expect("a file");
        bytes[0] ^= 1;
        fs::write(&path, bytes).expect("a file");
    }
    stage.kit(&BUILD).succeeds();
    for entry in fs::read_dir(stage.path("image/blobs/sha256")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert_eq!(digest(&fs::read(&path).expect("a file")), format!("sha256:{name}"));
    }
}

#[test]
fn a_file_that_is_replaced_keeps_its_mode_and_a_new_one_is_readable() {
    let stage = Stage::new();
    let archive =
        ["build", "--base", "oci:base", "-o", "r.tar", "--output-type", "docker-archive", "--platform", "linux/amd64"];
    let mode = || stage.path("r.tar").metadata().expect("a file").permissions().mode() & 0o777;
    stage.kit(&archive).succeeds();
    assert_eq!(mode() & 0o600, 0o600);
    fs::set_permissions(stage.path("r.tar"), fs::Permissions::from_mode(0o640)).expect("a file");
    stage.kit(&archive).succeeds();
    assert_eq!(mode(), 0o640);
    fs::remove_file(stage.path("r.tar")).expect("a file");
    symlink(stage.path("victim"), stage.path("r.tar")).expect("a link");
    stage.kit(&archive).fails_with(&["r.tar is a link, which is not followed"]);
    assert!(!stage.path("victim").exists());
}
