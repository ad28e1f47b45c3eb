//! IAM's decisions on the calls of router, ECS agent and Firehose.
use crate::stacks::{self, Example};
use e2e::iam::Act;
use e2e::simulate::{Request, Verdict, decide};
use firelens_infra::{
    Stack,
    policy::{Document, execution, firehose, router},
};
use serde::Serialize;
use serde_json::Value;

mod calls;

use calls::{
    AGENT_OF_KEYS, AGENT_OF_SHOP, Call, DANGEROUS, FIREHOSE_OF_KEYS, FIREHOSE_OF_SHOP, ROUTER_OF_KEYS, ROUTER_OF_SHOP,
};

const ACCOUNT: &str = "123456789012";
const OTHER_ACCOUNT: &str = "999999999999";

type Role = (&'static str, fn(&Stack, &firelens_infra::Place) -> Document, &'static [Call]);

fn roles() -> [(Example, [Role; 3]); 2] {
    [
        (
            stacks::shop(),
            [
                ("task", router::document, &ROUTER_OF_SHOP),
                ("execution", execution::document, &AGENT_OF_SHOP),
                ("firehose", firehose::document, &FIREHOSE_OF_SHOP),
            ],
        ),
        (
            stacks::keys(),
            [
                ("task", router::document, &ROUTER_OF_KEYS),
                ("execution", execution::document, &AGENT_OF_KEYS),
                ("firehose", firehose::document, &FIREHOSE_OF_KEYS),
            ],
        ),
    ]
}

pub fn request(policy: &impl Serialize, action: &str, resource: &str, context: &[(&str, &str)]) -> Request {
    let context = context.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let act = Act { action: action.into(), resource: resource.into(), context };
    Request::of(ACCOUNT, &serde_json::to_value(policy).unwrap(), &act)
}

/// The resource, and others that are not the stack's: names that begin as it, or end so, or with which it begins; another
/// account's; another region's.
fn neighbours(resource: &str) -> Vec<String> {
    let Some((before, rest)) = resource.split_once('{') else { return Vec::new() };
    let (name, after) = rest.split_once('}').expect("a name in braces");
    let arn = |before: &str, name: &str| format!("{before}{name}{after}");
    let mut neighbours = vec![
        arn(before, &format!("{name}-2")),
        arn(before, &format!("my-{name}")),
        arn(before, &name[..name.len() - 1]),
        arn(before, "other"),
    ];
    let elsewhere = [before.replace(ACCOUNT, OTHER_ACCOUNT), before.replace("eu-west-1", "eu-west-2")];
    neighbours.extend(elsewhere.into_iter().filter(|other| other != before).map(|before| arn(&before, name)));
    neighbours
}

