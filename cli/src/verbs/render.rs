//! `firelens-kit render`: the files of the sidecar, Fluent Bit's configuration and the module.
use crate::{
    Error, Ui, check, config,
    config::Config,
    offline::setup::DEFAULT_CONFIG,
    output::{self, Format},
    pipeline,
};
use firelens_pipeline::{
    Pipeline, buffer,
    firelens::Firelens,
    multiline::Joined,
    pipeline::{CONFIG_PATH, Shape},
    render, task_definition,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Write the router's files: Fluent Bit's configuration, and the filter with your formats and routes inside
///
/// pipeline.conf and filter.wasm belong into the folder /firelens-kit of the router's image, and so does parsers.conf, which is
/// there if lines are joined (`multiline`). FireLens includes pipeline.conf (config-file-type=file,
/// config-file-value=/firelens-kit/pipeline.conf). All are written, or none. The configuration follows the release of Fluent Bit
/// in [router].
#[derive(Debug, clap::Args)]
#[allow(rustdoc::broken_intra_doc_links, reason = "it is the verb's help")]
#[command(after_help = "\
Examples:
  firelens-kit render -o router/     # router/pipeline.conf, router/filter.wasm
  firelens-kit render --effective    # what Fluent Bit reads on ECS: FireLens's part and ours
  firelens-kit render --effective --task-definition task.json

Exit codes: 0 rendered, 2 wrong usage, a wrong configuration, or a file error")]
pub struct Args {
    /// The configuration
    #[arg(short, long, value_name = "FILE", default_value = DEFAULT_CONFIG)]
    config: PathBuf,
    /// The folder for the files; it is made if it is not there
    #[arg(short, long, value_name = "DIR", default_value = ".", conflicts_with = "effective")]
    output: PathBuf,
    /// Print the whole configuration that Fluent Bit is started with, and write nothing
    #[arg(long)]
    effective: bool,
    /// The task definition that FireLens's part follows; without it, that of the containers in the configuration
    #[arg(long, value_name = "FILE", requires = "effective")]
    task_definition: Option<PathBuf>,
    /// The summary: text on standard error, or JSON on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// The names of the files.
const CONFIG: &str = "pipeline.conf";
const MODULE: &str = "filter.wasm";
const PARSERS: &str = "parsers.conf";

/// Checks, renders and writes.
///
/// # Errors
/// A wrong configuration, or a file that cannot be read or written.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    let config = config::load(&args.config, ui)?;
    check::checked(&config, ui)?;
    let pipeline = pipeline::pipeline(&config);
    let text = render::render(&pipeline);
    if args.effective {
        let effective = firelens(&config, args.task_definition.as_deref())?.around(CONFIG_PATH, &text);
        let printed = match args.format {
            Format::Text => effective,
            Format::Json => format!("{}\n", with_configuration(summary(&pipeline, None), effective)),
        };
        ui.document(printed.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let wasm = firelens_packager::package(firelens_packager::RAW, &config.program)?;
    fs::create_dir_all(&args.output).map_err(|error| Error::file("create", &args.output, &error))?;
    let (conf, filter) = (args.output.join(CONFIG), args.output.join(MODULE));
    let parsers = render::parsers(&pipeline).map(|text| (args.output.join(PARSERS), text));
    let mut files: Vec<(&Path, &[u8])> = vec![(&conf, text.as_bytes()), (&filter, &wasm)];
    files.extend(parsers.iter().map(|(path, text)| (path.as_path(), text.as_bytes())));
    output::write_files(&files)?;
    let paths: Vec<&Path> = files.iter().map(|(path, _)| *path).collect();
    match args.format {
        Format::Text => ui.eprint(&text_summary(&pipeline, &paths, wasm.len())),
        Format::Json => ui.json(&format!("{}\n", summary(&pipeline, Some(&paths))))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// FireLens's part.
fn firelens(config: &Config, task_definition: Option<&Path>) -> Result<Firelens, Error> {
    let Some(path) = task_definition else {
        let names = config.spec.containers.iter().map(|container| container.name.clone());
        return Ok(Firelens::new(names, config.router.settings.memory_mib));
    };
    let source = fs::read_to_string(path).map_err(|error| Error::file("read", path, &error))?;
    let (task, problems) = task_definition::read(&source);
    let problems: Vec<_> = problems.into_iter().map(config::problem::Problem::from).collect();
    match task.filter(|_| problems.is_empty()) {
        Some(task) => Firelens::of(&task).ok_or_else(|| {
            let path = path.display();
            Error::new(format!("{path} has no container with a firelensConfiguration of type fluentbit"))
        }),
        None => {
            let name = path.display().to_string();
            Err(Error::Rendered(config::problem::render(&name, &source, &problems, false)))
        }
    }
}

fn shape(pipeline: &Pipeline) -> &'static str {
    match pipeline.version.shape() {
        Shape::Straight => "straight",
        Shape::Emitter => "emitter",
    }
}

/// What a destination gets.
fn routes_to<'a>(pipeline: &'a Pipeline, destination: &str) -> Vec<&'a str> {
    let leads = |to: &[String]| to.iter().any(|name| name == destination);
    pipeline.routes.iter().filter(|route| leads(&route.to)).map(|route| route.name.as_str()).collect()
}

fn summary(pipeline: &Pipeline, files: Option<&[&Path]>) -> Value {
    let destinations = pipeline.used().map(|to| {
        json!({
            "name": to.name,
            "plugin": to.kind.plugin(),
            "routes": routes_to(pipeline, &to.name),
            "disk_limit_bytes": pipeline.disk_limit(&to.name),
            "outage_seconds": to.load.unwrap_or(pipeline.router.load).outage,
        })
    });
    let memory: serde_json::Map<String, Value> =
        pipeline.memory().into_iter().map(|(what, mib)| (what.to_string(), json!(mib))).collect();
    let secrets: serde_json::Map<String, Value> =
        pipeline.secrets().into_iter().map(|(variable, arn)| (variable, json!(arn))).collect();
    json!({
        "files": files.map(|files| files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>()),
        "fluent_bit": pipeline.version.to_string(),
        "shape": shape(pipeline),
        "warnings": pipeline.warnings(),
        "moved_routes": pipeline.moved().iter().flat_map(|moved| moved.routes.clone()).collect::<Vec<_>>(),
        "destinations": destinations.collect::<Vec<_>>(),
        "memory_mib": { "limit": pipeline.router.memory_mib, "needed": memory },
        "secrets": secrets,
    })
}

fn with_configuration(mut summary: Value, text: String) -> Value {
    summary["configuration"] = Value::String(text);
    summary
}

/// The files are the configuration, the module, and the others.
fn text_summary(pipeline: &Pipeline, files: &[&Path], wasm: usize) -> String {
    let [conf, filter, others @ ..] = files else { return String::new() };
    let reach = match pipeline.version.shape() {
        Shape::Straight => "records reach the filter straight from FireLens's input",
        Shape::Emitter => "records pass through an emitter before they reach the filter",
    };
    let mut text = format!("{}: for Fluent Bit {}, {reach}\n", conf.display(), pipeline.version);
    for to in pipeline.used() {
        let routes = match routes_to(pipeline, &to.name).join(", ") {
            routes if routes.is_empty() => "all records".to_string(),
            routes => routes,
        };
        let limit = pipeline.disk_limit(&to.name).div_ceil(buffer::MEGABYTE);
        let outage = duration(to.load.unwrap_or(pipeline.router.load).outage);
        text.push_str(&format!("  {}: {routes}; {limit} MB on disk for an outage of {outage}\n", to.name));
    }
    let needed: u32 = pipeline.memory().iter().map(|(_, mib)| mib).sum();
    text.push_str(&format!("  memory: {needed} of {} MiB\n", pipeline.router.memory_mib));
    text.push_str(&format!("{}: {wasm} bytes\n", filter.display()));
    for parsers in others {
        let names: Vec<String> = pipeline.joined.iter().map(joined).collect();
        text.push_str(&format!("{}: lines are joined of {}\n", parsers.display(), names.join(", ")));
    }
    text
}

/// `app (stderr)`
fn joined(joined: &Joined) -> String {
    let streams: Vec<&str> = ["stdout", "stderr"].into_iter().filter(|stream| joined.takes(stream)).collect();
    format!("{} ({})", joined.container, streams.join(" and "))
}

/// `90s`, `30m`, `2h`
fn duration(seconds: u32) -> String {
    match seconds {
        _ if seconds.is_multiple_of(3600) => format!("{}h", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short() {
        assert_eq!([90, 1800, 7200].map(duration), ["90s", "30m", "2h"]);
    }
}
