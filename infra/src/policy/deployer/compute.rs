//! The image's repository, and what runs the router: cluster, task definition, service and security group.
use super::{CHANGE, DELETE, PUSH, READ, Rights, Verb, WATCH};
use crate::{
    Place, Stack,
    names::STACK_TAG,
    stack::{Registry, Run},
};

pub fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let mut rights = repository(stack, place);
    match &stack.run {
        Run::Own(_) => {
            rights.extend(ecs(place, &stack.cluster(), &stack.service(), &stack.family(), &[Verb::Verify]));
            rights.push(cluster(stack, place));
            rights.extend(security_group(stack, place));
        }
        Run::Existing(existing) => {
            let family = existing.task_definition["family"].as_str().unwrap_or("*");
            // They can be named by their ARNs.
            let short = |name: &str| name.rsplit('/').next().unwrap_or_default().to_string();
            rights.extend(ecs(place, &short(&existing.cluster), &short(&existing.service), family, &[]));
            rights.extend(left_over(stack, place));
        }
        Run::None => rights.extend(left_over(stack, place)),
    }
    rights
}

/// A push asks first what is there, and moves the rest (ECR user guide, "IAM permissions for pushing an image"). A repository
/// that a changed configuration no longer has is found by its name.
fn repository(stack: &Stack, place: &Place) -> Vec<Rights> {
    let repository = place.arn("ecr", &format!("repository/{}", stack.repository()));
    let found = Rights::on("Repository", vec![repository]);
    let found = found
        .may(
            READ,
            &["ecr:DescribeRepositories", "ecr:BatchGetImage", "ecr:ListTagsForResource", "ecr:GetLifecyclePolicy"],
        )
        .may(DELETE, &["ecr:DeleteRepository"]);
    if matches!(stack.registry, Registry::Other(_)) {
        return vec![found];
    }
    let login = Rights::anywhere("RegistryLogin")
        .may(READ, &["ecr:GetAuthorizationToken"])
        .may(PUSH, &["ecr:GetAuthorizationToken"]);
    let filled = found
        .may(
            PUSH,
            &[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
                "ecr:InitiateLayerUpload",
                "ecr:UploadLayerPart",
                "ecr:CompleteLayerUpload",
                "ecr:PutImage",
            ],
        )
        .may(
            CHANGE,
            &[
                "ecr:CreateRepository",
                "ecr:TagResource",
                "ecr:PutImageTagMutability",
                "ecr:PutImageScanningConfiguration",
                "ecr:PutLifecyclePolicy",
            ],
        );
    vec![login, filled]
}

/// What a changed configuration no longer has is found by its name: the service of the stack's own, and what it ran in.
fn left_over(stack: &Stack, place: &Place) -> Vec<Rights> {
    let (cluster, service, family) = (stack.cluster(), stack.service(), stack.family());
    vec![
        Rights::anywhere("LeftOverByName")
            .may(READ, &["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions", "ec2:DescribeSecurityGroups"])
            .may(DELETE, &["ecs:DeregisterTaskDefinition", "ec2:DescribeNetworkInterfaces"]),
        Rights::on("LeftOverCluster", vec![place.arn("ecs", &format!("cluster/{cluster}"))])
            .may(READ, &["ecs:DescribeClusters"])
            .may(DELETE, &["ecs:DeleteCluster"]),
        Rights::on("LeftOverService", vec![place.arn("ecs", &format!("service/{cluster}/{service}"))])
            .may(READ, &["ecs:DescribeServices"])
            .may(DELETE, &["ecs:DeleteService"]),
        Rights::on("LeftOverTaskDefinition", vec![place.arn("ecs", &format!("task-definition/{family}:*"))])
            .may(DELETE, &["ecs:DeleteTaskDefinitions"]),
        Rights::on("LeftOverSecurityGroup", vec![place.arn("ec2", "security-group/*")])
            .may(DELETE, &["ec2:DeleteSecurityGroup"])
            .when_tagged(stack),
    ]
}

