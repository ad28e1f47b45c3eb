//! A cloud that does not answer as it should.
use super::stage::{Ended, SHOP, Stage};
use e2e::fault_proxy::Fault;
use std::collections::BTreeSet;
use std::thread;

/// The calls that were made, each once.
fn calls(stage: &Stage) -> BTreeSet<String> {
    stage.proxy.requests().into_iter().map(|request| request.call).collect()
}

/// Deploys while each call fails once in this way.
fn through(fault: Fault) {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let all = calls(&stage);
    stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    stage.proxy.forget();
    all.iter().for_each(|call| stage.proxy.fail(call, fault, 1));
    stage.deploy("shop");
    let met = stage.proxy.requests().iter().filter(|request| request.fault.is_some()).count();
    assert!(met * 10 >= all.len() * 9, "{met} of {}", all.len());
    stage.proxy.heal();
    assert!(stage.changes("shop").is_empty());
}

#[test]
fn throttling_is_waited_out() {
    through(Fault::Throttle);
}

#[test]
fn broken_connections_are_made_again() {
    through(Fault::Reset);
}

#[test]
fn errors_of_the_service_are_tried_again() {
    through(Fault::Internal);
}

#[test]
fn a_missing_permission_is_named_with_its_call_and_resource() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    for (call, on) in [
        ("logs:CreateLogGroup", "/firelens-kit/shop/"),
        ("iam:CreateRole", "shop-"),
        ("firehose:CreateDeliveryStream", "shop-archive"),
        ("ecs:CreateCluster", "shop"),
    ] {
        stage.proxy.fail(call, Fault::Denied, usize::MAX);
        let ended = stage.kit("shop", &["deploy", "--yes"]);
        assert!([Some(1), Some(2)].contains(&ended.code), "{ended:?}");
        let ended = ended.says(&format!("{call} on {on}")).says(&format!("the permission `{call}` is missing"));
        assert!(!ended.stderr.contains("geheim"), "{ended:?}");
        stage.proxy.heal();
        stage.kit("shop", &["destroy", "--yes", "--delete-data"]).ok();
    }
}

#[test]
fn without_a_region_or_with_wrong_credentials_it_says_what_to_do() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    let mut command = stage.command("shop", &["plan"]);
    command.env_remove("AWS_REGION").env("AWS_EC2_METADATA_DISABLED", "true");
    Ended::of(command.output().unwrap()).code(2).says("no AWS region").says("--region");
    stage.proxy.fail(
        "sts:GetCallerIdentity",
        Fault::Error(403, "InvalidClientTokenId", "The security token is invalid."),
        9,
    );
    let ended = stage.kit("shop", &["plan"]).code(2).says("sts:GetCallerIdentity").says("InvalidClientTokenId");
    ended.says("of-the-proxy").says("AWS does not know the access key");
    stage.proxy.heal();
    let mut command = stage.command("shop", &["plan"]);
    command.env_remove("AWS_ACCESS_KEY_ID").env("AWS_EC2_METADATA_DISABLED", "true");
    Ended::of(command.output().unwrap()).code(2).says("--profile");
}

#[test]
fn of_two_deploys_at_once_the_second_is_refused() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.proxy.fail("iam:CreateRole", Fault::Hang, 1);
    let mut first = stage.start("shop", &["deploy", "--yes"]);
    assert!(stage.proxy.wait_for_fault(std::time::Duration::from_secs(60)));
    let ended = stage.kit("shop", &["deploy", "--yes"]).code(2);
    ended.says("another deploy of the stack `shop` is on its way").says("last sign of life");
    // The one that hangs is asked again after its time.
    let ended = thread::spawn(move || first.wait().unwrap()).join().unwrap();
    assert!(ended.success());
    assert!(stage.changes("shop").is_empty());
}
