//! The plan of a removal right after a deploy: AWS may not tell of everything that this has made yet.
use super::Plan;
use crate::{
    Aws, Kind, Result, Stack,
    lock::recent::{Recent, last_deploy},
    stack::Run,
};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long after a deploy what it made may be unknown to reads. IAM and the tagging API take some seconds.
const KNOWN: Duration = Duration::from_secs(60);

/// The same after a deploy that was killed, which does not say what it made.
const KNOWN_AFTER_KILL: Duration = Duration::from_secs(15);

/// The pause between two looks, in seconds of [`Aws::second`].
const PAUSE: f64 = 3.0;

impl Plan {
    /// What takes the stack away, once AWS shows what a deploy of a moment ago made, or has had the time for it. `waits` is told for
    /// what; what is still not shown comes back with the plan.
    ///
    /// # Errors
    /// When AWS cannot be asked.
    pub async fn destroy_after_deploy(
        aws: &Aws,
        stack: &Stack,
        delete_data: bool,
        waits: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<(Plan, Vec<String>)> {
        let start = Instant::now();
        let recent = last_deploy(aws, stack).await?;
        let look = || Plan::destroy(aws, stack, delete_data);
        let mut plan = look().await?;
        let Some(Recent { ago, made }) = recent.filter(|recent| recent.ago < KNOWN) else {
            return Ok((plan, Vec::new()));
        };
        let (seconds, end, pause) = (ago.as_secs(), start + KNOWN - ago, aws.second().mul_f64(PAUSE));
        let mut waited = false;
        match &made {
            None if ago < KNOWN_AFTER_KILL => {
                let left = KNOWN_AFTER_KILL - ago;
                let left_seconds = left.as_secs() + 1;
                waits(&format!(
                    "the deploy that was cut off {seconds} s ago may have made what AWS does not show yet: looking again in \
                     {left_seconds} s"
                ));
                sleep(left).await;
                waited = true;
                plan = look().await?;
            }
            None => {}
            Some(made) => loop {
                let unseen = unseen(&plan, made, stack);
                if unseen.is_empty() || Instant::now() + pause > end {
                    break;
                }
                if !std::mem::replace(&mut waited, true) {
                    let (what, most) = (unseen.join(", "), end.saturating_duration_since(Instant::now()).as_secs() + 1);
                    waits(&format!(
                        "waiting until AWS shows what the deploy of {seconds} s ago made or tried to: {what} ({most} s at most)"
                    ));
                }
                sleep(pause).await;
                plan = look().await?;
            },
        }
        // What has just become known may not be known everywhere: two looks in a row have to see the same.
        while waited && Instant::now() + pause <= end {
            sleep(pause).await;
            let again = look().await?;
            waited = !again.same(&plan);
            plan = again;
        }
        let unseen = unseen(&plan, &made.unwrap_or_default(), stack);
        Ok((plan, unseen))
    }
}

/// What was made and is not in the plan. Policies in roles of the user's are known by the configuration only.
fn unseen(plan: &Plan, made: &[String], stack: &Stack) -> Vec<String> {
    let policy = format!("{} ", Kind::RolePolicy);
    let known = |name: &String| !name.starts_with(&policy) || matches!(stack.run, Run::Existing(_));
    let shown = |name: &String| plan.actions.iter().any(|action| action.id.to_string() == *name);
    made.iter().filter(|name| known(name) && !shown(name)).cloned().collect()
}
