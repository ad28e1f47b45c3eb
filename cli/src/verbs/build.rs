//! `firelens-kit build`: the router's image, in a folder or a file.
use crate::{
    Error, Ui, aws,
    aws::AwsArgs,
    image::{Built, Request, build, progress::Bars},
    output::Format,
};
use clap::ValueEnum;
use firelens_oci::write;
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};

/// Build the router's image: the base image, and your configuration in one more layer
///
/// Needs no Docker and no root. The release of Fluent Bit is read from the base's labels, and decides what is rendered. The
/// same base, configuration and firelens-kit always give the same digest.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit build -o image/        # an OCI image layout, for linux/amd64 and linux/arm64
  firelens-kit build -o image/ --base ghcr.io/fluent/fluent-bit:5.0.9
  firelens-kit build -o image/ --base oci:mirror/fluent-bit:5.0.9
  firelens-kit build -o router.tar --output-type docker-archive --platform linux/arm64
  docker load < router.tar

Exit codes: 0 built, 2 wrong usage, a wrong configuration, a base that cannot be had or has no WASM filter, or a file error")]
pub struct Args {
    #[command(flatten)]
    request: Request,
    /// The folder of an OCI image layout, or the file of a docker-archive
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
    /// What is written
    #[arg(long, value_enum, value_name = "TYPE", default_value = "oci")]
    output_type: OutputType,
    /// The summary: text on standard error, or JSON on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// For a base in ECR
    #[command(flatten)]
    aws: AwsArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputType {
    /// A folder in the OCI image layout
    Oci,
    /// A file for `docker load`, with one platform
    DockerArchive,
}

/// Builds and writes.
///
/// # Errors
/// A wrong configuration, a base that cannot be had or does not fit, or a file that cannot be written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let built = aws::run(async {
        let built = build(&args.request, &args.aws, ui).await?;
        write(&args, &built, ui).await?;
        Ok(built)
    })?;
    let output = args.output.display();
    match args.format {
        Format::Text => ui.eprint(&format!("{output}: {}\n{}", built.title(), built.text())),
        Format::Json => ui.json(&format!("{}\n", with(built.json(), "output", json!(output.to_string()))))?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn write(args: &Args, built: &Built, ui: &Ui) -> Result<(), Error> {
    let bars = Bars::new(ui);
    match (args.output_type, built.image.platforms.as_slice()) {
        (OutputType::Oci, _) => {
            write::write_layout(&built.image, &args.output, |blob, done| bars.at(blob, done)).await?;
        }
        (OutputType::DockerArchive, [image]) => {
            let name =
                format!("firelens-kit/{}:{}", built.config.name.as_deref().unwrap_or("router"), built.image.tag());
            write::write_docker_archive(image, &name, &args.output, |blob, done| bars.at(blob, done)).await?;
        }
        (OutputType::DockerArchive, _) => {
            return Err(Error::new("a docker-archive holds one platform").help("--platform linux/amd64"));
        }
    }
    Ok(())
}

pub(super) fn with(mut object: Value, key: &str, value: Value) -> Value {
    object[key] = value;
    object
}
