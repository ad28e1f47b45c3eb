//! `firelens-kit push`.
use crate::base::{Base, digest};
use crate::stage::{Run, Stage};
use e2e::fault_proxy::{Fault, FaultProxy};
use e2e::kit;
use e2e::registry::Registry;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

/// A stage, with a registry that wants a user and a password, and a proxy that counts.
struct Push {
    stage: Stage,
    registry: Registry,
    proxy: FaultProxy,
}

impl Push {
    fn set(base: &Base) -> Push {
        let stage = Stage::on(base);
        let registry = Registry::guarded(stage.folder.path());
        let proxy = FaultProxy::plain(registry.address).expect("a proxy");
        stage.login(&proxy.address.to_string(), "shop", "geheim");
        Push { stage, registry, proxy }
    }

    /// Behind the proxy.
    fn target(&self, name: &str) -> String {
        format!("{}/{name}", self.proxy.address)
    }

    fn push(&self, name: &str, more: &[&str]) -> Run {
        let target = self.target(name);
        let args = ["push", &target, "--base", "oci:base", "--format", "json"];
        self.stage.kit(&[&args[..], more].concat())
    }

    /// What skopeo prints of an image in the registry.
    fn inspect(&self, name: &str, more: &[&str]) -> String {
        let image = format!("docker://{}/{name}", self.registry.address);
        let args = ["inspect", "--tls-verify=false", "--creds=shop:geheim"];
        self.stage.skopeo(&[&args[..], more, &[&image]].concat())
    }

    /// Reads all of an image, whose digests skopeo checks.
    fn copy(&self, name: &str) {
        let image = format!("docker://{}/{name}", self.registry.address);
        let args =
            ["--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", "--src-creds=shop:geheim"];
        self.stage.skopeo(&[&args[..], &[&image, "dir:copy"]].concat());
    }

    /// The bytes of blobs that came through the proxy.
    fn uploaded(&self) -> u64 {
        let uploads = self.proxy.requests_of("/blobs/uploads/");
        uploads.iter().map(|request| request.body.len() as u64).sum()
    }
}

fn number(of: &Value) -> u64 {
    of.as_u64().unwrap_or_else(|| panic!("no number: {of}"))
}

#[test]
fn what_is_pushed_is_what_was_built() {
    let push = Push::set(&Base::default());
    let pushed = push.push("shop/router", &[]).json();
    let built = push.stage.kit(&["build", "--base", "oci:base", "-o", "image", "--format", "json"]).json();
    for key in ["digest", "tag", "configuration", "platforms"] {
        assert_eq!(pushed[key], built[key]);
    }
    let tag = pushed["tag"].as_str().expect("a tag");
    let raw = push.inspect(&format!("shop/router:{tag}"), &["--raw"]);
    assert_eq!(digest(raw.as_bytes()), pushed["digest"]);
    assert_eq!(pushed["reference"], format!("{}@{}", push.target("shop/router"), digest(raw.as_bytes())));
    push.copy(&format!("shop/router:{tag}"));
    // Three of the base, one of ours, two configurations.
    assert_eq!(number(&pushed["blobs"]["moved"]), 6);
    assert_eq!(number(&pushed["blobs"]["moved_bytes"]), push.uploaded());
}

#[test]
fn a_second_push_changes_nothing() {
    let push = Push::set(&Base::default());
    push.push("shop/router", &[]).succeeds();
    push.proxy.forget();
    let again = push.push("shop/router", &[]).json();
    assert_eq!(again["was_there"], true);
    assert_eq!(push.proxy.mutations(), Vec::<String>::new());
    let text = push.stage.kit(&["push", &push.target("shop/router"), "--base", "oci:base"]).succeeds();
    assert!(text.stderr.contains("it was there already"), "{}", text.stderr);
    assert_eq!(text.stdout.trim(), again["reference"].as_str().expect("a reference"));
}

