//! Pushes that break, end early, or are big.
use super::{Kind, Push, number, on_both, tagged};
use crate::base::Base;
use crate::stage::{Run, Stage, peak_kib};
use e2e::fault_proxy::Fault;
use e2e::kit;
use std::process::Stdio;
use std::time::Duration;

on_both! {
    a_push_that_is_killed_goes_on_with_what_is_missing
    a_push_that_is_stopped_says_what_is_there_and_the_next_goes_on
    memory_does_not_grow_with_the_layers
}

/// Only where chunks can be trusted.
#[test]
fn an_upload_that_breaks_goes_on_where_it_was() {
    let base = Base { bytes: 20 << 20, architectures: &["amd64"], ..Base::default() };
    let push = Push::set(Kind::Docker, &base);
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
    push.copy(&tagged("shop/router", &pushed));
}

/// Only where chunks can be trusted.
#[test]
fn an_upload_goes_on_behind_the_chunks_that_arrived() {
    let base = Base { bytes: 30 << 20, architectures: &["amd64"], ..Base::default() };
    let push = Push::set(Kind::Docker, &base);
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
    push.copy(&tagged("other/router", &pushed));
}

#[test]
fn a_whole_layer_that_breaks_on_its_way_is_sent_again_and_nothing_else_is() {
    let base = Base { bytes: 20 << 20, architectures: &["amd64"], ..Base::default() };
    let push = Push::set(Kind::Ecr, &base);
    let registry = push.server.ecr().expect("it is ECR");
    registry.break_after(5 << 20);
    let (user, password) = push.server.login();
    push.stage.login(&registry.address.to_string(), user, password);
    let target = format!("{}/shop/router", registry.address);
    let run = push.stage.kit(&["push", &target, "--base", "oci:base", "--format", "json"]).succeeds();
    assert!(run.stderr.contains("; trying again"), "{}", run.stderr);
    let pushed = run.json();
    let puts = registry.seen("PUT /v2/shop/router/blobs/uploads/");
    let whole = puts.iter().filter(|put| put.status == 201).map(|put| put.bytes as u64).sum::<u64>();
    assert_eq!(whole, number(&pushed["blobs"]["moved_bytes"]));
    assert_eq!(puts.iter().filter(|put| put.status != 201).count(), 1);
    push.copy(&tagged("shop/router", &pushed));
}

#[test]
fn a_tag_whose_answer_was_lost_is_known_by_its_digest() {
    let push = Push::set(Kind::Ecr, &Base::default());
    let registry = push.server.ecr().expect("it is ECR");
    registry.lose_manifest();
    let pushed = push.push("shop/router:1.4.0", &[]).json();
    assert_eq!(registry.tag("shop/router", "1.4.0").as_deref(), pushed["digest"].as_str());
    let puts = registry.seen("PUT /v2/shop/router/manifests/1.4.0");
    assert_eq!(puts.iter().map(|put| put.status).collect::<Vec<_>>(), [0, 400], "the second is refused");
}

#[test]
fn a_tag_that_another_push_took_meanwhile_is_an_error() {
    let push = Push::set(Kind::Ecr, &Base::default());
    push.proxy.fail("PUT /v2/shop/router/manifests/1.4.0", Fault::Hold, 1);
    let target = push.target("shop/router:1.4.0");
    let mut command = push.stage.command(&["push", &target, "--base", "oci:base"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the kit starts");
    assert!(push.proxy.wait_for_fault(Duration::from_secs(60)));
    push.stage.config("[router]\nlog_level = \"debug\"\n");
    let other = push.push("shop/router:1.4.0", &[]).json();
    push.proxy.heal();
    let run = Run::of(child.wait_with_output().expect("it ends"));
    run.fails_with(&["shop/router:1.4.0 is another image", other["digest"].as_str().expect("a digest")]);
}

fn a_push_that_is_killed_goes_on_with_what_is_missing(kind: Kind) {
    let base = Base { bytes: 20 << 20, ..Base::default() };
    let push = Push::set(kind, &base);
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
    push.copy(&tagged("shop/router", &pushed));
}

fn a_push_that_is_stopped_says_what_is_there_and_the_next_goes_on(kind: Kind) {
    let push = Push::set(kind, &Base::default());
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

fn memory_does_not_grow_with_the_layers(kind: Kind) {
    let peak = |bytes: usize| {
        let base = Base { bytes, architectures: &["amd64"], ..Base::default() };
        let push = Push::set(kind, &base);
        // It waits for an answer when all layers have gone through it.
        push.proxy.fail("PUT /v2/shop/router/manifests/", Fault::Hang, 1);
        let target = push.target("shop/router");
        let mut command = push.stage.command(&["push", &target, "--base", "oci:base"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the kit starts");
        assert!(push.proxy.wait_for_fault(Duration::from_secs(120)));
        let peak = peak_kib(child.id()).expect("it runs");
        child.kill().and_then(|()| child.wait()).expect("it is killed");
        peak
    };
    let (small, big) = (peak(1 << 20), peak(64 << 20));
    println!("peak memory: {small} KiB with a layer of 1 MiB, {big} KiB with one of 64 MiB");
    assert!(big < small + (32 << 10), "{small} KiB, {big} KiB");
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    let stage = Stage::new();
    // Nobody listens on this port.
    let run = stage.kit(&["push", "127.0.0.1:1/shop/router", "--base", "oci:base"]);
    run.fails_with(&["127.0.0.1:1/shop/router", "refused"]);
}
