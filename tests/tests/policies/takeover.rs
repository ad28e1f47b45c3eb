//! Whoever deploys cannot make the stack's what is not: for each action that tags, what is allowed, and what is not.
use crate::roles::{check, request};
use crate::stacks::{self, Example};
use firelens_infra::policy::deployer::{self, Verb};
use std::collections::BTreeSet;

const RESOURCE: &str = "aws:ResourceTag/firelens-kit:stack";
const REQUEST: &str = "aws:RequestTag/firelens-kit:stack";

/// A tagging action on a resource of the stack, whose name stands in braces.
struct Case {
    action: &'static str,
    resource: &'static str,
    /// The key that tells that a resource is being made, and by what.
    create: Option<(&'static str, &'static str)>,
    /// The service shows the tags of a resource to IAM.
    shows_tags: bool,
    /// Tagged once it is there, too.
    again: bool,
}

const fn case(action: &'static str, resource: &'static str) -> Case {
    Case { action, resource, create: None, shows_tags: true, again: true }
}

const CASES: [Case; 11] = [
    case("logs:TagResource", "arn:aws:logs:eu-west-1:123456789012:log-group:{/keys/httpd}"),
    case("firehose:TagDeliveryStream", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/{keys-archive}"),
    case("kinesis:AddTagsToStream", "arn:aws:kinesis:eu-west-1:123456789012:stream/{keys-events}"),
    case("ecr:TagResource", "arn:aws:ecr:eu-west-1:123456789012:repository/{keys-log-router}"),
    case("iam:TagRole", "arn:aws:iam::123456789012:role/firelens-kit/keys/{keys-task}"),
    Case { shows_tags: false, ..case("s3:PutBucketTagging", "arn:aws:s3:::{keys-objects}") },
    Case { shows_tags: false, ..case("s3:TagResource", "arn:aws:s3:::{keys-objects}") },
    Case {
        create: Some(("ecs:CreateAction", "CreateCluster")),
        ..case("ecs:TagResource", "arn:aws:ecs:eu-west-1:123456789012:cluster/{keys}")
    },
    Case {
        create: Some(("ecs:CreateAction", "CreateService")),
        ..case("ecs:TagResource", "arn:aws:ecs:eu-west-1:123456789012:service/keys/{keys}")
    },
    Case {
        create: Some(("ecs:CreateAction", "RegisterTaskDefinition")),
        again: false,
        ..case("ecs:TagResource", "arn:aws:ecs:eu-west-1:123456789012:task-definition/{keys}:7")
    },
    Case {
        create: Some(("ec2:CreateAction", "CreateSecurityGroup")),
        ..case("ec2:CreateTags", "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0123456789abcdef0")
    },
];

/// Every kind of resource that can be tagged.
fn keys() -> Example {
    let Example { stack, place, .. } = stacks::keys();
    let stack = firelens_infra::Stack { run: stacks::shop().stack.run, ..stack };
    Example { name: "keys", stack, place }
}

fn is_tagging(action: &str) -> bool {
    let (_, operation) = action.split_once(':').unwrap();
    let reads = ["List", "Get", "Describe"].iter().any(|read| operation.starts_with(read));
    operation.contains("Tag") && !reads && !operation.contains("ImageTagMutability")
}

#[test]
fn each_action_that_tags_is_bound() {
    let example = keys();
    let policy = deployer::document(&example.stack, &example.place, &Verb::ALL);
    let granted: BTreeSet<&str> =
        policy.statement.iter().flat_map(|statement| &statement.action).map(String::as_str).collect();
    let granted: BTreeSet<&str> = granted.into_iter().filter(|action| is_tagging(action)).collect();
    assert_eq!(granted, CASES.iter().map(|case| case.action).collect::<BTreeSet<_>>());

    let mut questions = Vec::new();
    for Case { action, resource, create, shows_tags, again } in &CASES {
        let plain = resource.replace(['{', '}'], "");
        let mut ask = |resource: &str, context: &[(&str, &str)], allowed: bool| {
            questions.push((format!("deployer {action}"), request(&policy, action, resource, context), allowed));
        };
        let ours = (REQUEST, "keys");
        let new: Vec<(&str, &str)> = [ours].into_iter().chain(*create).collect();
        ask(&plain, &new, true);
        // Not with another stack's tag, and not without any.
        ask(&plain, &[(REQUEST, "other")].into_iter().chain(*create).collect::<Vec<_>>(), false);
        ask(&plain, create.as_slice(), false);
        if *shows_tags {
            let tag_again: &[(&str, &str)] = &[ours, (RESOURCE, "keys")];
            ask(&plain, tag_again, *again);
            ask(&plain, &[ours, (RESOURCE, "other")], false);
        }
        if let Some((key, _)) = create {
            // What is there and has no tag is somebody else's, whatever its name; and other calls make other things.
            ask(&plain, &[ours], false);
            ask(&plain, &[ours, (key, "RunInstances")], false);
        }
        // What has another name.
        if resource.contains('{') {
            for other in ["other", "my-{", "{-2"] {
                let (before, rest) = resource.split_once('{').unwrap();
                let (name, after) = rest.split_once('}').unwrap();
                let other = format!("{before}{}{after}", other.replace('{', name));
                ask(&other, &new, false);
                if *shows_tags {
                    ask(&other, &[ours, (RESOURCE, "other")], false);
                }
            }
        }
    }
    assert!(questions.len() > 100, "{}", questions.len());
    check(questions);
}

/// The family of an adopted service has revisions of the user's in it.
#[test]
fn revisions_of_the_users_stay_theirs() {
    let Example { stack, place, .. } = stacks::adopted();
    let mut stack = stack;
    if let firelens_infra::stack::Run::Existing(existing) = &mut stack.run {
        existing.task_definition["family"] = "web".into();
    }
    let policy = deployer::document(&stack, &place, &Verb::ALL);
    let revision = "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:task-definition/web:3";
    let service = "arn:aws-us-gov:ecs:us-gov-west-1:123456789012:service/legacy/web";
    let new = ("ecs:CreateAction", "RegisterTaskDefinition");
    let ours = (REQUEST, "legacy");
    let mut questions = Vec::new();
    for (action, resource, context, allowed) in [
        ("ecs:TagResource", revision, vec![ours, new], true),
        // Going back registers the user's revision again, with the user's tags.
        ("ecs:TagResource", revision, vec![new], true),
        ("ecs:TagResource", revision, vec![ours], false),
        ("ecs:TagResource", revision, vec![ours, (RESOURCE, "legacy")], false),
        ("ecs:TagResource", service, vec![ours], false),
        ("ecs:TagResource", service, vec![ours, ("ecs:CreateAction", "CreateService")], false),
        ("ecs:DeleteTaskDefinitions", revision, vec![(RESOURCE, "legacy")], true),
        ("ecs:DeleteTaskDefinitions", revision, vec![(RESOURCE, "other")], false),
        ("ecs:DeleteTaskDefinitions", revision, vec![], false),
        ("ecs:UpdateService", service, vec![], true),
        ("ecs:CreateService", service, vec![], false),
        ("ecs:DeleteService", service, vec![], false),
    ] {
        questions.push(("deployer".to_owned(), request(&policy, action, resource, &context), allowed));
    }
    check(questions);
}
