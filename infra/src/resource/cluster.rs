//! The ECS cluster. Its settings (Container Insights) stay as they are.
use super::{
    Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use},
    service,
};
use crate::{
    Aws, Error, Place, Result, Stack,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft},
        terraform::{Blocks, Module, names},
    },
    plan::taken::Taken,
    policy::deployer::{CHANGE, DELETE, READ, Rights, tag_in_ecs},
    stack::Run,
};
use async_trait::async_trait;
use aws_sdk_ecs::types::{ClusterField, Tag};
use serde::Serialize;
use serde_json::Value;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

mod cloudformation;
mod terraform;

#[derive(Debug, Clone, Serialize)]
pub struct Cluster {
    #[serde(skip)]
    pub stack: String,
    #[serde(skip)]
    pub name: String,
    pub tags: BTreeMap<String, String>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "cluster",
    rank: 2,
    single: true,
    terraform: Some(Terraform {
        kind: "aws_ecs_cluster",
        local: names::APP,
        outputs: &[("cluster_name", "The cluster.", "name")],
    }),
    cloudformation: Some(CloudFormation {
        kind: "AWS::ECS::Cluster",
        outputs: &[("Name", "The cluster's name.", None), ("Arn", "The cluster's ARN.", Some("Arn"))],
    }),
    arn: Some(("ecs", "cluster/")),
    by_tag: false,
    named: |stack| vec![stack.cluster()],
    left_over: Some(|stack, name| Arc::new(Cluster::left_over(stack, name.into()))),
    rooms: &[("resource/cluster", rights)],
    uses_rights: false,
    used: Use::Never,
    taken: |_, _| service_taken(),
};

/// Of a cluster, and of a service.
pub(super) fn service_taken() -> Taken {
    Taken::of_stack("or put the router into a service of yours: [stack.existing]", Some("aws ecs tag-resource"))
}

/// IAM has a new service-linked role everywhere within a minute.
const FOR_THE_ROLE: Duration = Duration::from_secs(120);

/// Tasks of a service that is gone stop within their stop timeout, two minutes at most on Fargate; a load balancer lets them go
/// five minutes later.
const FOR_TASKS: Duration = Duration::from_secs(900);

#[async_trait]
impl Resource for Cluster {
    fn id(&self) -> Id {
        Id::new(Kind::Cluster, &self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(self)
    }

    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let answer = aws.ecs().describe_clusters().clusters(&self.name).include(ClusterField::Tags).send().await;
        let answer = answer.call("ecs:DescribeClusters", &self.name)?;
        let there = answer.clusters().iter().find(|cluster| cluster.status() != Some("INACTIVE"));
        Ok(there.map(|cluster| {
            let tags = tags_of(cluster.tags());
            let found = Cluster { tags: super::wanted_tags(&tags, &self.tags), ..self.clone() };
            Found { owner: Owner::of(&self.stack, &tags), attributes: super::attributes(&found), physical: None }
        }))
    }

    /// The account's first cluster also makes the role that ECS works with.
    async fn create(&self, aws: &Aws, _: &Known, progress: Progress<'_>) -> Result<()> {
        let passes = |error: &Error| waits_for_role(error, progress);
        let create = || async {
            let create = aws.ecs().create_cluster().cluster_name(&self.name).set_tags(Some(tags(&self.tags)));
            create.send().await.call("ecs:CreateCluster", &self.name).map(drop)
        };
        wait::unless(aws, FOR_THE_ROLE, passes, create).await
    }

    async fn update(&self, aws: &Aws, _: &Known, changes: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        if !changes.take("tags") {
            return Ok(());
        }
        let arn = Kind::Cluster.arn(aws.place(), &self.name);
        let tag = aws.ecs().tag_resource().resource_arn(arn).set_tags(Some(tags(&self.tags))).send().await;
        tag.call("ecs:TagResource", &self.name).map(drop)
    }

    async fn delete(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let ask = || async {
            let gone = aws.ecs().delete_cluster().cluster(&self.name).send().await;
            match gone.call("ecs:DeleteCluster", &self.name) {
                Ok(_) => Ok(Some(())),
                Err(error) if error.is("ClusterNotFoundException") => Ok(Some(())),
                Err(error) => self.waits_for(aws, error).await.map(|what| {
                    progress(&what);
                    None
                }),
            }
        };
        wait::until(aws, &format!("the cluster {} is empty", self.name), FOR_TASKS, ask).await
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        blocks.ecs.push(terraform::block(module, self));
        Ok(())
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        cloudformation::declarations(self, draft)
    }
}

impl Cluster {
    /// As far as taking it away needs it.
    pub fn left_over(stack: &str, name: String) -> Cluster {
        Cluster { stack: stack.to_string(), name, tags: BTreeMap::new() }
    }

    /// What has to go before the cluster can.
    ///
    /// # Errors
    /// The error itself, when that does not go by itself.
    async fn waits_for(&self, aws: &Aws, error: Error) -> Result<String> {
        if error.is("ClusterContainsTasksException") || error.is("UpdateInProgressException") {
            return Ok("waiting until the last tasks have stopped".into());
        }
        if !error.is("ClusterContainsServicesException") {
            return Err(error);
        }
        let ours = Stack::named(&self.stack).service();
        match service::is_draining(aws, &self.name, &ours).await? {
            true => Ok(format!("waiting until the service {ours} has drained")),
            false => Err(error.help("services that are not the stack's run in it: move them, and run it again")),
        }
    }
}

/// ECS's own role was made a moment ago (Amazon ECS developer guide, "Using service-linked roles for Amazon ECS").
pub(super) fn waits_for_role(error: &Error, progress: Progress<'_>) -> bool {
    let waits = error.is("InvalidParameterException") && error.message.contains("service linked role");
    if waits {
        progress("waiting until ECS can take its service-linked role");
    }
    waits
}

pub(super) fn tags(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
}

pub(super) fn tags_of(tags: &[Tag]) -> BTreeMap<String, String> {
    let pair = |tag: &Tag| Some((tag.key()?.to_string(), tag.value().unwrap_or_default().to_string()));
    tags.iter().filter_map(pair).collect()
}

/// What these calls need. A cluster that a changed configuration no longer has is found by its name.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let cluster = vec![Kind::Cluster.arn(place, &stack.cluster())];
    let found =
        Rights::on("Cluster", cluster.clone()).may(READ, &["ecs:DescribeClusters"]).may(DELETE, &["ecs:DeleteCluster"]);
    match &stack.run {
        Run::Own(_) => {
            let tag = tag_in_ecs("Cluster", cluster, "CreateCluster", stack);
            [found.may(CHANGE, &["ecs:CreateCluster"])].into_iter().chain(tag).collect()
        }
        Run::Existing(_) | Run::None => vec![found],
    }
}
