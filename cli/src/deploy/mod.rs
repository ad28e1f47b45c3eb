//! What `plan`, `deploy` and `destroy` share: the way from `firelens.toml` to a plan, and from a plan to AWS.
use crate::{Error, Ui, aws::AwsArgs, output::Format, stop};
use firelens_infra::{
    Id, Kind, Plan,
    apply::{self, Event, Outcome},
    lock::Lock,
    plan::{Action, Verb},
    words,
};
use prepare::Prepared;
use progress::Progress;
use std::{
    io::{BufRead as _, IsTerminal as _},
    process::ExitCode,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

pub mod image;
pub mod prepare;
pub mod progress;
pub mod report;
pub mod show;

/// What both take.
#[derive(Debug, clap::Args)]
pub struct WorkArgs {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Show the plan, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Delete what holds logs and is no longer wanted, too, with all that is in it
    #[arg(long)]
    pub delete_data: bool,
    /// Text, or lines of JSON on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    pub aws: AwsArgs,
}

/// What is to be done with a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    Deploy,
    Destroy,
}

impl Work {
    pub fn name(self) -> &'static str {
        match self {
            Work::Deploy => "deploy",
            Work::Destroy => "destroy",
        }
    }

    async fn plan(self, prepared: &Prepared) -> Result<Plan, Error> {
        match self {
            Work::Deploy => prepared.plan().await,
            Work::Destroy => prepared.plan_of_removal().await,
        }
    }

    /// Asks whether it shall be done.
    fn consents(self, prepared: &Prepared, plan: &Plan, ui: &Ui) -> Result<bool, Error> {
        match self {
            Work::Deploy => consents("Apply these changes?", Consent::Yes, ui),
            Work::Destroy => consents(&question(plan), Consent::Name(&prepared.stack.name), ui),
        }
    }

    /// Shows the plan, asks, and applies it.
    ///
    /// # Errors
    /// What keeps it from beginning.
    pub async fn carry_out(self, prepared: &Prepared, args: &WorkArgs, ui: &Ui) -> Result<ExitCode, Error> {
        let plan = match self {
            Work::Deploy => prepared.plan().await?,
            Work::Destroy => prepared.plan_of_removal_after_deploy(ui).await?,
        };
        let json = args.format == Format::Json;
        show::plan(&plan, json, ui)?;
        if !plan.problems.is_empty() {
            return Ok(ExitCode::from(Error::EXIT_CODE));
        }
        if plan.is_clean() || args.dry_run {
            return Ok(ExitCode::SUCCESS);
        }
        if !args.yes && !self.consents(prepared, &plan, ui)? {
            ui.note("nothing was done");
            return Ok(ExitCode::from(report::UNFINISHED));
        }
        let progress = Progress::new(json, ui);
        let start = Instant::now();
        let events = |event: Event| progress.event(&event);
        let outcome = apply(self, prepared, &plan, ui, &events).await?;
        let code = report::outcome(self, &plan, &outcome, start.elapsed(), json, ui)?;
        if self == Work::Deploy && outcome.is_complete() && !json {
            ui.eprint(&report::next(&prepared.stack));
        }
        Ok(code)
    }
}

