//! `firelens-kit logs`: the events of the stack's log groups, as they are and as they come.
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    config,
    logs::{
        groups::{Choice, DEPLOYS, Group},
        print::{self, Text},
    },
    offline::fields::Names,
    output::Format,
    stack::{self, StackArgs},
    stop,
    time::{self, Moment},
};
use firelens_infra::{
    Aws, lock,
    observe::logs::{self, Condition, Event, Follow, Search, json_pattern},
    send::Failure,
};
use jiff::{SignedDuration, Timestamp};
use std::{collections::VecDeque, num::NonZeroUsize, process::ExitCode, time::Duration};

/// Show what is in the stack's log groups, and follow it
///
/// Records are looked for by CloudWatch Logs itself (FilterLogEvents), so only those that fit are fetched. Times are in UTC.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit logs                                      # the last ten minutes
  firelens-kit logs --follow --route failures            # what comes, until Ctrl-C
  firelens-kit logs --where 'status>=500' --where 'path=/api/*' --since 2h
  firelens-kit logs live --since 2026-11-25T06:00 --until 2026-11-25T07:00 --format json | jq .record
  firelens-kit logs --router --limit 20                  # the last lines of Fluent Bit's own log
  firelens-kit logs --deploys                            # who deployed what, and when

A condition is a field, one of = != < <= > >=, and a value. In a text `*` stands for any text; %REGEX% is a regular
expression; a number in double quotes is a text; true, false and null are themselves.

Exit codes: 0 all was shown, also after Ctrl-C or when there was nothing, 2 wrong usage, a wrong firelens.toml, or AWS refuses
to answer")]
pub struct Args {
    #[command(flatten)]
    choice: Choice,

    /// Only records with FIELD=VALUE (also !=, <, <=, >, >=); of several, all have to hold
    #[arg(long = "where", value_name = "CONDITION", conflicts_with = "router")]
    conditions: Vec<Condition>,

    /// From when on: 90s, 10m, 2h, 1d ago, or a time [default: 10m; of --deploys: 90d]
    #[arg(long, value_name = "TIME", value_parser = time::moment)]
    since: Option<Moment>,

    /// Until when
    #[arg(long, value_name = "TIME", value_parser = time::moment, conflicts_with = "follow")]
    until: Option<Moment>,

    /// Then show what comes, until Ctrl-C
    #[arg(short, long)]
    follow: bool,

    /// With --follow: what arrives so long after its time is still shown
    #[arg(long, value_name = "SPAN", default_value = "2m", value_parser = time::span, requires = "follow")]
    late: SignedDuration,

    /// Only the newest so many of what is there
    #[arg(long, value_name = "NUMBER")]
    limit: Option<NonZeroUsize>,

    /// How they are printed: for people, or as a JSON object a line
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,

    #[command(flatten)]
    stack: StackArgs,

    #[command(flatten)]
    aws: AwsArgs,
}

/// How far back is looked where nothing else is said.
const SINCE: Moment = Moment::Ago(SignedDuration::from_mins(10));

/// The same in the record of deploys, which has few lines.
const SINCE_DEPLOYS: Moment = Moment::Ago(SignedDuration::from_hours(90 * 24));

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// Asks, and prints.
///
/// # Errors
/// A wrong configuration, an unknown group or route, or when AWS refuses.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let config = config::load(&args.stack.config, ui)?;
    aws::run(async {
        let aws = args.aws.connect_to(&config, ui).await?;
        let stack = stack::destinations(&config, aws.place())?;
        let groups = args.choice.groups(&config, &stack)?;
        let searches = args.searches(&groups)?;
        let mut out = match args.format {
            Format::Text => Out::Text(Box::new(Text::new(Names::new(&config.program), &groups))),
            Format::Json => Out::Json,
        };
        match args.follow {
            false => {
                let found = args.show(&aws, &searches, &mut out, ui).await.map_err(|failure| told(failure, &groups))?;
                if !found {
                    nothing(&groups, &searches, &aws, ui);
                }
            }
            true => tokio::select! {
                ended = args.follow(&aws, searches, &mut out, ui) => ended.map_err(|failure| told(failure, &groups))?,
                () = stop::signal() => {}
            },
        }
        Ok(ExitCode::SUCCESS)
    })
}

impl Args {
    fn searches(&self, groups: &[Group]) -> Result<Vec<Search>, Error> {
        let conditions: Vec<Condition> =
            self.choice.condition().into_iter().chain(self.conditions.iter().cloned()).collect();
        if let Some(group) = groups.iter().find(|group| !group.records).filter(|_| !conditions.is_empty()) {
            let why = "its events are no records, so no --route and no --where can be looked for in them";
            return Err(Error::new(format!("{}: {why}", group.title)));
        }
        let (pattern, now) = (json_pattern(&conditions), Timestamp::now());
        let deploys = groups.iter().all(|group| group.title == DEPLOYS);
        let since = self.since.unwrap_or(if deploys { SINCE_DEPLOYS } else { SINCE });
        let (since, until) = (since.at(now), self.until.map(|until| until.at(now)));
        if until.is_some_and(|until| until < since) {
            return Err(Error::new("--until is before --since"));
        }
        let search = |group: &Group| Search { group: group.name.clone(), pattern: pattern.clone(), since, until };
        Ok(groups.iter().map(search).collect())
    }

