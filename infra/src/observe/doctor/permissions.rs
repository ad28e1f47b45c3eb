//! Whether the caller may do what a deploy does, by IAM's own simulation.
use super::{Finding, State};
use crate::{
    Aws, Error, Result, Stack,
    aws::{error::Call as _, wait},
    policy::{
        Statement,
        deployer::{self, Verb},
    },
    words,
};
use aws_sdk_iam::{
    config::retry::RetryConfig,
    types::{ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType},
};
use futures::{StreamExt as _, stream};
use std::time::Duration;

const ABOUT: &str = "permissions";

/// Questions at a time. IAM's simulator refuses some thirty at once.
const AT_ONCE: usize = 4;

/// How long a question that IAM throttles is asked again.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn examine(stack: &Stack, aws: &Aws) -> Vec<Finding> {
    match source(aws).await {
        Source::Root => vec![Finding::new(ABOUT, State::Good, "the root user may do everything")],
        Source::Unknown => vec![unchecked(&format!("{} is no user and no role", aws.caller()))],
        Source::Principal(arn) => check(stack, aws, &arn, None).await,
        Source::Role { arn, unread } => check(stack, aws, &arn, Some(&unread)).await,
    }
}

fn unchecked(why: &str) -> Finding {
    let help = "compare with what `firelens-kit policy deployer` prints; iam:SimulatePrincipalPolicy on yourself lets this \
        be checked";
    Finding::new(ABOUT, State::Unknown, format!("the permissions could not be checked: {why}")).help(help)
}

enum Source {
    /// A user or a role, whose policies are simulated.
    Principal(String),
    /// A role that could not be read: its ARN is this one if it has no path.
    Role {
        arn: String,
        unread: Error,
    },
    Root,
    Unknown,
}

/// Who acts: of a session, its role, whose path the session's ARN does not have.
async fn source(aws: &Aws) -> Source {
    let caller = aws.caller();
    let Some(resource) = caller.splitn(6, ':').nth(5) else { return Source::Unknown };
    match resource.split('/').collect::<Vec<_>>()[..] {
        ["root"] => Source::Root,
        ["user", ..] => Source::Principal(caller.to_string()),
        ["assumed-role", role, _] => {
            match aws.iam().get_role().role_name(role).send().await.call("iam:GetRole", role) {
                Ok(found) => found.role().map_or(Source::Unknown, |role| Source::Principal(role.arn().to_string())),
                Err(unread) => Source::Role { arn: aws.place().role_arn("/", role), unread },
            }
        }
        _ => Source::Unknown,
    }
}

/// Each statement's decisions. One question without an answer hides none of the others' denials.
async fn check(stack: &Stack, aws: &Aws, principal: &str, unread: Option<&Error>) -> Vec<Finding> {
    let statements = deployer::document(stack, aws.place(), &[Verb::Deploy]).statement;
    let questions = statements.iter().map(|statement| simulate(statement, aws, principal));
    let mut answers = stream::iter(questions).buffered(AT_ONCE);
    let (mut decisions, mut failures): (Vec<Decision>, Vec<Error>) = Default::default();
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(some) => decisions.extend(some),
            // Whoever may not ask, or asks about nobody, gets no other answer to the rest.
            Err(error) if error.denied() || error.is_missing() => return vec![unasked(&error, principal, unread)],
            Err(error) => failures.push(error),
        }
    }
    let mut findings: Vec<Finding> =
        decisions.iter().filter(|decision| !decision.allowed).map(Decision::finding).collect();
    if findings.is_empty() && failures.is_empty() {
        let message = format!("all {} calls that a deploy makes are allowed", decisions.len());
        return vec![Finding::new(ABOUT, State::Good, message)];
    }
    findings.extend(failures.first().map(|error| match failures.len() {
        1 => unchecked(&error.to_string()),
        all => unchecked(&format!("{} got no answer: {error}", words::count(all as u64, "question"))),
    }));
    findings
}

/// Nothing can be simulated for this principal.
fn unasked(error: &Error, principal: &str, unread: Option<&Error>) -> Finding {
    let role = principal.rsplit('/').next().unwrap_or(principal);
    match unread {
        Some(unread) if error.is_missing() => unchecked(&unread.to_string())
            .help(format!("this role has a path, which its session does not show: grant iam:GetRole on role `{role}`")),
        _ => unchecked(&error.to_string()),
    }
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

/// One statement's actions on its resources, under its conditions. Only what IAM throttles is asked again: that passes.
async fn simulate(statement: &Statement, aws: &Aws, principal: &str) -> Result<Vec<Decision>> {
    wait::unless(aws, PATIENCE, Error::throttled, || ask(statement, aws, principal)).await
}

async fn ask(statement: &Statement, aws: &Aws, principal: &str) -> Result<Vec<Decision>> {
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
