//! The pipelines that are measured, as Fluent Bit's configurations in a folder.
use crate::Result;
use firelens_kit::{config, pipeline};
use firelens_pipeline::conf::{self, Section, SectionKind, Syntax};
use firelens_pipeline::destination::{Destination, Type};
use firelens_pipeline::firelens::{Firelens, Metadata};
use firelens_pipeline::pipeline::{CONFIG_PATH, MODULE_PATH, Pipeline, STORAGE_PATH, Shape};
use firelens_pipeline::{Version, render};
use std::fs;
use std::path::{Path, PathBuf};

const NATIVE: &str = include_str!("native.conf");
const PARSERS: &str = include_str!("parsers.conf");

/// What native.conf says of its parsers' place.
const PARSERS_PATH: &str = "/firelens-kit/parsers.conf";

/// Where the records go, in this order.
pub const DESTINATIONS: [&str; 2] = ["archive", "cloudwatch"];

/// A pipeline.
pub struct Chain {
    pub name: String,
    /// It does the whole job: drops the health checks and sends the failures to `cloudwatch`.
    pub whole: bool,
    sections: Vec<String>,
}

/// What becomes of the records at a destination.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sink {
    /// They are thrown away.
    Null,
    /// They are written to a file that is named after the destination.
    File,
}

/// The pipelines for a release: nothing but FireLens's part, the native one, ours. With `parts`, also what each consists of.
pub fn chains(dir: &Path, version: Version, parts: bool) -> Result<Vec<Chain>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/bench.toml");
    let (config, problems) = config::parse(&path, &fs::read_to_string(&path)?);
    let config = config.ok_or_else(|| format!("{}: {problems:?}", path.display()))?;
    match std::env::var_os("FIRELENS_WASM") {
        Some(given) => drop(fs::copy(given, dir.join("filter.wasm"))?),
        None => {
            fs::write(dir.join("filter.wasm"), firelens_packager::package(firelens_packager::RAW, &config.program)?)?
        }
    }
    fs::write(dir.join("parsers.conf"), PARSERS)?;

    let containers = config.spec.containers.iter().map(|container| container.name.clone());
    let mut firelens = Firelens::new(containers, config.router.settings.memory_mib);
    firelens.metadata = Some(Metadata {
        cluster: "shop".to_string(),
        task_arn: "arn:aws:ecs:eu-central-1:123456789012:task/shop/0123456789abcdef0123456789abcdef".to_string(),
        task_definition: "shop:7".to_string(),
        ..Metadata::default()
    });
    let sections = |text: &str| sections(&firelens.around(CONFIG_PATH, text), dir);
    let ours = Pipeline { version, ..with_null_outputs(pipeline::pipeline(&config)) };
    let (native, ours_sections) = (sections(NATIVE), sections(&render::render(&ours)));

    let mut chains = vec![before("none", &native, 0)];
    for (name, all) in [("native", native), ("ours", ours_sections)] {
        let filters = own_filters(&all);
        // What an emitter in front of everything costs is of interest in itself.
        let emitter = usize::from(name == "ours" && ours.version.shape() == Shape::Emitter) * 2;
        for count in (1..filters.len()).filter(|count| parts || *count == emitter) {
            let last = plugin(&all[filters[count - 1]]);
            chains.push(before(&format!("{name}: to {last} ({count})"), &all, count));
        }
        chains.push(Chain { name: name.to_string(), whole: true, sections: all });
    }
    Ok(chains)
}

/// Outputs that cost nothing in the place of the cloud's.
fn with_null_outputs(pipeline: Pipeline) -> Pipeline {
    let to_null = |to: Destination| Destination { kind: Type::Custom("null".to_string()), settings: vec![], ..to };
    Pipeline { destinations: pipeline.destinations.into_iter().map(to_null).collect(), ..pipeline }
}

/// A pipeline with only its first filters.
fn before(name: &str, all: &[String], count: usize) -> Chain {
    let left_out = own_filters(all).split_off(count);
    let kept = all.iter().enumerate().filter(|(index, _)| !left_out.contains(index)).map(|(_, text)| text.clone());
    Chain { name: name.to_string(), whole: false, sections: kept.collect() }
}

/// Where the filters are that FireLens has not made.
fn own_filters(sections: &[String]) -> Vec<usize> {
    let own = |section: &str| section.starts_with("[FILTER]") && plugin(section) != "record_modifier";
    (0..sections.len()).filter(|index| own(&sections[*index])).collect()
}

fn plugin(section: &str) -> &str {
    section.lines().nth(1).and_then(|line| line.split_whitespace().last()).unwrap_or_default()
}

/// The sections of a configuration, moved into a folder.
fn sections(text: &str, dir: &Path) -> Vec<String> {
    let document = conf::read(text, Syntax::Classic, 0);
    document.sections().filter_map(|section| moved(section, dir)).collect()
}

/// Inputs that listen on the network are left out: there may be another Fluent Bit on this machine.
fn moved(section: &Section, dir: &Path) -> Option<String> {
    if section.kind == SectionKind::Input && section.get("unix_path").is_none() {
        return None;
    }
    let mut text = format!("[{}]\n", section.title.text);
    for entry in &section.entries {
        let value = &entry.text()?.text;
        let value = match value.as_str() {
            "/var/run/fluent.sock" => socket().display().to_string(),
            MODULE_PATH => dir.join("filter.wasm").display().to_string(),
            PARSERS_PATH => dir.join("parsers.conf").display().to_string(),
            STORAGE_PATH => storage(dir).display().to_string(),
            _ => value.clone(),
        };
        text.push_str(&format!("    {} {value}\n", entry.name));
    }
    Some(text)
}

/// The socket that the log driver writes to. Its path has 108 bytes at most.
pub fn socket() -> PathBuf {
    std::env::temp_dir().join(format!("firelens-kit-bench-{}.sock", std::process::id()))
}

/// The folder of the buffers.
pub fn storage(dir: &Path) -> PathBuf {
    dir.join("storage")
}

/// What a destination has got.
pub fn received(dir: &Path, destination: &str) -> PathBuf {
    dir.join(format!("{destination}.out"))
}

impl Chain {
    /// How many records of these lines come to each of the [`DESTINATIONS`].
    pub fn expected(&self, counts: &e2e::load::Counts) -> [u64; 2] {
        let drops = self.sections.iter().any(|section| ["grep", "wasm"].contains(&plugin(section)));
        let dropped = if drops { counts.health_checks } else { 0 };
        let moved = if self.whole { counts.failures } else { 0 };
        [counts.lines - dropped - moved, moved]
    }

    /// Writes the configuration.
    pub fn write(&self, dir: &Path, sink: Sink, http_port: u16) -> Result<PathBuf> {
        let path = dir.join("fluent-bit.conf");
        let sections = self.sections.iter().map(|section| self.ending(section, dir, sink));
        let text = sections.collect::<String>().replace("http_port 2020\n", &format!("http_port {http_port}\n"));
        fs::write(&path, text)?;
        Ok(path)
    }

    fn ending(&self, section: &str, dir: &Path, sink: Sink) -> String {
        let alias = section.lines().find_map(|line| line.trim().strip_prefix("alias "));
        match alias.filter(|_| sink == Sink::File && section.starts_with("[OUTPUT]")) {
            Some(alias) => {
                let file = format!("name file\n    path {}\n    file {alias}.out\n    format plain\n", dir.display());
                section.replace("name null\n", &file)
            }
            None => section.to_string(),
        }
    }
}
