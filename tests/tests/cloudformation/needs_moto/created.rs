//! The templates, created by moto's CloudFormation: what is there then is what a deploy would leave.
use crate::stacks::{self, Example};
use aws_credential_types::Credentials;
use e2e::moto::Moto;
use firelens_infra::{
    Aws, Id, Kind, Resource,
    aws::Options,
    export::{cloudformation::CAPABILITY, symbol},
    model,
    resource::{Known, Owner},
};
use serde_json::Value;
use std::collections::BTreeMap;

const REGION: &str = "eu-west-1";

const IMAGE: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-log-router@sha256:\
                     0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Types that moto 5.2.5 does not know in a template: it leaves them out, and fails where an output asks for one's ARN.
const UNKNOWN_TYPES: [&str; 3] =
    ["AWS::KinesisFirehose::DeliveryStream", "AWS::Logs::LogStream", "AWS::S3::BucketPolicy"];

/// Attributes that moto 5.2.5 does not take from a template, though its API has them. All others are as a deploy leaves them;
/// for these there is cfn-lint's schema, and for the rights `same.rs`.
const NOT_TAKEN: [(Kind, &str); 29] = [
    (Kind::LogGroup, "kms_key"),
    // BucketKeyEnabled
    (Kind::Bucket, "encryption"),
    (Kind::Bucket, "lifecycle"),
    (Kind::Bucket, "object_ownership"),
    (Kind::Bucket, "public_access_block"),
    (Kind::DataStream, "kms_key"),
    // On demand: a stream of moto's templates has one shard.
    (Kind::DataStream, "mode"),
    (Kind::DataStream, "shards"),
    // It keeps the document as Python's text of it, which is no JSON.
    (Kind::Role, "policy"),
    (Kind::Repository, "kms_key"),
    (Kind::Repository, "lifecycle_policy"),
    (Kind::Repository, "scan_on_push"),
    // Rules for CidrIpv6 and SourcePrefixListId.
    (Kind::SecurityGroup, "ingress"),
    (Kind::Cluster, "tags"),
    // Of a task definition, it takes family, containers and volumes.
    (Kind::TaskDefinition, "cpu"),
    (Kind::TaskDefinition, "ephemeralStorage"),
    (Kind::TaskDefinition, "executionRoleArn"),
    (Kind::TaskDefinition, "networkMode"),
    (Kind::TaskDefinition, "requiresCompatibilities"),
    (Kind::TaskDefinition, "runtimePlatform"),
    (Kind::TaskDefinition, "tags"),
    (Kind::TaskDefinition, "taskRoleArn"),
    // Of a service: cluster, task definition, count and deployment configuration.
    (Kind::Service, "assign_public_ip"),
    (Kind::Service, "platform_version"),
    (Kind::Service, "propagate_tags"),
    // Its deployment stays in progress.
    (Kind::Service, "rollout_state"),
    (Kind::Service, "security_groups"),
    (Kind::Service, "subnets"),
    (Kind::Service, "tags"),
];

#[tokio::test]
async fn what_is_created_is_what_a_deploy_would_leave() {
    let moto = Moto::start();
    let mut differences = BTreeMap::new();
    for example in stacks::all() {
        moto.http(REGION, "moto", "POST", "/moto-api/reset", "", b"");
        let network = Network::of(&moto);
        let example = network.instead_of_the_ids_in(&example);
        create(&example, &moto, &network);
        let aws = aws(&moto).await;
        let known = Known::default();
        for resource in model::resources(&example.stack(aws.place()), aws.place()) {
            if resource.id().kind != Kind::DeliveryStream {
                differences.extend(compare(&*resource, &aws, &known).await);
            }
        }
    }
    let found: Vec<_> = differences.keys().map(|(kind, name)| (*kind, name.as_str())).collect();
    assert_eq!(found, NOT_TAKEN, "{differences:#?}");
}

