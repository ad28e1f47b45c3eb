//! The verbs: one module each, with its arguments and its `run`.
use crate::{Error, Ui};
use clap::{Parser, Subcommand};
use std::{process::ExitCode, sync::LazyLock};

pub mod build;
pub mod compile;
pub mod completions;
pub mod deploy;
pub mod destroy;
pub mod doctor;
pub mod export;
pub mod init;
pub mod inject;
pub mod lint;
pub mod logs;
pub mod plan;
pub mod playground;
pub mod policy;
pub mod push;
pub mod render;
pub mod replay;
pub mod schema;
pub mod status;
pub mod suggest;
pub mod test;
pub mod verify;

/// Parse, route and test ECS FireLens logs: a WASM filter for Fluent Bit and its command line.
#[derive(Debug, Parser)]
#[command(name = "firelens-kit", version, long_version = long_version(), max_term_width = 100, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub verb: Verb,
}

const AFTER_HELP: &str = "\
Examples:
  firelens-kit init --from access.log error.log     write a firelens.toml
  firelens-kit test access.log error.log            what becomes of each line
  firelens-kit test                                 check the expectations (*.test.toml)
  firelens-kit playground                           the same in the browser, with an editor
  firelens-kit compile -c firelens.toml             the module for Fluent Bit: filter.wasm
  firelens-kit render -o router/                    the router's configuration, and the module
  firelens-kit push REGISTRY/REPOSITORY             the router's image, without Docker
  firelens-kit inject taskdef.json --image IMAGE    the log router, in your ECS task definition
  firelens-kit lint taskdef.json extra.conf         what loses logs in a configuration
  firelens-kit policy deployer                      what whoever deploys has to be allowed
  firelens-kit doctor                               what would keep a deploy from working
  firelens-kit plan                                 what a deploy would create, change and delete on AWS
  firelens-kit deploy                               the stack on AWS, as firelens.toml says
  firelens-kit destroy                              the stack goes, its logs stay
  firelens-kit status                               how the stack is
  firelens-kit logs --follow --route failures       records in CloudWatch Logs, as they come
  firelens-kit verify                               whether a request's record arrives everywhere
  firelens-kit export cloudformation -o shop.yaml   the stack as a CloudFormation template
  firelens-kit export terraform -o infra/logs       the same stack, for Terraform
  firelens-kit export athena -o athena/             the archive as tables and queries of Athena
  firelens-kit replay old.log.gz --to archive       old lines, into the destinations on AWS
  firelens-kit schema -o firelens.schema.json       what an editor completes firelens.toml with

Exit codes:
  0  all went well
  1  an expectation failed (test), something wrong was found (lint, doctor), the task definition is not up to date
     (inject --check), there are changes (plan --detailed-exitcode), not all was done (deploy, destroy), the stack is
     unhealthy (status), or a record did not arrive everywhere (verify)
  2  wrong usage, a wrong firelens.toml or task definition, or a file that cannot be read or written
  3  a record was lost, which is a defect to report (test)

Colours are used on terminals only; NO_COLOR=1 switches them off there too.";

#[derive(Debug, Subcommand)]
pub enum Verb {
    Test(test::Args),
    Playground(playground::Args),
    Compile(compile::Args),
    Render(render::Args),
    Build(build::Args),
    Push(push::Args),
    Plan(plan::Args),
    Deploy(deploy::Args),
    Destroy(destroy::Args),
    Init(init::Args),
    Inject(inject::Args),
    Lint(lint::Args),
    Policy(policy::Args),
    Doctor(doctor::Args),
    Status(status::Args),
    Logs(logs::Args),
    Verify(verify::Args),
    Export(export::Args),
    Replay(replay::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

/// The version, with that of the module inside.
fn long_version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| {
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "{version}\nwith the filter module {version} ({} bytes before a configuration)",
            firelens_packager::RAW.len()
        )
    });
    &VERSION
}

/// Runs a verb.
///
/// # Errors
/// What kept it from doing its work; what the verb found is in the exit code.
pub fn run(verb: Verb, ui: &Ui) -> Result<ExitCode, Error> {
    match verb {
        Verb::Test(args) => test::run(args, ui),
        Verb::Playground(args) => playground::run(args, ui),
        Verb::Compile(args) => compile::run(args, ui),
        Verb::Render(args) => render::run(args, ui),
        Verb::Build(args) => build::run(args, ui),
        Verb::Push(args) => push::run(args, ui),
        Verb::Plan(args) => plan::run(args, ui),
        Verb::Deploy(args) => deploy::run(args, ui),
        Verb::Destroy(args) => destroy::run(args, ui),
        Verb::Init(args) => init::run(args, ui),
        Verb::Inject(args) => inject::run(args, ui),
        Verb::Lint(args) => lint::run(args, ui),
        Verb::Policy(args) => policy::run(args, ui),
        Verb::Doctor(args) => doctor::run(args, ui),
        Verb::Status(args) => status::run(args, ui),
        Verb::Logs(args) => logs::run(args, ui),
        Verb::Verify(args) => verify::run(args, ui),
        Verb::Export(args) => export::run(args, ui),
        Verb::Replay(args) => replay::run(args, ui),
        Verb::Schema(args) => schema::run(args, ui),
        Verb::Completions(args) => completions::run(args, ui),
    }
}
