//! What the calls on services and their tasks need.
use crate::{
    Kind, Place, Stack,
    policy::deployer::{CHANGE, DELETE, READ, Rights, Verb, parts::named, tag_in_ecs},
    stack::{Existing, Run},
};

/// A service of the stack's own that a changed configuration no longer has is found by its name.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let (cluster, name) = (stack.cluster(), stack.service());
    let own = vec![Kind::Service.arn(place, &format!("{cluster}/{name}"))];
    let found =
        Rights::on("Service", own.clone()).may(READ, &["ecs:DescribeServices"]).may(DELETE, &["ecs:DeleteService"]);
    match &stack.run {
        Run::None => vec![found],
        Run::Own(_) => {
            let network = Rights::anywhere().may(READ, &["ec2:DescribeVpcs", "ec2:DescribeSubnets"]);
            let changed = found.may(CHANGE, &["ecs:CreateService", "ecs:UpdateService"]);
            let tag = tag_in_ecs("Service", own, "CreateService", stack);
            let failed = failed(stack, place, &cluster, CHANGE);
            [network, changed].into_iter().chain(tag).chain(failed).collect()
        }
        Run::Existing(existing) => {
            let (cluster, name) = adopted(existing);
            let adopted = Rights::on("AdoptedService", vec![Kind::Service.arn(place, &format!("{cluster}/{name}"))])
                .may(READ, &["ecs:DescribeServices"])
                .may(DELETE, &["ecs:UpdateService"]);
            [found, adopted].into_iter().chain(failed(stack, place, &cluster, DELETE)).collect()
        }
    }
}

/// Why a deployment failed: the tasks that stopped, and the end of the router's log.
fn failed(stack: &Stack, place: &Place, cluster: &str, verbs: &'static [Verb]) -> Vec<Rights> {
    let log = named(vec![Kind::LogGroup.arn(place, &stack.router_log_group())]);
    let mut rights = tasks(place, cluster, verbs);
    rights.push(Rights::on("RouterLog", log).may(verbs, &["logs:DescribeLogStreams", "logs:GetLogEvents"]));
    rights
}

/// ListTasks knows no resource of a service on Fargate: the cluster bounds it (Amazon ECS developer guide, "Identity-based policy
/// examples": list tasks of a cluster).
pub(crate) fn tasks(place: &Place, cluster: &str, verbs: &'static [Verb]) -> Vec<Rights> {
    let cluster_arn = Kind::Cluster.arn(place, cluster);
    vec![
        Rights::on("ListTasks", vec!["*".to_string()]).may(verbs, &["ecs:ListTasks"]).when(
            "ArnEquals",
            "ecs:cluster",
            vec![cluster_arn],
        ),
        Rights::on("Tasks", vec![place.arn("ecs", &format!("task/{cluster}/*"))]).may(verbs, &["ecs:DescribeTasks"]),
    ]
}

/// Cluster and name, which can be given as ARNs.
pub(crate) fn adopted(existing: &Existing) -> (String, String) {
    let short = |name: &str| name.rsplit('/').next().unwrap_or_default().to_string();
    (short(&existing.cluster), short(&existing.service))
}
