//! `firelens-kit policy`: the stack's IAM policies, to be read and handed on before anything is made.
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    config::{self, stack::Run},
    stack::{self, StackArgs},
};
use clap::{
    ValueEnum,
    builder::{PossibleValue, PossibleValuesParser, TypedValueParser},
};
use firelens_infra::{
    Place, Stack,
    policy::{
        Document, MANAGED_POLICY,
        deployer::{self, Verb},
        execution, firehose, router,
    },
};
use std::process::ExitCode;

/// Print an IAM policy of the stack: of its roles, or of whoever deploys it
///
/// All follow from firelens.toml, the account and the region. With --account and --region nobody is asked; otherwise AWS is
/// asked who you are.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit policy deployer                           # all that the kit does
  firelens-kit policy deployer --verb plan --verb status # what may look only
  firelens-kit policy deployer --part 1                  # where it is too large for IAM
  firelens-kit policy task --account 123456789012 --region eu-west-1
  firelens-kit policy firehose --trust

Exit codes: 0 printed, 2 wrong usage, a wrong firelens.toml, or AWS does not say who you are")]
pub struct Args {
    /// Whose
    #[arg(value_enum, value_name = "WHO")]
    who: Who,
    #[command(flatten)]
    stack: StackArgs,
    /// For this account; with a region, AWS is not asked
    #[arg(long, value_name = "NUMBER", value_parser = aws::account)]
    account: Option<String>,
    /// Who may take the role, in place of what the role may do
    #[arg(long)]
    trust: bool,
    /// What the deployer does; several are one policy, and without any it is all
    #[arg(long, value_parser = verb(), value_name = "VERB")]
    verb: Vec<Verb>,
    /// Of a policy that is larger than IAM takes one, this part
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    part: Option<u8>,
    #[command(flatten)]
    aws: AwsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// Whoever runs firelens-kit
    Deployer,
    /// The task role: what the router may do
    Task,
    /// The task execution role: what the ECS agent may do
    Execution,
    /// The role of the delivery streams
    Firehose,
}

/// A verb that talks to AWS.
fn verb() -> impl TypedValueParser<Value = Verb> {
    let possible = Verb::ALL.map(|verb| match verb {
        Verb::DeleteData => PossibleValue::new(verb.name()).help("destroy --delete-data"),
        _ => PossibleValue::new(verb.name()),
    });
    PossibleValuesParser::new(possible)
        .map(|name| Verb::ALL.into_iter().find(|verb| verb.name() == name).expect("it is one of the possible"))
}

/// Prints it.
///
/// # Errors
/// A wrong configuration, a policy that there is not, or when AWS does not say who we are.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    if args.who != Who::Deployer && !args.verb.is_empty() {
        return Err(Error::new("--verb is about the deployer; a role's rights are always the same"));
    }
    if args.who == Who::Deployer && args.trust {
        return Err(Error::new("who may deploy is not the stack's to say: --trust is about its roles"));
    }
    let (stack, place) = stack(&args, ui)?;
    let document = part(document(&args, &stack, &place), args.part, ui)?;
    let text = serde_json::to_string_pretty(&document).expect("a policy is plain data");
    ui.json(&format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The stack, and where it is. A service that is there has to be asked for.
fn stack(args: &Args, ui: &Ui) -> Result<(Stack, Place), Error> {
    let config = config::load(&args.stack.config, ui)?;
    // A region of the environment alone may be that of another account.
    let chosen = args.aws.region().is_some() || config.stack.region.is_some();
    let region = args.aws.said_region().map(|(region, _)| region).or_else(|| config.stack.region.clone());
    let region = region.filter(|_| chosen);
    if let (Some(account), Some(region), Run::Own(_) | Run::None) = (&args.account, region, &config.stack.run) {
        let place = Place::of(account, &region);
        return Ok((stack::of(&config, &place, None, None)?, place));
    }
    aws::run(async {
        let aws = args.aws.connect_to(&config, ui).await?;
        if let Some(other) = args.account.as_ref().filter(|account| **account != aws.place().account) {
            let here = &aws.place().account;
            return Err(Error::new(format!("you are in account {here}, not {other}: without a region AWS is asked")));
        }
        Ok((stack::at(&config, &aws).await?, aws.place().clone()))
    })
}

fn document(args: &Args, stack: &Stack, place: &Place) -> Document {
    let verbs = if args.verb.is_empty() { &Verb::ALL[..] } else { &args.verb };
    match (args.who, args.trust) {
        (Who::Deployer, _) => deployer::document(stack, place, verbs),
        (Who::Task, false) => router::document(stack, place),
        (Who::Task, true) => router::trust(stack, place),
        (Who::Execution, false) => execution::document(stack, place),
        (Who::Execution, true) => execution::trust(stack, place),
        (Who::Firehose, false) => firehose::document(stack, place),
        (Who::Firehose, true) => firehose::trust(stack, place),
    }
}

/// The whole, or one of the parts that fit.
fn part(document: Document, part: Option<u8>, ui: &Ui) -> Result<Document, Error> {
    if document.is_empty() {
        ui.note("it grants nothing: the stack has no such role, or nothing on AWS that it needs");
    }
    let size = document.json().len();
    let Some(part) = part else {
        if size > MANAGED_POLICY {
            let parts = document.clone().managed().len();
            ui.note(&format!(
                "a managed policy holds {MANAGED_POLICY} characters, and this one has {size}: --part 1 to --part {parts} fit"
            ));
        }
        return Ok(document);
    };
    let parts = document.managed();
    let count = parts.len();
    let found = parts.into_iter().nth(usize::from(part) - 1);
    found.ok_or_else(|| Error::new(format!("there is no part {part}: the policy has {count}")))
}