/// A service and its task definition; `address` are the verbs that look for the address of its tasks. ListTasks knows no
/// resource of a service on Fargate: the cluster bounds it (Amazon ECS developer guide, "Identity-based policy examples": list
/// tasks of a cluster).
fn ecs(place: &Place, cluster: &str, service: &str, family: &str, address: &'static [Verb]) -> Vec<Rights> {
    let cluster_arn = place.arn("ecs", &format!("cluster/{cluster}"));
    vec![
        Rights::anywhere("TaskDefinitions")
            .may(READ, &["ecs:DescribeTaskDefinition", "ecs:ListTaskDefinitions"])
            .may(WATCH, &["ecs:DescribeTaskDefinition"])
            .may(DELETE, &["ecs:DeregisterTaskDefinition"]),
        Rights::on("TaskDefinition", vec![place.arn("ecs", &format!("task-definition/{family}:*"))])
            .may(CHANGE, &["ecs:RegisterTaskDefinition", "ecs:TagResource"])
            .may(DELETE, &["ecs:DeleteTaskDefinitions"]),
        Rights::on("Service", vec![place.arn("ecs", &format!("service/{cluster}/{service}"))])
            .may(READ, &["ecs:DescribeServices"])
            .may(WATCH, &["ecs:DescribeServices"])
            .may(CHANGE, &["ecs:CreateService", "ecs:UpdateService", "ecs:TagResource"])
            .may(DELETE, &["ecs:UpdateService", "ecs:DeleteService"]),
        Rights::anywhere("ListTasks")
            .may(WATCH, &["ecs:ListTasks"])
            .may(address, &["ecs:ListTasks"])
            .may(DELETE, &["ecs:ListTasks"])
            .when("ArnEquals", "ecs:cluster", vec![cluster_arn]),
        Rights::on("Tasks", vec![place.arn("ecs", &format!("task/{cluster}/*"))])
            .may(WATCH, &["ecs:DescribeTasks"])
            .may(address, &["ecs:DescribeTasks"])
            .may(DELETE, &["ecs:DescribeTasks"]),
    ]
}

fn cluster(stack: &Stack, place: &Place) -> Rights {
    Rights::on("Cluster", vec![place.arn("ecs", &format!("cluster/{}", stack.cluster()))])
        .may(READ, &["ecs:DescribeClusters"])
        .may(WATCH, &["ecs:DescribeClusters"])
        .may(CHANGE, &["ecs:CreateCluster", "ecs:TagResource"])
        .may(DELETE, &["ecs:DeleteCluster"])
}

/// A group is made with the stack's tag, and only one with this tag is changed. What describes has no resource.
fn security_group(stack: &Stack, place: &Place) -> Vec<Rights> {
    let groups = vec![place.arn("ec2", "security-group/*")];
    let tag = |key: &str| (format!("{key}/{STACK_TAG}"), vec![stack.name.clone()]);
    let (request_tag, name) = tag("aws:RequestTag");
    let vpc = match &stack.run {
        Run::Own(service) => service.vpc.as_deref().unwrap_or("*"),
        _ => "*",
    };
    vec![
        Rights::anywhere("Network")
            .may(READ, &["ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"])
            .may(&[Verb::Verify, Verb::Destroy, Verb::DeleteData], &["ec2:DescribeNetworkInterfaces"]),
        Rights::on("SecurityGroupInVpc", vec![place.arn("ec2", &format!("vpc/{vpc}"))])
            .may(CHANGE, &["ec2:CreateSecurityGroup"]),
        Rights::on("NewSecurityGroup", groups.clone())
            .may(CHANGE, &["ec2:CreateSecurityGroup", "ec2:CreateTags"])
            .when("StringEquals", &request_tag, name),
        Rights::on("SecurityGroup", groups)
            .may(CHANGE, &["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateTags"])
            .may(DELETE, &["ec2:DeleteSecurityGroup"])
            .when_tagged(stack),
    ]
}
