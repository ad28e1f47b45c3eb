//! `firelens-kit doctor`: what would keep a deploy from working.
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    config::{self, Config},
    image::{Request, build, registry},
    output::Format,
    stack,
    ui::{DIM, ERROR, GOOD, WARNING},
};
use firelens_infra::{
    Aws,
    observe::doctor::{self, Finding, State},
    words,
};
use serde_json::json;
use std::{fmt::Write as _, process::ExitCode};

/// Check what a first deploy needs: configuration, credentials, permissions, names, network, quotas, base image
///
/// Changes nothing. A problem never ends the checks: each one is a row, and what cannot be checked says why. Permissions are
/// checked with IAM's simulation, which needs iam:SimulatePrincipalPolicy and does not know the policies of other accounts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit doctor
  firelens-kit doctor --profile production --region eu-west-1
  firelens-kit doctor --format json

Exit codes: 0 no problems, 1 a deploy would fail, 2 wrong usage")]
pub struct Args {
    #[command(flatten)]
    image: Request,
    /// How the findings are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

/// Looks, and prints.
///
/// # Errors
/// When it cannot be printed.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let findings = aws::run(async { Ok(examine(&args, ui).await) })?;
    match args.format {
        Format::Text => ui.print(&text(&findings))?,
        Format::Json => ui.json(&format!("{:#}\n", json!({ "findings": findings })))?,
    }
    let problem = findings.iter().any(|finding| finding.state == State::Problem);
    Ok(if problem { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// What is looked at once the configuration and the account are known.
const REST: [&str; 4] = ["permissions", "names", "network", "quotas"];

const CONFIGURATION: &str = "configuration";
const CREDENTIALS: &str = "credentials";

/// Looks at everything. A problem keeps nothing else from being looked at, but for what needs it.
async fn examine(args: &Args, ui: &Ui) -> Vec<Finding> {
    // What is wrong with the file becomes a row.
    let config = configuration(args, &Ui { stderr_color: false, ..*ui });
    let aws = match &config {
        Ok(config) => args.aws.connect_to(config, ui).await,
        Err(_) => args.aws.connect().await,
    };
    let image = image_of(args, config.as_ref().err(), aws.as_ref().err(), ui);
    let (image, seen) = match (&config, &aws) {
        (Ok(config), Ok(aws)) => {
            let (image, seen) = tokio::join!(image, in_account(config, aws));
            (image, [vec![readable(config)], seen].concat())
        }
        (config, aws) => {
            let first = [config.as_ref().map_or_else(|error| problem(CONFIGURATION, error), readable), who(aws)];
            let missing = if config.is_err() { CONFIGURATION } else { CREDENTIALS };
            (image.await, first.into_iter().chain(REST.map(|about| not_looked_at(about, missing))).collect())
        }
    };
    [vec![version(), image], seen].concat()
}

/// As far as it can be read without the base image.
fn configuration(args: &Args, ui: &Ui) -> Result<Config, Error> {
    let config = match args.image.offline(ui)? {
        Some(config) => config,
        None => config::read_on(&args.image.config, None, ui)?.0,
    };
    stack::named(&config)?;
    Ok(config)
}

fn readable(config: &Config) -> Finding {
    Finding::new(CONFIGURATION, State::Good, config.path.display().to_string())
}

fn who(aws: &Result<Aws, Error>) -> Finding {
    aws.as_ref().map_or_else(|error| problem(CREDENTIALS, error), doctor::credentials)
}

async fn in_account(config: &Config, aws: &Aws) -> Vec<Finding> {
    match stack::at(config, aws).await {
        Ok(stack) => doctor::examine(&stack, aws).await,
        Err(error) => {
            let first = [doctor::credentials(aws), problem("stack", &error)];
            first.into_iter().chain(REST.map(|about| not_looked_at(about, "stack"))).collect()
        }
    }
}

/// An error as a row.
fn problem(about: &'static str, error: &Error) -> Finding {
    match error {
        Error::Failed { message, help: Some(help) } => Finding::new(about, State::Problem, message.as_str()).help(help),
        // Diagnostics have their help where it belongs.
        error => Finding::new(about, State::Problem, error.to_string().trim_end()),
    }
}

fn not_looked_at(about: &'static str, missing: &str) -> Finding {
    Finding::new(about, State::Unknown, format!("not checked: depends on `{missing}`"))
}

fn version() -> Finding {
    Finding::new("versions", State::Good, format!("firelens-kit {}", env!("CARGO_PKG_VERSION")))
}

/// Where the base is in ECR, it needs credentials.
async fn image_of(args: &Args, config: Option<&Error>, aws: Option<&Error>, ui: &Ui) -> Finding {
    let in_ecr = || args.image.source(ui).is_ok_and(|from| from.registry().and_then(registry::ecr_region).is_some());
    match (config, aws) {
        (Some(_), _) => not_looked_at(IMAGE, CONFIGURATION),
        (None, Some(_)) if in_ecr() => not_looked_at(IMAGE, CREDENTIALS),
        _ => image(args, ui).await,
    }
}

const IMAGE: &str = "image";

/// The image is made as for a deploy, but of the base only its description is read.
async fn image(args: &Args, ui: &Ui) -> Finding {
    match build(&args.image, &args.aws, ui).await {
        Ok(built) => {
            let (release, platforms) = (built.image.fluent_bit, built.platforms());
            let message = format!("{} has Fluent Bit {release}, for {platforms}", built.base.source);
            Finding::new(IMAGE, State::Good, message)
        }
        Err(error) => Finding::new(IMAGE, State::Problem, error.to_string().trim_end())
            .help("the base is `image` in [router], or --base; `firelens-kit build` says the same"),
    }
}

/// A line for each finding, and below it how to mend it; then how many there are of which kind.
fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    let width = findings.iter().map(|finding| finding.about.len()).max().unwrap_or(0);
    for Finding { about, state, message, help } in findings {
        let (style, word) = match state {
            State::Good => (GOOD, "ok"),
            State::Unknown => (DIM, "unknown"),
            State::Warning => (WARNING, "warning"),
            State::Problem => (ERROR, "problem"),
        };
        let message = message.replace('\n', &format!("\n{:indent$}", "", indent = width + 11));
        _ = writeln!(text, "{style}{word:<7}{style:#}  {about:<width$}  {message}");
        if let Some(help) = help {
            _ = writeln!(text, "{:indent$}help: {help}", "", indent = width + 11);
        }
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (problems, warnings, unknown) = (count(State::Problem), count(State::Warning), count(State::Unknown));
    let [problems, warnings] =
        [(problems, "problem"), (warnings, "warning")].map(|(of, noun)| words::count(of as u64, noun));
    _ = writeln!(text, "\n{problems}, {warnings}, {unknown} could not be checked");
    text
}
