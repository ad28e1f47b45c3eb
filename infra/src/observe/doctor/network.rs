//! Whether tasks have a network, and a way out of it.
use super::{Finding, State};
use crate::{
    Aws, Stack,
    stack::{Run, Service},
    words,
};

const ABOUT: &str = "network";

/// Only a service of ours has a network that is ours to choose.
pub(super) async fn examine(stack: &Stack, aws: &Aws) -> Vec<Finding> {
    let Run::Own(service) = &stack.run else { return Vec::new() };
    let vpc = match &service.vpc {
        Some(vpc) => vpc.clone(),
        None => match aws.default_vpc().await {
            Ok(vpc) => vpc,
            Err(error) if error.denied() => return vec![unknown(&error)],
            Err(error) => return vec![Finding::new(ABOUT, State::Problem, error.to_string())],
        },
    };
    let subnets = match aws.subnets(&vpc, service.vpc.is_none()).await {
        Ok(subnets) => subnets,
        Err(error) => return vec![unknown(&error)],
    };
    let missing = service.subnets.iter().find(|id| !subnets.iter().any(|subnet| subnet.id == **id));
    let mut findings = vec![match missing {
        Some(subnet) => Finding::new(ABOUT, State::Problem, format!("the subnet {subnet} is not in {vpc}"))
            .help("name subnets of this VPC, or the VPC of these subnets"),
        None if subnets.is_empty() => {
            Finding::new(ABOUT, State::Problem, format!("{vpc} has no subnets")).help("name a VPC that has some")
        }
        None => {
            let count = if service.subnets.is_empty() { subnets.len() } else { service.subnets.len() };
            Finding::new(ABOUT, State::Good, format!("{} of {vpc}", words::count(count as u64, "subnet")))
        }
    }];
    findings.extend(way_out(service));
    findings
}

fn unknown(error: &crate::Error) -> Finding {
    Finding::new(ABOUT, State::Unknown, format!("the network could not be looked at: {error}"))
}

/// The subnets of a default VPC lead out through its internet gateway, which serves public addresses only (Amazon VPC user
/// guide, "Default VPCs").
fn way_out(service: &Service) -> Option<Finding> {
    if service.vpc.is_some() || service.public_ip {
        return None;
    }
    let message = "tasks in the default VPC reach neither ECR nor CloudWatch Logs without a public address";
    Some(Finding::new(ABOUT, State::Warning, message).help("give them one, or make a NAT gateway or VPC endpoints"))
}
