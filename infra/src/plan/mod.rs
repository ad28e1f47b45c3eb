//! What is there beside what is wanted: what a deploy would do. Text and JSON are made from this one struct.
use crate::{
    Aws, Error, Id, Kind, Place, Resource, Result, Stack,
    policy::union::Way,
    resource::{Found, Known, Owner},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;
use std::{collections::HashSet, sync::Arc};

pub(crate) mod diff;
mod document;
pub(crate) mod in_use;
mod make;
mod removal;
pub(crate) mod taken;
pub mod text;

pub use document::Document;
pub use make::Options;

/// What a deploy would do.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    pub stack: String,
    #[serde(flatten)]
    pub place: Place,
    /// In the order in which they are applied: what is made and changed first, then what goes, then the rights that nothing uses
    /// any more.
    pub actions: Vec<Action>,
    /// What keeps the plan from being applied.
    pub problems: Vec<Problem>,
    /// Names of the kit's other stacks in the account.
    pub other_stacks: Vec<String>,
    /// The region whose stack of this name has roles that were found, and left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<String>,
    /// The ids that were found while reading.
    #[serde(skip)]
    pub known: Known,
    /// How many that stay as they are were left out.
    #[serde(skip)]
    kept: usize,
}

/// One resource's part.
#[derive(Debug, Clone, Serialize)]
pub struct Action {
    #[serde(flatten)]
    pub id: Id,
    pub action: Verb,
    /// Of an update, what differs; of a creation, all attributes that are set.
    pub changes: Vec<FieldChange>,
    /// What is not plain: why it stays, how it is given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The changes as a difference by lines, where they are shown so.
    #[serde(skip)]
    pub document: Option<Document>,
    #[serde(skip)]
    pub resource: Arc<dyn Resource>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    Create,
    Update,
    Delete,
    /// Rights that nothing uses any more go, after all that used them.
    Narrow,
    /// It is not ours and stays, without our part in it.
    GiveBack,
    /// It is as it shall be, or stays as it is.
    Keep,
}

impl Verb {
    /// What is ours in it goes.
    pub fn takes_away(self) -> bool {
        matches!(self, Verb::Delete | Verb::GiveBack)
    }
}

/// A field of a resource, by its path (`lifecycle.expire_days`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    pub field: String,
    pub before: Value,
    pub after: Value,
}

/// Something that only the user can decide or mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    #[serde(flatten)]
    pub id: Id,
    pub message: String,
    pub help: String,
}

/// Resources that are asked for at a time: below the rates at which AWS throttles describing calls.
const READERS: usize = 8;

/// A resource, and what was found under its name.
pub type Reading = (Arc<dyn Resource>, Option<Found>);

/// Reads what is there, in the resources' order.
///
/// # Errors
/// When AWS cannot be asked.
pub async fn read(aws: &Aws, resources: Vec<Arc<dyn Resource>>) -> Result<Vec<Reading>> {
    let one = |resource: Arc<dyn Resource>| async move {
        let found = match resource.read(aws).await {
            // It went between two calls, or is not known everywhere yet.
            Err(error) if error.is_missing() => None,
            found => found?,
        };
        Ok((resource, found))
    };
    stream::iter(resources.into_iter().map(one)).buffered(READERS).try_collect().await
}

/// A resource that carries the stack's tag and may not be read.
pub type Unread = (Arc<dyn Resource>, Error);

/// Reads what is left over. What is not in the `model` and may not be read is told apart: the tagging API tells of it as long
/// as it is there, whether the caller's policy still covers it or not.
///
/// # Errors
/// When AWS cannot be asked.
pub async fn read_remains(
    aws: &Aws,
    remains: Vec<Arc<dyn Resource>>,
    model: &HashSet<Id>,
) -> Result<(Vec<Reading>, Vec<Unread>)> {
    let one = |resource: Arc<dyn Resource>| async move {
        let found = resource.read(aws).await;
        (resource, found)
    };
    let all: Vec<_> = stream::iter(remains.into_iter().map(one)).buffered(READERS).collect().await;
    let (mut read, mut unread) = (Vec::new(), Vec::new());
    for (resource, found) in all {
        match found {
            Ok(found) => read.push((resource, found)),
            Err(error) if error.is_missing() => read.push((resource, None)),
            Err(error) if error.denied() && !model.contains(&resource.id()) => unread.push((resource, error)),
            Err(error) => return Err(error),
        }
    }
    Ok((read, unread))
}

