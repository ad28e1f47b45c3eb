//! What a call does when it fails, and what its error says.
use crate::authority::Authority;
use crate::endpoint::{Endpoint, Mode};
use crate::stage::{REGION, Stage, options};
use e2e::fault_proxy::{Fault, FaultProxy};
use e2e::moto::Moto;
use firelens_infra::aws::Options;
use firelens_infra::aws::error::Call as _;
use firelens_infra::{Aws, Error};
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

async fn describe(aws: &Aws) -> Result<(), Error> {
    aws.logs().describe_log_groups().send().await.call("logs:DescribeLogGroups", "/ecs/shop").map(drop)
}

#[tokio::test]
async fn what_passes_is_tried_again() {
    let Stage { proxy, moto: _moto, .. } = Stage::set().await;
    let quick = Options { answer_timeout: Some(Duration::from_secs(3)), ..options(&proxy.url()) };
    let aws = Aws::load(&quick).await.expect("moto knows everybody");
    for fault in [Fault::Throttle, Fault::Reset, Fault::Internal, Fault::Hang] {
        proxy.forget();
        proxy.fail("logs:DescribeLogGroups", fault, 1);
        describe(&aws).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        let tries = proxy.requests_of("logs:DescribeLogGroups");
        assert_eq!(tries[0].fault, Some(fault));
        assert!(tries.len() > 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_names_call_resource_permission_and_request() {
    let Stage { aws, proxy, moto: _moto } = Stage::set().await;
    proxy.fail("logs:DescribeLogGroups", Fault::Denied, 1);
    let error = describe(&aws).await.expect_err("it is denied");
    assert_eq!(proxy.requests().len(), 1, "it is not tried again");
    assert_eq!(
        error.to_string(),
        "logs:DescribeLogGroups on /ecs/shop: AccessDeniedException: User: of-the-test is not authorized to \
         logs:DescribeLogGroups (request id of-the-proxy)\n  the permission `logs:DescribeLogGroups` is missing"
    );
    let message = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:CreateGrant on resource: key";
    proxy.fail("", Fault::Error(400, "AccessDeniedException", message), 1);
    assert_eq!(describe(&aws).await.expect_err("it is denied").permission(), Some("kms:CreateGrant"));

    let head = aws.s3().get_bucket_tagging().bucket("shop");
    proxy.fail("s3:", Fault::Denied, 1);
    let error = head.send().await.call("s3:GetBucketTagging", "shop").expect_err("it is denied");
    assert_eq!(error.permission(), Some("s3:GetBucketTagging"));
    assert_eq!(error.request_id.as_deref(), Some("of-the-proxy"));
}

#[tokio::test]
async fn credentials_that_do_not_do_are_said_with_their_mend() {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).expect("a proxy");
    let says = |code, text: &'static str| (code, "The security token included in the request is bad", text);
    for (code, message, help) in [
        says("ExpiredToken", "expired: get new ones"),
        says("InvalidClientTokenId", "does not know the access key"),
        says("SignatureDoesNotMatch", "not that of the access key"),
    ] {
        proxy.fail("sts:GetCallerIdentity", Fault::Error(403, code, message), 1);
        let error = Aws::load(&options(&proxy.url())).await.expect_err("wrong credentials").to_string();
        assert!(error.contains("sts:GetCallerIdentity") && error.contains(code) && error.contains(help), "{error}");
    }
    let repeated = "The signature does not match. The Canonical String for this request should have been \
                    'POST x-amz-security-token:GEHEIM'";
    proxy.fail("sts:GetCallerIdentity", Fault::Error(403, "SignatureDoesNotMatch", repeated), 1);
    let error = Aws::load(&options(&proxy.url())).await.expect_err("wrong credentials");
    assert!(!error.to_string().contains("GEHEIM"), "{error}");
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let error = Aws::load(&options(&format!("http://{port}"))).await.expect_err("nobody listens").to_string();
    assert!(error.contains(&format!("no answer from http://{port}: ")), "{error}");
    assert!(error.contains("Connection refused") && error.contains("--endpoint-url"), "{error}");
}

/// An endpoint with a certificate of a private authority.
#[tokio::test]
async fn the_authoritys_file_is_what_makes_an_endpoint_trusted() {
    let moto = Moto::start();
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("authority");
    std::fs::create_dir_all(&dir).expect("a folder");
    let authority = Authority::create(&dir).expect("an authority");
    let endpoint = Endpoint::start(&authority, moto.address, Mode::Up).expect("an endpoint");
    let private = options(&format!("https://localhost:{}", endpoint.port));
    let error = Aws::load(&private).await.expect_err("nobody knows the authority").to_string();
    assert!(error.contains("no answer from https://localhost:") && error.contains("AWS_CA_BUNDLE"), "{error}");

    let with = |file: &Path| Options { ca_bundle: Some(file.to_owned()), ..private.clone() };
    let aws = Aws::load(&with(&authority.file)).await.expect("it is trusted");
    assert!(!aws.place().plain_http);
    for (name, content) in [("absent.pem", None), ("empty.pem", Some("no certificate"))] {
        let file = dir.join(name);
        content.into_iter().for_each(|content| std::fs::write(&file, content).expect("a file"));
        let error = Aws::load(&with(&file)).await.expect_err("no certificate").to_string();
        assert!(error.contains(name) && error.contains("AWS_CA_BUNDLE"), "{error}");
    }
}

#[tokio::test]
async fn the_registrys_password_is_given_and_not_shown() {
    let Stage { aws, moto: _moto, .. } = Stage::set().await;
    let auth = aws.registry_auth().await.expect("a token");
    assert_eq!(auth.user, "AWS");
    assert!(auth.endpoint.contains(&format!("123456789012.dkr.ecr.{REGION}.")), "{auth:?}");
    assert!(!auth.password.is_empty() && !format!("{auth:?}").contains(&auth.password));
    let shown = format!("{aws:?} {:?}", options("http://x"));
    assert!(!shown.contains("geheim"), "{shown}");
}
