//! What is said before the first deploy.
use crate::stage::{aws, logs, stack};
use e2e::{
    fault_proxy::{Fault, FaultProxy},
    moto::{ACCOUNT, Moto},
};
use firelens_infra::{
    observe::doctor::{self, Finding, State},
    stack::Run,
};
use serde_json::json;

async fn examine(url: &str) -> Vec<Finding> {
    doctor::examine(&stack("shop"), &aws(url, ACCOUNT).await).await
}

fn about<'a>(findings: &'a [Finding], about: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| finding.about == about).collect()
}

#[tokio::test]
async fn an_empty_account_has_no_problem() {
    let moto = Moto::start();
    let findings = examine(&moto.url()).await;
    let problems: Vec<_> = findings.iter().filter(|finding| finding.state >= State::Problem).collect();
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(about(&findings, "names")[0].message.starts_with("free: "), "{findings:#?}");
    assert!(about(&findings, "credentials")[0].message.contains("123456789012"));
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_problem() {
    let moto = Moto::start();
    logs(&moto, "CreateLogGroup", &json!({ "logGroupName": "/ecs/shop" }));
    let other = json!({ "firelens-kit:stack": "other" });
    logs(&moto, "CreateLogGroup", &json!({ "logGroupName": "/firelens-kit/shop/router", "tags": other }));
    let findings = examine(&moto.url()).await;
    let problems: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.about == "names" && finding.state == State::Problem)
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(problems.contains(&"the log group /ecs/shop is there, and was not made by firelens-kit"), "{problems:?}");
    assert!(problems.contains(&"the log group /firelens-kit/shop/router belongs to the stack other"), "{problems:?}");
}

/// moto cannot simulate: the answers are as IAM's.
async fn examine_with(answer: Fault) -> (Vec<Finding>, FaultProxy) {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).unwrap();
    proxy.fail("iam:SimulatePrincipalPolicy", answer, 1000);
    let findings = examine(&proxy.url()).await;
    (findings, proxy)
}

#[tokio::test]
async fn permissions_that_cannot_be_asked_for_are_unknown() {
    for refusal in [Fault::Denied, Fault::Internal] {
        let (findings, proxy) = examine_with(refusal).await;
        let [finding] = about(&findings, "permissions")[..] else { panic!("{findings:#?}") };
        assert_eq!(finding.state, State::Unknown);
        assert!(finding.message.contains("iam:SimulatePrincipalPolicy"), "{finding:?}");
        // A refusal is not tried again: each statement is asked about once at most.
        let asked = proxy.requests_of("iam:SimulatePrincipalPolicy").into_iter();
        let asked: Vec<_> = asked.filter(|request| request.fault == Some(refusal)).collect();
        let mut bodies: Vec<String> = asked.iter().map(|request| request.text()).collect();
        bodies.sort();
        bodies.dedup();
        assert_eq!(bodies.len(), asked.len());
    }
}

const ALLOWED: &str = "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>\
    <EvaluationResults><member><EvalActionName>logs:CreateLogGroup</EvalActionName>\
    <EvalResourceName>arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop</EvalResourceName>\
    <EvalDecision>allowed</EvalDecision></member></EvaluationResults>\
    </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>";

const DENIED: &str = "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>\
    <EvaluationResults><member><EvalActionName>logs:CreateLogGroup</EvalActionName>\
    <EvalResourceName>arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop</EvalResourceName>\
    <EvalDecision>implicitDeny</EvalDecision>\
    <PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>\
    </PermissionsBoundaryDecisionDetail></member></EvaluationResults>\
    </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>";

#[tokio::test]
async fn what_iam_denies_is_named_with_its_resource() {
    let (findings, proxy) = examine_with(Fault::Answer(DENIED)).await;
    let finding = about(&findings, "permissions")[0];
    let message = "logs:CreateLogGroup on arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop is not allowed (by the \
        permissions boundary)";
    assert_eq!((finding.state, finding.message.as_str()), (State::Problem, message));
    let asked: String = proxy.requests_of("iam:SimulatePrincipalPolicy").iter().map(|request| request.text()).collect();
    for part in
        ["CreateServiceLinkedRole", "log-group%3A%2Fecs%2Fshop", "iam%3APassedToService", "ecs-tasks.amazonaws.com"]
    {
        assert!(asked.contains(part), "{part}: {asked}");
    }
}

#[tokio::test]
async fn what_iam_allows_is_counted() {
    let (findings, _) = examine_with(Fault::Answer(ALLOWED)).await;
    let [finding] = about(&findings, "permissions")[..] else { panic!("{findings:#?}") };
    assert_eq!(finding.state, State::Good, "{finding:?}");
}

/// IAM throttles what comes at once, and the proxy does.
#[tokio::test]
async fn throttled_questions_are_asked_again() {
    let (findings, proxy) = examine_with(Fault::Answer(ALLOWED)).await;
    let asked = proxy.requests_of("iam:SimulatePrincipalPolicy");
    let answered = asked.iter().filter(|request| request.fault != Some(Fault::Throttle)).count();
    assert!(answered > 10, "so many may come at once: {answered}");
    let [finding] = about(&findings, "permissions")[..] else { panic!("{findings:#?}") };
    assert!(finding.message.starts_with(&format!("all {answered} calls")), "{finding:?}");
}