impl Plan {
    /// Compares what is wanted with what is there.
    pub fn to_deploy(stack: &str, place: &Place, wanted: Vec<Reading>, remains: Vec<Reading>, keep_data: bool) -> Plan {
        let mut plan = Plan::empty(stack, place);
        for (resource, found) in &wanted {
            plan.learn(resource, found.as_ref());
        }
        let mut narrow = Vec::new();
        for (resource, found) in wanted {
            plan.compare(resource, found, &mut narrow);
        }
        plan.remove(remains, keep_data);
        plan.actions.extend(narrow);
        plan
    }

    /// Takes away all that is there and carries the stack's tag.
    pub fn to_destroy(stack: &str, place: &Place, there: Vec<Reading>, keep_data: bool) -> Plan {
        let mut plan = Plan::empty(stack, place);
        for (resource, found) in &there {
            plan.learn(resource, found.as_ref());
        }
        plan.remove(there, keep_data);
        plan
    }

    fn empty(stack: &str, place: &Place) -> Plan {
        Plan {
            stack: stack.to_string(),
            place: place.clone(),
            actions: Vec::new(),
            problems: Vec::new(),
            other_stacks: Vec::new(),
            elsewhere: None,
            known: Known::default(),
            kept: 0,
        }
    }

    fn learn(&self, resource: &Arc<dyn Resource>, found: Option<&Found>) {
        let found = found.and_then(|found| found.physical.clone());
        if let Some(physical) = found.or_else(|| resource.foreseen(&self.place)) {
            self.known.set(resource.id(), physical);
        }
    }

    /// What is done at the end goes to `narrow`.
    fn compare(&mut self, resource: Arc<dyn Resource>, found: Option<Found>, narrow: &mut Vec<Action>) {
        let wanted = resource.wanted(&self.known);
        let Some(found) = found else {
            let mut changes = diff::diff(&Value::Null, &wanted);
            hide(&*resource, &mut changes);
            return self.act(resource, Verb::Create, changes);
        };
        if found.owner != Owner::Ours && !resource.changes_theirs() {
            return self.problems.push(taken::problem(resource.id(), &found));
        }
        if let Some((message, help)) = resource.conflict(&found) {
            return self.problems.push(Problem { id: resource.id(), message, help });
        }
        let mut changes = diff::diff(&found.attributes, &wanted);
        let fixed = |change: &&FieldChange| resource.fixed().contains(&top(&change.field));
        if let Some(change) = changes.iter().find(fixed) {
            return self.problems.push(cannot_change(resource.id(), change));
        }
        hide(&*resource, &mut changes);
        let way = resource.way(&found.attributes);
        if way != Way::Straight {
            // What an update only adds to is not among what it changes.
            let (at_the_end, at_once): (Vec<_>, Vec<_>) =
                changes.into_iter().partition(|change| way == Way::Narrower && top(&change.field) == RIGHTS);
            narrow.push(narrowed(&resource, at_the_end));
            changes = at_once;
            if changes.is_empty() {
                return;
            }
        }
        let verb = if changes.is_empty() { Verb::Keep } else { Verb::Update };
        if verb == Verb::Update && resource.renewed_by_update() {
            self.known.forget(&resource.id());
        }
        let note = resource.remark(&found).filter(|_| verb == Verb::Update);
        let document = resource.is_document(&found, &wanted);
        let document = document.then(|| Document::of(&found.attributes, &wanted, &|field| resource.hidden(field)));
        self.act(resource, verb, changes);
        let action = self.actions.last_mut().expect("it was just put there");
        (action.note, action.document) = (note, document);
    }

    /// What nobody wants any more goes, what depends on others first.
    fn remove(&mut self, mut there: Vec<Reading>, keep_data: bool) {
        there.reverse();
        for (resource, found) in there {
            let Some(found) = found else { continue };
            if let Owner::Region(region) = found.owner {
                self.elsewhere = Some(region);
                continue;
            }
            let (action, note) = match () {
                () if found.owner != Owner::Ours => match resource.remark(&found).filter(|_| resource.adopted()) {
                    Some(remark) => (Verb::Keep, Some(remark)),
                    None => continue,
                },
                () if resource.adopted() => (Verb::GiveBack, None),
                () if keep_data && resource.holds_data() => (Verb::Keep, Some(KEPT.to_string())),
                () => (Verb::Delete, None),
            };
            self.act(resource, action, Vec::new());
            self.actions.last_mut().expect("it was just put there").note = note;
        }
    }

