//! Whoever runs the kit: what each verb calls, on this stack's resources only. Which rights a call needs stands beside the
//! call, in the `rights` of its own module: each kind's row and `ROOMS` list them all, and this policy follows
//! from them.
//!
//! `*` stands where AWS knows no resource for a call (Service Authorization Reference: the call has no resource type), and
//! for tasks and security groups, whose ids nobody knows beforehand: these are held by the cluster, or by the stack's tag.
//!
//! Who may tag what is there can make it the stack's, and then do everything with it. So tags may be set when a resource is made
//! (`ec2:CreateAction`, `ecs:CreateAction`) and on what has the stack's tag already. Other services do not tell these apart: there
//! the resource has the stack's own name, and what carries another stack's tag is left out.
//!
//! That each call is granted, and that each right is for a call, is tried by tests.
use super::{Document, Statement};
use crate::{Kind, Place, Stack, names::STACK_TAG, observe, others, plan, resource::kind::Room, send, stack::Run};
use std::{collections::BTreeMap, fmt};

pub(crate) mod parts;

/// What is done with the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    Doctor,
    Plan,
    Push,
    Deploy,
    Status,
    Logs,
    Verify,
    Replay,
    Destroy,
    /// `destroy --delete-data`
    DeleteData,
}

impl Verb {
    pub const ALL: [Verb; 10] = [
        Verb::Doctor,
        Verb::Plan,
        Verb::Push,
        Verb::Deploy,
        Verb::Status,
        Verb::Logs,
        Verb::Verify,
        Verb::Replay,
        Verb::Destroy,
        Verb::DeleteData,
    ];
}

