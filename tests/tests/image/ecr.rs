//! `firelens-kit push` to ECR: moto gives the token, and a docker-registry stands in for the registry behind the name.
use crate::base::{Base, digest};
use crate::stage::{Run, Stage};
use e2e::moto::{ACCOUNT, Moto};
use e2e::registry::Registry;

const REGION: &str = "eu-central-1";

#[test]
fn the_token_of_aws_opens_ecr() {
    let stage = Stage::on(&Base::default());
    let registry = Registry::guarded(stage.folder.path());
    let moto = Moto::start();
    let host = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com");
    let target = format!("{host}/shop/router");
    let mut command = stage.command(&["push", &target, "--base", "oci:base", "--format", "json"]);
    // The region is in the registry's name.
    command
        .envs(moto.environment("us-east-1"))
        .env("FIRELENS_KIT_REGISTRY_ENDPOINT", format!("http://{}", registry.address));
    let pushed = Run::of(command.output().expect("the kit starts")).json();
    assert_eq!(pushed["reference"], format!("{target}@{}", pushed["digest"].as_str().expect("a digest")));
    let tag = pushed["tag"].as_str().expect("a tag");
    let image = format!("docker://{}/shop/router:{tag}", registry.address);
    let raw = stage.skopeo(&["inspect", "--raw", "--tls-verify=false", "--creds=shop:geheim", &image]);
    assert_eq!(digest(raw.as_bytes()), pushed["digest"]);
}