#[test]
fn a_dry_run_says_what_a_push_does_and_changes_nothing() {
    let push = Push::set(&Base::default());
    let rehearsed = push.push("shop/router", &["--dry-run"]).json();
    let changes = || {
        push.proxy
            .requests()
            .into_iter()
            .filter(|request| !request.call.contains(":HEAD ") && !request.call.contains(":GET "))
    };
    assert_eq!(changes().map(|request| request.call).collect::<Vec<_>>(), Vec::<String>::new());
    let pushed = push.push("shop/router", &[]).json();
    assert_eq!((&rehearsed["dry_run"], &pushed["dry_run"]), (&true.into(), &false.into()));
    for field in ["reference", "digest", "tag", "blobs", "was_there"] {
        assert_eq!(rehearsed[field], pushed[field], "{field}");
    }
    assert_eq!(push.push("shop/router", &["--dry-run"]).json()["was_there"], true);
    push.stage.config("[router]\nlog_level = \"debug\"\n");
    push.push("shop/router:taken", &[]).succeeds();
    push.stage.config("");
    let target = push.target("shop/router:taken");
    let other = push.stage.kit(&["push", &target, "--base", "oci:base", "--dry-run"]);
    other.fails_with(&["is another image"]);
    let target = push.target("other/router");
    let run = push.stage.kit(&["push", &target, "--base", "oci:base", "--dry-run"]).succeeds();
    assert!(run.stderr.contains("6 blobs would be moved"), "{}", run.stderr);
}

#[test]
fn a_changed_configuration_moves_one_layer() {
    let push = Push::set(&Base::default());
    push.push("shop/router", &[]).succeeds();
    push.proxy.forget();
    push.stage.config("[router]\nlog_level = \"debug\"\n");
    let pushed = push.push("shop/router", &[]).json();
    assert_eq!(pushed["blobs"]["there"], 3);
    assert_eq!(pushed["blobs"]["moved"], 3, "the layer, and a configuration for each platform");
    let moved = number(&pushed["blobs"]["moved_bytes"]);
    assert_eq!(moved, push.uploaded());
    println!("a changed configuration moves {moved} bytes");
}

#[test]
fn what_another_repository_has_is_mounted() {
    let push = Push::set(&Base::default());
    push.stage.copy_to("base", &push.registry, "mirror/fluent-bit:5.0.9");
    let base = push.target("mirror/fluent-bit:5.0.9");
    let pushed = push.stage.kit(&["push", &push.target("shop/router"), "--base", &base, "--format", "json"]).json();
    assert_eq!(pushed["blobs"]["mounted"], 3);
    assert_eq!(number(&pushed["blobs"]["moved_bytes"]), push.uploaded());
    assert!(push.proxy.requests_of("GET /v2/mirror/fluent-bit/blobs/").len() == 2, "configurations only");
}

#[test]
fn layers_go_from_one_registry_to_the_other() {
    let push = Push::set(&Base { bytes: 10 << 20, ..Base::default() });
    push.stage.copy_to("base", &push.registry, "mirror/fluent-bit:5.0.9");
    let folder = tempfile::tempdir().expect("a folder");
    let other = Registry::start(folder.path());
    let target = format!("{}/router", other.address);
    let base = push.target("mirror/fluent-bit:5.0.9");
    // The base's registry breaks off once.
    push.proxy.fail("GET /v2/mirror/fluent-bit/blobs/", Fault::Internal, 1);
    let pushed = push.stage.kit(&["push", &target, "--base", &base, "--format", "json"]).json();
    assert_eq!(pushed["blobs"]["moved"], 6);
    let image = format!("docker://{}", pushed["reference"].as_str().expect("a reference"));
    let args = ["--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", &image, "dir:copy"];
    push.stage.skopeo(&args);
}

#[test]
fn a_tag_that_moves_is_resolved_and_said() {
    let push = Push::set(&Base::default());
    push.stage.copy_to("base", &push.registry, "mirror/fluent-bit:latest");
    let base = push.target("mirror/fluent-bit:latest");
    let run = push.stage.kit(&["push", &push.target("shop/router"), "--base", &base, "--format", "json"]).succeeds();
    let pushed: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let pinned = format!("{base}@{}", pushed["base"]["digest"].as_str().expect("a digest"));
    let note = format!("note: {base} can be another image tomorrow; today it is {pinned}");
    assert!(run.stderr.contains(&note), "{}", run.stderr);
    let of_base = push.inspect("mirror/fluent-bit:latest", &["--raw"]);
    assert_eq!(pushed["base"]["digest"], digest(of_base.as_bytes()));
    let fixed = push.stage.kit(&["push", &push.target("shop/router"), "--base", &pinned, "--format", "json"]).json();
    assert_eq!(fixed["digest"], pushed["digest"], "the same image, said in another way");
}

