//! Destinations: Fluent Bit's outputs, each with the defaults that lose nothing. One file a kind.
use crate::{
    Version,
    buffer::{self, Load},
    pipeline::Pipeline,
    plugin::{self, Plugin},
};

mod cloudwatch_logs;
mod custom;
mod firehose;
mod kinesis_streams;
mod s3;

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

/// The kinds of destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    CloudwatchLogs,
    Firehose,
    KinesisStreams,
    S3,
    /// Any other output of Fluent Bit, by its name.
    Custom(String),
}

/// Settings in the order in which they are rendered.
pub(crate) type Defaults = Vec<(&'static str, String)>;

/// As often as it takes: the limit of a destination is its disk.
const FOR_EVER: &str = "no_limits";

/// Seconds without an answer after which a connection is given up; without, a dead one is waited for for ever.
const IO_TIMEOUT: &str = "30s";

/// Connections at a time. Without a limit every chunk that waits is sent at once: after a flood of a million lines the
/// process took 211 MB, and with it 38 (5.0.9).
const CONNECTIONS: &str = "8";

impl Type {
    /// The output that does it.
    pub fn plugin(&self) -> &str {
        match self {
            Type::CloudwatchLogs => cloudwatch_logs::PLUGIN,
            Type::Firehose => firehose::PLUGIN,
            Type::KinesisStreams => kinesis_streams::PLUGIN,
            Type::S3 => s3::PLUGIN,
            Type::Custom(name) => name,
        }
    }

    /// The plugin with its properties, if the release has it.
    pub fn find(&self, version: Version) -> Option<&'static Plugin> {
        plugin::find(plugin::Kind::Output, self.plugin(), version)
    }

    /// The kind that an output has a file of its own for. AWS's older outputs in Go are succeeded by one of these, too.
    pub fn of_plugin(name: &str) -> Option<Type> {
        match name.to_lowercase().as_str() {
            cloudwatch_logs::PLUGIN | "cloudwatch" => Some(Type::CloudwatchLogs),
            firehose::PLUGIN | "firehose" => Some(Type::Firehose),
            kinesis_streams::PLUGIN | "kinesis" => Some(Type::KinesisStreams),
            s3::PLUGIN => Some(Type::S3),
            _ => None,
        }
    }

    /// Short names of properties: `log_group` for `log_group_name`.
    pub fn aliases(&self) -> &'static [(&'static str, &'static str)] {
        match self {
            Type::CloudwatchLogs => cloudwatch_logs::ALIASES,
            Type::Firehose => firehose::ALIASES,
            Type::KinesisStreams | Type::S3 | Type::Custom(_) => &[],
        }
    }

    /// The property that limits the disk space of its buffer.
    pub fn limit(&self) -> &'static str {
        match self {
            Type::S3 => s3::LIMIT,
            _ => "storage.total_limit_size",
        }
    }

    /// The property that says where the records go, which has a default only where the AWS resource has one.
    pub fn target(&self) -> Option<&'static str> {
        match self {
            Type::CloudwatchLogs => Some("log_group_name"),
            Type::Firehose => Some("delivery_stream"),
            Type::KinesisStreams => Some("stream"),
            Type::S3 => Some("bucket"),
            Type::Custom(_) => None,
        }
    }
}

/// The properties that say which records an output gets and under which name: the routes' business.
pub const RESERVED: [&str; 4] = ["name", "match", "match_regex", "alias"];

impl Destination {
    /// The environment variable that a secret arrives in.
    pub fn variable(&self, secret: &Secret) -> String {
        self.variable_of(&secret.property)
    }

    /// The environment variable that a property takes its value from, where only the task knows that.
    pub fn variable_of(&self, property: &str) -> String {
        let name = format!("FIRELENS_KIT_{}_{property}", self.name);
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect()
    }

    /// What the user set a property to.
    pub fn setting(&self, property: &str) -> Option<&str> {
        let found = self.settings.iter().find(|setting| setting.name.eq_ignore_ascii_case(property));
        found.map(|setting| setting.value.as_str())
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

    fn defaults(&self, pipeline: &Pipeline) -> Defaults {
        let limit = buffer::size(pipeline.disk_need(&self.name));
        let mut defaults = match &self.kind {
            Type::CloudwatchLogs => cloudwatch_logs::defaults(self),
            Type::Firehose => firehose::defaults(self),
            Type::KinesisStreams => kinesis_streams::defaults(self),
            Type::S3 => return s3::defaults(self),
            Type::Custom(_) => custom::defaults(),
        };
        defaults.extend([
            ("retry_limit", FOR_EVER.to_string()),
            (self.kind.limit(), limit),
            ("net.io_timeout", IO_TIMEOUT.to_string()),
            ("net.max_worker_connections", CONNECTIONS.to_string()),
        ]);
        defaults
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugins_of_all_kinds_are_in_the_table() {
        for kind in [Type::CloudwatchLogs, Type::Firehose, Type::KinesisStreams, Type::S3] {
            let plugin = kind.find(Version::DEFAULT).unwrap();
            assert!(plugin.property(kind.target().unwrap(), Version::DEFAULT).is_some());
            for (_, name) in kind.aliases() {
                assert!(plugin.property(name, Version::DEFAULT).is_some(), "{name}");
            }
        }
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
