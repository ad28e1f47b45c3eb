//! Where the record has to arrive, and how long that takes at most.
use super::routes::Routes;
use crate::{Error, config::Config, pipeline, time};
use firelens_infra::{
    Place, Stack,
    observe::verify::{self, Site},
    stack::{Destination, Target},
};
use firelens_pipeline::Pipeline;
use std::time::Duration;

/// The destinations that the routes lead to.
#[derive(Debug, Clone)]
pub struct Sites {
    pub all: Vec<Site>,
    /// What the slowest of them gathers before it delivers.
    pub buffered: Duration,
    pub notes: Vec<String>,
}

/// Compressed records that can be read.
const READ: [&str; 2] = ["gzip", "none"];

/// Fluent Bit's s3 output, where it is not said.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);

/// Those of the routes.
///
/// # Errors
/// When none of them can be looked at.
pub fn of(config: &Config, stack: &Stack, account: &Place, routes: &Routes) -> Result<Sites, Error> {
    let pipeline = pipeline::pipeline(config);
    let named =
        |to: &&Destination| routes.lead.is_empty() || routes.lead.iter().any(|route| route.to.contains(&to.name));
    let mut sites = Sites { all: Vec::new(), buffered: Duration::ZERO, notes: Vec::new() };
    for to in stack.destinations.iter().filter(named) {
        let options = Options::of(&pipeline, &to.name);
        let site = options.site(stack, to, account);
        if site.unchecked().is_none() {
            sites.buffered = sites.buffered.max(options.buffered(to));
            sites.notes.extend(options.note(&to.name));
        }
        sites.all.push(site);
    }
    if sites.all.iter().all(|site| site.unchecked().is_some()) {
        let why = sites.all.iter().filter_map(|site| Some(format!("\n  {}: {}", site.destination, site.unchecked()?)));
        return Err(Error::new(format!("no destination can be looked at from here{}", why.collect::<String>())));
    }
    Ok(sites)
}

/// An output's, with the defaults.
struct Options(Vec<(String, String)>);

impl Options {
    fn of(pipeline: &Pipeline, destination: &str) -> Options {
        let output = pipeline.destinations.iter().find(|output| output.name == destination);
        Options(output.map(|output| output.properties(pipeline)).unwrap_or_default())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn site(&self, stack: &Stack, to: &Destination, account: &Place) -> Site {
        // Fluent Bit leaves out the first `/`.
        let key = self.get("s3_key_format").unwrap_or_default().trim_start_matches('/');
        let prefix = &key[..key.find(['$', '%']).unwrap_or(key.len())];
        let site = Site::of(stack, to, account, prefix);
        match self.get("compression").filter(|name| !READ.contains(&name.to_lowercase().as_str())) {
            Some(name) if site.unchecked().is_none() => {
                let (kind, name, reason) =
                    (site.kind(), site.name(), format!("its records are compressed with {name}"));
                Site { place: verify::Place::Unseen { kind, name, reason }, ..site }
            }
            _ => site,
        }
    }

    fn buffered(&self, to: &Destination) -> Duration {
        match &to.target {
            Target::DeliveryStream(stream) => Duration::from_secs(stream.buffer_seconds.into()),
            Target::Bucket(_) => self.get("upload_timeout").and_then(seconds).unwrap_or(UPLOAD_TIMEOUT),
            _ => Duration::ZERO,
        }
    }

    fn note(&self, destination: &str) -> Option<String> {
        let field = self.get("log_key")?;
        Some(format!("{destination} gets only the field {field} (log_key), in which the mark may not be"))
    }
}

/// Fluent Bit's times: `90`, `90s`, `10m`, `1h`.
fn seconds(text: &str) -> Option<Duration> {
    let plain = text.parse().ok().map(Duration::from_secs);
    plain.or_else(|| Duration::try_from(time::span(text).ok()?).ok())
}