/// As the documentation says: a stack without an image, the image, its service; and what stays when it goes.
#[tokio::test]
async fn the_service_comes_with_the_image_and_the_lines_outlive_the_stack() {
    let moto = Moto::start();
    let (network, aws) = (Network::of(&moto), aws(&moto).await);
    let example = stacks::named("logs");
    call("CreateStack", &example, None, &moto, &network);
    assert_eq!(there(&example, &aws).await, [true, true, true, true, false]);
    call("UpdateStack", &example, Some(IMAGE), &moto, &network);
    assert_eq!(there(&example, &aws).await, [true, true, true, true, true]);
    query(&moto, "cloudformation", &[("Action", "DeleteStack"), CLOUDFORMATION, ("StackName", &example.name)]);
    // moto 5.2.5 deletes no service of a template's.
    assert_eq!(there(&example, &aws).await[..4], [true, false, false, false]);
}

/// The destination's log group, the router's, the task's role, the repository, and the service.
async fn there(example: &Example, aws: &Aws) -> [bool; 5] {
    let stack = example.stack(aws.place());
    let ids = [
        Id::new(Kind::LogGroup, "/ecs/shop/httpd"),
        Id::new(Kind::LogGroup, stack.router_log_group()),
        Id::new(Kind::Role, stack.task_role()),
        Id::new(Kind::Repository, stack.repository()),
        Id::new(Kind::Service, format!("{}/{}", stack.cluster(), stack.service())),
    ];
    let resources = model::resources(&stack, aws.place());
    let mut there = [false; 5];
    for (id, there) in ids.iter().zip(&mut there) {
        let resource = resources.iter().find(|resource| resource.id() == *id).expect("the stack has it");
        *there = resource.read(aws).await.unwrap_or_else(|error| panic!("{id}: {error}")).is_some();
    }
    there
}

async fn aws(moto: &Moto) -> Aws {
    let options = Options {
        region: Some(REGION.into()),
        endpoint_url: Some(moto.url()),
        credentials: Some(Credentials::new("test", "geheim", None, None, "test")),
        ..Options::default()
    };
    Aws::load(&options).await.expect("moto knows everybody")
}

/// What differs, by kind and attribute, with an example.
async fn compare(resource: &dyn Resource, aws: &Aws, known: &Known) -> BTreeMap<(Kind, String), String> {
    let id = resource.id();
    let found = resource.read(aws).await.unwrap_or_else(|error| panic!("{id}: {error}"));
    let found = found.unwrap_or_else(|| panic!("{id} is not there"));
    if let Some(physical) = &found.physical {
        known.set(id.clone(), physical);
    }
    assert!(found.owner == Owner::Ours || NOT_TAKEN.contains(&(id.kind, "tags")), "{id}: {:?}", found.owner);
    let mut wanted = resource.wanted(known);
    let containers = wanted.get_mut("containerDefinitions").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten() {
        if container["image"].as_str().unwrap().ends_with(symbol::IMAGE) {
            container["image"] = IMAGE.into();
        }
    }
    let differ = wanted.as_object().unwrap().iter().filter(|(name, wanted)| found.attributes[*name] != **wanted);
    differ
        .map(|(name, wanted)| ((id.kind, name.clone()), format!("{} is not {wanted}", found.attributes[name])))
        .collect()
}

/// What is there before: a VPC, its subnets, and two security groups.
struct Network {
    vpc: String,
    subnets: Vec<String>,
    groups: [String; 2],
}

impl Network {
    /// The default one.
    fn of(moto: &Moto) -> Network {
        let vpc = ids(&query(moto, "ec2", &[("Action", "DescribeVpcs"), EC2]), "vpcId").swap_remove(0);
        let subnets = ids(&query(moto, "ec2", &[("Action", "DescribeSubnets"), EC2]), "subnetId");
        let group = |name: &str| {
            let create = [("Action", "CreateSecurityGroup"), EC2, ("GroupName", name), ("GroupDescription", name)];
            let answer = query(moto, "ec2", &[create.as_slice(), &[("VpcId", &vpc)]].concat());
            ids(&answer, "groupId").swap_remove(0)
        };
        let groups = ["others", "clients"].map(group);
        Network { vpc, subnets, groups }
    }

