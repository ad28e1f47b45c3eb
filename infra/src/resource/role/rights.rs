//! What the calls on roles, and on our policies in roles of the user's, need. With a permissions boundary, none is made or
//! changed that is not bounded by it, so that who deploys cannot give more than the boundary (IAM user guide, "Delegating
//! responsibility to others using permissions boundaries").
use crate::{
    Place, Stack,
    policy::{
        deployer::{CHANGE, DELETE, DESTROY, READ, Rights, needs_role_of_ecs},
        firehose,
    },
    stack::{Existing, Run},
};

pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let firehose = (!firehose::document(stack, place).is_empty()).then(|| stack.firehose_role());
    let tasks: Vec<String> = of_tasks(stack).map(|name| place.role_arn(&stack.path(), &name)).collect();
    let firehose: Vec<String> = firehose.iter().map(|name| place.role_arn(&stack.path(), name)).collect();
    let all: Vec<String> = tasks.iter().chain(&firehose).cloned().collect();
    // Roles that a changed configuration no longer has are in the path, too.
    let path = place.role_arn(&stack.path(), "*");
    let mut rights = vec![
        Rights::on("Roles", vec![path])
            .may(READ, &["iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies"])
            .may(DELETE, &["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"]),
        Rights::on("ChangeRoles", all.clone()).may(CHANGE, &["iam:UpdateAssumeRolePolicy"]),
        Rights::on("TagRoles", all.clone()).may(CHANGE, &["iam:TagRole"]).when_tagging(stack).unless_others(stack),
        bounded(stack, Rights::on("RightsOfRoles", all).may(CHANGE, &["iam:CreateRole", "iam:PutRolePolicy"])),
        pass("RolesForTasks", tasks, "ecs-tasks.amazonaws.com"),
        pass("RoleForFirehose", firehose, "firehose.amazonaws.com"),
    ];
    rights.extend(service_linked(stack, place));
    if let Run::Existing(existing) = &stack.run {
        rights.extend(adopted(existing, place));
    }
    rights
}

/// The names of our roles for tasks. A service that is there has some of its own, usually.
fn of_tasks(stack: &Stack) -> impl Iterator<Item = String> {
    let (task, execution) = match &stack.run {
        Run::Existing(existing) => (existing.task_role.is_none(), existing.execution_role.is_none()),
        Run::Own(_) | Run::None => (true, true),
    };
    let task = task.then(|| stack.task_role());
    task.into_iter().chain(execution.then(|| stack.execution_role()))
}

fn bounded(stack: &Stack, rights: Rights) -> Rights {
    match &stack.permissions_boundary {
        Some(boundary) => rights.may(CHANGE, &["iam:PutRolePermissionsBoundary"]).when(
            "StringEquals",
            "iam:PermissionsBoundary",
            vec![boundary.clone()],
        ),
        None => rights.may(CHANGE, &["iam:DeleteRolePermissionsBoundary"]),
    }
}

/// The roles are given to this service, and to no other.
fn pass(sid: &str, roles: Vec<String>, service: &str) -> Rights {
    let rights = Rights::on(sid, roles).may(CHANGE, &["iam:PassRole"]);
    rights.when("StringEquals", "iam:PassedToService", vec![service.to_string()])
}

/// ECS makes its own role with the account's first cluster, in the name of who makes that (Amazon ECS developer guide, "Using
/// service-linked roles for Amazon ECS").
fn service_linked(stack: &Stack, place: &Place) -> Vec<Rights> {
    if !needs_role_of_ecs(stack) {
        return Vec::new();
    }
    let role = vec![place.role_arn("/aws-service-role/ecs.amazonaws.com/", "AWSServiceRoleForECS")];
    vec![Rights::on("RoleOfEcs", role).may(CHANGE, &["iam:CreateServiceLinkedRole"]).when(
        "StringEquals",
        "iam:AWSServiceName",
        vec!["ecs.amazonaws.com".to_string()],
    )]
}

/// Our statement in the roles of a service that is there. Their paths are not known, but a name is an account's only one.
fn adopted(existing: &Existing, place: &Place) -> Vec<Rights> {
    let names = [&existing.task_role, &existing.execution_role].into_iter().flatten();
    let mut roles: Vec<String> =
        names.flat_map(|name| [place.role_arn("/", name), place.role_arn("/*/", name)]).collect();
    roles.sort();
    roles.dedup();
    vec![
        Rights::on("AdoptedRoles", roles.clone())
            .may(READ, &["iam:GetRole", "iam:GetRolePolicy"])
            .may(CHANGE, &["iam:PutRolePolicy"])
            .may(DELETE, &["iam:DeleteRolePolicy"]),
        // The revision that a service goes back to is registered again where it is not there any more.
        pass("AdoptedRolesForTasks", roles, "ecs-tasks.amazonaws.com").may(DESTROY, &["iam:PassRole"]),
    ]
}