    /// Whether there was anything.
    async fn show(&self, aws: &Aws, searches: &[Search], out: &mut Out, ui: &Ui) -> Result<bool, Ended> {
        let mut reading = logs::read(aws, searches);
        let mut newest = Newest::new(self.limit);
        let mut found = false;
        while let Some(event) = reading.next().await? {
            if is_of_lock(&event) {
                continue;
            }
            found = true;
            if let Some(event) = newest.keep(event) {
                out.print(&event, ui)?;
            }
        }
        newest.kept().try_for_each(|event| out.print(&event, ui))?;
        Ok(found)
    }

    /// Only the first look is limited.
    async fn follow(&self, aws: &Aws, searches: Vec<Search>, out: &mut Out, ui: &Ui) -> Result<(), Ended> {
        let mut follow = Follow::new(aws, searches, self.late);
        let mut newest = Newest::new(self.limit);
        let mut first = true;
        loop {
            match follow.next().await {
                Ok(Some(event)) if is_of_lock(&event) => continue,
                Ok(Some(event)) => {
                    if let Some(event) = newest.keep(event) {
                        out.print(&event, ui)?;
                    }
                    continue;
                }
                Ok(None) => {
                    std::mem::replace(&mut newest, Newest::new(None))
                        .kept()
                        .try_for_each(|event| out.print(&event, ui))?;
                    first = false;
                }
                Err(failure @ Failure::Final(_)) => return Err(failure.into()),
                // Who never got an answer has to know it.
                Err(failure) if first => return Err(failure.into()),
                Err(failure) => ui.warning(&format!("asking again: {}", firelens_infra::Error::from(failure))),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The newest so many of some events; without a limit, none is kept back.
struct Newest {
    limit: Option<NonZeroUsize>,
    events: VecDeque<Event>,
}

impl Newest {
    fn new(limit: Option<NonZeroUsize>) -> Newest {
        Newest { limit, events: VecDeque::new() }
    }

    /// Gives the event back when all are wanted.
    fn keep(&mut self, event: Event) -> Option<Event> {
        let Some(limit) = self.limit else { return Some(event) };
        if self.events.len() == limit.get() {
            self.events.pop_front();
        }
        self.events.push_back(event);
        None
    }

    fn kept(self) -> impl Iterator<Item = Event> {
        self.events.into_iter()
    }
}

/// Where events are printed.
enum Out {
    Text(Box<Text>),
    Json,
}

impl Out {
    fn print(&mut self, event: &Event, ui: &Ui) -> Result<(), Error> {
        match self {
            Out::Text(text) => ui.print(&text.line(event))?,
            Out::Json => ui.json(&print::json(event))?,
        }
        Ok(())
    }
}

/// What ends the reading: AWS, or where it is printed.
enum Ended {
    Asking(Failure),
    Printing(Error),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Ended {
        Ended::Asking(failure)
    }
}

impl From<Error> for Ended {
    fn from(error: Error) -> Ended {
        Ended::Printing(error)
    }
}

/// The deploys' group has the streams of the lock, too, which say nothing about what was done.
fn is_of_lock(event: &Event) -> bool {
    event.group.ends_with("/deploys") && event.stream.starts_with(lock::PREFIX)
}

/// Says where was looked.
fn nothing(groups: &[Group], searches: &[Search], aws: &Aws, ui: &Ui) {
    let names: Vec<String> = groups.iter().map(|group| format!("{} ({})", group.name, group.title)).collect();
    let (names, region) = (names.join(", "), &aws.place().region);
    let Some(search) = searches.first() else { return };
    let span = match search.until {
        Some(until) => format!("between {:.0} and {until:.0}", search.since),
        None => format!("since {:.0}", search.since),
    };
    let which = if search.pattern.is_some() { "matching events" } else { "events" };
    let help = "look further back with --since 1d; `firelens-kit status` shows what arrived last, and where";
    ui.note(&format!("no {which} {span} in {names} in {region}\n  help: {help}"));
}

/// With what to do about a group that is not there.
fn told(ended: Ended, groups: &[Group]) -> Error {
    let error = match ended {
        Ended::Printing(error) => return error,
        Ended::Asking(failure) => firelens_infra::Error::from(failure),
    };
    if !error.is("ResourceNotFoundException") {
        return error.into();
    }
    let existing = groups.iter().find(|group| group.existing && *group.name == *error.on);
    let help = match existing {
        Some(group) => format!(
            "the destination `{}` has `existing = true`, so no deploy creates its log group: create it, or remove that line",
            group.title
        ),
        None => {
            "`firelens-kit deploy` creates the stack's log groups; `firelens-kit status` shows what exists".to_string()
        }
    };
    error.help(help).into()
}
