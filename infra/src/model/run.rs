//! The roles, and what runs the router.
use crate::{
    Id, Kind, Place, Resource, Stack,
    aws::ec2::Rule,
    policy::{self, Document},
    resource::{
        cluster::Cluster,
        role::Role,
        role_policy::RolePolicy,
        security_group::SecurityGroup,
        service::{AdoptedService, Network, OwnService},
        task_definition::{TaskDefinition, Theirs, router::Signs},
    },
    stack::{Existing, Registry, Run, Service},
};
use serde_json::Value;
use std::sync::Arc;

/// Roles of ours, and our policies in roles of the user's.
pub(super) fn roles(stack: &Stack, place: &Place) -> Vec<Arc<dyn Resource>> {
    let (task, execution) = match &stack.run {
        Run::Existing(existing) => (existing.task_role.as_deref(), existing.execution_role.as_deref()),
        Run::Own(_) | Run::None => (None, None),
    };
    let task = role_or_policy(
        stack,
        task,
        Role {
            description: "What the tasks of the stack may do: write to its destinations".into(),
            trust: policy::router::trust(stack, place),
            policy: policy::router::document(stack, place),
            ..role(stack, stack.task_role())
        },
    );
    let execution = role_or_policy(
        stack,
        execution,
        Role {
            description: "What ECS does for the tasks of the stack: images, logs, secrets".into(),
            trust: policy::execution::trust(stack, place),
            policy: policy::execution::document(stack, place),
            ..role(stack, stack.execution_role())
        },
    );
    let firehose = policy::firehose::document(stack, place);
    let firehose = (!firehose.is_empty()).then(|| {
        let role: Arc<dyn Resource> = Arc::new(Role {
            description: "What the stack's delivery streams do: write to their buckets".into(),
            trust: policy::firehose::trust(stack, place),
            policy: firehose,
            ..role(stack, stack.firehose_role())
        });
        role
    });
    [task, execution, firehose].into_iter().flatten().collect()
}

/// Task definition and service, and what they are in. The router writes to these destinations as soon as it runs.
pub(super) fn service(stack: &Stack, place: &Place, destinations: Vec<Id>) -> Vec<Arc<dyn Resource>> {
    match &stack.run {
        Run::None => Vec::new(),
        Run::Own(service) => {
            let group = security_group(stack, service);
            let definition = task_definition(stack, place, stack.family(), &service.task_definition);
            let cluster = Cluster { stack: stack.name.clone(), name: stack.cluster(), tags: stack.all_tags() };
            let service = OwnService { destinations, ..own_service(stack, service, group.id(), definition.id()) };
            vec![Arc::new(group), Arc::new(cluster), Arc::new(definition), Arc::new(service)]
        }
        Run::Existing(existing) => {
            let family = existing.task_definition["family"].as_str().unwrap_or_default().to_string();
            let mut definition = task_definition(stack, place, family, &existing.task_definition);
            definition.theirs = Some(Theirs {
                cluster: existing.cluster.clone(),
                service: existing.service.clone(),
                from: existing.from.clone(),
                notes: existing.notes.clone(),
            });
            let service = AdoptedService { destinations, ..adopted_service(stack, existing, definition.id()) };
            vec![Arc::new(definition), Arc::new(service)]
        }
    }
}

fn role(stack: &Stack, name: String) -> Role {
    Role {
        path: stack.path(),
        permissions_boundary: stack.permissions_boundary.clone(),
        tags: stack.all_tags(),
        ..Role::left_over(&stack.name, name)
    }
}

/// In a role that is there, only what `ours` may do. Nothing where it may do nothing.
fn role_or_policy(stack: &Stack, there: Option<&str>, ours: Role) -> Option<Arc<dyn Resource>> {
    match there.filter(|there| *there != ours.name) {
        None => Some(Arc::new(ours)),
        Some(_) if ours.policy.is_empty() => None,
        Some(role) => Some(Arc::new(policy_in(stack, role, ours.policy))),
    }
}

fn policy_in(stack: &Stack, role: &str, policy: Document) -> RolePolicy {
    RolePolicy { role: role.to_string(), name: stack.statement(), policy }
}

fn security_group(stack: &Stack, service: &Service) -> SecurityGroup {
    let rule = |peer: &String, port| Rule { protocol: "tcp".into(), ports: Some((port, port)), peer: peer.clone() };
    SecurityGroup {
        vpc: service.vpc.clone(),
        ingress: service.port.iter().flat_map(|port| service.ingress.iter().map(|peer| rule(peer, *port))).collect(),
        tags: stack.all_tags(),
        ..SecurityGroup::left_over(&stack.name, stack.security_group())
    }
}

/// With roles of ours where it names none.
fn task_definition(stack: &Stack, place: &Place, family: String, definition: &Value) -> TaskDefinition {
    let mut input = definition.clone();
    let mut depends_on = vec![Id::new(Kind::LogGroup, stack.router_log_group())];
    for (field, ours) in [("taskRoleArn", stack.task_role()), ("executionRoleArn", stack.execution_role())] {
        let named = input[field].as_str().and_then(|arn| arn.rsplit('/').next()).map(str::to_string);
        match named.filter(|role| *role != ours) {
            Some(role) => {
                depends_on.push(Id::role_policy(&role, &stack.statement()));
            }
            None => {
                input[field] = place.role_arn(&stack.path(), &ours).into();
                depends_on.push(Id::new(Kind::Role, ours));
            }
        }
    }
    if let Registry::Ecr { .. } = stack.registry {
        depends_on.push(Id::new(Kind::Image, stack.repository()));
        depends_on.push(Id::new(Kind::Repository, stack.repository()));
    }
    let signs = Signs::of(stack);
    TaskDefinition {
        input,
        tags: stack.all_tags(),
        signs,
        depends_on,
        ..TaskDefinition::left_over(&stack.name, family)
    }
}

fn own_service(stack: &Stack, service: &Service, security_group: Id, task_definition: Id) -> OwnService {
    OwnService {
        stack: stack.name.clone(),
        cluster: stack.cluster(),
        name: stack.service(),
        network: Network {
            vpc: service.vpc.clone(),
            subnets: service.subnets.clone(),
            public_ip: service.public_ip,
            security_groups: service.security_groups.clone(),
        },
        desired_count: service.desired_count,
        tags: stack.all_tags(),
        task_definition,
        security_group,
        destinations: Vec::new(),
        log_group: stack.router_log_group(),
    }
}

fn adopted_service(stack: &Stack, existing: &Existing, task_definition: Id) -> AdoptedService {
    AdoptedService {
        stack: stack.name.clone(),
        cluster: existing.cluster.clone(),
        name: existing.service.clone(),
        task_definition,
        destinations: Vec::new(),
        log_group: stack.router_log_group(),
        signs: Signs::of(stack),
        size: existing.size.clone(),
        tags: stack.all_tags(),
        replace_router: existing.replace_router,
    }
}