/// What is known to be denied is said, though another question got no answer.
#[tokio::test]
async fn a_denial_is_named_beside_what_is_unknown() {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).unwrap();
    proxy.fail("iam:SimulatePrincipalPolicy", Fault::Answer(DENIED), 1);
    proxy.fail("iam:SimulatePrincipalPolicy", Fault::Error(400, "InvalidInput", "too long"), 1);
    proxy.fail("iam:SimulatePrincipalPolicy", Fault::Answer(ALLOWED), 1000);
    let findings = examine(&proxy.url()).await;
    let states: Vec<State> = about(&findings, "permissions").iter().map(|finding| finding.state).collect();
    assert_eq!(states, [State::Problem, State::Unknown], "{findings:#?}");
}

/// A pipeline's role, which may see no role: it is simulated by the ARN that a role without a path has.
#[tokio::test]
async fn a_role_that_may_not_read_itself_is_simulated_all_the_same() {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).unwrap();
    proxy.fail("iam:GetRole", Fault::Denied, 1000);
    proxy.fail("iam:SimulatePrincipalPolicy", Fault::Answer(ALLOWED), 1000);
    let aws = assumed(&proxy.url()).await;
    let findings = doctor::examine(&stack("shop"), &aws).await;
    let [finding] = about(&findings, "permissions")[..] else { panic!("{findings:#?}") };
    assert_eq!(finding.state, State::Good, "{finding:?}");
    let asked = proxy.requests_of("iam:SimulatePrincipalPolicy");
    assert!(asked.iter().all(|request| request.text().contains("123456789012%3Arole%2Fci")), "{}", asked[0].text());
}

/// One with a path is not known by that ARN.
#[tokio::test]
async fn what_a_role_with_a_path_lacks_is_said_precisely() {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).unwrap();
    proxy.fail("iam:GetRole", Fault::Denied, 1000);
    proxy.fail("iam:SimulatePrincipalPolicy", Fault::Error(404, "NoSuchEntity", "there is no such role"), 1000);
    let findings = doctor::examine(&stack("shop"), &assumed(&proxy.url()).await).await;
    let [finding] = about(&findings, "permissions")[..] else { panic!("{findings:#?}") };
    let help = finding.help.as_deref().unwrap_or_default();
    assert!(finding.state == State::Unknown && help.contains("iam:GetRole on role `ci`"), "{finding:?}");
}

/// A role with a path is read, since its session does not show the path, and simulated by its own ARN.
#[tokio::test]
async fn a_role_with_a_path_is_simulated_by_its_own_arn() {
    let moto = Moto::start();
    let proxy = FaultProxy::start(moto.address).unwrap();
    let form = "Action=CreateRole&Version=2010-05-08&RoleName=ci&Path=%2Fpipelines%2F&AssumeRolePolicyDocument=%7B%7D";
    moto.http(crate::stage::REGION, "iam", "POST", "/", "", form.as_bytes());
    proxy.fail("iam:SimulatePrincipalPolicy", Fault::Answer(ALLOWED), 1000);
    let findings = doctor::examine(&stack("shop"), &assumed(&proxy.url()).await).await;
    let [finding] = about(&findings, "permissions")[..] else { panic!("{findings:#?}") };
    assert_eq!(finding.state, State::Good, "{finding:?}");
    let asked = proxy.requests_of("iam:SimulatePrincipalPolicy");
    assert!(asked.iter().all(|request| request.text().contains("%3Arole%2Fpipelines%2Fci")), "{}", asked[0].text());
}

/// A session of the role `ci`.
async fn assumed(url: &str) -> firelens_infra::Aws {
    let options = firelens_infra::aws::Options {
        region: Some(crate::stage::REGION.into()),
        endpoint_url: Some(url.into()),
        credentials: Some(aws_credential_types::Credentials::new("test", "test", None, None, "test")),
        assume_role: Some(format!("arn:aws:iam::{ACCOUNT}:role/ci")),
        ..Default::default()
    };
    firelens_infra::Aws::load(&options).await.expect("moto lets everybody be anybody")
}

#[tokio::test]
async fn the_network_is_looked_at() {
    let moto = Moto::start();
    let aws = aws(&moto.url(), ACCOUNT).await;
    let findings = doctor::examine(&stack("shop"), &aws).await;
    let [network] = about(&findings, "network")[..] else { panic!("{findings:#?}") };
    assert!(network.state == State::Good && network.message.contains("subnets of vpc-"), "{network:?}");

    let mut inside = stack("shop");
    let Run::Own(service) = &mut inside.run else { panic!("a service") };
    service.public_ip = false;
    service.subnets = vec!["subnet-00000000000000000".into()];
    let findings = doctor::examine(&inside, &aws).await;
    let states: Vec<State> = about(&findings, "network").iter().map(|finding| finding.state).collect();
    assert_eq!(states, [State::Problem, State::Warning], "{findings:#?}");
}
