//! `firelens-kit verify`: whether a request's record arrives at every destination that its route names.
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    config::{self, Config, stack::Run},
    output::Format,
    stack::{self, StackArgs},
    time::{self, Moment},
    verify::{
        progress::Progress,
        report::Report,
        routes::{self, Routes},
        sites::{self, Sites},
    },
};
use firelens_infra::{
    Aws, Stack,
    observe::verify::{self, Answer, Mark, Request, Sent, Wait},
};
use jiff::{SignedDuration, Timestamp};
use std::{process::ExitCode, time::Duration};
use tokio::time::Instant;

/// Send a request, and see whether its record arrives at every destination
///
/// The request carries a mark in its query and its user agent, so that the access line has it. The record that arrives first
/// says which route it took, and then all destinations of this route are waited for.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit verify                                  # to the public address of a task
  firelens-kit verify --url https://www.example.com/
  firelens-kit verify --url https://www.example.com/no-such-page --route failures
  firelens-kit verify --mark                           # says a mark, and waits for the request that you send with it
  firelens-kit verify --mark my-own-mark-1 --since 5m  # you sent it already
  firelens-kit verify --format json | jq .destinations

Exit codes: 0 it arrived everywhere that can be looked at, 1 it did not, 2 wrong usage, a wrong firelens.toml, no answer to the
request, or AWS refuses to answer")]
pub struct Args {
    #[command(flatten)]
    stack: StackArgs,

    /// Send the request there [default: the public address of a task of the stack's service]
    #[arg(long, value_name = "URL", conflicts_with = "mark")]
    url: Option<String>,

    /// Send nothing: wait for what has this mark, 8 to 64 letters, digits, `-` and `_`; without one, a new one is said
    #[arg(long, value_name = "MARK", num_args = 0..=1)]
    mark: Option<Option<Mark>>,

    /// With --mark: since when it may have been sent
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = time::moment, requires = "mark")]
    since: Moment,

    /// The route that it has to take [default: any; it says itself which]
    #[arg(long, value_name = "ROUTE")]
    route: Option<String>,

    /// How long to wait [default: what the slowest destination gathers before it delivers, and two minutes]
    #[arg(long, value_name = "SPAN", value_parser = time::span)]
    timeout: Option<SignedDuration>,

    /// How the answer is printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,

    #[command(flatten)]
    aws: AwsArgs,
}

/// Added to what the destinations gather.
const PATIENCE: Duration = Duration::from_secs(120);

/// Clocks differ by that much, at most.
const CLOCKS: SignedDuration = SignedDuration::from_secs(60);

/// Sends, waits, and prints.
///
/// # Errors
/// A wrong configuration, no answer to the request, or when AWS cannot be asked.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let config = config::load(&args.stack.config, ui)?;
    let routes = routes::of(&config, args.route.as_deref())?;
    aws::run(async {
        let aws = args.aws.connect_to(&config, ui).await?;
        let stack = stack(&config, &aws)?;
        let sites = sites::of(&config, &stack, aws.place(), &routes)?;
        let mark = args.mark.clone().flatten().unwrap_or_default();
        let sent = args.send(&mark, &stack, &aws).await?;
        let answer = args.wait(&mark, sent.as_ref(), &routes, &sites, &aws, ui).await?;
        let report = Report {
            mark: &mark,
            sent: sent.as_ref().map(|(request, sent)| (request.as_str(), *sent)),
            answer: &answer,
            route: args.route.as_deref(),
            notes: &[routes.notes, sites.notes].concat(),
        };
        match args.format {
            Format::Text => ui.print(&report.text())?,
            Format::Json => ui.json(&report.json())?,
        }
        Ok(if answer.arrived { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    })
}

/// What runs a service that was there is not asked for: its address is not known.
fn stack(config: &Config, aws: &Aws) -> Result<Stack, Error> {
    match &config.stack.run {
        Run::Own(_) => stack::of(config, aws.place(), None, None),
        Run::Existing(_) | Run::None => stack::destinations(config, aws.place()),
    }
}

impl Args {
    /// The request's URL and its answer; nothing when the user sends it.
    async fn send(&self, mark: &Mark, stack: &Stack, aws: &Aws) -> Result<Option<(String, Sent)>, Error> {
        if self.mark.is_some() {
            return Ok(None);
        }
        let url = match &self.url {
            Some(url) => url.clone(),
            None => verify::public_address(stack, aws).await?,
        };
        let request = Request::new(&url, mark)?;
        let sent = verify::send(&request).await?;
        Ok(Some((request.url(), sent)))
    }

    async fn wait(
        &self,
        mark: &Mark,
        sent: Option<&(String, Sent)>,
        routes: &Routes,
        sites: &Sites,
        aws: &Aws,
        ui: &Ui,
    ) -> Result<Answer, Error> {
        let given = self.timeout.and_then(|timeout| Duration::try_from(timeout).ok());
        let patience = given.unwrap_or(sites.buffered + PATIENCE);
        let begun = match sent {
            Some((url, sent)) => format!("{url} answered {}", sent.status),
            None => format!("waiting for a request with {mark} in its query, path or user agent"),
        };
        ui.note(&format!("{begun}; its record may take {} s", patience.as_secs()));
        let since = match sent {
            Some((_, sent)) => sent.time,
            None => self.since.at(Timestamp::now()),
        };
        let wait = Wait {
            mark: mark.clone(),
            since: since - CLOCKS,
            from: Instant::now(),
            patience,
            routes: routes.lead.clone(),
        };
        let progress = Progress::new(&sites.all, ui);
        let answer = verify::wait(aws, &wait, &sites.all, &|arrival| progress.arrived(arrival)).await;
        progress.end();
        Ok(answer?)
    }
}
