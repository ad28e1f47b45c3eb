//! Whether the caller may do what a deploy does, by IAM's own simulation.
use super::{Finding, State};
use crate::{
    Aws, Error, Result, Stack,
    aws::error::Call as _,
    policy::{
        Statement,
        deployer::{self, Verb},
    },
};
use aws_sdk_iam::{
    config::retry::RetryConfig,
    types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType},
};
use futures::future::try_join_all;

const ABOUT: &str = "permissions";

pub async fn examine(stack: &Stack, aws: &Aws) -> Vec<Finding> {
    let checked = match source(aws).await {
        Ok(Source::Principal(arn)) => check(stack, aws, &arn).await,
        Ok(Source::Root) => return vec![Finding::new(ABOUT, State::Good, "the root user may do everything")],
        Ok(Source::Unknown) => {
            return vec![unchecked(format!("{} is no user and no role", aws.caller()))];
        }
        Err(error) => Err(error),
    };
    checked.unwrap_or_else(|error| vec![unchecked(error.to_string())])
}

fn unchecked(why: String) -> Finding {
    let help = "compare with what `firelens-kit policy deployer` prints; iam:SimulatePrincipalPolicy on yourself and \
        iam:GetRole let this be checked";
    Finding::new(ABOUT, State::Unknown, format!("the permissions could not be checked: {why}")).help(help)
}

enum Source {
    /// A user or a role, whose policies are simulated.
    Principal(String),
    Root,
    Unknown,
}

/// Who acts: of a session, its role, whose path the session's ARN does not have.
async fn source(aws: &Aws) -> Result<Source> {
    let caller = aws.caller();
    let Some(resource) = caller.splitn(6, ':').nth(5) else { return Ok(Source::Unknown) };
    match resource.split('/').collect::<Vec<_>>()[..] {
        ["root"] => Ok(Source::Root),
        ["user", ..] => Ok(Source::Principal(caller.to_string())),
        ["assumed-role", role, _] => {
            let found = aws.iam().get_role().role_name(role).send().await.call("iam:GetRole", role)?;
            Ok(found.role().map_or(Source::Unknown, |role| Source::Principal(role.arn().to_string())))
        }
        _ => Ok(Source::Unknown),
    }
}

async fn check(stack: &Stack, aws: &Aws, principal: &str) -> Result<Vec<Finding>> {
    let statements = deployer::document(stack, aws.place(), &[Verb::Deploy]).statement;
    let results = try_join_all(statements.iter().map(|statement| simulate(statement, aws, principal))).await?;
    let results: Vec<Decision> = results.into_iter().flatten().collect();
    let denied: Vec<Finding> = results.iter().filter(|decision| !decision.allowed).map(Decision::finding).collect();
    if denied.is_empty() {
        let message = format!("all {} calls that a deploy makes are allowed", results.len());
        return Ok(vec![Finding::new(ABOUT, State::Good, message)]);
    }
    Ok(denied)
}

/// On one action.
struct Decision {
    action: String,
    resource: String,
    allowed: bool,
    /// Whose policy it is that denies.
    by: &'static str,
}

impl Decision {
    fn finding(&self) -> Finding {
        let Decision { action, resource, by, .. } = self;
        let finding = Finding::new(ABOUT, State::Problem, format!("{action} on {resource} is not allowed{by}"));
        finding.help("grant what `firelens-kit policy deployer --verb deploy` prints")
    }
}

/// One statement's actions on its resources, under its conditions. A refusal is not tried again.
async fn simulate(statement: &Statement, aws: &Aws, principal: &str) -> Result<Vec<Decision>> {
    let once = aws_sdk_iam::config::Builder::new().retry_config(RetryConfig::disabled());
    let simulate = aws.iam().simulate_principal_policy().policy_source_arn(principal).max_items(1000);
    let simulate = simulate.set_action_names(Some(statement.action.clone())).set_context_entries(context(statement));
    let resources =
        statement.resource.iter().filter(|resource| *resource != "*").map(|resource| resource.replace('*', "0"));
    let simulate = simulate.set_resource_arns(Some(resources.collect::<Vec<_>>()).filter(|arns| !arns.is_empty()));
    let results = simulate.customize().config_override(once).send().await;
    let results = results.call("iam:SimulatePrincipalPolicy", principal)?;
    if results.is_truncated() {
        return Err(Error::new("IAM answered in part only"));
    }
    Ok(results.evaluation_results().iter().map(decision).collect())
}

/// The statement's conditions are met.
fn context(statement: &Statement) -> Option<Vec<ContextEntry>> {
    let keys = statement.condition.values().flatten();
    let entries = keys.filter_map(|(key, values)| {
        let entry = ContextEntry::builder().context_key_name(key).context_key_type(ContextKeyTypeEnum::String);
        Some(entry.context_key_values(values.first()?).build())
    });
    Some(entries.collect::<Vec<_>>()).filter(|entries| !entries.is_empty())
}

fn decision(result: &EvaluationResult) -> Decision {
    let organisation = result.organizations_decision_detail().is_some_and(|detail| !detail.allowed_by_organizations());
    let boundary = result.permissions_boundary_decision_detail();
    let boundary = boundary.is_some_and(|detail| !detail.allowed_by_permissions_boundary());
    Decision {
        action: result.eval_action_name().to_string(),
        resource: result.eval_resource_name().unwrap_or("*").to_string(),
        allowed: *result.eval_decision() == PolicyEvaluationDecisionType::Allowed,
        by: match (organisation, boundary) {
            (true, _) => " (by a policy of the organization)",
            (_, true) => " (by the permissions boundary)",
            _ => "",
        },
    }
}
