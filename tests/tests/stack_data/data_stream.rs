use crate::journey::{comes_and_goes, create, differences, is_not_ours, mend, survives_a_kill, survives_faults};
use crate::stage::{KEY, Stage, tags};
use firelens_infra::Resource;
use firelens_infra::resource::data_stream::DataStream;
use serde_json::{Value, json};

fn stream(name: &str) -> DataStream {
    let (stack, name) = ("shop".into(), name.into());
    DataStream { stack, name, shards: None, retention_hours: 24, kms_key: None, tags: tags() }
}

fn kinesis(stage: &Stage, operation: &str, body: Value) -> Value {
    stage.call("kinesis", "Kinesis_20131202", operation, body)
}

#[tokio::test]
async fn a_data_stream() {
    let stage = Stage::set().await;
    comes_and_goes(&stage, &stream("shop-events")).await;
    let request = &stage.proxy.requests_of("CreateStream")[0].json();
    assert_eq!(request["Tags"], json!({"firelens-kit:stack": "shop", "team": "web"}), "in the call itself");
    let provisioned =
        DataStream { shards: Some(2), retention_hours: 48, kms_key: Some(KEY.into()), ..stream("shop-events") };
    comes_and_goes(&stage, &provisioned).await;

    kinesis(&stage, "CreateStream", json!({"StreamName": "shop-events", "ShardCount": 1}));
    is_not_ours(&stage, &stream("shop-events")).await;
    let cut = |number| DataStream { retention_hours: 48, ..stream(&format!("cut-{number}")) };
    let cut = |number: usize| -> Box<dyn Resource> { Box::new(cut(number)) };
    survives_a_kill(&stage, cut).await;
    survives_faults(&stage, cut).await;
}

#[tokio::test]
async fn a_data_stream_that_somebody_changed() {
    let stage = Stage::set().await;
    let stream = DataStream { shards: Some(4), retention_hours: 48, ..stream("shop-events") };
    create(&stage, &stream).await.expect("it is made");
    let change = |operation, mut body: Value| {
        body["StreamName"] = json!("shop-events");
        kinesis(&stage, operation, body)
    };
    change("IncreaseStreamRetentionPeriod", json!({"RetentionPeriodHours": 72}));
    change("StopStreamEncryption", json!({"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}));
    change("UpdateShardCount", json!({"TargetShardCount": 1, "ScalingType": "UNIFORM_SCALING"}));
    change("AddTagsToStream", json!({"Tags": {"team": "other"}}));
    assert_eq!(differences(&stage.aws, &stream).await, ["shards", "retention_hours", "kms_key", "tags"]);
    stage.proxy.forget();
    mend(&stage.aws, &stream).await;
    let shards = stage.proxy.requests_of("UpdateShardCount");
    let shards: Vec<Value> = shards.iter().map(|request| request.json()["TargetShardCount"].clone()).collect();
    assert_eq!(shards, [2, 4], "doubled at most");

    let on_demand = DataStream { shards: None, kms_key: Some(KEY.into()), ..stream };
    assert_eq!(differences(&stage.aws, &on_demand).await, ["shards", "kms_key", "mode"]);
    mend(&stage.aws, &on_demand).await;
}
