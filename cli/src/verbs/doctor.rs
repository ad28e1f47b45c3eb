//! `firelens-kit doctor`: what would keep a deploy from working.
use super::build;
use crate::{
    Error, Ui,
    aws::{self, AwsArgs},
    image::Request,
    stack::{self, StackArgs},
    ui::{DIM, ERROR, GOOD, WARNING},
};
use clap::ValueEnum;
use firelens_infra::observe::doctor::{self, Finding, State};
use serde_json::json;
use std::{fmt::Write as _, process::ExitCode};

/// Look before the first deploy: credentials, permissions, names, the network, quotas, the base image
///
/// Nothing is changed. What cannot be looked at is said, too: permissions are asked of IAM's own simulation, which needs
/// iam:SimulatePrincipalPolicy and does not know what other accounts' policies say.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit doctor
  firelens-kit doctor --profile production --region eu-west-1
  firelens-kit doctor --format json

Exit codes: 0 nothing stands in the way, 1 a deploy would fail, 2 wrong usage, a wrong firelens.toml, or no credentials")]
pub struct Args {
    #[command(flatten)]
    image: Request,
    /// How the findings are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Looks, and prints.
///
/// # Errors
/// A wrong configuration, or without credentials.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let findings = aws::run(async {
        let from = StackArgs { config: args.image.config.clone() };
        let (aws, stack) = stack::look(&from, &args.aws, ui).await?;
        let (seen, image) = tokio::join!(doctor::examine(&stack, &aws), image(&args, ui));
        Ok([vec![version(), image], seen].concat())
    })?;
    match args.format {
        Format::Text => ui.print(&text(&findings))?,
        Format::Json => ui.json(&format!("{:#}\n", json!({ "findings": findings })))?,
    }
    let problem = findings.iter().any(|finding| finding.state == State::Problem);
    Ok(if problem { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn version() -> Finding {
    Finding::new("versions", State::Good, format!("firelens-kit {}", env!("CARGO_PKG_VERSION")))
}

/// The image is made as for a deploy, but of the base only its description is read.
async fn image(args: &Args, ui: &Ui) -> Finding {
    const ABOUT: &str = "image";
    match build::build(&args.image, &args.aws, ui).await {
        Ok(built) => {
            let (release, platforms) = (built.image.fluent_bit, built.platforms());
            let message = format!("{} has Fluent Bit {release}, for {platforms}", built.base.source);
            Finding::new(ABOUT, State::Good, message)
        }
        Err(error) => Finding::new(ABOUT, State::Problem, error.to_string().trim_end())
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
            _ = writeln!(text, "{:indent$}{help}", "", indent = width + 11);
        }
    }
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    let (problems, warnings, unknown) = (count(State::Problem), count(State::Warning), count(State::Unknown));
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let (problems, warnings) = (plural(problems, "problem"), plural(warnings, "warning"));
    _ = writeln!(text, "\n{problems}, {warnings}, {unknown} could not be looked at");
    text
}
