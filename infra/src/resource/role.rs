//! A role of ours, with its one inline policy. Whatever else it may do was added by hand, and goes.
//!
//! Source: IAM API reference, CreateRole, PutRolePolicy, DeleteRole.
use super::{
    Before, Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use, no_names},
};
use crate::{
    Aws, Error, Result,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    plan::taken::Taken,
    policy::{
        Document, meaning,
        union::{self, Way},
    },
};
use async_trait::async_trait;
use aws_sdk_iam::types::Tag;
use hcl_edit::structure::Block;
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

#[derive(Debug, Clone, Serialize)]
pub struct Role {
    #[serde(skip)]
    pub stack: String,
    #[serde(skip)]
    pub name: String,
    /// `/firelens-kit/STACK/`
    pub path: String,
    #[serde(skip)]
    pub description: String,
    #[serde(serialize_with = "by_meaning")]
    pub trust: Document,
    /// What the role may do. When it is empty, there is no inline policy.
    #[serde(serialize_with = "by_meaning")]
    pub policy: Document,
    pub permissions_boundary: Option<String>,
    pub tags: BTreeMap<String, String>,
}

mod cloudformation;
mod home;
pub(crate) mod rights;
mod terraform;

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "role",
    rank: 1,
    single: false,
    terraform: Some(Terraform {
        kind: "aws_iam_role",
        local: names::APP,
        outputs: &[("role_arns", "The roles' ARNs.", "arn")],
    }),
    cloudformation: Some(CloudFormation { kind: "AWS::IAM::Role", outputs: &[("Arn", "A role's ARN.", Some("Arn"))] }),
    arn: None,
    by_tag: false,
    named: no_names,
    left_over: Some(|stack, name| Arc::new(Role::left_over(stack, name.into()))),
    rooms: &[("resource/role", rights::rights)],
    uses_rights: false,
    used: Use::Role,
    taken: |_, found| {
        let path = found.attributes["path"].as_str().map_or(String::new(), |path| format!(": its path is {path}"));
        Taken::of_stack("or delete the role", Some("aws iam tag-role")).that(path)
    },
};

/// How long the lists of a role's policies may not know a role that the plan has seen.
const FOR_LISTS: Duration = Duration::from_secs(15);

/// The name of our inline policy.
pub const POLICY: &str = "firelens-kit";

/// Attributes that no role of ours is wanted to have: the ARNs of managed policies, and inline policies of other names.
const ATTACHED_POLICIES: &str = "attached_policies";
const OTHER_POLICIES: &str = "other_policies";

fn by_meaning<S: serde::Serializer>(document: &Document, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    value(document).serialize(serializer)
}

fn value(document: &Document) -> Value {
    match document.is_empty() {
        true => Value::Null,
        false => meaning::meaning(&super::attributes(document)),
    }
}