/// Asks, and says each request whose answer is not as it shall be.
pub fn check(questions: Vec<(String, Request, bool)>) {
    let requests: Vec<Request> = questions.iter().map(|(_, request, _)| request.clone()).collect();
    let verdicts = decide(&requests);
    let as_wanted = |verdict: &Verdict, allowed: bool| verdict.wrong.is_none() && verdict.allowed == allowed;
    let wrong: Vec<String> = questions
        .iter()
        .zip(&verdicts)
        .filter_map(|((who, request, allowed), verdict)| {
            let Request { action, resource, context, .. } = request;
            let told = format!("{who}: {action} on {resource} {context:?}: wanted allowed={allowed}, got {verdict:?}");
            (!as_wanted(verdict, *allowed)).then_some(told)
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} decisions are wrong:\n{}", wrong.len(), verdicts.len(), wrong.join("\n"));
    eprintln!("{} decisions", verdicts.len());
}

/// A resource without its braces.
fn plain(resource: &str) -> String {
    resource.replace(['{', '}'], "")
}

#[test]
fn roles_may_do_their_work_and_nothing_to_neighbours() {
    let mut questions = Vec::new();
    for (example, roles) in roles() {
        for (role, document, calls) in roles {
            let policy = document(&example.stack, &example.place);
            let who = format!("{} {role}", example.name);
            for Call { action, resource, context } in calls {
                questions.push((who.clone(), request(&policy, action, &plain(resource), context), true));
                for neighbour in neighbours(resource) {
                    // An image of another account is pulled when the task definition says so.
                    questions.push((who.clone(), request(&policy, action, &neighbour, context), false));
                }
            }
        }
    }
    assert!(questions.len() > 150, "{}", questions.len());
    check(questions);
}

#[test]
fn keys_serve_their_service_and_their_data_only() {
    let mut questions = Vec::new();
    for (example, roles) in roles() {
        for (role, document, calls) in roles {
            let policy = document(&example.stack, &example.place);
            let who = format!("{} {role}", example.name);
            for Call { action, resource, context } in calls.iter().filter(|call| !call.context.is_empty()) {
                let [(via, service), (data, arn)] = context else { panic!("two conditions") };
                let resource = plain(resource);
                let other_arn = format!("{arn}-2").replace("keys-", "others-").replace("shop/", "other/");
                let other_service = service.replace("eu-west-1", "eu-west-2");
                for context in [
                    vec![],
                    vec![(*via, *service)],
                    vec![(*data, *arn)],
                    vec![(*via, *service), (*data, other_arn.as_str())],
                    vec![(*via, other_service.as_str()), (*data, *arn)],
                    vec![(*via, "lambda.eu-west-1.amazonaws.com"), (*data, *arn)],
                ] {
                    questions.push((who.clone(), request(&policy, action, &resource, &context), false));
                }
            }
        }
    }
    assert!(questions.len() > 40, "{}", questions.len());
    check(questions);
}

#[test]
fn roles_may_do_nothing_dangerous() {
    let mut questions = Vec::new();
    for (example, roles) in roles() {
        for (role, document, _) in roles {
            let policy = document(&example.stack, &example.place);
            for (action, resource) in DANGEROUS {
                let who = format!("{} {role}", example.name);
                questions.push((who, request(&policy, action, resource, &[]), false));
            }
        }
    }
    check(questions);
}

#[test]
fn roles_of_tasks_are_taken_by_ecs_for_the_account_only() {
    let Example { stack, place, .. } = stacks::shop();
    let task = "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef";
    let other = task.replace(ACCOUNT, OTHER_ACCOUNT);
    let elsewhere = task.replace("eu-west-1", "us-east-1");
    for trust in [router::trust(&stack, &place), execution::trust(&stack, &place)] {
        let ours = [("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", task)];
        let ecs = "ecs-tasks.amazonaws.com";
        taken(
            &trust,
            &[
                (ecs, &ours, true),
                (ecs, &[("aws:SourceAccount", OTHER_ACCOUNT), ("aws:SourceArn", &other)], false),
                (ecs, &[("aws:SourceAccount", OTHER_ACCOUNT), ("aws:SourceArn", task)], false),
                (ecs, &[("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", &other)], false),
                (ecs, &[("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", &elsewhere)], false),
                (ecs, &[], false),
                ("lambda.amazonaws.com", &ours, false),
                ("ec2.amazonaws.com", &ours, false),
            ],
        );
    }
}

/// Which keys Firehose sends when it takes a role, AWS does not say: with none of them it gets it all the same.
#[test]
fn the_role_of_firehose_is_taken_by_firehose_whatever_it_sends() {
    let Example { stack, place, .. } = stacks::shop();
    let stream = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/shop-archive";
    let ours = [("aws:SourceAccount", ACCOUNT), ("aws:SourceArn", stream)];
    taken(
        &firehose::trust(&stack, &place),
        &[
            ("firehose.amazonaws.com", &[], true),
            ("firehose.amazonaws.com", &ours, true),
            ("lambda.amazonaws.com", &ours, false),
            ("ecs-tasks.amazonaws.com", &[], false),
        ],
    );
}

/// Trust policies hold no condition but those that AWS documents for the service.
#[test]
fn trust_rests_on_what_is_documented() {
    let documented = |service: &str| match service {
        "ecs-tasks.amazonaws.com" => vec!["aws:SourceAccount", "aws:SourceArn"],
        "firehose.amazonaws.com" => vec![],
        other => panic!("{other}: which keys does it send? Say where that is documented"),
    };
    for Example { stack, place, name } in stacks::all() {
        for trust in [router::trust(&stack, &place), execution::trust(&stack, &place), firehose::trust(&stack, &place)]
        {
            for statement in trust.statement {
                let principal = statement.principal.expect("a trust policy has one");
                let service = principal["Service"].as_str().expect("a service").to_owned();
                let keys: Vec<&String> = statement.condition.values().flat_map(|keys| keys.keys()).collect();
                assert!(keys.iter().all(|key| documented(&service).contains(&key.as_str())), "{name}: {keys:?}");
            }
        }
    }
}

/// Who asks, with what its request says, and whether it may have the role.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], bool);

/// Asks whether these services may take a role, with what they say of whom they work for.
fn taken(trust: &Document, cases: &[Case]) {
    let request = |(service, context, _): &(&str, &[(&str, &str)], bool)| Request {
        principal: (*service).into(),
        action: "sts:AssumeRole".into(),
        resource: format!("arn:aws:iam::{ACCOUNT}:role/firelens-kit/shop/role"),
        account: ACCOUNT.into(),
        context: context.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        identity: Value::Null,
        resource_policy: serde_json::to_value(trust).unwrap(),
    };
    let verdicts = decide(&cases.iter().map(request).collect::<Vec<_>>());
    for ((service, context, allowed), verdict) in cases.iter().zip(verdicts) {
        assert!(verdict.wrong.is_none() && verdict.allowed == *allowed, "{service} {context:?}: {verdict:?}");
    }
}
