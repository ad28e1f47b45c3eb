//! `firelens-kit push` to ECR: moto gives the token, and a registry that behaves like ECR stands behind the name.
use crate::base::{Base, digest};
use crate::stage::{Run, Stage};
use e2e::ecr::{Ecr, TOKEN, USER};
use e2e::moto::{ACCOUNT, Moto};

const REGION: &str = "eu-central-1";

#[test]
fn the_token_of_aws_opens_ecr_for_layers_of_any_size() {
    let stage = Stage::on(&Base { bytes: 20 << 20, ..Base::default() });
    let moto = Moto::start();
    let registry = Ecr::start(&["shop/router"]).expect("a registry");
    let host = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com");
    let target = format!("{host}/shop/router");
    let push = |target: &str| {
        let mut command = stage.command(&["push", target, "--base", "oci:base", "--format", "json"]);
        // The region is in the registry's name.
        command.envs(moto.environment("us-east-1")).env("FIRELENS_KIT_REGISTRY_ENDPOINT", registry.url());
        Run::of(command.output().expect("the kit starts"))
    };
    let pushed = push(&target).json();
    assert_eq!(pushed["reference"], format!("{target}@{}", pushed["digest"].as_str().expect("a digest")));
    assert_eq!(pushed["blobs"]["moved"], 6);
    assert!(registry.seen("PATCH ").is_empty(), "chunks are known not to work there");
    for put in registry.seen("PUT /v2/shop/router/blobs/uploads/") {
        let said = put.head.header("content-length").and_then(|text| text.parse().ok());
        assert_eq!((put.status, said), (201, Some(put.bytes)), "{}", put.call);
    }
    let tag = pushed["tag"].as_str().expect("a tag");
    assert_eq!(registry.tag("shop/router", tag).as_deref(), pushed["digest"].as_str());
    let image = format!("docker://{}/shop/router:{tag}", registry.address);
    let credentials = format!("--creds={USER}:{TOKEN}");
    let raw = stage.skopeo(&["inspect", "--raw", "--tls-verify=false", &credentials, &image]);
    assert_eq!(digest(raw.as_bytes()), pushed["digest"]);
    let missing = push(&format!("{host}/shop/other"));
    missing.fails_with(&["shop/other", "aws ecr create-repository --repository-name shop/other"]);
}
