//! `firelens-kit push`: the router's image, in a registry.
use super::build::with;
use crate::{
    Error, Ui, aws,
    aws::AwsArgs,
    image::{Built, Request, build, progress::Bars, registry},
    output::Format,
    stop,
};
use firelens_infra::words;
use firelens_oci::{self as oci, Image, Pushed, Reference, Registry};
use indicatif::HumanBytes;
use serde_json::json;
use std::process::ExitCode;

/// Build the router's image and push it to a registry
///
/// What the repository has, or can mount from another one of the registry, is not moved; the rest goes through from the base's
/// registry, a piece at a time. Without a tag the image gets one of its own: the versions of firelens-kit and Fluent Bit, and
/// the beginning of the digest. A tag that is there with another image is an error.
///
/// To ECR it signs in with your AWS credentials, elsewhere with what `docker login` or `podman login` keeps. Registries on
/// this machine (localhost, 127.0.0.0/8, ::1) are spoken to without TLS.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-router
  firelens-kit push ghcr.io/shop/router --dry-run         # what would be moved
  firelens-kit push ghcr.io/shop/router:1.4.0 --base ghcr.io/fluent/fluent-bit:5.0.9
  firelens-kit inject taskdef.json --write --image \"$(firelens-kit push ghcr.io/shop/router)\"

Environment:
  FIRELENS_KIT_REGISTRY_ENDPOINT  for tests and proxies: where ECR is reached, http://127.0.0.1:5000

Exit codes: 0 pushed, or there already, 2 wrong usage, a wrong configuration, a base that does not fit, a registry \
that refuses, or stopped by ctrl-c: run the same command again then")]
pub struct Args {
    /// The repository: REGISTRY/NAME, or REGISTRY/NAME:TAG
    #[arg(value_name = "TARGET")]
    target: String,
    #[command(flatten)]
    request: Request,
    /// Move nothing; say what would be moved
    #[arg(long)]
    dry_run: bool,
    /// The image's reference by its digest on standard output, or a summary in JSON
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    #[command(flatten)]
    aws: AwsArgs,
}

/// Builds and pushes.
///
/// # Errors
/// A wrong configuration, a base that cannot be had or does not fit, or a registry that refuses.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let target = Reference::parse(&args.target)?;
    if target.digest.is_some() {
        return Err(Error::new("a digest follows from the content; name a repository, or a repository and a tag"));
    }
    let (built, pushed) = aws::run(async {
        let built = build(&args.request, &args.aws, ui).await?;
        let registry = registry::connect(&target.registry, &args.aws).await?;
        let bars = Bars::new(ui);
        let pushed = tokio::select! {
            pushed = args.push(&built.image, &target, &registry, &bars) => pushed?,
            () = stop::signal() => return Err(stopped(bars.moved())),
        };
        Ok((built, pushed))
    })?;
    match args.format {
        Format::Text => {
            ui.eprint(&text(&built, &pushed, args.dry_run));
            ui.print(&format!("{}\n", by_digest(&pushed.reference)))?;
        }
        Format::Json => ui.json(&format!("{}\n", summary(&built, &pushed, args.dry_run)))?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    async fn push(
        &self,
        image: &Image,
        target: &Reference,
        registry: &Registry,
        bars: &Bars,
    ) -> Result<Pushed, oci::Error> {
        match self.dry_run {
            true => oci::rehearse(image, target, registry).await,
            false => oci::push(image, target, registry, bars).await,
        }
    }
}

fn stopped(moved: u64) -> Error {
    Error::new(format!("stopped: {} moved, and the tag is not there yet", blobs(moved)))
        .help("run the same command again: what is in the registry is not moved again")
}

/// Task definitions take a tag or a digest, not both.
fn by_digest(reference: &Reference) -> Reference {
    Reference { tag: None, ..reference.clone() }
}

fn text(built: &Built, pushed: &Pushed, dry_run: bool) -> String {
    let would = if dry_run { "would be " } else { "" };
    let what = match pushed.was_there {
        true => "it was there already".to_string(),
        false => format!(
            "{} {would}moved ({}), {} there already, {} {would}mounted",
            blobs(pushed.sent),
            HumanBytes(pushed.sent_bytes),
            pushed.there,
            pushed.mounted
        ),
    };
    let Pushed { reference, .. } = pushed;
    let (registry, repository) = (&reference.registry, &reference.repository);
    format!("{registry}/{repository}: {}; {what}\n{}", built.title(), built.text())
}

fn blobs(count: u64) -> String {
    words::count(count, "blob")
}

fn summary(built: &Built, pushed: &Pushed, dry_run: bool) -> serde_json::Value {
    let summary = with(built.json(), "reference", json!(by_digest(&pushed.reference).to_string()));
    let summary = with(summary, "tag", json!(pushed.reference.tag));
    let blobs = json!({
        "moved": pushed.sent,
        "moved_bytes": pushed.sent_bytes,
        "mounted": pushed.mounted,
        "there": pushed.there,
    });
    let summary = with(summary, "dry_run", json!(dry_run));
    with(with(summary, "was_there", json!(pushed.was_there)), "blobs", blobs)
}
