//! Who we are in a registry.
use super::{Kind, Push, on_both};
use crate::base::Base;
use crate::stage::Run;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

on_both! {
    wrong_credentials_are_refused_and_not_shown
    a_credential_helper_of_docker_is_asked
}

fn wrong_credentials_are_refused_and_not_shown(kind: Kind) {
    let push = Push::set(kind, &Base::default());
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

fn a_credential_helper_of_docker_is_asked(kind: Kind) {
    let push = Push::set(kind, &Base::default());
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
    let (user, password) = push.server.login();
    let answer = format!(r#"{{\"ServerURL\":\"$registry\",\"Username\":\"{user}\",\"Secret\":\"{password}\"}}"#);
    set(&format!("read registry; echo \"{answer}\""));
    run().succeeds();
    set("cat > /dev/null; echo secret-in-stdout; echo the keys are locked >&2; exit 1");
    let refused = run();
    refused.fails_with(&["docker-credential-keys failed: the keys are locked"]);
    assert!(!refused.stderr.contains("secret-in-stdout"));
}