#[test]
fn wrong_credentials_are_refused_and_not_shown() {
    let push = Push::set(&Base::default());
    let registry = push.proxy.address.to_string();
    push.stage.login(&registry, "shop", "falsches-geheimnis");
    let run = push.push("shop/router", &[]);
    run.fails_with(&["the registry does not accept the credentials", &format!("docker login {registry}")]);
    assert!(!run.stderr.contains("geheimnis") && run.stdout.is_empty());
    fs::remove_file(push.stage.path("docker/config.json")).expect("a file");
    push.push("shop/router", &[]).fails_with(&["the registry does not accept the credentials"]);
    let base = push.target("mirror/fluent-bit:5.0.9");
    push.stage.kit(&["push", &push.target("a/b"), "--base", &base]).fails_with(&["does not accept the credentials"]);
}

#[test]
fn a_credential_helper_of_docker_is_asked() {
    let push = Push::set(&Base::default());
    let registry = push.proxy.address.to_string();
    let bin = push.stage.path("bin");
    fs::create_dir(&bin).expect("a folder");
    let helper = bin.join("docker-credential-keys");
    let set = |script: &str| {
        fs::write(&helper, format!("#!/bin/sh\n{script}\n")).expect("a file");
        fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).expect("a program");
    };
    let config = serde_json::json!({ "credHelpers": { &registry: "keys" } });
    fs::write(push.stage.path("docker/config.json"), config.to_string()).expect("a file");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a path"));
    let target = push.target("shop/router");
    let run = || {
        let mut command = push.stage.command(&["push", &target, "--base", "oci:base", "--format", "json"]);
        Run::of(command.env("PATH", &path).output().expect("the kit starts"))
    };
    set(r#"read registry; echo "{\"ServerURL\":\"$registry\",\"Username\":\"shop\",\"Secret\":\"geheim\"}""#);
    run().succeeds();
    set("cat > /dev/null; echo secret-in-stdout; echo the keys are locked >&2; exit 1");
    let refused = run();
    refused.fails_with(&["docker-credential-keys failed: the keys are locked"]);
    assert!(!refused.stderr.contains("secret-in-stdout"));
}

#[test]
fn a_tag_is_not_used_for_another_content() {
    let push = Push::set(&Base::default());
    let first = push.push("shop/router:1.4.0", &[]).json();
    assert_eq!(first["tag"], "1.4.0");
    assert_eq!(push.push("shop/router:1.4.0", &[]).json()["was_there"], true);
    push.stage.config("[router]\nlog_level = \"debug\"\n");
    push.proxy.forget();
    let run = push.push("shop/router:1.4.0", &[]);
    run.fails_with(&["shop/router:1.4.0 is another image: sha256:", "a tag is never used for a second content"]);
    assert_eq!(push.proxy.mutations(), Vec::<String>::new());
    let there = push.inspect("shop/router:1.4.0", &["--raw"]);
    assert_eq!(digest(there.as_bytes()), first["digest"]);
    let own = push.push("shop/router", &[]).json();
    assert_ne!(own["tag"], "1.4.0", "without a tag the image has its own");
}

#[test]
fn an_upload_that_breaks_goes_on_where_it_was() {
    let base = Base { bytes: 20 << 20, architectures: &["amd64"], ..Base::default() };
    let push = Push::set(&base);
    // The beginning of the biggest layer's upload and its first chunk of 8 MiB get through, and some of the small ones.
    let target = push.target("shop/router");
    let args = ["push", &target, "--base", "oci:base", "--format", "json"];
    push.proxy.fail("PATCH /v2/shop/router/blobs/uploads/", Fault::Reset, 1);
    let pushed = Run::of(push.stage.command(&args).output().expect("the kit starts")).json();
    let sent = number(&pushed["blobs"]["moved_bytes"]);
    let broken = push.proxy.requests_of("PATCH ").iter().filter(|request| request.fault.is_some()).count();
    assert_eq!(broken, 1);
    let chunk = 8 << 20;
    assert_eq!(push.uploaded(), sent + chunk, "only the chunk that did not arrive is sent once more");
    push.copy(&format!("shop/router:{}", pushed["tag"].as_str().expect("a tag")));
}

