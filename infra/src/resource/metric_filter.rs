//! A metric filter of CloudWatch Logs: it counts the errors in the router's own log, for alarms and dashboards.
//!
//! A filter has no tags: it is whose its log group is. Source: API reference of CloudWatch Logs, PutMetricFilter and
//! DescribeMetricFilters; user guide, "Creating metrics from log events using filters".
use super::{
    Changes, Found, Id, Kind, Known, Owner, Progress, Resource,
    kind::{CloudFormation, Row, Terraform, Use},
    log_group::LogGroup,
};
use crate::{
    Aws, Error, Place, Result, Stack,
    aws::{error::Call as _, wait},
    export::{
        Unsupported,
        cloudformation::{Declaration, Draft, attributes::Attributes, expression::reference},
        terraform::{Blocks, Module, hcl, names},
    },
    plan::taken::Taken,
    policy::deployer::{CHANGE, DELETE, READ, Rights, parts::named},
};
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::types::{MetricFilter as Description, MetricTransformation};
use serde::Serialize;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

/// What is wanted of a filter.
#[derive(Debug, Clone, Serialize)]
pub struct MetricFilter {
    #[serde(skip)]
    pub stack: String,
    #[serde(skip)]
    pub log_group: String,
    #[serde(skip)]
    pub name: String,
    pub pattern: String,
    pub metric: Metric,
}

/// The metric that each line which matches adds to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Metric {
    pub namespace: String,
    pub name: String,
    /// What a line adds.
    pub value: String,
    /// What is reported while lines come and none matches, so that an alarm knows that all is well.
    pub default_value: Option<f64>,
}

/// What is to be known about the kind.
pub(super) static ROW: Row = Row {
    words: "metric filter",
    rank: 1,
    single: true,
    terraform: Some(Terraform { kind: "aws_cloudwatch_log_metric_filter", local: names::ROUTER, outputs: &[] }),
    cloudformation: Some(CloudFormation { kind: "AWS::Logs::MetricFilter", outputs: &[] }),
    arn: None,
    by_tag: false,
    named: |stack| vec![MetricFilter::of(stack).id().name],
    left_over: Some(|stack, name| Arc::new(MetricFilter::left_over(stack, name))),
    rooms: &[("resource/metric_filter", rights)],
    uses_rights: false,
    used: Use::Never,
    taken: |_, _| Taken::of_stack("or delete the metric filter and its log group", None),
};

/// Two changes of one group at the same time: the second is rejected, for a moment. A new group is not known everywhere.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name of the filter on the router's log.
const ROUTER_ERRORS: &str = "router-errors";

#[async_trait]
impl Resource for MetricFilter {
    /// Its name in Terraform, too: neither of both can hold a `:`.
    fn id(&self) -> Id {
        Id::new(Kind::MetricFilter, format!("{}:{}", self.log_group, self.name))
    }

    fn depends_on(&self) -> Vec<Id> {
        vec![Id::new(Kind::LogGroup, &self.log_group)]
    }

    fn wanted(&self, _: &Known) -> Value {
        super::attributes(self)
    }

    /// A group tells how many filters it has. So whoever never had one needs no right to see them.
    async fn read(&self, aws: &Aws) -> Result<Option<Found>> {
        let Some(group) = LogGroup::of_name(aws, &self.log_group).await? else { return Ok(None) };
        if self.pattern.is_empty() && group.metric_filter_count().unwrap_or(0) == 0 {
            return Ok(None);
        }
        let Some(filter) = self.describe(aws).await? else { return Ok(None) };
        let tags = LogGroup::tags_of(aws, &self.log_group).await?;
        let metric = filter.metric_transformations().first().map_or_else(Metric::default, |one| Metric {
            namespace: one.metric_namespace().to_string(),
            name: one.metric_name().to_string(),
            value: one.metric_value().to_string(),
            default_value: one.default_value(),
        });
        let pattern = filter.filter_pattern().unwrap_or_default().to_string();
        let found = MetricFilter { pattern, metric, ..self.clone() };
        Ok(Some(Found { owner: Owner::of(&self.stack, &tags), attributes: super::attributes(&found), physical: None }))
    }

    /// The call replaces a filter of the same name. Its group is the stack's by then.
    async fn create(&self, aws: &Aws, _: &Known, _: Progress<'_>) -> Result<()> {
        let metric = MetricTransformation::builder()
            .metric_namespace(&self.metric.namespace)
            .metric_name(&self.metric.name)
            .metric_value(&self.metric.value)
            .set_default_value(self.metric.default_value);
        let metric = metric.build().map_err(|error| Error::new(error.to_string()))?;
        let put = aws.logs().put_metric_filter().log_group_name(&self.log_group).filter_name(&self.name);
        let put = put.filter_pattern(&self.pattern).metric_transformations(metric);
        let put = || async { put.clone().send().await.call("logs:PutMetricFilter", &self.name).map(drop) };
        wait::unless(aws, PATIENCE, |error| is_busy(error) || error.is_missing(), put).await
    }

