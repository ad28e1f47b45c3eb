use crate::journey::{change, comes_and_goes, differences, is_not_ours, mend, read, survives_a_kill, survives_faults};
use crate::stage::{KEY, Stage, tags};
use e2e::fault_proxy::Fault;
use firelens_infra::Resource;
use firelens_infra::resource::log_group::{Class, LogGroup};
use serde_json::json;

fn group(name: &str) -> LogGroup {
    let tags = tags();
    let retention_days = Some(14);
    LogGroup {
        stack: "shop".into(),
        name: name.into(),
        retention_days,
        kms_key: None,
        class: Class::Standard,
        tags,
        data: true,
    }
}

#[tokio::test]
async fn a_log_group() {
    let stage = Stage::set().await;
    let group = group("/ecs/shop");
    comes_and_goes(&stage, &group).await;

    stage.logs("CreateLogGroup", json!({"logGroupName": "/ecs/other"}));
    is_not_ours(&stage, &self::group("/ecs/other")).await;

    // Its name begins as those of more groups than a page holds.
    (0..60).for_each(|number| {
        drop(stage.logs("CreateLogGroup", json!({"logGroupName": format!("/ecs/shop-{number:02}")})))
    });
    assert_eq!(read(&stage.aws, &group).await, None);
    comes_and_goes(&stage, &group).await;
    let cut = |number: usize| -> Box<dyn Resource> { Box::new(self::group(&format!("/cut/{number}"))) };
    survives_a_kill(&stage, cut).await;
    survives_faults(&stage, cut).await;
}

#[tokio::test]
async fn a_log_group_that_somebody_changed() {
    let stage = Stage::set().await;
    let group = LogGroup { kms_key: Some(KEY.into()), ..group("/ecs/shop") };
    crate::journey::create(&stage, &group).await.expect("it is made");
    stage.logs("PutRetentionPolicy", json!({"logGroupName": "/ecs/shop", "retentionInDays": 1}));
    let arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/ecs/shop";
    stage.logs("TagResource", json!({"resourceArn": arn, "tags": {"team": "other", "theirs": "stays"}}));
    assert_eq!(differences(&stage.aws, &group).await, ["retention_days", "tags"]);
    mend(&stage.aws, &group).await;
    let all = stage.logs("ListTagsForResource", json!({ "resourceArn": arn }));
    assert_eq!(all["tags"], json!({"firelens-kit:stack": "shop", "team": "web", "theirs": "stays"}));

    let for_ever = LogGroup { retention_days: None, kms_key: None, ..group };
    assert_eq!(differences(&stage.aws, &for_ever).await, ["retention_days", "kms_key"]);
    stage.proxy.forget();
    // moto does not know that a key can be taken away.
    stage.proxy.fail("KmsKey", Fault::Answer("{}"), 2);
    change(&stage.aws, &for_ever, &["retention_days", "kms_key"]).await;
    assert_eq!(stage.proxy.mutations(), ["logs:DeleteRetentionPolicy", "logs:DisassociateKmsKey"]);
    assert_eq!(differences(&stage.aws, &for_ever).await, ["kms_key"]);
    change(&stage.aws, &LogGroup { kms_key: Some(KEY.into()), ..for_ever }, &["kms_key"]).await;
    assert_eq!(stage.proxy.requests_of("logs:AssociateKmsKey")[0].json()["kmsKeyId"], KEY);
}
