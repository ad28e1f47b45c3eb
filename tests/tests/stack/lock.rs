//! One deploy of a stack at a time.
use aws_credential_types::Credentials;
use e2e::fault_proxy::FaultProxy;
use e2e::moto::Moto;
use firelens_infra::aws::Options;
use firelens_infra::lock::Lock;
use firelens_infra::{Aws, Stack};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

const REGION: &str = "eu-central-1";

struct Cloud {
    moto: Moto,
    proxy: FaultProxy,
    aws: Aws,
}

impl Cloud {
    async fn new() -> Cloud {
        let moto = Moto::start();
        let proxy = FaultProxy::start(moto.address).unwrap();
        let credentials = Credentials::builder().access_key_id("test").secret_access_key("test").provider_name("test");
        let options = Options {
            region: Some(REGION.into()),
            endpoint_url: Some(proxy.url()),
            credentials: Some(credentials.build()),
            second: Some(std::time::Duration::from_millis(5)),
            ..Options::default()
        };
        let aws = Aws::load(&options).await.unwrap();
        Cloud { moto, proxy, aws }
    }

    async fn take(&self) -> firelens_infra::Result<Lock> {
        self.take_to("deploy").await
    }

    async fn take_to(&self, verb: &str) -> firelens_infra::Result<Lock> {
        Lock::take(&self.aws, &Stack::named("shop"), verb, &CancellationToken::new()).await
    }

    fn logs(&self, operation: &str, body: Value) -> Value {
        self.moto.call(REGION, "logs", &format!("Logs_20140328.{operation}"), &body)
    }

    /// The names of the lock's streams.
    fn streams(&self) -> Vec<String> {
        let all = self.logs("DescribeLogStreams", json!({"logGroupName": "/firelens-kit/shop/deploys"}));
        let all = all["logStreams"].as_array().cloned().unwrap_or_default();
        all.iter().map(|stream| stream["logStreamName"].as_str().unwrap_or_default().to_string()).collect()
    }

    /// The lines of a stream.
    fn lines(&self, stream: &str) -> Vec<Value> {
        let body =
            json!({"logGroupName": "/firelens-kit/shop/deploys", "logStreamName": stream, "startFromHead": true});
        let events = self.logs("GetLogEvents", body)["events"].take();
        let message = |event: &Value| serde_json::from_str(event["message"].as_str().unwrap()).unwrap();
        events.as_array().unwrap().iter().map(message).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_is_refused_until_the_first_gives_it_back() {
    let cloud = Cloud::new().await;
    let first = cloud.take().await.unwrap();
    let error = cloud.take().await.unwrap_err().to_string();
    assert!(error.contains("another deploy of the stack `shop` is on its way: arn:aws:"), "{error}");
    assert!(error.contains(&format!("(process {})", std::process::id())), "{error}");
    assert!(error.contains("last sign of life"), "{error}");
    first.record(vec!["create bucket b".into()], Vec::new()).await.unwrap();
    first.release().await.unwrap();
    let second = cloud.take_to("destroy").await.unwrap();
    second.record(Vec::new(), vec!["delete bucket b".into()]).await.unwrap();
    second.release().await.unwrap();
    let record = cloud.lines("deploys");
    assert_eq!([&record[0]["verb"], &record[1]["verb"]], ["deploy", "destroy"]);
    assert_eq!([&record[0]["done"][0], &record[1]["failed"][0]], ["create bucket b", "delete bucket b"]);
    let groups = cloud.logs("DescribeLogGroups", json!({}));
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_the_same_time_one_gets_it() {
    let cloud = Cloud::new().await;
    cloud.take().await.unwrap().release().await.unwrap();
    for _ in 0..5 {
        let (one, other) = tokio::join!(cloud.take(), cloud.take());
        let said = |lock: &firelens_infra::Result<Lock>| lock.as_ref().err().map(ToString::to_string);
        assert_ne!(one.is_ok(), other.is_ok(), "{:?}, {:?}: {:?}", said(&one), said(&other), cloud.streams());
        let (held, refused) = if one.is_ok() { (one, other) } else { (other, one) };
        assert!(refused.unwrap_err().to_string().contains("another deploy of the stack `shop`"));
        held.unwrap().release().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_dead_holds_nothing() {
    let cloud = Cloud::new().await;
    drop(cloud.take().await.unwrap());
    let mut sign = cloud.lines("lock-000001").remove(0);
    let say = |sign: &Value, at: u64| {
        let event = json!({"message": sign.to_string(), "timestamp": at});
        let stream =
            json!({"logGroupName": "/firelens-kit/shop/deploys", "logStreamName": "lock-000001", "logEvents": [event]});
        cloud.logs("PutLogEvents", stream);
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    sign["holder"]["processes"] = "elsewhere".into();
    say(&sign, now + 1);
    cloud.take().await.unwrap_err();
    // The same machine, and no such process.
    let mut sign = cloud.lines("lock-000001").remove(0);
    sign["holder"]["pid"] = u32::MAX.into();
    say(&sign, now + 2);
    cloud.take().await.unwrap().release().await.unwrap();
    assert_eq!(cloud.lines("lock-000002").last().unwrap()["released"], true);
}

/// The holder's clock is five minutes behind: what counts is when CloudWatch Logs took its line.
#[tokio::test(flavor = "multi_thread")]
async fn a_holder_with_a_wrong_clock_holds_it() {
    let cloud = Cloud::new().await;
    drop(cloud.take().await.unwrap());
    let mut sign = cloud.lines("lock-000001").remove(0);
    sign["holder"]["processes"] = "elsewhere".into();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
    let event = json!({"message": sign.to_string(), "timestamp": now - 300_000});
    let group = "/firelens-kit/shop/deploys";
    cloud.logs("CreateLogStream", json!({"logGroupName": group, "logStreamName": "lock-000002"}));
    let line = json!({"logGroupName": group, "logStreamName": "lock-000002", "logEvents": [event]});
    cloud.logs("PutLogEvents", line);
    let error = cloud.take().await.unwrap_err().to_string();
    assert!(error.contains("another deploy of the stack `shop` is on its way"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_streams_of_earlier_locks_go() {
    let cloud = Cloud::new().await;
    for _ in 0..3 {
        cloud.take().await.unwrap().release().await.unwrap();
    }
    let group = json!({"logGroupName": "/firelens-kit/shop/deploys", "logStreamNamePrefix": "lock-"});
    let streams = cloud.logs("DescribeLogStreams", group);
    let names: Vec<&str> =
        streams["logStreams"].as_array().unwrap().iter().filter_map(|one| one["logStreamName"].as_str()).collect();
    assert_eq!(names, ["lock-000003"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_somebody_else_holds_no_lock() {
    let cloud = Cloud::new().await;
    cloud.logs("CreateLogGroup", json!({"logGroupName": "/firelens-kit/shop/deploys"}));
    let error = cloud.take().await.unwrap_err().to_string();
    assert!(error.contains("was not made by this stack"), "{error}");
    assert!(cloud.proxy.mutations().is_empty());
}
