use crate::journey::{
    change, comes_and_goes, create, create_by, differences, is_not_ours, mend, read, survives_a_kill, survives_faults,
};
use crate::stage::{KEY, REGION, Stage, tags};
use e2e::fault_proxy::Fault;
use firelens_infra::Resource;
use firelens_infra::aws::Options;
use firelens_infra::resource::bucket::Bucket;
use firelens_infra::stack::Lifecycle;
use serde_json::{Value, json};

const NAME: &str = "shop-archive-123456789012-eu-central-1";

fn bucket(name: &str) -> Bucket {
    let arn = format!("arn:aws:s3:::{name}");
    let lifecycle = Lifecycle { infrequent_access_days: Some(30), glacier_days: Some(90), expire_days: Some(365) };
    Bucket { arn, lifecycle, tags: tags(), ..Bucket::left_over("shop", name.into()) }
}

/// A call to moto itself, by somebody else.
fn s3(stage: &Stage, method: &str, path: &str, body: &str) -> String {
    stage.moto.http(REGION, "s3", method, path, "", body.as_bytes())
}

fn somebodys_bucket(stage: &Stage, name: &str) {
    let place = format!("<LocationConstraint>{REGION}</LocationConstraint>");
    let body = format!("<CreateBucketConfiguration>{place}</CreateBucketConfiguration>");
    s3(stage, "PUT", &format!("/{name}"), &body);
}

#[tokio::test]
async fn a_bucket() {
    let stage = Stage::set().await;
    comes_and_goes(&stage, &bucket(NAME)).await;
    let create = stage.proxy.requests_of("s3:PUT /").remove(0).text();
    assert!(
        create.contains("<Tag><Key>firelens-kit:stack</Key><Value>shop</Value></Tag>"),
        "in the call itself: {create}"
    );
    assert!(create.contains("<LocationConstraint>eu-central-1</LocationConstraint>"), "{create}");
    let other = Bucket { kms_key: Some(KEY.into()), lifecycle: Lifecycle::default(), tls_only: true, ..bucket(NAME) };
    comes_and_goes(&stage, &other).await;

    somebodys_bucket(&stage, "theirs");
    is_not_ours(&stage, &bucket("theirs")).await;
    let cut = |number: usize| -> Box<dyn Resource> {
        Box::new(Bucket { tls_only: true, ..bucket(&format!("cut-{number}")) })
    };
    survives_a_kill(&stage, cut).await;
    survives_faults(&stage, cut).await;
}

#[tokio::test]
async fn a_bucket_in_the_first_region_names_none() {
    let stage = Stage::set().await;
    let options = Options { region: Some("us-east-1".into()), ..crate::stage::options(&stage.proxy.url()) };
    let aws = firelens_infra::Aws::load(&options).await.expect("moto knows everybody");
    create_by(&aws, &bucket("first")).await.expect("it is made");
    assert_eq!(differences(&aws, &bucket("first")).await, [""; 0]);
}

