//! Whoever runs the kit: what each verb calls, on this stack's resources only.
//!
//! `*` stands where AWS knows no resource for a call (Service Authorization Reference: the call has no resource type), and
//! for tasks and security groups, whose ids nobody knows beforehand: these are held by the cluster, or by the stack's tag.
//! That the calls are these is tried by tests, which write down what each verb calls.
use super::{Document, Statement};
use crate::{Place, Stack, names::STACK_TAG, stack::Run};
use std::fmt;

mod compute;
mod destinations;
mod parts;
mod roles;

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
const READ: &[Verb] = &[Verb::Doctor, Verb::Plan, Verb::Deploy, Verb::Destroy, Verb::DeleteData];
/// Those that create and change.
const CHANGE: &[Verb] = &[Verb::Deploy];
/// Those that delete what holds no logs of the user.
const DELETE: &[Verb] = &[Verb::Deploy, Verb::Destroy, Verb::DeleteData];
/// Those that delete the user's logs.
const DELETE_DATA: &[Verb] = &[Verb::DeleteData];
const PUSH: &[Verb] = &[Verb::Push, Verb::Deploy];
/// Those that say how the stack is.
const WATCH: &[Verb] = &[Verb::Status, Verb::Deploy];
/// Those that look for records in buckets and data streams.
const ARRIVALS: &[Verb] = &[Verb::Status, Verb::Verify];

/// What the verbs may do with resources, under conditions.
#[derive(Debug, Clone)]
struct Rights {
    statement: Statement,
    calls: Vec<(&'static [Verb], &'static [&'static str])>,
}

impl Rights {
    fn on(sid: &str, resource: Vec<String>) -> Rights {
        Rights { statement: Statement::allow(sid, &[], resource), calls: Vec::new() }
    }

    /// What another principal may do, for these verbs.
    fn like(statement: Statement, sid: &str, verbs: &'static [Verb]) -> Rights {
        let sid = statement.sid.map(|own| format!("{sid}{own}"));
        Rights { statement: Statement { sid, ..statement }, calls: vec![(verbs, &[])] }
    }

    /// Where AWS knows no resource.
    fn anywhere(sid: &str) -> Rights {
        Rights::on(sid, vec!["*".to_string()])
    }

    fn may(mut self, verbs: &'static [Verb], calls: &'static [&'static str]) -> Rights {
        self.calls.push((verbs, calls));
        self
    }

    fn when(mut self, operator: &str, key: &str, values: Vec<String>) -> Rights {
        self.statement = self.statement.when(operator, key, values);
        self
    }

    /// Only what carries the stack's tag.
    fn when_tagged(self, stack: &Stack) -> Rights {
        self.when("StringEquals", &format!("aws:ResourceTag/{STACK_TAG}"), vec![stack.name.clone()])
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

/// ECS makes its own role with the account's first cluster.
pub(crate) fn needs_role_of_ecs(stack: &Stack) -> bool {
    matches!(stack.run, Run::Own(_))
}

/// The rights for these verbs on this stack.
pub fn document(stack: &Stack, place: &Place, verbs: &[Verb]) -> Document {
    let rights = [destinations::rights(stack, place), roles::rights(stack, place), compute::rights(stack, place)];
    Document::new(rights.into_iter().flatten().filter_map(|rights| rights.statement(verbs)).collect())
}
