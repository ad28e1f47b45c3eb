use crate::journey::{comes_and_goes, create, differences, is_not_ours, mend, survives_a_kill, survives_faults};
use crate::stage::{KEY, Stage, tags};
use firelens_infra::Resource;
use firelens_infra::resource::repository::Repository;
use serde_json::{Value, json};

fn repository(name: &str) -> Repository {
    Repository { stack: "shop".into(), name: name.into(), kms_key: None, tags: tags() }
}

fn ecr(stage: &Stage, operation: &str, body: Value) -> Value {
    stage.call("ecr", "AmazonEC2ContainerRegistry_V20150921", operation, body)
}

#[tokio::test]
async fn a_repository() {
    let stage = Stage::set().await;
    let name = json!({"repositoryName": "shop-log-router"});
    comes_and_goes(&stage, &repository("shop-log-router")).await;
    comes_and_goes(&stage, &Repository { kms_key: Some(KEY.into()), ..repository("shop-log-router") }).await;

    ecr(&stage, "CreateRepository", name.clone());
    is_not_ours(&stage, &repository("shop-log-router")).await;
    let cut = |number: usize| -> Box<dyn Resource> { Box::new(repository(&format!("cut-{number}"))) };
    survives_a_kill(&stage, cut).await;
    survives_faults(&stage, cut).await;
}

#[tokio::test]
async fn a_repository_that_somebody_changed() {
    let stage = Stage::set().await;
    let repository = repository("shop-log-router");
    create(&stage, &repository).await.expect("it is made");
    let change = |operation, mut body: Value| {
        body["repositoryName"] = json!("shop-log-router");
        ecr(&stage, operation, body)
    };
    change("PutImageTagMutability", json!({"imageTagMutability": "MUTABLE"}));
    change("PutImageScanningConfiguration", json!({"imageScanningConfiguration": {"scanOnPush": false}}));
    change("DeleteLifecyclePolicy", json!({}));
    let changed = ["image_tag_mutability", "scan_on_push", "lifecycle_policy"];
    assert_eq!(differences(&stage.aws, &repository).await, changed);
    mend(&stage.aws, &repository).await;

    let other_key = Repository { kms_key: Some(KEY.into()), ..repository.clone() };
    assert_eq!(differences(&stage.aws, &other_key).await, other_key.fixed());

    // With the images in it.
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [],
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 2, "digest": format!("sha256:{:064}", 0)}});
    change("PutImage", json!({"imageManifest": manifest.to_string(), "imageTag": "sha-1"}));
    repository.delete(&stage.aws, &|_| {}).await.expect("it is deleted");
    assert_eq!(crate::journey::read(&stage.aws, &repository).await, None);
}