    /// What may not be read stays as it is, and is told of.
    pub(crate) fn leave(&mut self, unread: Vec<Unread>) {
        for (resource, error) in unread {
            self.act(resource, Verb::Keep, Vec::new());
            let call = error.permission().unwrap_or(error.call);
            let note = format!("left over, and left alone: it may not be read, the permission `{call}` is missing");
            self.actions.last_mut().expect("it was just put there").note = Some(note);
        }
    }

    fn act(&mut self, resource: Arc<dyn Resource>, action: Verb, changes: Vec<FieldChange>) {
        self.actions.push(Action { id: resource.id(), action, changes, note: None, document: None, resource });
    }

    /// The actions that change something.
    pub fn pending(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter(|action| action.action != Verb::Keep)
    }

    /// Without what stays as it is.
    pub fn changes_only(mut self) -> Plan {
        self.kept = self.count(Verb::Keep);
        self.actions.retain(|action| action.action != Verb::Keep);
        self
    }

    /// Everything is as it shall be.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty() && self.pending().next().is_none()
    }

    pub fn count(&self, verb: Verb) -> usize {
        let listed = self.actions.iter().filter(|action| action.action == verb).count();
        listed + if verb == Verb::Keep { self.kept } else { 0 }
    }

    /// Whether both would do the same.
    pub fn same(&self, other: &Plan) -> bool {
        self.differences(other).is_empty() && self.problems == other.problems
    }

    /// The resources with which they would not do the same. The log group of the lock is made before it is locked, and is no
    /// difference.
    pub fn differences(&self, other: &Plan) -> Vec<String> {
        let lock = Id::new(Kind::LogGroup, Stack::named(&self.stack).deploys_log_group());
        let pending = |plan: &Plan| -> Vec<_> {
            let rest = plan.pending().filter(|action| action.id != lock);
            rest.map(|action| (action.id.to_string(), serde_json::to_value(action).ok())).collect()
        };
        let (own, others) = (pending(self), pending(other));
        let only = |list: &[(String, _)], other: &[(String, _)]| -> Vec<String> {
            list.iter().filter(|action| !other.contains(action)).map(|(id, _)| id.clone()).collect()
        };
        let mut names = [only(&own, &others), only(&others, &own)].concat();
        names.sort();
        names.dedup();
        names
    }
}

/// The attribute that holds a role's rights.
const RIGHTS: &str = "policy";

fn narrowed(resource: &Arc<dyn Resource>, changes: Vec<FieldChange>) -> Action {
    let note = Some(NARROWED.to_string());
    let resource = Arc::clone(resource);
    Action { id: resource.id(), action: Verb::Narrow, changes, note, document: None, resource }
}

const NARROWED: &str = "rights that nothing uses any more go, after the rollout";

const KEPT: &str = "no longer part of the stack; kept with its logs, --delete-data takes it away";

/// The names of the stack's resources, to tell what remains from what is wanted.
pub fn ids(resources: &[Arc<dyn Resource>]) -> HashSet<Id> {
    resources.iter().map(|resource| resource.id()).collect()
}

/// What may be a secret is not told; only that it is there, and that it differs.
fn hide(resource: &dyn Resource, changes: &mut [FieldChange]) {
    for change in changes.iter_mut().filter(|change| resource.hidden(&change.field)) {
        for value in [&mut change.before, &mut change.after].into_iter().filter(|value| !value.is_null()) {
            *value = HIDDEN.into();
        }
    }
}

const HIDDEN: &str = "(hidden)";

/// The attribute that a path begins with.
pub(crate) fn top(field: &str) -> &str {
    field.split(['.', '[']).next().unwrap_or(field)
}

fn cannot_change(id: Id, change: &FieldChange) -> Problem {
    let message = format!("{} cannot be changed from {} to {}", change.field, change.before, change.after);
    let help = "AWS sets it when the resource is made; give the resource another name, or delete it first".to_string();
    Problem { id, message, help }
}

#[cfg(test)]
mod tests;
