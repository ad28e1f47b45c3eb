//! In Terraform: a security group, and the default VPC where the stack names none.
use super::SecurityGroup;
use crate::{
    Resource as _,
    aws::ec2::Rule,
    export::terraform::{
        Module, hcl,
        names::{DEFAULT, DEPLOYED},
    },
    names::STACK_TAG,
};
use hcl_edit::{
    expr::Expression,
    structure::{Block, Structure},
};

/// With the data source of its VPC, where that is the default one.
pub(super) fn blocks(module: &Module, group: &SecurityGroup) -> Vec<Block> {
    let vpc = match &group.vpc {
        Some(vpc) => hcl::text(vpc),
        None => hcl::path(&format!("data.aws_vpc.{DEFAULT}.id")),
    };
    let default = [hcl::attribute("default", true)];
    let default = group.vpc.is_none().then(|| hcl::data_source("aws_vpc", DEFAULT, default));
    let head = [
        hcl::attribute("name", hcl::text(&group.name)),
        hcl::attribute("description", hcl::text(&group.description())),
        hcl::attribute("vpc_id", vpc),
        hcl::tags(),
    ];
    let out = [
        hcl::attribute("from_port", 0),
        hcl::attribute("to_port", 0),
        hcl::attribute("protocol", "-1"),
        hcl::attribute("cidr_blocks", hcl::list([Expression::from("0.0.0.0/0")])),
    ];
    let egress = hcl::nested("egress", out);
    // What goes out is AWS's default when the group is made, and then whatever it was made to.
    let ignored = [hcl::attribute("ignore_changes", hcl::list([hcl::path("egress")]))];
    let body = head.into_iter().chain(ingress(&group.ingress)).chain([egress, hcl::nested("lifecycle", ignored)]);
    let group = hcl::resource("aws_security_group", module.names.local(&group.id()), body);
    default.into_iter().chain([group]).collect()
}

/// One block for all who reach the same ports.
fn ingress(rules: &[Rule]) -> Vec<Structure> {
    let all: Vec<&Rule> = rules.iter().collect();
    let same = |one: &&Rule, other: &&Rule| (&one.protocol, one.ports) == (&other.protocol, other.ports);
    all.chunk_by(same).map(|rules| hcl::nested("ingress", open_to(rules))).collect()
}

fn open_to(rules: &[&Rule]) -> Vec<Structure> {
    let (first, last) = rules[0].ports.unwrap_or((0, 0));
    let peers = |argument: &str, is: fn(&str) -> bool| {
        let peers: Vec<&String> = rules.iter().map(|rule| &rule.peer).filter(|peer| is(peer)).collect();
        (!peers.is_empty()).then(|| hcl::attribute(argument, hcl::texts(peers)))
    };
    let peers = [
        peers("cidr_blocks", |peer| peer.contains('.') && !peer.contains(':')),
        peers("ipv6_cidr_blocks", |peer| peer.contains(':')),
        peers("security_groups", |peer| peer.starts_with("sg-")),
        peers("prefix_list_ids", |peer| peer.starts_with("pl-")),
    ];
    let head = [
        hcl::attribute("from_port", first),
        hcl::attribute("to_port", last),
        hcl::attribute("protocol", hcl::text(&rules[0].protocol)),
    ];
    head.into_iter().chain(peers.into_iter().flatten()).collect()
}

/// By the id of the one with its name and tag.
pub(super) fn imports(module: &Module, group: &SecurityGroup) -> Vec<Block> {
    let filter = |name: &str, value: &str| {
        let body = [hcl::attribute("name", name), hcl::attribute("values", hcl::list([hcl::text(value)]))];
        hcl::nested("filter", body)
    };
    let tag = format!("tag:{STACK_TAG}");
    let filters = [filter("group-name", &group.name), filter(&tag, &module.stack.name)];
    vec![
        hcl::data_source("aws_security_group", DEPLOYED, filters),
        hcl::import(module.address(&group.id()), hcl::path(&format!("data.aws_security_group.{DEPLOYED}.id"))),
    ]
}
