//! From a `[destination.NAME]` to where its records are sent, and in which form.
use super::body::{Date, DateFormat, Form};
use crate::{Error, config::Config, pipeline};
use firelens_infra::{
    Place,
    send::{Target, cloudwatch_logs, firehose, kinesis_streams, s3},
};
use firelens_pipeline::{
    Pipeline,
    destination::{self, Resource},
    value,
};

/// A destination that records are sent to.
#[derive(Debug, Clone)]
pub struct Destination {
    pub name: String,
    pub target: Target,
    pub form: Form,
}

impl Destination {
    /// Names its bucket, when the file does not: it follows from the stack's name, the account and the region.
    pub fn name_bucket(&mut self, stack: Option<&str>, place: &Place) {
        if let (Target::S3(to), Some(stack)) = (&mut self.target, stack)
            && to.bucket.contains('$')
        {
            to.bucket = place.bucket(stack, &self.name);
        }
    }

    /// What it is on AWS, for people.
    pub fn description(&self) -> String {
        match &self.target {
            Target::CloudwatchLogs(to) => format!("log group {}", to.group),
            Target::Firehose(to) => format!("delivery stream {}", to.stream),
            Target::KinesisStreams(to) => format!("data stream {}", to.stream),
            Target::S3(to) if to.bucket.contains('$') => "bucket of the account".to_string(),
            Target::S3(to) => format!("bucket {}", to.bucket),
        }
    }
}

/// The destinations of these names; `tag` is that of the records.
///
/// # Errors
/// When there is none of such a name, or nothing can be sent to it from here.
pub fn destinations(config: &Config, names: &[String], tag: &str) -> Result<Vec<Destination>, Error> {
    let pipeline = pipeline::pipeline(config);
    let mut found: Vec<Destination> = Vec::new();
    for name in names {
        if found.iter().all(|known| known.name != *name) {
            found.push(destination(config, &pipeline, name, tag)?);
        }
    }
    Ok(found)
}

/// The user says that it is there already: it may be another account's.
fn existing(config: &Config, name: &str) -> bool {
    let resource = config.destinations.iter().find(|to| to.name == name).and_then(|to| to.resource.as_ref());
    resource.is_some_and(|resource| resource.existing)
}

fn destination(config: &Config, pipeline: &Pipeline, name: &str, tag: &str) -> Result<Destination, Error> {
    let known: Vec<&str> = config.destinations.iter().map(|to| to.name.as_str()).collect();
    let Some(to) = pipeline.destinations.iter().find(|to| to.name == name) else {
        return Err(Error::new(format!("--to {name}: there is no such destination")).suggest(name, &known));
    };
    let properties = Properties { name, all: to.properties(pipeline) };
    let (target, form) = match to.kind.description().resource() {
        Resource::LogGroup => properties.cloudwatch_logs(tag, retention(config, name))?,
        Resource::DeliveryStream => properties.firehose()?,
        Resource::DataStream => properties.kinesis_streams()?,
        Resource::Bucket => properties.s3(!existing(config, name))?,
        Resource::Other => return Err(other(name, to.kind.plugin())),
    };
    Ok(Destination { name: name.to_string(), target, form })
}

fn other(name: &str, plugin: &str) -> Error {
    let message = format!("--to {name}: records are not sent to the output `{plugin}` from here");
    Error::new(message).help(format!(
        "only to {}; `firelens-kit test FILES --format ndjson` prints the records",
        destination::words(|known| known.resource() != Resource::Other)
    ))
}

fn retention(config: &Config, name: &str) -> Option<i32> {
    let to = config.destinations.iter().find(|to| to.name == name)?;
    to.settings.get("retention_days")?.as_integer()?.try_into().ok()
}

/// The options of an output, with the defaults.
struct Properties<'a> {
    name: &'a str,
    all: Vec<(String, String)>,
}

type Sends = Result<(Target, Form), Error>;

