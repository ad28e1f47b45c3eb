//! All of a stack through the plan: deployed, unchanged, and gone again.
use crate::adopted::{ROUTER, runs, theirs, with_router};
use crate::stage::{self, Stage};
use firelens_infra::plan::{Options, Verb};
use firelens_infra::{Plan, Stack, apply};
use serde_json::json;
use tokio_util::sync::CancellationToken;

async fn deploy(stage: &Stage, stack: &Stack) -> Plan {
    let plan = Plan::deploy(&stage.aws, stack, &Options::default()).await.expect("AWS can be asked");
    carry_out(stage, &plan).await;
    plan
}

async fn carry_out(stage: &Stage, plan: &Plan) {
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
    let outcome = apply::apply(&stage.aws, plan, &CancellationToken::new(), &|_| {}).await;
    stage.proxy.settle();
    assert!(outcome.is_complete(), "{:#?}", outcome.failed);
}

fn verbs(plan: &Plan) -> Vec<String> {
    let changes = plan.actions.iter().filter(|action| action.action != Verb::Keep);
    changes.map(|action| format!("{:?} {}", action.action, action.id)).collect()
}

#[tokio::test]
async fn a_stack_is_deployed_stays_and_goes() {
    let stage = Stage::set().await;
    let stack = stage::own("shop");
    let first = deploy(&stage, &stack).await;
    assert!(verbs(&first).contains(&"Create service shop/shop".to_string()), "{:?}", verbs(&first));
    stage.proxy.forget();
    let second = deploy(&stage, &stack).await;
    assert_eq!(verbs(&second), Vec::<String>::new());
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());

    let mut service = stage::service();
    service.task_definition["containerDefinitions"][0]["environment"][0]["value"] = "maintenance".into();
    let changed = Stack { run: firelens_infra::stack::Run::Own(service), ..stack };
    let third = deploy(&stage, &changed).await;
    assert_eq!(verbs(&third), ["Update task definition shop", "Update service shop/shop"]);
    assert_eq!(verbs(&deploy(&stage, &changed).await), Vec::<String>::new());

    carry_out(&stage, &Plan::destroy(&stage.aws, &changed, true).await.expect("AWS can be asked")).await;
    let left = Plan::destroy(&stage.aws, &changed, true).await.expect("AWS can be asked");
    assert_eq!(verbs(&left), Vec::<String>::new());
    for resource in stage.resources(&changed) {
        assert_eq!(stage.read(&*resource).await, None, "{}", resource.id());
    }
}

#[tokio::test]
async fn an_adopted_service_is_changed_stays_and_is_given_back() {
    let stage = Stage::set().await;
    theirs(&stage);
    for role in ["web-task", "web-execution"] {
        let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        let form = format!("Action=CreateRole&RoleName={role}&AssumeRolePolicyDocument={trust}&Version=2010-05-08");
        stage.query("iam", &form);
    }
    let image = format!("{ROUTER}01");
    let first = deploy(&stage, &with_router(&stage, &image).await).await;
    let done = verbs(&first);
    for change in [
        "Create role policy web-task/firelens-kit-shop",
        "Create role policy web-execution/firelens-kit-shop",
        "Update task definition web",
        "Update service main/web",
    ] {
        assert!(done.contains(&change.to_string()), "{change}: {done:?}");
    }
    assert_eq!(runs(&stage), "web:2");
    let stack = with_router(&stage, &image).await;
    stage.proxy.forget();
    assert_eq!(verbs(&deploy(&stage, &stack).await), Vec::<String>::new());
    assert_eq!(stage.proxy.mutations(), Vec::<String>::new());

    carry_out(&stage, &Plan::destroy(&stage.aws, &stack, true).await.expect("AWS can be asked")).await;
    assert_eq!(runs(&stage), "web:1");
    let left = stage.ecs("ListTaskDefinitions", &json!({ "familyPrefix": "web" }));
    assert_eq!(left["taskDefinitionArns"].as_array().map(Vec::len), Some(1), "{left}");
    let policies = stage.query("iam", "Action=ListRolePolicies&RoleName=web-task&Version=2010-05-08");
    assert!(!policies.contains("firelens-kit"), "{policies}");
}
