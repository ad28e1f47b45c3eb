//! Destinations: Fluent Bit's outputs, each with the defaults that lose nothing. One file a type, with its description.
use crate::{
    Version,
    buffer::{self, Load},
    pipeline::Pipeline,
    plugin::{self, Plugin},
};

pub mod cloudwatch_logs;
mod custom;
mod description;
mod firehose;
mod kinesis_streams;
mod opensearch;
pub mod s3;

pub use description::{
    Description, Fate, Grant, Grants, Longest, Old, Refused, Region, Resource, Target, Template, words,
};

/// All types, in the order in which messages list them; `custom` comes last.
pub const ALL: [&Description; 6] = [
    &cloudwatch_logs::DESCRIPTION,
    &firehose::DESCRIPTION,
    &kinesis_streams::DESCRIPTION,
    &s3::DESCRIPTION,
    &opensearch::DESCRIPTION,
    &custom::DESCRIPTION,
];

/// An output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    pub name: String,
    pub kind: Type,
    /// Properties by their real names, as the user set them. An empty value takes a default away.
    pub settings: Vec<Setting>,
    pub secrets: Vec<Secret>,
    /// What its buffer has to hold, if not what the router's say.
    pub load: Option<Load>,
}

/// A property with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

/// A property whose value only the task knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    pub property: String,
    /// Of a secret in Secrets Manager, or of a parameter in the Parameter Store.
    pub arn: String,
}

/// The type of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// One that has a description of its own.
    Known(&'static Description),
    /// Any other output of Fluent Bit, by its name.
    Custom(String),
}

/// Settings in the order in which they are rendered.
pub type Defaults = Vec<(&'static str, String)>;

/// As often as it takes: the limit of a destination is its disk.
const FOR_EVER: &str = "no_limits";

/// Seconds without an answer after which a connection is given up; without, a dead one is waited for for ever.
const IO_TIMEOUT: &str = "30s";

/// Connections at a time. Without a limit every chunk that waits is sent at once: after a flood of a million lines the
/// process took 211 MB, and with it 38 (5.0.9).
const CONNECTIONS: &str = "8";

impl Type {
    /// What is known about it.
    pub fn description(&self) -> &'static Description {
        match self {
            Type::Known(description) => description,
            Type::Custom(_) => &custom::DESCRIPTION,
        }
    }

    /// The output that does it.
    pub fn plugin(&self) -> &str {
        match self {
            Type::Known(description) => description.plugin,
            Type::Custom(name) => name,
        }
    }

    /// The plugin with its properties, if the release has it.
    pub fn find(&self, version: Version) -> Option<&'static Plugin> {
        plugin::find(plugin::Kind::Output, self.plugin(), version)
    }

    /// Where the records go, if that is known.
    pub fn target(&self) -> Option<&'static Target> {
        self.description().target.as_ref()
    }
}

/// The beginning of the environment variables of the router that are the kit's.
pub const VARIABLES: &str = "FIRELENS_KIT_";

/// The properties that say which records an output gets and under which name: the routes' business.
pub const RESERVED: [&str; 4] = ["name", "match", "match_regex", "alias"];

impl Destination {
    /// The environment variable that a secret arrives in.
    pub fn variable(&self, secret: &Secret) -> String {
        self.variable_of(&secret.property)
    }

    /// The environment variable that a property takes its value from, where only the task knows that.
    pub fn variable_of(&self, property: &str) -> String {
        let name = format!("{VARIABLES}{}_{property}", self.name);
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    }

    /// What the user set a property to.
    pub fn setting(&self, property: &str) -> Option<&str> {
        let found = self.settings.iter().find(|setting| setting.name.eq_ignore_ascii_case(property));
        found.map(|setting| setting.value.as_str())
    }

    /// What the user set a property to, unless that takes a default away.
    pub fn says(&self, property: &str) -> bool {
        self.setting(property).is_some_and(|value| !value.is_empty())
    }

    pub(crate) fn sets(&self, property: &str) -> bool {
        self.setting(property).is_some()
            || self.secrets.iter().any(|secret| secret.property.eq_ignore_ascii_case(property))
    }

    /// All properties of the output but its name and tags: the user's, the secrets, and the defaults that the release has.
    pub fn properties(&self, pipeline: &Pipeline) -> Vec<(String, String)> {
        let plugin = self.kind.find(pipeline.version);
        let known = |name: &str| plugin.is_none_or(|plugin| plugin.property(name, pipeline.version).is_some());
        let own = self.settings.iter().filter(|setting| !setting.value.is_empty());
        let own = own.map(|setting| (setting.name.clone(), setting.value.clone()));
        let variable = |secret: &Secret| format!("${{{}}}", self.variable(secret));
        let secrets = self.secrets.iter().map(|secret| (secret.property.clone(), variable(secret)));
        let defaults = self.defaults(pipeline).into_iter().filter(|(name, _)| known(name) && !self.sets(name));
        let defaults = defaults.map(|(name, value)| (name.to_string(), value));
        own.chain(secrets).chain(defaults).collect()
    }

    /// The defaults of its type, and of those of all outputs what its type does not set otherwise.
    fn defaults(&self, pipeline: &Pipeline) -> Defaults {
        let description = self.kind.description();
        let mut defaults = (description.defaults)(self);
        for common in [
            ("retry_limit", FOR_EVER.to_string()),
            (description.limit, buffer::size(pipeline.disk_need(&self.name))),
            ("net.io_timeout", IO_TIMEOUT.to_string()),
            ("net.max_worker_connections", CONNECTIONS.to_string()),
        ] {
            if !defaults.iter().any(|(name, _)| *name == common.0) {
                defaults.push(common);
            }
        }
        defaults.retain(|(_, value)| !value.is_empty());
        defaults
    }
}

/// Why a stack's destination needs no role of its own.
const OWN_ROLE: &str = "the router's own role gets the rights that it needs";

/// The region of AWS's outputs, which do not look at the environment.
const REGION: Region = Region { property: "region", default: None, only_with: None };

/// The region of the task.
fn region() -> (&'static str, String) {
    ("region", "${AWS_REGION}".to_string())
}

/// The record's own time, which the line may not have, under the name that S3's output gives it.
fn time_key(to: &Destination) -> Defaults {
    if to.setting("time_key") == Some("") {
        return Defaults::new();
    }
    vec![("time_key", "date".to_string()), ("time_key_format", "%Y-%m-%dT%H:%M:%S.%3NZ".to_string())]
}

/// The name of a stream of a stack.
fn stream_name(stack: &str, to: &Destination) -> Option<String> {
    Some(format!("{stack}-{}", to.name))
}

/// CreateDeliveryStream (Amazon Data Firehose API reference), CreateStream (Amazon Kinesis Data Streams API reference).
fn is_stream(name: &str, longest: usize) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=longest).contains(&name.len()) && name.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_named_as_the_apis_take_them() {
        assert!(is_stream("Shop.logs_1-2", 64) && is_stream(&"a".repeat(65), 128));
        assert!(!is_stream(&"a".repeat(65), 64) && !is_stream("shop/logs", 64) && !is_stream("shop logs", 128));
    }

    #[test]
    fn variables_are_fit_for_an_environment() {
        let secret = Secret { property: "oauth2.client-secret".into(), arn: "arn:aws:x".into() };
        let search = Destination {
            name: "my-search".into(),
            kind: Type::Custom("es".into()),
            settings: vec![],
            secrets: vec![secret.clone()],
            load: None,
        };
        assert_eq!(search.variable(&secret), "FIRELENS_KIT_MY_SEARCH_OAUTH2_CLIENT_SECRET");
    }
}
