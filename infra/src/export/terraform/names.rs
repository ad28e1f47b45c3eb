//! What the resources are called within the module, and how others refer to them.
use super::hcl;
use crate::{
    Id, Kind, Place, Resource, Stack,
    stack::{DeliveryStream, Target},
};
use hcl_edit::expr::Expression;
use std::{collections::BTreeMap, sync::Arc};

/// Our own log groups, which are no destinations.
pub(crate) const ROUTER: &str = "log_router";
const ERRORS: &str = "delivery_errors";

/// The roles.
pub(crate) const TASK: &str = "task";
pub(crate) const EXECUTION: &str = "execution";
pub(crate) const FIREHOSE: &str = "firehose";

/// The data sources of the default VPC and of its subnets.
pub(crate) const DEFAULT: &str = "default";

/// The data sources that ask for ids that AWS gave.
pub(crate) const DEPLOYED: &str = "deployed";

/// All that runs the app.
pub(crate) const APP: &str = "app";

#[derive(Default)]
pub(crate) struct Names {
    /// The resources' local names.
    local: BTreeMap<Id, String>,
    /// ARNs, and what refers to their resources.
    arns: Vec<(String, Expression)>,
}

/// The type of a resource.
fn of_kind(kind: Kind) -> &'static str {
    kind.row().terraform.as_ref().expect("a module has no other kinds").kind
}

impl Names {
    pub(crate) fn of(stack: &Stack, place: &Place, resources: &[Arc<dyn Resource>]) -> Names {
        let mut local = BTreeMap::new();
        for id in resources.iter().map(|resource| resource.id()) {
            let name = unique(&local, id.kind, local_name(stack, place, &id));
            local.insert(id, name);
        }
        let mut names = Names { local, arns: Vec::new() };
        let ids = names.local.keys().filter(|id| id.kind.row().arn.is_some());
        names.arns = ids.map(|id| (id.kind.arn(place, &id.name), names.reference(id, "arn"))).collect();
        names
    }

    /// The local name.
    pub(crate) fn local(&self, id: &Id) -> &str {
        &self.local[id]
    }

    /// `aws_iam_role.task.arn`
    pub(crate) fn reference(&self, id: &Id, attribute: &str) -> Expression {
        hcl::path(&format!("{}.{attribute}", self.address(id)))
    }

    /// `aws_iam_role.task`
    pub(crate) fn address(&self, id: &Id) -> String {
        format!("{}.{}", of_kind(id.kind), self.local(id))
    }

    /// The same, where it is one of the module's resources.
    pub(crate) fn known(&self, id: &Id, attribute: &str) -> Option<Expression> {
        self.local.contains_key(id).then(|| self.reference(id, attribute))
    }

    /// An ARN, with a reference where it is that of a resource of the module, or of something in it.
    pub(crate) fn arn(&self, text: &str) -> Expression {
        let within = |(arn, reference): &(String, Expression)| {
            let rest = text.strip_prefix(arn.as_str())?;
            match rest.chars().next() {
                None => Some(reference.clone()),
                Some(':' | '/') => Some(hcl::template([reference.clone(), hcl::text(rest)])),
                Some(_) => None,
            }
        };
        self.arns.iter().find_map(within).unwrap_or_else(|| hcl::text(text))
    }
}

/// What others of the kind have already gets a number.
fn unique(taken: &BTreeMap<Id, String>, kind: Kind, name: String) -> String {
    let is_free = |name: &String| !taken.iter().any(|(id, other)| id.kind == kind && other == name);
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    [name.clone()].into_iter().chain(numbered).find(is_free).unwrap_or(name)
}

/// After the destination, or after what it is for.
fn local_name(stack: &Stack, place: &Place, id: &Id) -> String {
    let own = [
        (Kind::LogGroup, stack.router_log_group(), ROUTER),
        (Kind::LogGroup, stack.firehose_log_group(), ERRORS),
        (Kind::Role, stack.task_role(), TASK),
        (Kind::Role, stack.execution_role(), EXECUTION),
        (Kind::Role, stack.firehose_role(), FIREHOSE),
    ];
    let own = own.iter().find(|(kind, name, _)| (*kind, name.as_str()) == (id.kind, id.name.as_str()));
    if let Some((_, _, local)) = own {
        return local.to_string();
    }
    let is_of = |target: &Target, destination: &str| match (id.kind, target) {
        (Kind::LogGroup, Target::LogGroup(group)) => group.name == id.name,
        (Kind::DataStream, Target::DataStream(stream)) => stream.name == id.name,
        (Kind::DeliveryStream, Target::DeliveryStream(stream)) => stream.name == id.name,
        (Kind::Bucket, Target::Bucket(bucket) | Target::DeliveryStream(DeliveryStream { bucket, .. })) => {
            place.bucket_of(&stack.name, destination, bucket.name.as_deref()) == id.name
        }
        _ => false,
    };
    let destination = stack.destinations.iter().find(|to| is_of(&to.target, &to.name));
    let other = || id.kind.row().terraform.as_ref().map_or(APP, |of| of.local).to_string();
    destination.map_or_else(other, |to| identifier(&to.name))
}

/// A destination's name can begin with a digit or a `-`.
fn identifier(name: &str) -> String {
    let name = name.replace('-', "_");
    match name.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("_{name}"),
        false => name,
    }
}
