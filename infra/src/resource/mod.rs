//! What a stack is made of: one resource a file, each knowing how to read, compare, create, update and delete itself.
use crate::{
    Aws, Error, Place, Result,
    aws::wait,
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, hcl},
    },
    names::STACK_TAG,
    plan::FieldChange,
    policy::union::Way,
};
use async_trait::async_trait;
use hcl_edit::structure::Block;
use serde::Serialize;
use serde_json::Value;
use std::{
    any::Any,
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex},
};

pub mod bucket;
mod changes;
pub mod cluster;
pub mod data_stream;
pub mod delivery_stream;
pub mod image;
pub(crate) mod kind;
pub mod log_group;
pub mod metric_filter;
pub mod repository;
pub mod role;
pub mod role_policy;
pub mod security_group;
pub mod service;
pub mod task_definition;

use kind::kinds;

pub use changes::{Changes, update};

kinds! {
    /// A log group of CloudWatch Logs.
    LogGroup = log_group::ROW,
    /// A metric filter of CloudWatch Logs.
    MetricFilter = metric_filter::ROW,
    /// A bucket of S3.
    Bucket = bucket::ROW,
    /// A Firehose stream.
    DeliveryStream = delivery_stream::ROW,
    /// A Kinesis data stream.
    DataStream = data_stream::ROW,
    /// A role of IAM.
    Role = role::ROW,
    /// A policy of ours in a role that is not ours.
    RolePolicy = role_policy::ROW,
    /// A repository of ECR.
    Repository = repository::ROW,
    /// The router's image.
    Image = image::ROW,
    /// A security group.
    SecurityGroup = security_group::ROW,
    /// A cluster of ECS.
    Cluster = cluster::ROW,
    /// A task definition's family.
    TaskDefinition = task_definition::ROW,
    /// A service of ECS: the stack's, or one that it adopts.
    Service = service::ROW,
}

/// Which resource: its kind and its name, of which there is only one in an account's region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Id {
    pub kind: Kind,
    pub name: String,
}

impl Id {
    pub fn new(kind: Kind, name: impl Into<String>) -> Id {
        Id { kind, name: name.into() }
    }

    /// A service in its cluster.
    pub fn service(cluster: &str, name: &str) -> Id {
        Id::new(Kind::Service, format!("{cluster}/{name}"))
    }

    /// A policy in a role.
    pub fn role_policy(role: &str, name: &str) -> Id {
        Id::new(Kind::RolePolicy, format!("{role}/{name}"))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// Whose a resource is, by its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// This stack's.
    Ours,
    /// Another stack's of the kit.
    Stack(String),
    /// That of the stack of this name in another region. Only roles are the same for all regions.
    Region(String),
    /// It was not made by the kit.
    Nobody,
}

impl Owner {
    /// By a resource's tags.
    pub fn of(stack: &str, tags: &BTreeMap<String, String>) -> Owner {
        match tags.get(STACK_TAG) {
            Some(name) if name == stack => Owner::Ours,
            Some(name) => Owner::Stack(name.clone()),
            None => Owner::Nobody,
        }
    }
}

/// A resource as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub owner: Owner,
    /// In the form of [`Resource::wanted`]. What is not wanted in any way (tags of others) is not in it.
    pub attributes: Value,
    /// The id that AWS gave it, where it cannot be told from the name: a security group's, a task definition's ARN.
    pub physical: Option<String>,
}

/// Ids that AWS gave: filled while reading and creating, read by those that depend on them.
#[derive(Debug, Clone, Default)]
pub struct Known(Arc<Mutex<HashMap<Id, String>>>);

impl Known {
    pub fn get(&self, id: &Id) -> Option<String> {
        self.0.lock().expect("no holder of this lock panics").get(id).cloned()
    }

    /// It will get another one.
    pub(crate) fn forget(&self, id: &Id) {
        self.0.lock().expect("no holder of this lock panics").remove(id);
    }

    pub fn set(&self, id: Id, physical: impl Into<String>) {
        self.0.lock().expect("no holder of this lock panics").insert(id, physical.into());
    }
}

/// What stands in an attribute whose value AWS gives only when something else is created.
pub const LATER: &str = "(known after deploy)";

/// Says what a resource waits for, for the progress on the screen.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Whether a resource is taken away by the same plan.
pub type Goes<'a> = &'a (dyn Fn(&Id) -> bool + Send + Sync);

/// A part of a stack.
///
/// All calls can be made again: a `create` that was cut off before its end finds what it left and goes on.
#[async_trait]
pub trait Resource: Any + fmt::Debug + Send + Sync {
    fn id(&self) -> Id;

    /// What has to be there first.
    fn depends_on(&self) -> Vec<Id> {
        Vec::new()
    }

    /// The attributes that it shall have: an object, whose names are those of AWS's own tools in snake case. `tags` among
    /// them, where it has any.
    fn wanted(&self, known: &Known) -> Value;

    /// What is there under its name, if anything.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    async fn read(&self, aws: &Aws) -> Result<Option<Found>>;

    /// Makes it, and waits until others can use it.
    ///
    /// # Errors
    /// What AWS refuses.
    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()>;

    /// Changes what differs. Called by [`update`], which checks that all of it was taken.
    ///
    /// # Errors
    /// What AWS rejects.
    async fn update(&self, aws: &Aws, known: &Known, changes: &mut Changes<'_>, progress: Progress<'_>) -> Result<()>;

