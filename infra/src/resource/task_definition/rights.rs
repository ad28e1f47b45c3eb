//! What the calls on task definitions need.
use crate::{
    Kind, Place, Stack,
    policy::deployer::{CHANGE, DELETE, DESTROY, READ, Rights, Verb, tag_in_ecs},
    stack::Run,
};

/// DescribeTaskDefinition, ListTaskDefinitions and DeregisterTaskDefinition know no resource. Passing the roles is a right of the
/// roles.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let family = match &stack.run {
        Run::Existing(existing) => existing.task_definition["family"].as_str().unwrap_or("*").to_string(),
        Run::Own(_) | Run::None => stack.family(),
    };
    let revisions = |family: &str| vec![Kind::TaskDefinition.arn(place, &format!("{family}:*"))];
    let mut rights = vec![
        Rights::anywhere()
            .may(READ, &["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"])
            .may(DELETE, &["ecs:DeregisterTaskDefinition"]),
        // Revisions of the user's are in the family, too.
        Rights::on("DeleteTaskDefinitions", revisions(&family))
            .may(DELETE, &["ecs:DeleteTaskDefinitions"])
            .when_tagged(stack),
    ];
    if !matches!(stack.run, Run::None) {
        // Which containers and which router the service runs, and which one the last deploy made.
        rights
            .push(Rights::anywhere().may(&[Verb::Status], &["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"]));
    }
    match &stack.run {
        Run::Own(_) => {
            rights.push(Rights::on("TaskDefinition", revisions(&family)).may(CHANGE, &["ecs:RegisterTaskDefinition"]));
            rights.push(tag(stack, revisions(&family)));
        }
        Run::Existing(_) => {
            let register = Rights::on("TaskDefinition", revisions(&family));
            // The revision that a service goes back to is registered again where it is not there any more, with its own tags.
            rights.push(
                register.may(CHANGE, &["ecs:RegisterTaskDefinition"]).may(DESTROY, &["ecs:RegisterTaskDefinition"]),
            );
            rights.push(tag(stack, revisions(&family)));
            rights.push(
                Rights::on("TagTaskDefinitionOfBefore", revisions(&family)).may(DESTROY, &["ecs:TagResource"]).when(
                    "StringEquals",
                    "ecs:CreateAction",
                    vec!["RegisterTaskDefinition".to_string()],
                ),
            );
            let own = stack.family();
            if own != family {
                rights.push(
                    Rights::on("LeftOverTaskDefinitions", revisions(&own))
                        .may(DELETE, &["ecs:DeleteTaskDefinitions"])
                        .when_tagged(stack),
                );
            }
        }
        Run::None => {}
    }
    rights
}

/// A revision never changes: it gets its tags when it is registered.
fn tag(stack: &Stack, revisions: Vec<String>) -> Rights {
    let [new, _] = tag_in_ecs("TaskDefinition", revisions, "RegisterTaskDefinition", stack);
    new
}
