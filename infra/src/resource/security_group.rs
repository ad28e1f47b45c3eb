//! The service's security group: who reaches the app's port. What goes out is AWS's default, all.
//!
//! Source: Amazon EC2 API reference, CreateSecurityGroup and DeleteSecurityGroup.
use super::{
    Before, Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use},
};
use crate::{
    Aws, Error, Place, Result, Stack,
    aws::{
        ec2::{self, Rule},
        wait,
    },
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    plan::taken::Taken,
    policy::deployer::{CHANGE, DELETE, READ, Rights},
    stack::Run,
};
use async_trait::async_trait;
use hcl_edit::structure::Block;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

mod cloudformation;
mod terraform;

#[derive(Debug, Clone)]
pub struct SecurityGroup {
    pub stack: String,
    pub name: String,
    /// Without one, the region's default VPC.
    pub vpc: Option<String>,
    pub ingress: Vec<Rule>,
    pub tags: BTreeMap<String, String>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "security group",
    rank: 2,
    single: true,
    terraform: Some(Terraform {
        kind: "aws_security_group",
        local: names::APP,
        outputs: &[("security_group_id", "The security group of the tasks.", "id")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::EC2::SecurityGroup",
        outputs: &[("Id", "The id of the tasks' security group.", Some("GroupId"))],
    }),
    arn: Some(("ec2", "security-group/")),
    by_tag: false,
    named: |stack| vec![stack.security_group()],
    left_over: Some(|stack, name| Arc::new(SecurityGroup::left_over(stack, name.into()))),
    rooms: &[("resource/security_group", rights)],
    uses_rights: false,
    used: Use::Never,
    taken: |_, _| Taken::of_stack("or delete the security group", Some("aws ec2 create-tags")),
};

/// The network interface of a task on Fargate goes some minutes after the task.
const FOR_INTERFACES: Duration = Duration::from_secs(900);

#[async_trait]
impl Resource for SecurityGroup {
    fn id(&self) -> Id {
        Id::new(Kind::SecurityGroup, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        json!({ "vpc_id": self.vpc, "ingress": shown(&self.ingress), "tags": self.tags })
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let Some(group) = self.find(aws).await? else { return Ok(None) };
        let attributes = json!({
            "vpc_id": self.vpc_of(aws, &group).await?,
            "ingress": shown(&group.ingress),
            "tags": super::wanted_tags(&group.tags, &self.tags),
        });
        let owner = Owner::of(&self.stack, &group.tags);
        Ok(Some(Found { owner, attributes, physical: Some(group.id) }))
    }

    async fn create(&self, aws: &Aws, known: &Known, progress: Progress<'_>) -> Result<()> {
        let vpc = match &self.vpc {
            Some(vpc) => vpc.clone(),
            None => aws.default_vpc().await?,
        };
        match aws.create_security_group(&self.name, &self.description(), &vpc, &self.tags).await {
            Ok(id) => {
                known.set(self.id(), &id);
                wait::known(aws, || self.put_ingress(aws, &id, &[])).await
            }
            Err(error) if error.is("InvalidGroup.Duplicate") => {
                super::finish(self, Before::Something, aws, known, progress).await?;
                if let Some(group) = self.find(aws).await? {
                    known.set(self.id(), group.id);
                }
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn update(&self, aws: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        let Some(group) = self.find(aws).await? else {
            return Err(Error::new(format!("the security group {} is gone", self.name)));
        };
        if changes.take("ingress") {
            self.put_ingress(aws, &group.id, &group.ingress).await?;
        }
        if changes.take("tags") {
            aws.tag_in_ec2(&group.id, &self.tags).await?;
        }
        Ok(())
    }

    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let Some(group) = self.find(aws).await?.filter(|group| self.is_ours(group)) else { return Ok(()) };
        let passes = |error: &Error| {
            let waits = error.is("DependencyViolation");
            if waits {
                progress("waiting until the tasks' network interfaces are gone");
            }
            waits
        };
        let gone = wait::unless(aws, FOR_INTERFACES, passes, || aws.delete_security_group(&group.id)).await;
        match gone {
            Err(error) if error.is("DependencyViolation") => Err(error.help(self.users(aws, &group.id).await)),
            gone => gone.or_else(|error| error.unless("InvalidGroup.NotFound")),
        }
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["vpc_id"]
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.network.extend(terraform::blocks(module, self));
        Ok(())
    }

    fn terraform_imports(&self, module: &Module<'_>) -> Vec<Block> {
        terraform::imports(module, self)
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

impl SecurityGroup {
    /// As far as taking it away needs it.
    pub fn left_over(stack: &str, name: String) -> SecurityGroup {
        let (ingress, tags) = (Vec::new(), BTreeMap::new());
        SecurityGroup { stack: stack.to_string(), name, vpc: None, ingress, tags }
    }

    pub fn description(&self) -> String {
        format!("Tasks of the firelens-kit stack {}", self.stack)
    }

    /// Ours, wherever it is, or one of its name where ours belongs.
    async fn find(&self, aws: &Aws) -> Result<Option<ec2::SecurityGroup>> {
        let mut groups = aws.security_groups(&self.name).await?;
        if let Some(ours) = groups.iter().position(|group| self.is_ours(group)) {
            return Ok(Some(groups.swap_remove(ours)));
        }
        if groups.is_empty() {
            return Ok(None);
        }
        let vpc = match &self.vpc {
            Some(vpc) => vpc.clone(),
            None => aws.default_vpc().await?,
        };
        Ok(groups.into_iter().find(|group| group.vpc == vpc))
    }

    fn is_ours(&self, group: &ec2::SecurityGroup) -> bool {
        Owner::of(&self.stack, &group.tags) == Owner::Ours
    }

    /// `None` when none is named, and it is in the default one.
    async fn vpc_of(&self, aws: &Aws, group: &ec2::SecurityGroup) -> Result<Option<String>> {
        let as_wanted = self.vpc.is_none() && aws.default_vpc().await.is_ok_and(|vpc| vpc == group.vpc);
        Ok((!as_wanted).then(|| group.vpc.clone()))
    }

    async fn put_ingress(&self, aws: &Aws, id: &str, there: &[Rule]) -> Result<()> {
        let beyond = |one: &[Rule], other: &[Rule]| {
            let rules = one.iter().filter(|rule| !other.contains(rule)).cloned();
            rules.collect::<Vec<_>>()
        };
        let (missing, surplus) = (beyond(&self.ingress, there), beyond(there, &self.ingress));
        if !missing.is_empty() {
            let added = aws.authorize_ingress(id, &missing).await;
            added.or_else(|error| error.unless("InvalidPermission.Duplicate"))?;
        }
        if !surplus.is_empty() {
            let removed = aws.revoke_ingress(id, &surplus).await;
            removed.or_else(|error| error.unless("InvalidPermission.NotFound"))?;
        }
        Ok(())
    }

    /// What still has it.
    async fn users(&self, aws: &Aws, id: &str) -> String {
        match aws.network_interfaces("group-id", &[id]).await {
            Ok(all) if all.is_empty() => "a rule of another security group names it".to_string(),
            Ok(all) => {
                let all: Vec<_> = all.iter().map(|one| format!("{} ({})", one.id, one.description)).collect();
                format!("these network interfaces have it: {}", all.join(", "))
            }
            Err(error) => error.to_string(),
        }
    }
}

/// `tcp 8080 from 10.0.0.0/8`, in order.
fn shown(rules: &[Rule]) -> Vec<String> {
    let mut shown: Vec<String> = rules
        .iter()
        .map(|rule| match (rule.protocol.as_str(), rule.ports) {
            ("-1", _) => format!("all from {}", rule.peer),
            (protocol, Some((first, last))) if first == last => format!("{protocol} {first} from {}", rule.peer),
            (protocol, Some((first, last))) => format!("{protocol} {first}-{last} from {}", rule.peer),
            (protocol, None) => format!("{protocol} from {}", rule.peer),
        })
        .collect();
    shown.sort();
    shown
}

/// What these calls need. What describes has no resource. A group gets its tags in the call that makes it, and from then on only
/// one with the stack's tag is changed (Amazon EC2 user guide, "Grant permission to tag Amazon EC2 resources during creation").
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let groups = vec![Kind::SecurityGroup.arn(place, "*")];
    let mut rights = vec![
        Rights::anywhere().may(READ, &["ec2:DescribeSecurityGroups"]).may(DELETE, &["ec2:DescribeNetworkInterfaces"]),
        Rights::on("DeleteSecurityGroup", groups.clone()).may(DELETE, &["ec2:DeleteSecurityGroup"]).when_tagged(stack),
    ];
    let Run::Own(service) = &stack.run else { return rights };
    let vpc = service.vpc.as_deref().unwrap_or("*");
    rights.extend([
        Rights::on("SecurityGroupInVpc", vec![place.arn("ec2", &format!("vpc/{vpc}"))])
            .may(CHANGE, &["ec2:CreateSecurityGroup"]),
        Rights::on("NewSecurityGroup", groups.clone()).may(CHANGE, &["ec2:CreateSecurityGroup"]).when_tagging(stack),
        Rights::on("TagNewSecurityGroup", groups.clone()).may(CHANGE, &["ec2:CreateTags"]).when_tagging(stack).when(
            "StringEquals",
            "ec2:CreateAction",
            vec!["CreateSecurityGroup".to_string()],
        ),
        Rights::on("SecurityGroup", groups.clone())
            .may(CHANGE, &["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"])
            .when_tagged(stack),
        Rights::on("TagSecurityGroup", groups).may(CHANGE, &["ec2:CreateTags"]).when_tagging(stack).when_tagged(stack),
    ]);
    rights
}