impl Verb {
    /// As on the command line; `delete-data` is `destroy --delete-data`.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Doctor => "doctor",
            Verb::Plan => "plan",
            Verb::Push => "push",
            Verb::Deploy => "deploy",
            Verb::Status => "status",
            Verb::Logs => "logs",
            Verb::Verify => "verify",
            Verb::Replay => "replay",
            Verb::Destroy => "destroy",
            Verb::DeleteData => "delete-data",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The verbs that compare what is there with what is wanted.
pub(crate) const READ: &[Verb] = &[Verb::Doctor, Verb::Plan, Verb::Deploy, Verb::Destroy, Verb::DeleteData];
/// Those that create and change.
pub(crate) const CHANGE: &[Verb] = &[Verb::Deploy];
/// Those that delete what holds no logs of the user.
pub(crate) const DELETE: &[Verb] = &[Verb::Deploy, Verb::Destroy, Verb::DeleteData];
/// Those that delete the user's logs.
pub(crate) const DELETE_DATA: &[Verb] = &[Verb::DeleteData];
pub(crate) const PUSH: &[Verb] = &[Verb::Push, Verb::Deploy];
/// Those that delete a whole stack.
pub(crate) const DESTROY: &[Verb] = &[Verb::Destroy, Verb::DeleteData];

/// What the verbs may do with resources, under conditions.
#[derive(Debug, Clone)]
pub(crate) struct Rights {
    statement: Statement,
    calls: Vec<(&'static [Verb], &'static [&'static str])>,
}

impl Rights {
    pub(crate) fn on(sid: &str, resource: Vec<String>) -> Rights {
        Rights { statement: Statement::allow(sid, &[], resource), calls: Vec::new() }
    }

    /// What another principal may do, for these verbs.
    pub(crate) fn like(statement: Statement, sid: &str, verbs: &'static [Verb]) -> Rights {
        let sid = statement.sid.map(|own| format!("{sid}{own}"));
        Rights { statement: Statement { sid, ..statement }, calls: vec![(verbs, &[])] }
    }

    /// Where AWS knows no resource. All of these are one statement.
    pub(crate) fn anywhere() -> Rights {
        Rights::on("Anywhere", vec!["*".to_string()])
    }

    pub(crate) fn may(mut self, verbs: &'static [Verb], calls: &'static [&'static str]) -> Rights {
        self.calls.push((verbs, calls));
        self
    }

    pub(crate) fn when(mut self, operator: &str, key: &str, values: Vec<String>) -> Rights {
        self.statement = self.statement.when(operator, key, values);
        self
    }

    /// Through these services only: `kms:ViaService`.
    pub(crate) fn via(self, service: &str, place: &Place) -> Rights {
        let via = format!("{service}.{}.{}", place.region, place.dns_suffix());
        self.when("StringEquals", "kms:ViaService", vec![via])
    }

    /// Only what carries the stack's tag.
    pub(crate) fn when_tagged(self, stack: &Stack) -> Rights {
        self.when("StringEquals", &resource_tag(), vec![stack.name.clone()])
    }

    /// Only to give it the stack's tag, with others.
    pub(crate) fn when_tagging(self, stack: &Stack) -> Rights {
        self.when("StringEquals", &format!("aws:RequestTag/{STACK_TAG}"), vec![stack.name.clone()])
    }

    /// Not what carries another stack's tag.
    pub(crate) fn unless_others(self, stack: &Stack) -> Rights {
        self.when("StringEqualsIfExists", &resource_tag(), vec![stack.name.clone()])
    }

    /// Of these verbs, if they may do anything.
    fn statement(self, verbs: &[Verb]) -> Option<Statement> {
        let Rights { mut statement, calls } = self;
        let wanted: Vec<&[&str]> = calls
            .iter()
            .filter(|(of, _)| of.iter().any(|verb| verbs.contains(verb)))
            .map(|(_, calls)| *calls)
            .collect();
        if wanted.is_empty() || statement.resource.is_empty() {
            return None;
        }
        let mut actions = statement.action;
        actions.extend(wanted.into_iter().flatten().map(ToString::to_string));
        actions.sort();
        actions.dedup();
        statement.action = actions;
        Some(statement)
    }
}

/// To tag what is made, and what carries the stack's tag already (Amazon ECS developer guide, "Tagging resources during
/// creation": `ecs:CreateAction`).
pub(crate) fn tag_in_ecs(what: &str, resource: Vec<String>, create: &str, stack: &Stack) -> [Rights; 2] {
    let new = Rights::on(&format!("TagNew{what}"), resource.clone()).may(CHANGE, &["ecs:TagResource"]);
    let there = Rights::on(&format!("Tag{what}"), resource).may(CHANGE, &["ecs:TagResource"]);
    [
        new.when_tagging(stack).when("StringEquals", "ecs:CreateAction", vec![create.to_string()]),
        there.when_tagging(stack).when_tagged(stack),
    ]
}

/// The condition key of the tag that a resource carries.
fn resource_tag() -> String {
    format!("aws:ResourceTag/{STACK_TAG}")
}

/// ECS makes its own role with the account's first cluster.
pub(crate) fn needs_role_of_ecs(stack: &Stack) -> bool {
    matches!(stack.run, Run::Own(_))
}

/// The modules that call AWS besides those of the resources.
const ROOMS: [Room; 7] = [
    ("others", others::rights),
    ("plan/in_use", plan::in_use::rights),
    ("observe/doctor", observe::doctor::rights::rights),
    ("observe/status", observe::status::rights::rights),
    ("observe/logs", observe::logs::rights::rights),
    ("observe/verify", observe::verify::rights::rights),
    ("send", send::rights::rights),
];

/// The rights for these verbs on this stack.
pub fn document(stack: &Stack, place: &Place, verbs: &[Verb]) -> Document {
    let all = rooms(stack, place, verbs).into_iter().flat_map(|(_, document)| document.statement);
    Document::new(by_name(all))
}

/// The same, apart: each module that calls AWS, and the rights that its own calls need.
pub fn rooms(stack: &Stack, place: &Place, verbs: &[Verb]) -> Vec<(&'static str, Document)> {
    let room = |(name, rights): &Room| {
        let statements = rights(stack, place).into_iter().filter_map(|rights| rights.statement(verbs));
        (*name, Document::new(by_name(statements)))
    };
    Kind::ALL.iter().flat_map(|kind| kind.row().rooms).chain(&ROOMS).map(room).collect()
}

/// Statements of one name are one: they are about the same resources, under the same conditions.
fn by_name(statements: impl Iterator<Item = Statement>) -> Vec<Statement> {
    let mut all: Vec<Statement> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for statement in statements {
        let sid = statement.sid.clone().unwrap_or_default();
        match places.get(&sid).map(|at| &mut all[*at]) {
            Some(same) => {
                debug_assert_eq!(
                    (&same.resource, &same.condition),
                    (&statement.resource, &statement.condition),
                    "{sid}"
                );
                same.action.extend(statement.action);
                same.action.sort();
                same.action.dedup();
            }
            None => {
                places.insert(sid, all.len());
                all.push(statement);
            }
        }
    }
    all
}
