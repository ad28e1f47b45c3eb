//! The task definition: a family of ours.
use crate::stage::{self, Stage};
use firelens_infra::resource::Owner;
use firelens_infra::stack::Run;
use firelens_infra::{Kind, Stack};
use serde_json::{Value, json};

/// The stack with this instead of a part of its task definition.
fn with(pointer: &str, value: Value) -> Stack {
    let mut service = stage::service();
    *service.task_definition.pointer_mut(pointer).expect(pointer) = value;
    Stack { run: Run::Own(service), ..stage::own("shop") }
}

#[tokio::test]
async fn a_change_is_a_new_revision_and_all_go_in_the_end() {
    let stage = Stage::set().await;
    let first = &*stage.resource(&stage::own("shop"), Kind::TaskDefinition);
    assert_eq!(stage.read(first).await, None);
    stage.create(first).await;
    stage.is_as_wanted(first).await;
    assert!(stage.known.get(&first.id()).expect("its ARN").ends_with(":task-definition/shop:1"));

    let second = &*stage.resource(&with("/containerDefinitions/0/image", json!("httpd:2.4.66")), Kind::TaskDefinition);
    assert_eq!(stage.mend(second).await, ["containerDefinitions"]);
    stage.is_as_wanted(second).await;
    assert!(stage.known.get(&second.id()).expect("its ARN").ends_with(":task-definition/shop:2"));
    assert!(second.renewed_by_update());

    stage.ecs(
        "RegisterTaskDefinition",
        &json!({ "family": "shop", "containerDefinitions": [{ "name": "x", "image": "x", "memory": 64 }] }),
    );
    stage.is_as_wanted(second).await;
    stage.delete(second).await;
    let found = stage.read(second).await.expect("somebody else's is there");
    assert_eq!(found.owner, Owner::Nobody);
    let left = stage.ecs("ListTaskDefinitions", &json!({ "familyPrefix": "shop" }));
    assert_eq!(left["taskDefinitionArns"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn what_the_sdk_does_not_know_is_sent() {
    let stage = Stage::set().await;
    let mut service = stage::service();
    service.task_definition["containerDefinitions"][0]["fromTheFuture"] = json!({ "on": [1, 2] });
    let stack = Stack { run: Run::Own(service), ..stage::own("shop") };
    let definition = &*stage.resource(&stack, Kind::TaskDefinition);
    stage.proxy.knows(".fromTheFuture: there is no such member");
    stage.create(definition).await;
    let sent = stage.proxy.requests_of("ecs:RegisterTaskDefinition")[0].json();
    assert_eq!(sent["containerDefinitions"][0]["fromTheFuture"], json!({ "on": [1, 2] }));
    assert_eq!(sent["family"], "shop");
    assert_eq!(sent["taskRoleArn"], "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task");
    assert_eq!(sent["executionRoleArn"], "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-execution");
    assert_eq!(
        sent["tags"],
        json!([{ "key": "firelens-kit:stack", "value": "shop" }, { "key": "team", "value": "web" }])
    );
}

#[tokio::test]
async fn roles_that_ecs_does_not_know_yet_are_waited_for() {
    let stage = Stage::set().await;
    let definition = &*stage.resource(&stage::own("shop"), Kind::TaskDefinition);
    let young = e2e::fault_proxy::Fault::Error(400, "ClientException", "Role is not valid");
    stage.proxy.fail("ecs:RegisterTaskDefinition", young, 1);
    stage.create(definition).await;
    assert!(stage.waited_for("waiting until ECS knows the new roles"));
    stage.is_as_wanted(definition).await;
}
