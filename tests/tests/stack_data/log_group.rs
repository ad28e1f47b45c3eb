use crate::journey::{
    change, comes_and_goes, create, differences, is_not_ours, mend, read, survives_a_kill, survives_faults,
};
use crate::stage::{KEY, Stage, tags};
use e2e::fault_proxy::Fault;
use firelens_infra::resource::Owner;
use firelens_infra::resource::log_group::{Class, LogGroup};
use firelens_infra::resource::metric_filter::MetricFilter;
use firelens_infra::{Resource, Stack};
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
    create(&stage, &group).await.expect("it is made");
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

fn filter(group: &str) -> MetricFilter {
    MetricFilter { log_group: group.into(), ..MetricFilter::of(&Stack::named("shop")) }
}

fn put(stage: &Stage, group: &str, name: &str, pattern: &str) {
    let metric = json!([{ "metricNamespace": "n", "metricName": "m", "metricValue": "1" }]);
    let body =
        json!({ "logGroupName": group, "filterName": name, "filterPattern": pattern, "metricTransformations": metric });
    stage.logs("PutMetricFilter", body);
}

#[tokio::test]
async fn a_metric_filter() {
    let stage = Stage::set().await;
    let filter = filter("/ecs/shop");
    assert_eq!(read(&stage.aws, &filter).await, None, "there is no group");
    create(&stage, &group("/ecs/shop")).await.expect("it is made");
    comes_and_goes(&stage, &filter).await;
    // Its name begins as those of others.
    put(&stage, "/ecs/shop", "router-errors-2", "x");
    assert_eq!(read(&stage.aws, &filter).await, None);
    comes_and_goes(&stage, &filter).await;

    create(&stage, &filter).await.expect("it is made");
    put(&stage, "/ecs/shop", "router-errors", "x");
    assert_eq!(differences(&stage.aws, &filter).await, ["pattern", "metric"]);
    mend(&stage.aws, &filter).await;

    let left_over = MetricFilter::left_over("shop", &filter.id().name);
    assert!(read(&stage.aws, &left_over).await.is_some_and(|found| found.owner == Owner::Ours));
    left_over.delete(&stage.aws, &|_| {}).await.expect("it goes");
    stage.logs("DeleteMetricFilter", json!({ "logGroupName": "/ecs/shop", "filterName": "router-errors-2" }));
    stage.proxy.forget();
    assert_eq!(read(&stage.aws, &left_over).await, None);
    assert!(stage.proxy.requests_of("logs:DescribeMetricFilters").is_empty(), "the group says that it has none");
    let cut = |number: usize| -> Box<dyn Resource> {
        let name = format!("/cut/{number}");
        stage.logs("CreateLogGroup", json!({ "logGroupName": name, "tags": tags() }));
        Box::new(self::filter(&name))
    };
    survives_a_kill(&stage, cut).await;
    survives_faults(&stage, cut).await;
}

/// A filter has no tags.
#[tokio::test]
async fn a_metric_filter_is_whose_its_log_group_is() {
    let stage = Stage::set().await;
    stage.logs("CreateLogGroup", json!({ "logGroupName": "/ecs/other" }));
    put(&stage, "/ecs/other", "router-errors", "x");
    let found = read(&stage.aws, &filter("/ecs/other")).await.expect("it is there");
    assert_eq!(found.owner, Owner::Nobody);
}
