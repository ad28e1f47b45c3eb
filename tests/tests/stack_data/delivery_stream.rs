use crate::journey::{comes_and_goes, create, differences, is_not_ours, mend, read, survives_a_kill, survives_faults};
use crate::stage::{KEY, Stage, tags};
use e2e::fault_proxy::Fault;
use firelens_infra::resource::delivery_stream::DeliveryStream;
use firelens_infra::stack::Compression;
use firelens_infra::{Id, Kind, Resource};
use serde_json::{Value, json};

const LOG_GROUP: &str = "/firelens-kit/shop/firehose";

fn stream(name: &str) -> DeliveryStream {
    DeliveryStream {
        role_arn: "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-firehose".into(),
        role: Id::new(Kind::Role, "shop-firehose"),
        bucket_arn: "arn:aws:s3:::shop-archive".into(),
        bucket: Some(Id::new(Kind::Bucket, "shop-archive")),
        prefix: "logs/!{timestamp:yyyy/MM/dd}/".into(),
        error_prefix: "errors/!{firehose:error-output-type}/".into(),
        compression: Compression::Gzip,
        buffer_mib: 5,
        buffer_seconds: 300,
        log_group: LOG_GROUP.into(),
        tags: tags(),
        ..DeliveryStream::left_over("shop", name.into())
    }
}

fn firehose(stage: &Stage, operation: &str, body: Value) -> Value {
    stage.call("firehose", "Firehose_20150804", operation, body)
}

async fn stage() -> Stage {
    let stage = Stage::set().await;
    stage.logs("CreateLogGroup", json!({ "logGroupName": LOG_GROUP }));
    stage
}

#[tokio::test]
async fn a_delivery_stream() {
    let stage = stage().await;
    comes_and_goes(&stage, &stream("shop-archive")).await;
    comes_and_goes(&stage, &DeliveryStream { kms_key: Some(KEY.into()), ..stream("shop-archive") }).await;

    let destination = json!({"RoleARN": "arn:aws:iam::123456789012:role/x", "BucketARN": "arn:aws:s3:::x",
        "CompressionFormat": "GZIP"});
    let body = json!({"DeliveryStreamName": "shop-archive", "ExtendedS3DestinationConfiguration": destination});
    firehose(&stage, "CreateDeliveryStream", body);
    is_not_ours(&stage, &stream("shop-archive")).await;
    let cut = |number: usize| -> Box<dyn Resource> { Box::new(stream(&format!("cut-{number}"))) };
    survives_a_kill(&stage, cut).await;
    survives_faults(&stage, cut).await;
}

#[tokio::test]
async fn all_of_it_comes_with_the_call() {
    let stage = stage().await;
    let by_route = DeliveryStream {
        partition_by_route: true,
        buffer_mib: 64,
        prefix: "!{partitionKeyFromQuery:route}/".into(),
        kms_key: Some(KEY.into()),
        ..stream("shop-archive")
    };
    create(&stage, &by_route).await.expect("it is made");
    assert_eq!(stage.proxy.mutations(), ["logs:CreateLogStream", "firehose:CreateDeliveryStream"]);
    let parameter = |name, value| json!({"ParameterName": name, "ParameterValue": value});
    let query = parameter("MetadataExtractionQuery", "{route:.route}");
    let expected = json!({
        "DeliveryStreamName": "shop-archive",
        "DeliveryStreamType": "DirectPut",
        "DeliveryStreamEncryptionConfigurationInput": {"KeyARN": KEY, "KeyType": "CUSTOMER_MANAGED_CMK"},
        "ExtendedS3DestinationConfiguration": {
            "RoleARN": by_route.role_arn,
            "BucketARN": "arn:aws:s3:::shop-archive",
            "Prefix": "!{partitionKeyFromQuery:route}/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 300},
            "CompressionFormat": "GZIP",
            "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
            "CloudWatchLoggingOptions": {"Enabled": true, "LogGroupName": LOG_GROUP, "LogStreamName": "shop-archive"},
            "ProcessingConfiguration": {"Enabled": true, "Processors": [
                {"Type": "MetadataExtraction", "Parameters": [query, parameter("JsonParsingEngine", "JQ-1.6")]},
            ]},
            "DynamicPartitioningConfiguration": {"Enabled": true},
        },
        "Tags": [{"Key": "firelens-kit:stack", "Value": "shop"}, {"Key": "team", "Value": "web"}],
    });
    assert_eq!(stage.proxy.requests_of("CreateDeliveryStream")[0].json(), expected);
    let not_by_route = DeliveryStream { partition_by_route: false, ..by_route.clone() };
    assert_eq!(differences(&stage.aws, &not_by_route).await, not_by_route.fixed());
}