    fn instead_of_the_ids_in(&self, example: &Example) -> Example {
        example.with(&[
            ("vpc-0123456789abcdef0", &self.vpc),
            ("subnet-0123456789abcdef0", &self.subnets[0]),
            ("subnet-0123456789abcdef1", &self.subnets[1]),
            ("sg-0123456789abcdef0", &self.groups[0]),
            ("sg-0123456789abcdef1", &self.groups[1]),
        ])
    }
}

const EC2: (&str, &str) = ("Version", "2016-11-15");

const CLOUDFORMATION: (&str, &str) = ("Version", "2010-05-15");

fn ids(answer: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let found = answer.split(&open).skip(1).filter_map(|rest| rest.split_once(&close));
    found.map(|(id, _)| id.to_string()).collect()
}

fn create(example: &Example, moto: &Moto, network: &Network) {
    let described = call("CreateStack", example, Some(IMAGE), moto, network);
    assert!(described.contains("<StackStatus>CREATE_COMPLETE</StackStatus>"), "{described}");
}

/// Creates or updates the stack, with what has no default: how it is described then.
fn call(action: &str, example: &Example, image: Option<&str>, moto: &Moto, network: &Network) -> String {
    let template = for_moto(example.template().value().clone());
    let subnets = network.subnets.join(",");
    let given = [("RouterImage", image.unwrap_or_default()), ("VpcId", &network.vpc), ("SubnetIds", &subnets)];
    let wanted = |name: &str| template["Parameters"].get(name).is_some_and(no_default);
    let given: Vec<_> = given.into_iter().filter(|(name, _)| wanted(name)).collect();
    let keys: Vec<[String; 2]> = (1..=given.len())
        .map(|at| ["Key", "Value"].map(|part| format!("Parameters.member.{at}.Parameter{part}")))
        .collect();
    let body = template.to_string();
    let name = ("StackName", example.name.as_str());
    let mut form = vec![
        ("Action", action),
        CLOUDFORMATION,
        name,
        ("Capabilities.member.1", CAPABILITY),
        ("TemplateBody", body.as_str()),
    ];
    for ([key, value], (parameter, is)) in keys.iter().zip(&given) {
        form.extend([(key.as_str(), *parameter), (value.as_str(), *is)]);
    }
    query(moto, "cloudformation", &form);
    query(moto, "cloudformation", &[("Action", "DescribeStacks"), CLOUDFORMATION, name])
}

fn no_default(declared: &Value) -> bool {
    declared.get("Default").is_none_or(|default| default == "")
}

/// Without what moto does not know, and what follows from it.
fn for_moto(template: Value) -> Value {
    // moto 5.2.5 keeps nothing for the newer policy, which also takes away what a failed first create made.
    let text = template.to_string().replace("\"RetainExceptOnCreate\"", "\"Retain\"");
    let mut template: Value = serde_json::from_str(&text).expect("JSON");
    let resources = template["Resources"].as_object_mut().unwrap();
    let unknown = |resource: &Value| UNKNOWN_TYPES.iter().any(|kind| resource["Type"] == *kind);
    let gone: Vec<String> =
        resources.iter().filter(|(_, resource)| unknown(resource)).map(|(id, _)| id.clone()).collect();
    resources.retain(|id, _| !gone.contains(id));
    for resource in resources.values_mut() {
        if let Some(others) = resource.get_mut("DependsOn").and_then(Value::as_array_mut) {
            others.retain(|other| !gone.iter().any(|id| other == id));
        }
    }
    let of_gone =
        |output: &Value| gone.iter().any(|id| output["Value"]["Ref"] == *id || output["Value"]["Fn::GetAtt"][0] == *id);
    template["Outputs"].as_object_mut().unwrap().retain(|_, output| !of_gone(output));
    template
}

/// A call of the Query protocol. It has to succeed.
fn query(moto: &Moto, service: &str, form: &[(&str, &str)]) -> String {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    moto.http(REGION, service, "POST", "/", "", body.as_bytes())
}
