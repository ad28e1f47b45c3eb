//! Rights that somebody added by hand: those in the stack's roles show in the plan and go with the next deploy, and those in roles of
//! the user's stay.
use super::releases;
use super::stage::{SHOP, Stage};
use std::collections::BTreeSet;

const ADMIN: &str = "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAdministratorAccess";
const LIMIT: &str = "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess";
const EVERYTHING: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                          %22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%5D%7D";
const ANYBODY: &str = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C\
                       %22Principal%22%3A%7B%22AWS%22%3A%22*%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D";

fn iam(stage: &Stage, form: &str) -> String {
    stage.query("iam", &format!("{form}&Version=2010-05-08"))
}

/// Adds rights of all kinds to a role.
fn widen(stage: &Stage, role: &str) {
    iam(stage, &format!("Action=AttachRolePolicy&RoleName={role}&PolicyArn={ADMIN}"));
    iam(stage, &format!("Action=PutRolePolicy&RoleName={role}&PolicyName=by-hand&PolicyDocument={EVERYTHING}"));
    iam(stage, &format!("Action=PutRolePermissionsBoundary&RoleName={role}&PermissionsBoundary={LIMIT}"));
    iam(stage, &format!("Action=UpdateAssumeRolePolicy&RoleName={role}&PolicyDocument={ANYBODY}"));
}

/// What IAM tells of a role's rights.
fn rights(stage: &Stage, role: &str) -> [String; 3] {
    let lists = ["GetRole", "ListRolePolicies", "ListAttachedRolePolicies"];
    lists.map(|list| {
        let text = iam(stage, &format!("Action={list}&RoleName={role}"));
        text.split("<ResponseMetadata>").next().unwrap().to_owned()
    })
}

#[test]
fn rights_that_were_added_to_the_stacks_roles_go() {
    let stage = Stage::set();
    stage.write("shop", SHOP);
    stage.deploy("shop");
    let roles = ["shop-task", "shop-execution", "shop-firehose"];
    let before = roles.map(|role| rights(&stage, role));
    roles.iter().for_each(|role| widen(&stage, role));
    let plan = stage.kit("shop", &["plan", "--detailed-exitcode"]).code(1);
    for role in roles {
        assert!(plan.stdout.contains(&format!("~ role {role}")), "{}", plan.stdout);
    }
    let plan = plan.says("[\"arn:aws:iam::aws:policy/AdministratorAccess\"] -> (none)").says("other_policies.by-hand");
    plan.says("arn:aws:iam::aws:policy/ReadOnlyAccess -> (none)").says("trust.Statement");
    stage.proxy.forget();
    stage.deploy("shop").says("changed role shop-task");
    let calls: BTreeSet<String> = stage.proxy.mutations().into_iter().filter(|call| call.starts_with("iam:")).collect();
    let wanted = ["DeleteRolePermissionsBoundary", "DeleteRolePolicy", "DetachRolePolicy", "UpdateAssumeRolePolicy"];
    assert_eq!(calls, wanted.map(|call| format!("iam:{call}")).into());
    assert_eq!(roles.map(|role| rights(&stage, role)), before);
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
}

#[test]
fn rights_of_the_users_roles_stay() {
    let stage = Stage::set();
    stage.write("shop", releases::ADOPTING);
    releases::theirs(&stage);
    widen(&stage, "web-execution");
    let before = rights(&stage, "web-execution");
    stage.deploy("shop");
    assert_eq!(stage.changes("shop"), Vec::<String>::new());
    let [role, inline, attached] = rights(&stage, "web-execution");
    assert_eq!([&role, &attached], [&before[0], &before[2]]);
    assert!(inline.contains("by-hand") && inline.contains("firelens-kit-shop"), "{inline}");
    stage.kit("shop", &super::adopted::DESTROY).ok();
    assert_eq!(rights(&stage, "web-execution"), before);
}
