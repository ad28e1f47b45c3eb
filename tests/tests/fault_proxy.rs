//! The proxy that the tests of the stack stand on.
//!
//! Needs: moto.
use e2e::fault_proxy::{Fault, FaultProxy};
use e2e::moto::Moto;
use std::time::Duration;

const REGION: &str = "eu-central-1";

/// What a client with this access key sees of a call.
fn create(proxy: &FaultProxy, group: &str) -> Result<u16, ureq::Error> {
    let scope = format!("AWS4-HMAC-SHA256 Credential=test/20261122/{REGION}/logs/aws4_request, SignedHeaders=host");
    let request = ureq::http::Request::post(proxy.url())
        .header("Authorization", scope)
        .header("X-Amz-Target", "Logs_20140328.CreateLogGroup")
        .header("Content-Type", "application/x-amz-json-1.1")
        .body(format!(r#"{{"logGroupName":"{group}"}}"#))
        .expect("a request");
    let timeout = Some(Duration::from_secs(5));
    let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(timeout).build().new_agent();
    Ok(agent.run(request)?.status().as_u16())
}

#[test]
fn requests_fail_as_told_and_are_written_down() {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).expect("a proxy");
    proxy.fail("logs:CreateLogGroup", Fault::Throttle, 1);
    proxy.fail("CreateLogGroup", Fault::Reset, 1);
    assert_eq!(create(&proxy, "a").expect("an answer"), 400);
    assert!(create(&proxy, "a").is_err());
    assert_eq!(create(&proxy, "a").expect("an answer"), 200);
    assert_eq!(create(&proxy, "a").expect("an answer"), 400, "it is there");
    assert_eq!(proxy.mutations(), ["logs:CreateLogGroup"; 4]);
    assert_eq!(proxy.requests_of("CreateLogGroup")[1].fault, Some(Fault::Reset));
    assert_eq!(proxy.requests()[0].json()["logGroupName"], "a");
}

#[test]
fn a_lost_answer_is_that_of_a_call_that_was_made() {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).expect("a proxy");
    proxy.fail_after(1, Fault::Lost);
    assert_eq!(create(&proxy, "a").expect("an answer"), 200);
    assert!(!proxy.wait_for_fault(Duration::ZERO));
    assert!(create(&proxy, "b").is_err(), "no answer");
    assert!(proxy.wait_for_fault(Duration::ZERO));
    proxy.heal();
    assert_eq!(create(&proxy, "b").expect("an answer"), 400, "it is there");
}
