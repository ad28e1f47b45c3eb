//! In Terraform: a service, and its subnets where the stack names none.
use super::{Network, OwnService};
use crate::{
    Id, Kind, Resource as _,
    export::terraform::{
        Module, hcl,
        names::{DEFAULT, EXECUTION, TASK},
    },
    resource::Known,
};
use hcl_edit::{expr::Expression, structure::Block};

pub(super) fn block(module: &Module, service: &OwnService) -> Block {
    let names = &module.names;
    let deployment = &service.wanted(&Known::default())["deployment_configuration"];
    let number = |key: &str| hcl::json(&deployment[key], &|_, _| None);
    let groups = service.network.security_groups.iter().map(|group| hcl::text(group));
    let groups = groups.chain([names.reference(&service.security_group, "id")]);
    let network = [
        hcl::attribute("subnets", named_subnets(&service.network)),
        hcl::attribute("security_groups", hcl::list(groups)),
        hcl::attribute("assign_public_ip", service.network.public_ip),
    ];
    let breaker = [hcl::attribute("enable", number("circuit_breaker")), hcl::attribute("rollback", number("rollback"))];
    let head = [
        hcl::attribute("name", hcl::text(&service.name)),
        hcl::attribute("cluster", names.reference(&Id::new(Kind::Cluster, &service.cluster), "arn")),
        hcl::attribute("task_definition", names.reference(&service.task_definition, "arn")),
        hcl::attribute("desired_count", service.desired_count.unwrap_or(1)),
        hcl::attribute("launch_type", "FARGATE"),
        hcl::attribute("platform_version", "LATEST"),
        hcl::attribute("deployment_minimum_healthy_percent", number("minimum_healthy_percent")),
        hcl::attribute("deployment_maximum_percent", number("maximum_percent")),
        hcl::attribute("propagate_tags", "SERVICE"),
        hcl::attribute("enable_ecs_managed_tags", true),
        hcl::attribute("wait_for_steady_state", true),
        hcl::tags(),
        hcl::nested("network_configuration", network),
        hcl::nested("deployment_circuit_breaker", breaker),
    ];
    // From then on the count is somebody else's: Application Auto Scaling's.
    let ignored = [hcl::attribute("ignore_changes", hcl::list([hcl::path("desired_count")]))];
    let count = service.desired_count.is_none().then(|| hcl::nested("lifecycle", ignored));
    let roles = module.with_policy.iter().filter(|role| [TASK, EXECUTION].contains(&role.as_str()));
    let rights = roles.map(|role| format!("aws_iam_role_policy.{role}"));
    let written = service.destinations.iter().map(|id| names.address(id));
    let first: Vec<String> = rights.chain(written).collect();
    let body = head.into_iter().chain(count).chain(hcl::depends_on(&first));
    hcl::resource("aws_ecs_service", names.local(&service.id()), body)
}

/// Those of the VPC, where none are named: of the default VPC the default ones.
pub(super) fn subnets(network: &Network) -> Option<Block> {
    if !network.subnets.is_empty() {
        return None;
    }
    let filter = |name: &str, value: Expression| {
        hcl::nested("filter", [hcl::attribute("name", name), hcl::attribute("values", hcl::list([value]))])
    };
    let of = match &network.vpc {
        Some(vpc) => vec![filter("vpc-id", hcl::text(vpc))],
        None => vec![
            filter("vpc-id", hcl::path(&format!("data.aws_vpc.{DEFAULT}.id"))),
            filter("default-for-az", Expression::from("true")),
        ],
    };
    Some(hcl::data_source("aws_subnets", DEFAULT, of))
}

/// What a service names.
fn named_subnets(network: &Network) -> Expression {
    match network.named_subnets() {
        Some(subnets) => hcl::texts(&subnets),
        None => hcl::path(&format!("data.aws_subnets.{DEFAULT}.ids")),
    }
}