    async fn update(&self, aws: &Aws, known: &Known, changes: &mut Changes<'_>, progress: Progress<'_>) -> Result<()> {
        match changes.take_any(&["pattern", "metric"]) {
            true => self.create(aws, known, progress).await,
            false => Ok(()),
        }
    }

    /// What the metric has counted stays for as long as CloudWatch keeps it.
    async fn delete(&self, aws: &Aws, _: Progress<'_>) -> Result<()> {
        let delete = || async {
            let gone = aws.logs().delete_metric_filter().log_group_name(&self.log_group).filter_name(&self.name);
            gone.send().await.call("logs:DeleteMetricFilter", &self.name).map(drop)
        };
        let gone = wait::unless(aws, PATIENCE, is_busy, delete).await;
        gone.or_else(|error| error.unless("ResourceNotFoundException"))
    }

    fn terraform(&self, module: &Module<'_>, blocks: &mut Blocks) -> std::result::Result<(), Unsupported> {
        let metric = [
            hcl::attribute("name", hcl::text(&self.metric.name)),
            hcl::attribute("namespace", hcl::text(&self.metric.namespace)),
            hcl::attribute("value", hcl::text(&self.metric.value)),
        ];
        let default = self.metric.default_value.map(|value| hcl::attribute("default_value", value.to_string()));
        let group = Id::new(Kind::LogGroup, &self.log_group);
        let body = [
            hcl::attribute("name", hcl::text(&self.name)),
            hcl::attribute("log_group_name", module.names.reference(&group, "name")),
            hcl::attribute("pattern", hcl::text(&self.pattern)),
            hcl::nested("metric_transformation", metric.into_iter().chain(default)),
        ];
        blocks.logs.push(hcl::resource("aws_cloudwatch_log_metric_filter", module.names.local(&self.id()), body));
        Ok(())
    }

    fn cloudformation(&self, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
        let mut attributes = Attributes::of(self);
        let metric = attributes.take("metric");
        let declaration = Declaration::of(Kind::MetricFilter)
            .why("Counts the errors in the router's own log, for alarms and dashboards.")
            .with("FilterName", self.name.as_str())
            .with("LogGroupName", reference(draft.id(&Id::new(Kind::LogGroup, &self.log_group))?))
            .with("FilterPattern", attributes.take("pattern"))
            .with(
                "MetricTransformations",
                json!([{
                    "MetricName": metric["name"],
                    "MetricNamespace": metric["namespace"],
                    "MetricValue": metric["value"],
                    "DefaultValue": metric["default_value"],
                }]),
            );
        attributes.finish()?;
        Ok(vec![(draft.id_of(self)?, declaration)])
    }
}

fn is_busy(error: &Error) -> bool {
    error.is("OperationAbortedException")
}

impl MetricFilter {
    /// That of a stack, on the router's own log: Fluent Bit's lines begin with `[2026/11/25 06:00:00] [error] `.
    pub fn of(stack: &Stack) -> MetricFilter {
        MetricFilter {
            stack: stack.name.clone(),
            log_group: stack.router_log_group(),
            name: ROUTER_ERRORS.to_string(),
            pattern: "\"[error]\"".to_string(),
            metric: Metric {
                namespace: format!("firelens-kit/{}", stack.name),
                name: "RouterErrors".to_string(),
                value: "1".to_string(),
                default_value: Some(0.0),
            },
        }
    }

    /// One that nobody wants any more; `name` is that of its id.
    pub fn left_over(stack: &str, name: &str) -> MetricFilter {
        let (log_group, name) = name.split_once(':').unwrap_or(("", name));
        MetricFilter {
            stack: stack.to_string(),
            log_group: log_group.to_string(),
            name: name.to_string(),
            pattern: String::new(),
            metric: Metric::default(),
        }
    }

    /// Other filters can have names that begin like this one's.
    async fn describe(&self, aws: &Aws) -> Result<Option<Description>> {
        let filters = aws.logs().describe_metric_filters().log_group_name(&self.log_group);
        let mut pages = filters.filter_name_prefix(&self.name).into_paginator().items().send();
        while let Some(filter) = pages.next().await {
            match filter.call("logs:DescribeMetricFilters", &self.log_group) {
                Ok(filter) if filter.filter_name() == Some(&self.name) => return Ok(Some(filter)),
                Ok(_) => {}
                Err(error) => return error.unless("ResourceNotFoundException").map(|()| None),
            }
        }
        Ok(None)
    }
}

/// What these calls need: on the router's log group only.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let group = Kind::LogGroup.arn(place, &stack.router_log_group());
    vec![
        Rights::on("MetricFilters", named(vec![group]))
            .may(READ, &["logs:DescribeMetricFilters"])
            .may(CHANGE, &["logs:PutMetricFilter"])
            .may(DELETE, &["logs:DeleteMetricFilter"]),
    ]
}