#[async_trait]
impl Resource for Role {
    fn id(&self) -> Id {
        Id::new(Kind::Role, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(self)
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let answer = aws.iam().get_role().role_name(&self.name).send().await.call("iam:GetRole", &self.name);
        let role = match answer {
            Err(error) if error.is("NoSuchEntity") => return Ok(None),
            answer => answer?.role,
        };
        let Some(role) = role else { return Ok(None) };
        let tags: BTreeMap<String, String> =
            role.tags().iter().map(|tag| (tag.key().to_string(), tag.value().to_string())).collect();
        let found = Role { tags: super::wanted_tags(&tags, &self.tags), path: role.path().to_string(), ..self.clone() };
        let mut attributes = super::attributes(&found);
        let boundary = role.permissions_boundary().and_then(|boundary| boundary.permissions_boundary_arn());
        attributes["permissions_boundary"] = boundary.into();
        attributes["trust"] = role.assume_role_policy_document().map_or(Value::Null, meaning::decoded);
        let (policy, others, attached) =
            futures::try_join!(inline_policy(aws, &self.name, POLICY), self.other_policies(aws), self.attached(aws))?;
        attributes["policy"] = policy;
        attributes[OTHER_POLICIES] = others;
        attributes[ATTACHED_POLICIES] = attached.into();
        let owner = match (Owner::of(&self.stack, &tags), home::elsewhere(&attributes, &aws.place().region)) {
            (Owner::Ours, Some(region)) => Owner::Region(region),
            (owner, _) => owner,
        };
        Ok(Some(Found { owner, attributes, physical: None }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let create = aws.iam().create_role().role_name(&self.name).path(&self.path).description(&self.description);
        let create = create.assume_role_policy_document(self.trust.json()).set_tags(Some(self.tags()));
        let create = create.set_permissions_boundary(self.permissions_boundary.clone());
        match create.send().await.call("iam:CreateRole", &self.name) {
            Ok(_) => wait::known(aws, || put_inline_policy(aws, &self.name, POLICY, &self.policy)).await,
            Err(error) if error.is("EntityAlreadyExists") => {
                super::finish(self, Before::Something, aws, known, progress).await
            }
            Err(error) => Err(error),
        }
    }

    async fn update(&self, aws: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        if changes.take("trust") {
            let update = aws.iam().update_assume_role_policy().role_name(&self.name);
            let update = update.policy_document(self.trust.json()).send().await;
            update.call("iam:UpdateAssumeRolePolicy", &self.name)?;
        }
        if changes.take("permissions_boundary") {
            self.put_boundary(aws).await?;
        }
        if changes.take(ATTACHED_POLICIES) {
            self.detach_all(aws).await?;
        }
        if changes.take(OTHER_POLICIES) {
            for policy in self.inline(aws).await?.iter().filter(|policy| *policy != POLICY) {
                delete_inline_policy(aws, &self.name, policy).await?;
            }
        }
        if changes.take("policy") {
            widen(aws, &self.name, POLICY, &self.policy).await?;
        }
        if changes.take("tags") {
            let tag = aws.iam().tag_role().role_name(&self.name).set_tags(Some(self.tags())).send().await;
            tag.call("iam:TagRole", &self.name)?;
        }
        Ok(())
    }

    /// The role's inline policies go, and policies that others attached to it are detached: it could not be deleted with them.
    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        // The plan has seen it: where a list does not know it, it is new, or it has gone since. DeleteRole knows which.
        let seen = wait::unless(aws, FOR_LISTS, Error::is_missing, || self.delete_policies(aws)).await;
        seen.or_else(|error| error.unless("NoSuchEntity"))?;
        let gone = aws.iam().delete_role().role_name(&self.name).send().await;
        gone.call("iam:DeleteRole", &self.name).map(drop).or_else(|error| error.unless("NoSuchEntity"))
    }

    fn way(&self, found: &Value) -> Way {
        union::way(&self.policy, &found["policy"])
    }

    async fn narrow(&self, aws: &Aws) -> Result<()> {
        put_inline_policy(aws, &self.name, POLICY, &self.policy).await
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["path"]
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.iam.extend(terraform::blocks(module, self));
        Ok(())
    }

    fn terraform_imports(&self, module: &Module<'_>) -> Vec<Block> {
        terraform::imports(module, self)
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

impl Role {
    /// As far as taking it away needs it.
    pub fn left_over(stack: &str, name: String) -> Role {
        let nothing = Document::new(Vec::new());
        Role {
            stack: stack.to_string(),
            name,
            path: String::new(),
            description: String::new(),
            trust: nothing.clone(),
            policy: nothing,
            permissions_boundary: None,
            tags: BTreeMap::new(),
        }
    }

    async fn delete_policies(&self, aws: &Aws) -> Result<()> {
        for policy in self.inline(aws).await? {
            delete_inline_policy(aws, &self.name, &policy).await?;
        }
        self.detach_all(aws).await
    }

    /// The names of its inline policies.
    async fn inline(&self, aws: &Aws) -> Result<Vec<String>> {
        let mut pages = aws.iam().list_role_policies().role_name(&self.name).into_paginator().items().send();
        let mut names = Vec::new();
        while let Some(name) = pages.next().await {
            names.push(name.call("iam:ListRolePolicies", &self.name)?);
        }
        Ok(names)
    }

    /// The inline policies that are not ours, by their names, and what they mean.
    async fn other_policies(&self, aws: &Aws) -> Result<Value> {
        let mut others = serde_json::Map::new();
        for name in self.inline(aws).await?.into_iter().filter(|name| name != POLICY) {
            let policy = inline_policy(aws, &self.name, &name).await?;
            others.insert(name, policy);
        }
        Ok(others.into())
    }

    /// The ARNs of the policies that are attached to it.
    async fn attached(&self, aws: &Aws) -> Result<Vec<String>> {
        let list = aws.iam().list_attached_role_policies().role_name(&self.name);
        let mut pages = list.into_paginator().items().send();
        let mut arns = Vec::new();
        while let Some(policy) = pages.next().await {
            arns.extend(policy.call("iam:ListAttachedRolePolicies", &self.name)?.policy_arn);
        }
        arns.sort();
        Ok(arns)
    }

    async fn detach_all(&self, aws: &Aws) -> Result<()> {
        for arn in self.attached(aws).await? {
            let detach = aws.iam().detach_role_policy().role_name(&self.name).policy_arn(arn).send().await;
            detach.call("iam:DetachRolePolicy", &self.name).map(drop).or_else(|error| error.unless("NoSuchEntity"))?;
        }
        Ok(())
    }

    fn tags(&self) -> Vec<Tag> {
        let tag = |(key, value)| Tag::builder().key(key).value(value).build().expect("key and value are set");
        self.tags.iter().map(tag).collect()
    }

    async fn put_boundary(&self, aws: &Aws) -> Result<()> {
        match &self.permissions_boundary {
            Some(boundary) => {
                let put =
                    aws.iam().put_role_permissions_boundary().role_name(&self.name).permissions_boundary(boundary);
                put.send().await.call("iam:PutRolePermissionsBoundary", &self.name).map(drop)
            }
            None => {
                let delete = aws.iam().delete_role_permissions_boundary().role_name(&self.name).send().await;
                delete.call("iam:DeleteRolePermissionsBoundary", &self.name).map(drop)
            }
        }
    }
}

/// What an inline policy means; `null` when there is none.
pub(super) async fn inline_policy(aws: &Aws, role: &str, policy: &str) -> Result<Value> {
    let answer = aws.iam().get_role_policy().role_name(role).policy_name(policy).send().await;
    match answer.call("iam:GetRolePolicy", role) {
        Ok(answer) => Ok(meaning::decoded(answer.policy_document())),
        Err(error) => error.unless("NoSuchEntity").map(|()| Value::Null),
    }
}

/// What all of a role's inline policies may hold together, white space not counted (IAM user guide, "IAM and AWS STS quotas").
const INLINE_POLICIES: usize = 10_240;

/// What the policy shall allow, and all that it allows now: what is running keeps its rights until it has gone.
pub(super) async fn widen(aws: &Aws, role: &str, policy: &str, wanted: &Document) -> Result<()> {
    let found = inline_policy(aws, role, policy).await?;
    if union::way(wanted, &found) == Way::Narrower {
        return Ok(());
    }
    let both = union::union(wanted, &found);
    if both.json().len() > INLINE_POLICIES && wanted.json().len() <= INLINE_POLICIES {
        let text =
            format!("the rights of before and after are too many for the role {role}, which needs both for a while");
        return Err(
            Error::new(text).help("deploy the change in two steps: the new destinations, then without the old ones")
        );
    }
    put_inline_policy(aws, role, policy, &both).await
}

/// An empty document takes the policy away: IAM has no empty policies.
pub(super) async fn put_inline_policy(aws: &Aws, role: &str, policy: &str, document: &Document) -> Result<()> {
    if document.is_empty() {
        return delete_inline_policy(aws, role, policy).await;
    }
    let put = aws.iam().put_role_policy().role_name(role).policy_name(policy).policy_document(document.json());
    put.send().await.call("iam:PutRolePolicy", role).map(drop)
}

pub(super) async fn delete_inline_policy(aws: &Aws, role: &str, policy: &str) -> Result<()> {
    let gone = aws.iam().delete_role_policy().role_name(role).policy_name(policy).send().await;
    gone.call("iam:DeleteRolePolicy", role).map(drop).or_else(|error| error.unless("NoSuchEntity"))
}