#[tokio::test]
async fn its_policy_asks_for_tls() {
    let stage = Stage::set().await;
    create(&stage, &Bucket { tls_only: true, ..bucket(NAME) }).await.expect("it is made");
    let policy: Value = serde_json::from_str(&s3(&stage, "GET", &format!("/{NAME}?policy"), "")).expect("a policy");
    let arn = format!("arn:aws:s3:::{NAME}");
    let statement = json!({"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": ["s3:*"],
        "Resource": [arn, format!("{arn}/*")], "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}});
    assert_eq!(policy, json!({"Version": "2012-10-17", "Statement": [statement]}));
    assert_eq!(differences(&stage.aws, &bucket(NAME)).await, ["policy"]);
    mend(&stage.aws, &bucket(NAME)).await;
}

#[tokio::test]
async fn a_bucket_that_somebody_changed() {
    let stage = Stage::set().await;
    let bucket = Bucket { kms_key: Some(KEY.into()), ..bucket(NAME) };
    create(&stage, &bucket).await.expect("it is made");
    let of = |part: &str| format!("/{NAME}?{part}");
    s3(&stage, "DELETE", &of("publicAccessBlock"), "");
    s3(&stage, "DELETE", &of("ownershipControls"), "");
    s3(&stage, "DELETE", &of("encryption"), "");
    let rule = "<Rule><ID>logs</ID><Status>Enabled</Status><Filter><Prefix>x/</Prefix></Filter>\
                <Expiration><Days>1</Days></Expiration></Rule>";
    s3(&stage, "PUT", &of("lifecycle"), &format!("<LifecycleConfiguration>{rule}</LifecycleConfiguration>"));
    let tag = |key, value| format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>");
    let set = tag("firelens-kit:stack", "shop") + &tag("team", "other") + &tag("theirs", "stays");
    s3(&stage, "PUT", &of("tagging"), &format!("<Tagging><TagSet>{set}</TagSet></Tagging>"));
    let found = read(&stage.aws, &bucket).await.expect("it is there").attributes;
    assert_eq!(found["lifecycle"], json!({"logs": {"enabled": true, "prefix": "x/", "expire_days": 1}}));
    let changed = ["encryption", "public_access_block", "object_ownership", "lifecycle", "tags"];
    assert_eq!(differences(&stage.aws, &bucket).await, changed);
    mend(&stage.aws, &bucket).await;
    let tags = s3(&stage, "GET", &of("tagging"), "");
    assert!(tags.contains("<Value>stays</Value>") && tags.contains("<Value>web</Value>"), "{tags}");

    stage.proxy.fail("?lifecycle", Fault::Error(409, "OperationAborted", "A conflicting operation is in progress"), 1);
    change(&stage.aws, &bucket, &["lifecycle"]).await;
}

/// More versions than a page holds, and the marks of deleted objects.
#[tokio::test]
async fn a_bucket_goes_with_all_that_is_in_it() {
    let stage = Stage::set().await;
    create(&stage, &bucket(NAME)).await.expect("it is made");
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    s3(&stage, "PUT", &format!("/{NAME}?versioning"), enabled);
    (0..1010).for_each(|number| drop(s3(&stage, "PUT", &format!("/{NAME}/logs/{number}"), "line")));
    (0..5).for_each(|number| drop(s3(&stage, "PUT", &format!("/{NAME}/logs/{number}"), "line")));
    s3(&stage, "DELETE", &format!("/{NAME}/logs/7"), "");
    let said = std::sync::Mutex::new(Vec::new());
    let progress = |text: &str| said.lock().expect("no panic holds it").push(text.to_owned());
    bucket(NAME).delete(&stage.aws, &progress).await.expect("it is deleted");
    assert_eq!(*said.lock().expect("no panic holds it"), ["1,000 objects deleted", "1,016 objects deleted"]);
    assert_eq!(read(&stage.aws, &bucket(NAME)).await, None);
}

#[tokio::test]
async fn a_name_that_is_anothers_is_said() {
    let stage = Stage::set().await;
    let taken = "The requested bucket name is not available.";
    stage.proxy.fail("s3:PUT /", Fault::Error(409, "BucketAlreadyExists", taken), 1);
    let error = create(&stage, &bucket("logs")).await.expect_err("it is another's").to_string();
    assert!(error.contains("s3:CreateBucket on logs") && error.contains("another account has a bucket"), "{error}");

    stage.proxy.fail("?tagging", Fault::Denied, 1);
    let error = bucket("logs").read(&stage.aws).await.expect_err("it is another's").to_string();
    assert!(error.contains("`s3:GetBucketTagging` is missing") && error.contains("another account's"), "{error}");
    let request = &stage.proxy.requests_of("?tagging")[0];
    assert_eq!(request.head.header("x-amz-expected-bucket-owner"), Some("123456789012"));
}