    /// Waits, before it is taken away, until what it still holds is where it was to go. Nothing is waited for that was to go to
    /// what goes as well.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    async fn drain(&self, _: &Aws, _: Goes<'_>, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    /// Takes it away, and waits until its name is free and nothing of it holds what it depends on.
    ///
    /// # Errors
    /// What AWS refuses.
    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()>;

    /// How it gets from the attributes that it has to those that it shall have: rights go at the end, when nothing that is still
    /// running uses them, by [`Resource::narrow`]; an update only adds some.
    fn way(&self, _found: &Value) -> Way {
        Way::Straight
    }

    /// Takes away the rights that are not wanted.
    ///
    /// # Errors
    /// What AWS refuses.
    async fn narrow(&self, _: &Aws) -> Result<()> {
        Ok(())
    }

    /// Attributes that cannot be changed once it is there: a change of one is an error of the plan.
    fn fixed(&self) -> &'static [&'static str] {
        &[]
    }

    /// An update gives it a new id, so that what depends on it changes, too: a task definition gets a new revision.
    fn renewed_by_update(&self) -> bool {
        false
    }

    /// The value of a field (its path in [`Resource::wanted`]) may be a secret, and is kept out of all output.
    fn hidden(&self, _field: &str) -> bool {
        false
    }

    /// The id that it has or will have, where that is known before it is made.
    fn foreseen(&self, _place: &Place) -> Option<String> {
        None
    }

    /// It holds the user's logs, which outlive the stack unless the user says otherwise.
    fn holds_data(&self) -> bool {
        false
    }

    /// It is not ours and stays when the stack goes; we only change what is ours in it (an adopted service).
    fn adopted(&self) -> bool {
        false
    }

    /// It is changed although what is there is not ours.
    fn changes_theirs(&self) -> bool {
        self.adopted()
    }

    /// Why what is there may not be changed by this stack, though it is one that we adopt: a message, and how to go on.
    fn conflict(&self, _: &Found) -> Option<(String, String)> {
        None
    }

    /// Its changes are shown by lines rather than field by field.
    fn is_document(&self, _found: &Found, _wanted: &Value) -> bool {
        false
    }

    /// What is to be said of it as it is.
    fn remark(&self, _: &Found) -> Option<String> {
        None
    }

    /// Writes its blocks into a Terraform module.
    ///
    /// # Errors
    /// What a module cannot have.
    fn terraform(&self, _: &Module<'_>, _: &mut Blocks) -> std::result::Result<(), Unsupported> {
        let message = format!("a module cannot have the {}", self.id());
        Err(Unsupported::new(message, "export the stack without it"))
    }

    /// The `import` blocks for what a deploy made of it.
    fn terraform_imports(&self, module: &Module<'_>) -> Vec<Block> {
        let id = self.id();
        vec![hcl::import(module.address(&id), hcl::text(&id.name))]
    }

    /// What stands for it in a CloudFormation template, by logical ids.
    ///
    /// # Errors
    /// What a template cannot have.
    fn cloudformation(&self, _: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        Err(Error::new(format!("the template cannot express the {}", self.id())))
    }

    /// What giving it back changes, where it is adopted.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    async fn removal(&self, _: &Aws) -> Result<Removal> {
        Ok(Removal::default())
    }
}

impl dyn Resource {
    /// As a resource of this type, if it is one.
    pub fn downcast<T: Resource>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

/// How something of the user's is given back.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    /// What differs afterwards.
    pub changes: Vec<FieldChange>,
    /// From what to what.
    pub note: Option<String>,
    /// Why it cannot be given back: a message, and how to go on.
    pub problem: Option<(String, String)>,
}

/// What a create found under the resource's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing: it is new, though AWS may have left out what came with the call.
    Nothing,
    /// Something: what an earlier create left, or another's.
    Something,
}

/// The rest of a create: changes what differs from what is wanted.
///
/// # Errors
/// When what was there before is not ours, or AWS refuses.
pub(crate) async fn finish(
    resource: &dyn Resource,
    before: Before,
    aws: &Aws,
    known: &Known,
    progress: Progress<'_>,
) -> Result<()> {
    let id = resource.id();
    let found = wait::found(aws, &id.to_string(), || resource.read(aws)).await?;
    if before == Before::Something && found.owner != Owner::Ours {
        return Err(Error::new(format!("{id} is there already, and was not made by this stack")));
    }
    let wanted = resource.wanted(known);
    let wanted = wanted.as_object().into_iter().flatten();
    let changed: Vec<&str> = wanted
        .filter(|(name, value)| found.attributes.get(name.as_str()) != Some(value))
        .map(|(name, _)| name.as_str())
        .collect();
    match changed.as_slice() {
        [] => Ok(()),
        changed => update(resource, aws, known, changed, progress).await,
    }
}

/// The attributes of a resource's struct.
pub(crate) fn attributes(resource: &impl Serialize) -> Value {
    serde_json::to_value(resource).expect("attributes are plain data")
}

/// Those of the tags that we set. Tags that others set are theirs.
pub(crate) fn wanted_tags(
    found: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    found.iter().filter(|(key, _)| wanted.contains_key(*key)).map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// A resource as far as deleting it needs it to be known. `None` for kinds that go with others.
pub fn of_id(stack: &str, id: &Id) -> Option<Arc<dyn Resource>> {
    id.kind.row().left_over.map(|left_over| left_over(stack, &id.name))
}
