//! `firelens-kit build`.
use crate::base::{Base, PROGRAM, RELEASE};
use crate::stage::{Stage, json_file};
use std::fs;
use std::path::Path;

const BUILD: [&str; 5] = ["build", "--base", "oci:base", "--format", "json"];

fn build<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&BUILD[..], more].concat()
}

#[test]
fn the_same_input_gives_the_same_digest() {
    let stage = Stage::new();
    let one = stage.kit(&build(&["-o", "one"])).json();
    let two = stage.kit(&build(&["-o", "two"])).json();
    assert_eq!(one["digest"], two["digest"]);
    assert_eq!(names(&stage.path("one")), names(&stage.path("two")));
    let index = |folder| fs::read(stage.path(folder).join("index.json")).expect("a file");
    assert_eq!(index("one"), index("two"));
    stage.config("[router]\nlog_level = \"debug\"\n");
    let other = stage.kit(&build(&["-o", "other"])).json();
    assert_ne!(one["digest"], other["digest"], "the configuration is another one");
    assert_ne!(one["tag"], other["tag"]);
    assert_eq!(one["base"], other["base"]);
}

/// The names of the blobs, which are their digests.
fn names(layout: &Path) -> Vec<String> {
    let entries = layout.join("blobs/sha256").read_dir().expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
    names.sort();
    names
}

#[test]
fn skopeo_reads_the_layout() {
    let stage = Stage::new();
    let built = stage.kit(&build(&["-o", "image"])).json();
    let index = json_of(&stage.skopeo(&["inspect", "--raw", "oci:image"]));
    let annotations = &index["annotations"];
    assert_eq!(annotations["org.opencontainers.image.base.digest"], built["base"]["digest"]);
    assert_eq!(annotations["firelens-kit.configuration"], built["configuration"]);
    for (at, architecture) in ["amd64", "arm64"].into_iter().enumerate() {
        assert_eq!(index["manifests"][at]["digest"], built["platforms"][at]["digest"]);
        let inspect = ["inspect", "--override-arch", architecture, "oci:image"];
        let image = json_of(&stage.skopeo(&inspect));
        assert_eq!(image["Architecture"], architecture);
        assert_eq!(image["Layers"].as_array().map(Vec::len), Some(3));
        assert_eq!(image["Labels"]["firelens-kit.fluent-bit"], "5.0.9");
        assert_eq!(image["Labels"][RELEASE], "5.0.9", "the base's own labels stay");
    }
    // Copying reads each blob, and checks its digest.
    stage.skopeo(&["--insecure-policy", "copy", "--quiet", "--all", "oci:image", "dir:copy"]);
}

