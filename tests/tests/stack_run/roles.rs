//! Roles of ours, and our policies in roles of the user's.
use crate::stage::{self, Stage};
use e2e::fault_proxy::Fault;
use firelens_infra::resource::{Owner, role::Role};
use firelens_infra::{Kind, Stack};
use serde_json::Value;

/// Form-encoded: a trust policy as somebody writes it by hand, with `*` in it.
const OPEN: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                    %22Principal%22%3A%22*%22%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";

/// Form-encoded: a policy of the user's.
const THEIRS: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                      %22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22*%22%7D%5D%7D";

fn iam(stage: &Stage, form: &str) -> String {
    stage.query("iam", &format!("{form}&Version=2010-05-08"))
}

#[tokio::test]
async fn a_role_is_made_mended_and_taken_away() {
    let stage = Stage::set().await;
    let stack =
        Stack { permissions_boundary: Some("arn:aws:iam::123456789012:policy/limit".into()), ..stage::own("shop") };
    let role = &*stage.resource(&stack, Kind::Role);
    assert_eq!(stage.read(role).await, None);
    stage.create(role).await;
    stage.is_as_wanted(role).await;
    let made = stage.proxy.requests_of("iam:CreateRole")[0].text();
    for part in ["Path=%2Ffirelens-kit%2Fshop%2F", "Tags.member.1.Key=firelens-kit%3Astack", "PermissionsBoundary=arn"]
    {
        assert!(made.contains(part), "{part}: {made}");
    }

    iam(&stage, &format!("Action=UpdateAssumeRolePolicy&RoleName=shop-task&PolicyDocument={OPEN}"));
    iam(&stage, "Action=DeleteRolePolicy&RoleName=shop-task&PolicyName=firelens-kit");
    iam(&stage, "Action=DeleteRolePermissionsBoundary&RoleName=shop-task");
    iam(&stage, "Action=TagRole&RoleName=shop-task&Tags.member.1.Key=team&Tags.member.1.Value=other");
    assert_eq!(stage.mend(role).await, ["permissions_boundary", "policy", "tags", "trust"]);
    stage.is_as_wanted(role).await;

    let policy = "arn:aws:iam::aws:policy/ReadOnlyAccess".replace(':', "%3A").replace('/', "%2F");
    let attach = || iam(&stage, &format!("Action=AttachRolePolicy&RoleName=shop-task&PolicyArn={policy}"));
    let put =
        || iam(&stage, &format!("Action=PutRolePolicy&RoleName=shop-task&PolicyName=more&PolicyDocument={THEIRS}"));
    attach();
    put();
    assert_eq!(stage.mend(role).await, ["attached_policies", "other_policies"]);
    stage.is_as_wanted(role).await;
    attach();
    put();
    stage.delete(role).await;
    assert_eq!(stage.read(role).await, None);
    stage.delete(role).await;
}

#[tokio::test]
async fn a_role_that_is_not_ours_is_said_to_be() {
    let stage = Stage::set().await;
    iam(&stage, &format!("Action=CreateRole&RoleName=shop-task&AssumeRolePolicyDocument={OPEN}"));
    let role = &*stage.resource(&stage::own("shop"), Kind::Role);
    let found = stage.read(role).await.expect("it is there");
    assert_eq!(found.owner, Owner::Nobody);
    assert_ne!(found.attributes["path"], role.wanted(&stage.known)["path"]);
    assert_eq!(role.fixed(), ["path"]);
}

#[tokio::test]
async fn a_role_whose_making_was_cut_off_is_finished() {
    let stage = Stage::set().await;
    let role = &*stage.resource(&stage::own("shop"), Kind::Role);
    stage.proxy.fail("iam:PutRolePolicy", Fault::Denied, 1);
    let error = stage.try_create(role).await.expect_err("it is cut off");
    assert_eq!(error.permission(), Some("iam:PutRolePolicy"));
    assert_eq!(stage.mend(role).await, ["policy"]);
    stage.is_as_wanted(role).await;

    let other = &*stage.resource(&stage::own("lost"), Kind::Role);
    stage.proxy.fail("iam:CreateRole", Fault::Lost, 1);
    stage.create(other).await;
    stage.is_as_wanted(other).await;
}

#[tokio::test]
async fn of_the_users_roles_only_our_policy_is_touched() {
    let stage = Stage::set().await;
    for role in ["web-task", "web-execution"] {
        iam(&stage, &format!("Action=CreateRole&RoleName={role}&AssumeRolePolicyDocument={OPEN}"));
        iam(&stage, &format!("Action=PutRolePolicy&RoleName={role}&PolicyName=theirs&PolicyDocument={THEIRS}"));
    }
    let stack = stage::existing("shop", &Value::Null, stage::definition());
    let policies: Vec<_> =
        stage.resources(&stack).into_iter().filter(|one| one.id().kind == Kind::RolePolicy).collect();
    assert_eq!(
        policies.iter().map(|one| one.id().name).collect::<Vec<_>>(),
        ["web-task/firelens-kit-shop", "web-execution/firelens-kit-shop"]
    );
    for policy in &policies {
        assert_eq!(stage.read(&**policy).await, None);
        stage.create(&**policy).await;
        stage.is_as_wanted(&**policy).await;
    }
    iam(
        &stage,
        &format!("Action=PutRolePolicy&RoleName=web-task&PolicyName=firelens-kit-shop&PolicyDocument={THEIRS}"),
    );
    assert_eq!(stage.mend(&*policies[0]).await, ["policy"]);
    stage.is_as_wanted(&*policies[0]).await;
    stage.proxy.forget();
    stage.delete(&*policies[0]).await;
    assert_eq!(stage.proxy.mutations(), ["iam:DeleteRolePolicy"]);
    let left = iam(&stage, "Action=ListRolePolicies&RoleName=web-task");
    assert!(left.contains("theirs") && !left.contains("firelens-kit"), "{left}");
}

#[tokio::test]
async fn a_role_left_over_is_taken_away() {
    let stage = Stage::set().await;
    stage.create(&*stage.resource(&stage::own("shop"), Kind::Role)).await;
    let left = Role::left_over("shop", "shop-task".into());
    assert_eq!(stage.read(&left).await.expect("it is there").owner, Owner::Ours);
    stage.delete(&left).await;
    assert_eq!(stage.read(&left).await, None);
}
