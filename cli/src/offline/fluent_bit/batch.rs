//! Records that are sent together, and what becomes of each.
use super::{
    Arrived, Fate,
    forward::{self, Driver, Sent},
    local,
    oracle::Oracle,
    process::Process,
    receive::{Came, Receivers},
    write_key,
};
use crate::{
    Error, Ui,
    offline::{fields::Names, host::Loss, scan::Members, setup::Setup},
};
use firelens_pipeline::{Pipeline, Version, firelens::Firelens, pipeline::CONFIG_PATH, render};
use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

/// How long nothing at all may arrive before the rest is given up.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often the files are looked at.
const PAUSE: Duration = Duration::from_millis(50);

/// Records that are to be sent.
pub(super) struct Batch<'a> {
    setup: &'a Setup,
    pipeline: Pipeline,
    oracle: Oracle,
    names: Names,
    known: HashMap<Box<[u8]>, usize>,
    items: Vec<Item>,
}

/// One of them.
struct Item {
    tag: String,
    /// The bytes on the socket, or why there are none.
    sent: Result<Sent, String>,
    /// Where it has to arrive; nowhere when it is dropped.
    expected: Vec<usize>,
    dropped: bool,
}

impl<'a> Batch<'a> {
    /// For a Fluent Bit of this version.
    ///
    /// # Errors
    /// When the setup has no pipeline.
    pub(super) fn new(setup: &'a Setup, version: Version, ui: &Ui) -> Result<Batch<'a>, Error> {
        let pipeline = setup.pipeline.clone().ok_or_else(|| {
            Error::new("--fluent-bit runs the pipeline of a firelens.toml\n  name one with -c, or write one: firelens-kit init")
        })?;
        if pipeline.version != version {
            ui.warning(&format!(
                "this is Fluent Bit {version}, and firelens.toml is for {}: the pipeline is rendered for {version} here",
                pipeline.version
            ));
        }
        Ok(Batch {
            setup,
            pipeline: Pipeline { version, ..pipeline },
            oracle: Oracle::new(&setup.program),
            names: Names::new(&setup.program),
            known: HashMap::new(),
            items: Vec::new(),
        })
    }

    /// Adds a record, unless it is there already: `record` is what the module alone would be given, `message` what Docker
    /// would send.
    pub(super) fn add(&mut self, tag: &str, record: &[u8], message: forward::Message) {
        let mut key = Vec::new();
        write_key(tag.as_bytes(), record, &mut key);
        if self.known.contains_key(key.as_slice()) {
            return;
        }
        let number = self.items.len();
        let tag = self.oracle.firelens_tag(tag, record);
        let split = self.is_joined(&tag, record);
        let (route, dropped) = self.oracle.ask(&tag, record);
        let expected = if dropped { Vec::new() } else { self.destinations(route) };
        self.items.push(Item { tag, sent: forward::encode(number, message, split), expected, dropped });
        self.known.insert(key.into(), number);
    }

    /// Whether the router joins the lines of the record's stream.
    fn is_joined(&self, tag: &str, record: &[u8]) -> bool {
        let container = tag.rsplit_once("-firelens-").map(|(container, _)| container);
        let joined = || self.pipeline.joined.iter().filter(|joined| Some(joined.container.as_str()) == container);
        joined().next().is_some() && {
            let source = Members::new(record).find(|(key, _)| *key == b"source").map(|(_, value)| value.to_vec());
            let source = source.and_then(|value| serde_json::from_slice::<String>(&value).ok()).unwrap_or_default();
            joined().any(|joined| joined.takes(&source))
        }
    }

    /// The destinations of a route, as indices; of the last one's when there is none.
    fn destinations(&self, route: Option<usize>) -> Vec<usize> {
        let index = |name: &str| self.pipeline.used().position(|to| to.name == name);
        match route.and_then(|route| self.setup.to.get(route)) {
            Some(to) => to.iter().filter_map(|name| index(name)).collect(),
            None => self.pipeline.default_destinations().into_iter().filter_map(index).collect(),
        }
    }

    /// Sends all of them through the Fluent Bit at `program`.
    ///
    /// # Errors
    /// When it does not start, or ends in the middle; with what it said.
    pub(super) fn run(self, program: &Path, ui: &Ui) -> Result<Arrived, Error> {
        let folder = tempfile::tempdir()?;
        let names: Vec<String> = self.pipeline.used().map(|to| to.name.clone()).collect();
        self.write_files(folder.path())?;
        let mut process = Process::start(program, folder.path())?;
        let mut receivers = Receivers::new(&local::received(folder.path()), &names);
        let mut driver = Driver::new(&local::socket(folder.path()));
        driver.wait(&mut process)?;
        for item in &self.items {
            if let Ok(sent) = &item.sent {
                driver.send(&item.tag, sent, &mut process)?;
            }
        }
        self.wait(&mut process, &mut receivers)?;
        let complaints = process.stop()?;
        receivers.read()?;
        let arrived = self.judge(&receivers, &names);
        if arrived.fates.values().any(|fate| matches!(fate, Fate::Lost(_))) && !complaints.is_empty() {
            ui.warning(&format!("Fluent Bit said:\n  {}", complaints.join("\n  ")));
        }
        Ok(arrived)
    }

    fn write_files(&self, folder: &Path) -> Result<(), Error> {
        let containers = self.setup.program.containers.iter().map(|container| container.name.clone());
        let firelens = Firelens::new(containers, self.pipeline.router.memory_mib);
        // A record in a test has the fields that FireLens adds, or does without.
        let firelens = Firelens { metadata: None, ..firelens };
        let effective = firelens.around(CONFIG_PATH, &render::render(&self.pipeline));
        fs::create_dir(local::received(folder))?;
        fs::write(local::module(folder), firelens_packager::package(firelens_packager::RAW, &self.setup.program)?)?;
        if let Some(parsers) = render::parsers(&self.pipeline) {
            fs::write(local::parsers(folder), parsers)?;
        }
        fs::write(local::config(folder), local::configuration(&effective, folder))?;
        Ok(())
    }

    /// Until everything has arrived that has to, or nothing comes any more.
    fn wait(&self, process: &mut Process, receivers: &mut Receivers) -> Result<(), Error> {
        let expected = self.items.iter().enumerate().filter(|(_, item)| item.sent.is_ok());
        let expected = expected.flat_map(|(number, item)| item.expected.iter().map(move |to| (number, *to)));
        let count = expected.clone().count();
        let mut last = (0, Instant::now());
        loop {
            receivers.read()?;
            if receivers.count() >= count && expected.clone().all(|(number, to)| receivers.has(number, to)) {
                return Ok(());
            }
            if receivers.count() > last.0 {
                last = (receivers.count(), Instant::now());
            }
            if last.1.elapsed() > PATIENCE {
                return Ok(());
            }
            process.check("in the middle")?;
            thread::sleep(PAUSE);
        }
    }

    fn judge(&self, receivers: &Receivers, names: &[String]) -> Arrived {
        let fates = self.known.iter().map(|(key, number)| {
            let fate = self.fate(&self.items[*number], receivers.came(*number), names);
            (key.clone(), fate)
        });
        Arrived { fates: fates.collect() }
    }

    fn fate(&self, item: &Item, came: Option<&Came>, names: &[String]) -> Fate {
        if let Err(reason) = &item.sent {
            return Fate::Lost(Loss::NotSent(reason.clone()));
        }
        let name = |to: &usize| names[*to].clone();
        let Some(came) = came else {
            let missing = item.expected.iter().map(name).collect();
            return if item.dropped { Fate::Dropped } else { Fate::Lost(Loss::Missing(missing)) };
        };
        let route = self.names.facts(&came.text).route;
        let expected = self.destinations(route);
        let missing: Vec<String> = expected.iter().filter(|to| !came.at.contains(to)).map(name).collect();
        let once = |to: &usize| came.at.iter().filter(|at| *at == to).count() == 1;
        let mut astray: Vec<String> =
            came.at.iter().filter(|to| !expected.contains(to) || !once(to)).map(name).collect();
        astray.dedup();
        match (missing.is_empty(), astray.is_empty()) {
            (true, true) => Fate::Record(Arc::clone(&came.text)),
            (false, _) => Fate::Lost(Loss::Missing(missing)),
            _ => Fate::Lost(Loss::Astray(astray)),
        }
    }
}