#[tokio::test]
async fn a_role_that_firehose_does_not_know_yet_is_waited_for() {
    let stage = stage().await;
    let message = "Firehose is unable to assume role arn:aws:iam::1:role/x. Please check the role provided.";
    stage.proxy.fail("CreateDeliveryStream", Fault::Error(400, "InvalidArgumentException", message), 2);
    let said = create(&stage, &stream("shop-archive")).await.expect("the role is known in the end");
    assert_eq!(said, ["waiting until Firehose can assume the role"; 2]);
    assert_eq!(stage.proxy.requests_of("CreateDeliveryStream").len(), 3);

    let message = "BufferingHints.SizeInMBs is out of range";
    stage.proxy.fail("CreateDeliveryStream", Fault::Error(400, "InvalidArgumentException", message), 1);
    let error = create(&stage, &stream("other")).await.expect_err("that does not pass").to_string();
    assert!(error.contains("firehose:CreateDeliveryStream on other: InvalidArgumentException: Buffering"), "{error}");
}

#[tokio::test]
async fn a_delivery_stream_that_somebody_changed() {
    let stage = stage().await;
    let stream = stream("shop-archive");
    create(&stage, &stream).await.expect("it is made");
    let name = json!("shop-archive");
    let update = json!({"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}, "CompressionFormat": "UNCOMPRESSED",
        "CloudWatchLoggingOptions": {"Enabled": false}});
    firehose(
        &stage,
        "UpdateDestination",
        json!({"DeliveryStreamName": name, "CurrentDeliveryStreamVersionId": "1",
        "DestinationId": "destinationId-000000000001", "ExtendedS3DestinationUpdate": update}),
    );
    firehose(&stage, "StopDeliveryStreamEncryption", json!({ "DeliveryStreamName": name }));
    firehose(&stage, "UntagDeliveryStream", json!({"DeliveryStreamName": name, "TagKeys": ["team"]}));
    let changed = ["compression", "buffer_mib", "buffer_seconds", "encryption", "error_log", "tags"];
    assert_eq!(differences(&stage.aws, &stream).await, changed);
    stage.proxy.forget();
    mend(&stage.aws, &stream).await;
    let updates = stage.proxy.requests_of("UpdateDestination");
    assert_eq!(updates.len(), 1, "all at once");
    assert_eq!(updates[0].json()["CurrentDeliveryStreamVersionId"], "2", "the version that is there");

    stage.logs("DeleteLogStream", json!({"logGroupName": LOG_GROUP, "logStreamName": name}));
    assert_eq!(differences(&stage.aws, &stream).await, ["error_log"], "errors would be lost unseen");
    mend(&stage.aws, &stream).await;
}

#[tokio::test]
async fn what_it_buffers_is_delivered_before_it_goes() {
    let stage = stage().await;
    let stream = DeliveryStream { buffer_seconds: 60, ..stream("shop-archive") };
    create(&stage, &stream).await.expect("it is made");
    let said = std::sync::Mutex::new(Vec::new());
    let progress = |text: &str| said.lock().expect("no panic holds it").push(text.to_owned());
    let begun = std::time::Instant::now();
    stream.drain(&stage.aws, &|_| false, &progress).await.expect("Firehose answers");
    // A second takes 5 ms.
    assert!(begun.elapsed() >= std::time::Duration::from_millis(5 * 90), "{:?}", begun.elapsed());
    let said = said.into_inner().expect("no panic holds it");
    let line =
        |left| format!("waiting {left} s until Firehose has delivered what it buffers to the bucket shop-archive");
    assert_eq!(said, [line(90), line(60), line(30)]);

    // What would be delivered goes, too.
    let bucket = Id::new(Kind::Bucket, "shop-archive");
    let waits = |text: &str| panic!("{text}");
    stream.drain(&stage.aws, &|id| *id == bucket, &waits).await.expect("Firehose answers");
    stream.delete(&stage.aws, &|_| {}).await.expect("it goes");
    stream.drain(&stage.aws, &|_| false, &waits).await.expect("Firehose answers");
}

#[tokio::test]
async fn one_that_firehose_could_not_make_is_made_again() {
    let stage = stage().await;
    let stream = stream("shop-archive");
    create(&stage, &stream).await.expect("it is made");
    // moto knows no failure: the stream is told to be one by the proxy.
    let mut failed = firehose(&stage, "DescribeDeliveryStream", json!({"DeliveryStreamName": "shop-archive"}));
    failed["DeliveryStreamDescription"]["DeliveryStreamStatus"] = json!("CREATING_FAILED");
    let reason = json!({"Type": "DISABLED_KMS_KEY", "Details": "the key is disabled"});
    failed["DeliveryStreamDescription"]["FailureDescription"] = reason;
    let failed: &'static str = failed.to_string().leak();
    let fails = || stage.proxy.fail("DescribeDeliveryStream", Fault::Answer(failed), 1);
    fails();
    let found = read(&stage.aws, &stream).await.expect("it is there");
    assert_eq!(found.attributes["status"], "CREATING_FAILED");
    stage.proxy.forget();
    fails();
    crate::journey::change(&stage.aws, &stream, &["status"]).await;
    let calls = ["firehose:DeleteDeliveryStream", "logs:CreateLogStream", "firehose:CreateDeliveryStream"];
    assert_eq!(stage.proxy.mutations(), calls);

    fails();
    firehose(&stage, "DeleteDeliveryStream", json!({"DeliveryStreamName": "shop-archive"}));
    let error = create(&stage, &stream).await.expect_err("it failed").to_string();
    assert!(error.contains("CREATING_FAILED: DISABLED_KMS_KEY: the key is disabled"), "{error}");
}