impl Properties<'_> {
    fn get(&self, property: &str) -> Option<&str> {
        let found = self.all.iter().find(|(name, _)| name.eq_ignore_ascii_case(property));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn text(&self, property: &str) -> Option<String> {
        self.get(property).map(str::to_string)
    }

    fn need(&self, property: &str) -> Result<String, Error> {
        let missing =
            || self.error(&format!("`{property}` is not set, and there is no `name` that it could follow from"));
        self.text(property).ok_or_else(missing)
    }

    fn error(&self, message: &str) -> Error {
        Error::new(format!("[destination.{}]: {message}", self.name))
    }

    /// Options that make of a record what is not made here.
    fn refuse(&self, options: &[(&str, &[&str])]) -> Result<(), Error> {
        let plain = |value: &str, plain: &[&str]| plain.iter().any(|plain| plain.eq_ignore_ascii_case(value));
        let set = |(name, usual): &(&str, &[&str])| {
            self.get(name).filter(|value| !plain(value, usual)).map(|_| name.to_string())
        };
        match options.iter().find_map(set) {
            Some(name) => {
                Err(self.error(&format!("what `{name}` makes of records is not made by a replay; take it away for it")))
            }
            None => Ok(()),
        }
    }

    /// That of the output, unless it is the task's.
    fn region(&self) -> Option<String> {
        self.text("region").filter(|region| !region.contains('$'))
    }

    fn cloudwatch_logs(&self, tag: &str, retention_days: Option<i32>) -> Sends {
        self.refuse(&[("log_group_template", &[]), ("log_format", &[])])?;
        let prefix = self.get("log_stream_prefix").unwrap_or_default();
        let stream = self.text("log_stream_name").unwrap_or_else(|| format!("{prefix}{tag}"));
        let group = self.need("log_group_name")?;
        let target = cloudwatch_logs::Target { group, stream, retention_days, region: self.region() };
        let form = Form { log_key: self.text("log_key"), escaped: false, date: None, newline: false };
        Ok((Target::CloudwatchLogs(target), form))
    }

    fn firehose(&self) -> Sends {
        self.refuse(&[("compression", &["none"]), ("simple_aggregation", &value::FALSE)])?;
        let target = firehose::Target { stream: self.need("delivery_stream")?, region: self.region() };
        Ok((Target::Firehose(target), self.lines()?))
    }

    fn kinesis_streams(&self) -> Sends {
        self.refuse(&[("compression", &["none"]), ("simple_aggregation", &value::FALSE)])?;
        let target = kinesis_streams::Target { stream: self.need("stream")?, region: self.region() };
        Ok((Target::KinesisStreams(target), self.lines()?))
    }

    /// As the outputs for Firehose and Kinesis send them. Without `time_key_format` the first is `%Y-%m-%dT%H:%M:%S`.
    fn lines(&self) -> Result<Form, Error> {
        let format = self.get("time_key_format").unwrap_or("%Y-%m-%dT%H:%M:%S");
        let format = DateFormat::strftime(format).map_err(|error| self.error(&format!("time_key_format: {error}")))?;
        let date = self.text("time_key").map(|key| Date { key, format, first: false });
        Ok(Form { log_key: self.text("log_key"), escaped: true, date, newline: true })
    }

    /// `own`: the bucket is the stack's.
    fn s3(&self, own: bool) -> Sends {
        self.refuse(&[("format", &["json_lines"]), ("compression", &["gzip", "none"]), ("blob_database_file", &[])])?;
        let key = self.get("s3_key_format").unwrap_or("/fluent-bit-logs/$TAG/%Y/%m/%d/%H/%M/%S");
        let delimiters = self.get("s3_key_format_tag_delimiters").unwrap_or(".");
        let target = s3::Target {
            bucket: self.need("bucket")?,
            key: s3::KeyFormat::new(key, delimiters).map_err(|error| self.error(&format!("s3_key_format: {error}")))?,
            gzip: self.get("compression").is_some_and(|value| value.eq_ignore_ascii_case("gzip")),
            content_type: self.text("content_type"),
            storage_class: self.text("storage_class"),
            canned_acl: self.text("canned_acl"),
            own,
            file_size: self
                .get("total_file_size")
                .and_then(value::limit)
                .and_then(|size| size.try_into().ok())
                .unwrap_or(usize::MAX),
            region: self.region(),
        };
        let format = self.get("json_date_format").unwrap_or("iso8601");
        let format = DateFormat::named(format)
            .ok_or_else(|| self.error(&format!("json_date_format: there is no `{format}`")))?;
        let key = self.text("json_date_key").filter(|key| !value::is_off(key));
        let date = key.map(|key| Date { key, format, first: true });
        Ok((Target::S3(target), Form { log_key: self.text("log_key"), escaped: false, date, newline: true }))
    }
}