#[test]
fn an_upload_goes_on_behind_the_chunks_that_arrived() {
    let base = Base { bytes: 30 << 20, architectures: &["amd64"], ..Base::default() };
    let push = Push::set(&base);
    // The small blobs are there already.
    push.push("shop/router", &["--platform", "linux/amd64"]).succeeds();
    push.proxy.forget();
    let target = push.target("other/router");
    let args = ["push", &target, "--base", "oci:base", "--format", "json"];
    let mut command = push.stage.command(&args);
    let mut all = 0;
    // 4 beginnings, 3 small ends, 2 chunks; which chunk breaks depends on the order, that one does not.
    push.proxy.fail_after(8, Fault::Internal);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the kit starts");
    assert!(push.proxy.wait_for_fault(Duration::from_secs(60)));
    push.proxy.heal();
    let pushed = Run::of(child.wait_with_output().expect("it ends")).json();
    for request in push.proxy.requests_of("PATCH ") {
        all += usize::from(request.fault.is_none());
    }
    assert_eq!(all, 3, "30 MiB are three chunks of 8 MiB and a rest: none that arrived is sent again");
    push.copy(&format!("other/router:{}", pushed["tag"].as_str().expect("a tag")));
}

#[test]
fn a_push_that_is_killed_goes_on_with_what_is_missing() {
    let base = Base { bytes: 20 << 20, ..Base::default() };
    let push = Push::set(&base);
    push.proxy.fail("PUT /v2/shop/router/manifests/", Fault::Hang, 1);
    let target = push.target("shop/router");
    let args = ["push", &target, "--base", "oci:base"];
    let mut child =
        push.stage.command(&args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the kit starts");
    assert!(push.proxy.wait_for_fault(Duration::from_secs(60)));
    child.kill().and_then(|()| child.wait()).expect("it is killed");
    push.proxy.heal();
    push.proxy.forget();
    let pushed = push.push("shop/router", &[]).json();
    assert_eq!(pushed["blobs"]["moved"], 0);
    assert_eq!(push.uploaded(), 0);
    push.copy(&format!("shop/router:{}", pushed["tag"].as_str().expect("a tag")));
}

#[test]
fn a_push_that_is_stopped_says_what_is_there_and_the_next_goes_on() {
    let push = Push::set(&Base::default());
    push.proxy.fail("PUT /v2/shop/router/manifests/", Fault::Hang, 1);
    let target = push.target("shop/router");
    let mut command = push.stage.command(&["push", &target, "--base", "oci:base"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the kit starts");
    assert!(push.proxy.wait_for_fault(Duration::from_secs(60)));
    let said = kit::signal(&mut child, libc::SIGINT, "is not moved again");
    assert!(said.contains("error: stopped: 6 blobs moved, and the tag is not there yet"), "{said}");
    assert_eq!(Run::of(child.wait_with_output().expect("it ends")).code, 2);
    push.proxy.heal();
    assert_eq!(push.push("shop/router", &[]).json()["blobs"]["moved"], 0);
}

#[test]
fn memory_does_not_grow_with_the_layers() {
    let peak = |bytes: usize| {
        let base = Base { bytes, architectures: &["amd64"], ..Base::default() };
        let push = Push::set(&base);
        // It waits for an answer when all layers have gone through it.
        push.proxy.fail("PUT /v2/shop/router/manifests/", Fault::Hang, 1);
        let target = push.target("shop/router");
        let mut command = push.stage.command(&["push", &target, "--base", "oci:base"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the kit starts");
        assert!(push.proxy.wait_for_fault(Duration::from_secs(120)));
        let peak = peak_kib(child.id());
        child.kill().and_then(|()| child.wait()).expect("it is killed");
        peak
    };
    let (small, big) = (peak(1 << 20), peak(64 << 20));
    println!("peak memory: {small} KiB with a layer of 1 MiB, {big} KiB with one of 64 MiB");
    assert!(big < small + (32 << 10), "{small} KiB, {big} KiB");
}

/// The largest resident set that a process has had.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    peak.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    let stage = Stage::new();
    // Nobody listens on this port.
    let run = stage.kit(&["push", "127.0.0.1:1/shop/router", "--base", "oci:base"]);
    run.fails_with(&["127.0.0.1:1/shop/router", "refused"]);
}
