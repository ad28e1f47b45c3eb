//! What is moved, and what a tag means.
use super::{Kind, Push, number, on_both};
use crate::base::{Base, digest};
use e2e::fault_proxy::Fault;
use e2e::registry::Registry;
use serde_json::Value;

on_both! {
    what_is_pushed_is_what_was_built
    a_second_push_changes_nothing
    a_dry_run_says_what_a_push_does_and_changes_nothing
    a_changed_configuration_moves_one_layer
    what_another_repository_has_is_mounted
    layers_go_from_one_registry_to_the_other
    a_tag_that_moves_is_resolved_and_said
    a_tag_is_not_used_for_another_content
}

fn what_is_pushed_is_what_was_built(kind: Kind) {
    let push = Push::set(kind, &Base::default());
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

fn a_second_push_changes_nothing(kind: Kind) {
    let push = Push::set(kind, &Base::default());
    push.push("shop/router", &[]).succeeds();
    push.proxy.forget();
    let again = push.push("shop/router", &[]).json();
    assert_eq!(again["was_there"], true);
    assert_eq!(push.proxy.mutations(), Vec::<String>::new());
    let text = push.stage.kit(&["push", &push.target("shop/router"), "--base", "oci:base"]).succeeds();
    assert!(text.stderr.contains("it was there already"), "{}", text.stderr);
    assert_eq!(text.stdout.trim(), again["reference"].as_str().expect("a reference"));
}

fn a_dry_run_says_what_a_push_does_and_changes_nothing(kind: Kind) {
    let push = Push::set(kind, &Base::default());
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

fn a_changed_configuration_moves_one_layer(kind: Kind) {
    let push = Push::set(kind, &Base::default());
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

fn what_another_repository_has_is_mounted(kind: Kind) {
    let push = Push::set(kind, &Base::default());
    push.mirror("mirror/fluent-bit:5.0.9");
    let base = push.target("mirror/fluent-bit:5.0.9");
    let pushed = push.stage.kit(&["push", &push.target("shop/router"), "--base", &base, "--format", "json"]).json();
    assert_eq!(number(&pushed["blobs"]["moved_bytes"]), push.uploaded());
    let read = push.proxy.requests_of("GET /v2/mirror/fluent-bit/blobs/").len();
    match kind {
        Kind::Docker => assert_eq!((number(&pushed["blobs"]["mounted"]), read), (3, 2), "configurations only"),
        // ECR begins an upload where it is to mount a blob.
        Kind::Ecr => assert_eq!((number(&pushed["blobs"]["mounted"]), read), (0, 5)),
    }
}

fn layers_go_from_one_registry_to_the_other(kind: Kind) {
    let push = Push::set(kind, &Base { bytes: 10 << 20, ..Base::default() });
    push.mirror("mirror/fluent-bit:5.0.9");
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

fn a_tag_that_moves_is_resolved_and_said(kind: Kind) {
    let push = Push::set(kind, &Base::default());
    push.mirror("mirror/fluent-bit:latest");
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

fn a_tag_is_not_used_for_another_content(kind: Kind) {
    let push = Push::set(kind, &Base::default());
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