fn json_of(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn the_unpacked_image_has_the_base_and_what_was_rendered() {
    let stage = Stage::new();
    stage.kit(&build(&["-o", "image", "--platform", "linux/arm64"])).succeeds();
    stage.kit(&["render", "-o", "rendered"]).succeeds();
    unpack(&stage, "image");
    let file = |path: &str| fs::read(stage.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    for name in ["pipeline.conf", "filter.wasm"] {
        assert!(file(&format!("rendered/{name}")) == file(&format!("bundle/rootfs/firelens-kit/{name}")), "{name}");
    }
    assert_eq!(file(&format!("bundle/rootfs/{PROGRAM}")).len(), 10_000);
}

/// What the task mounts there takes its owner from the image, if that calls it a volume.
#[test]
fn a_router_that_is_not_root_owns_its_volume() {
    let stage = Stage::new();
    let volumes = |layout: &str| {
        stage.kit(&build(&["-o", layout])).succeeds();
        let config = stage.skopeo(&["inspect", "--config", "--override-arch", "arm64", &format!("oci:{layout}")]);
        json_of(&config)["config"]["Volumes"].clone()
    };
    assert_eq!(volumes("root"), serde_json::Value::Null);
    stage.config("[router]\nuser = \"1000:2000\"\n");
    assert_eq!(volumes("user"), serde_json::json!({ "/var/lib/firelens-kit": {} }));
    let list = stage.skopeo(&["inspect", "--raw", "--override-arch", "arm64", "oci:user"]);
    let manifest = json_of(&list)["manifests"][1]["digest"].as_str().expect("a digest").replace(':', "/");
    let manifest = json_file(&stage.path("user/blobs").join(manifest));
    let layer = manifest["layers"].as_array().and_then(|layers| layers.last()).expect("a layer")["digest"].clone();
    let layer = stage.path("user/blobs").join(layer.as_str().expect("a digest").replace(':', "/"));
    let files = stage.tool("tar", &["--numeric-owner", "-tvzf", layer.to_str().expect("text")]);
    let is_volume = |line: &&str| line.trim_end_matches('/').ends_with(" var/lib/firelens-kit");
    let folder = files.lines().find(is_volume);
    let folder = folder.unwrap_or_else(|| panic!("{files}"));
    assert!(folder.starts_with("drwxr-xr-x 1000/2000 "), "{files}");
}

fn unpack(stage: &Stage, layout: &str) {
    let tag = json_file(&stage.path(layout).join("index.json"));
    let tag = tag["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"].clone();
    let image = format!("{layout}:{}", tag.as_str().expect("a tag"));
    stage.tool("umoci", &["unpack", "--rootless", "--image", &image, "bundle"]);
}

#[test]
fn archives_of_docker_are_read_and_written() {
    let stage = Stage::new();
    let copy = ["--insecure-policy", "copy", "--quiet"];
    let base = ["--override-arch", "arm64", "oci:base", "docker-archive:base.tar:team/base:1"];
    stage.skopeo(&[&copy[..], &base[..]].concat());
    let built = stage.kit(&["build", "--base", "base.tar", "-o", "image", "--format", "json"]).json();
    assert_eq!(built["platforms"][0]["platform"], "linux/arm64");
    unpack(&stage, "image");
    assert!(stage.path(&format!("bundle/rootfs/{PROGRAM}")).is_file());
    let archive = ["-o", "router.tar", "--output-type", "docker-archive"];
    stage.kit(&build(&archive)).fails_with(&["a docker-archive holds one platform", "--platform"]);
    assert!(!stage.path("router.tar").exists());
    stage.kit(&build(&[&archive[..], &["--platform", "linux/amd64"]].concat())).succeeds();
    stage.skopeo(&[&copy[..], &["docker-archive:router.tar", "oci:again:1"]].concat());
    stage.tool("umoci", &["unpack", "--rootless", "--image", "again:1", "again-bundle"]);
    assert!(stage.path("again-bundle/rootfs/firelens-kit/filter.wasm").is_file());
}

#[test]
fn the_bases_release_decides_what_is_rendered() {
    let stage = Stage::on(&Base { release: Some("5.1.1"), ..Base::default() });
    let run = stage.kit(&build(&["-o", "image", "--platform", "linux/amd64"])).succeeds();
    assert!(run.stderr.contains("Fluent Bit 5.1.1: its forward input breaks WASM filters"), "{}", run.stderr);
    unpack(&stage, "image");
    let text = fs::read_to_string(stage.path("bundle/rootfs/firelens-kit/pipeline.conf")).expect("a file");
    assert!(text.starts_with("# For Fluent Bit 5.1.1: records pass through an emitter"), "{text}");
}

#[test]
fn a_base_that_does_not_fit_is_refused_and_nothing_is_written() {
    let refused = |base: Base, config: &str, parts: &[&str]| {
        let stage = Stage::on(&base);
        stage.config(config);
        stage.kit(&build(&["-o", "image"])).fails_with(parts);
        assert!(!stage.path("image").exists());
    };
    let labelled = |release| Base { release, ..Base::default() };
    refused(labelled(Some("1.9.10")), "", &["Fluent Bit 1.9.10 has no WASM filter", "the first image that has it"]);
    refused(labelled(None), "", &["it is not known which Fluent Bit is in this image", "fluent_bit = \"5.0.9\""]);
    refused(labelled(Some("five")), "", &[RELEASE, "`five` is no version of Fluent Bit"]);
    let said = "[router]\nfluent_bit = \"4.2.7\"\n";
    refused(labelled(Some("5.0.9")), said, &["oci:base has Fluent Bit 5.0.9", "not 4.2.7", "firelens.toml:"]);
    refused(
        Base { architectures: &["s390x"], ..Base::default() },
        "",
        &["oci:base is not for linux/amd64 or linux/arm64"],
    );
}

#[test]
fn a_release_that_no_label_says_can_be_said() {
    let stage = Stage::on(&Base { release: None, ..Base::default() });
    stage.config("[router]\nfluent_bit = \"4.2.7\"\n");
    assert_eq!(stage.kit(&build(&["-o", "image"])).json()["fluent_bit"], "4.2.7");
}

#[test]
fn a_platform_that_is_missing_is_said() {
    let stage = Stage::on(&Base { architectures: &["arm64"], ..Base::default() });
    let run = stage.kit(&build(&["-o", "image"])).succeeds();
    assert!(run.stderr.contains("note: the image is for linux/arm64 only"), "{}", run.stderr);
    let only = build(&["-o", "image", "--platform", "linux/arm64"]);
    assert!(stage.kit(&only).succeeds().stderr.is_empty(), "it was asked for");
    stage.kit(&build(&["-o", "other", "--platform", "linux/amd64"])).fails_with(&["oci:base is not for linux/amd64"]);
}

#[test]
fn a_folder_gets_the_new_image_in_place_of_the_old_one_and_nothing_else() {
    let stage = Stage::new();
    let one = stage.kit(&build(&["-o", "image"])).json();
    let blobs = names(&stage.path("image"));
    stage.config("[router]\nlog_level = \"debug\"\n");
    let two = stage.kit(&build(&["-o", "image"])).json();
    assert_ne!(one["digest"], two["digest"]);
    let now = names(&stage.path("image"));
    assert_eq!(now.len(), blobs.len());
    let common = now.iter().filter(|name| blobs.contains(name)).count();
    assert_eq!(common, 3, "the base's layers, of which one is the same on both platforms");
    // Somebody else's layout, and somebody else's folder.
    stage.kit(&build(&["-o", "base"])).fails_with(&["base has something else in it"]);
    fs::create_dir(stage.path("notes")).expect("a folder");
    fs::write(stage.path("notes/a.txt"), "mine").expect("a file");
    stage.kit(&build(&["-o", "notes"])).fails_with(&["notes has something else in it"]);
}

#[test]
fn a_damaged_layer_is_found() {
    let stage = Stage::new();
    let blobs = stage.path("base/blobs/sha256");
    let sizes = blobs.read_dir().expect("a folder").map(|entry| entry.expect("an entry"));
    let layer = sizes.max_by_key(|entry| entry.metadata().expect("a size").len()).expect("a file").path();
    let mut bytes = fs::read(&layer).expect("a file");
    bytes[5000] ^= 1;
    fs::write(&layer, bytes).expect("a file");
    let name = layer.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    stage.kit(&build(&["-o", "image"])).fails_with(&[&name, "is damaged: its content is sha256:"]);
    assert!(!stage.path("image").exists());
}

#[test]
fn a_wrong_configuration_shows_its_place() {
    let stage = Stage::new();
    stage.config("[router]\nmemory = 5\n");
    stage.kit(&build(&["-o", "image"])).fails_with(&["firelens.toml:", "memory", "memory_mib"]);
    stage.config("[router]\nimage = \"not an image\"\n");
    stage.kit(&["build", "-o", "image"]).fails_with(&["firelens.toml:", "`not an image` is no reference to an image"]);
}