/// Applies a plan under the stack's lock, where it is made once more, now that nobody else changes anything. A signal stops it.
///
/// # Errors
/// When somebody else holds the lock, and when the second plan is another one.
async fn apply(
    work: Work,
    prepared: &Prepared,
    plan: &Plan,
    ui: &Ui,
    events: &(dyn Fn(Event) + Send + Sync),
) -> Result<Outcome, Error> {
    let Prepared { aws, stack, .. } = prepared;
    let stop = CancellationToken::new();
    stop::on_interrupt(*ui, stop.clone());
    let lock = Lock::take(aws, stack, work.name(), &stop).await?;
    let again = tokio::select! {
        again = work.plan(prepared) => again,
        () = stop.cancelled() => Ok(plan.clone()),
    };
    let again = match again {
        Ok(again) if again.same(plan) => again,
        other => {
            lock.release().await?;
            let differences = plan.differences(&other?);
            let what = if differences.is_empty() { "what is there".to_string() } else { differences.join(", ") };
            return Err(Error::new(format!(
                "{what} has changed since the plan was made; nothing was done\n  \
                 look at it again: firelens-kit {} makes a new plan",
                work.name()
            )));
        }
    };
    let mut outcome = apply::apply(aws, &again, &stop, events).await;
    // The lock was taken in it, so that it was there for the second plan.
    let lock_group = Id::new(Kind::LogGroup, stack.deploys_log_group());
    let creates = |plan: &Plan| plan.pending().any(|action| action.id == lock_group && action.action == Verb::Create);
    if creates(plan) && !creates(&again) {
        outcome.done.insert(0, lock_group);
    }
    if lock.is_lost() {
        ui.warning("this process seemed dead to another deploy, which has the stack now; nothing more was begun");
        return Ok(outcome);
    }
    let (done, failed) = lines(&again, &outcome);
    // A stack that was destroyed has no record any more.
    if let Err(error) = lock.record(done, failed).await.or_else(gone) {
        ui.warning(&format!("this {} is not in the record of deploys: {error}", work.name()));
    }
    if let Err(error) = lock.release().await {
        ui.warning(&format!("the lock could not be given back; it counts as such in a minute: {error}"));
    }
    Ok(outcome)
}

fn gone(error: firelens_infra::Error) -> firelens_infra::Result<()> {
    error.unless("ResourceNotFoundException")
}

/// What was done, and what failed or was cut off, as the record has it.
fn lines(plan: &Plan, outcome: &Outcome) -> (Vec<String>, Vec<String>) {
    // A role's rights are added first and removed last: two actions of one id, of which the second may not have begun.
    let not_begun = |action: &Action| action.action == Verb::Narrow && outcome.skipped.contains(&action.id);
    let of = |ids: Vec<&Id>| -> Vec<String> {
        let actions = plan.pending().filter(|action| ids.contains(&&action.id) && !not_begun(action));
        actions.map(|action| format!("{} {}", words(action.action)[0], action.id)).collect()
    };
    let failed = outcome.failed.iter().map(|(id, _)| id).chain(&outcome.cut_off);
    (of(outcome.done.iter().collect()), of(failed.collect()))
}

/// What a destroy does, in numbers.
fn question(plan: &Plan) -> String {
    let count = |verb| plan.count(verb);
    let (deleted, given_back, kept) = (count(Verb::Delete), count(Verb::GiveBack), count(Verb::Keep));
    let nouns = |count: usize| words::count(count as u64, "resource");
    let mut parts = vec![format!("{} will be deleted", nouns(deleted))];
    if given_back > 0 {
        parts.push(format!("{} given back", nouns(given_back)));
    }
    parts.push(format!("{} kept", nouns(kept)));
    format!("{}.", parts.join(", "))
}

/// What an action does: `create`, `creating`, `created`.
fn words(verb: Verb) -> [&'static str; 3] {
    match verb {
        Verb::Create => ["create", "creating", "created"],
        Verb::Update => ["change", "changing", "changed"],
        Verb::Delete => ["delete", "deleting", "deleted"],
        Verb::Narrow => ["narrow", "narrowing", "narrowed"],
        Verb::GiveBack => ["give back", "giving back", "gave back"],
        Verb::Keep => ["keep", "keeping", "kept"],
    }
}

/// What the user has to type for the work to begin.
#[derive(Debug, Clone, Copy)]
enum Consent<'a> {
    /// `y` or `yes`
    Yes,
    /// The stack's name.
    Name(&'a str),
}

/// Asks on the terminal.
///
/// # Errors
/// Where there is none.
fn consents(question: &str, consent: Consent, ui: &Ui) -> Result<bool, Error> {
    if !(std::io::stdin().is_terminal() && ui.stderr_terminal) {
        return Err(Error::new("cannot ask for confirmation: standard input and standard error are not a terminal")
            .help("pass --yes to skip the confirmation"));
    }
    let hint = match consent {
        Consent::Yes => "[y/N]".to_string(),
        Consent::Name(name) => format!("Type the stack's name, {name}, to go on:"),
    };
    ui.eprint(&format!("\n{question} {hint} "));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    let answer = answer.trim();
    Ok(match consent {
        Consent::Yes => ["y", "yes"].contains(&answer.to_lowercase().as_str()),
        Consent::Name(name) => answer == name,
    })
}
