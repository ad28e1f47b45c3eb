//! The destinations whose records can be queried: those that end in S3, and the log groups.
use super::{records, rendered};
use crate::{
    Error,
    config::{
        Config,
        problem::{Code, Problem},
    },
    pipeline,
};
use firelens_infra::{
    Place, Stack,
    export::athena::{Archive, Field, LogGroup, Value, keys, layout::Layout},
    stack::{Bucket, Compression, DeliveryStream, Destination, Target},
};
use firelens_pipeline::{Pipeline, destination, value};

/// The archives, and what is said about those that cannot be queried from here.
///
/// # Errors
/// An archive that Athena cannot read, with what to change.
pub fn archives(config: &Config, stack: &Stack, place: &Place) -> Result<(Vec<Archive>, Vec<String>), Error> {
    let pipeline = pipeline::pipeline(config);
    let (mut archives, mut notes) = (Vec::new(), Vec::new());
    for to in &stack.destinations {
        let Some(output) = Output::of(config, &pipeline, &to.name) else { continue };
        match &to.target {
            Target::DeliveryStream(_) if to.existing => notes.push(format!(
                "[destination.{}] is there already: where and how it writes to S3 is not known, and it gets no table",
                to.name
            )),
            Target::DeliveryStream(stream) => archives.push(output.of_stream(stack, place, to, stream)?),
            Target::Bucket(bucket) => archives.push(output.of_bucket(stack, place, to, bucket)?),
            Target::LogGroup(_) | Target::DataStream(_) | Target::Other => {}
        }
    }
    Ok((archives, notes))
}

/// The log groups whose events are whole records.
pub fn log_groups(config: &Config, stack: &Stack) -> Vec<LogGroup> {
    let pipeline = pipeline::pipeline(config);
    let group = |to: &Destination| match &to.target {
        Target::LogGroup(group) => {
            let output = Output::of(config, &pipeline, &to.name)?;
            let whole = output.get("log_key").is_none() && output.get("log_group_template").is_none();
            whole.then(|| LogGroup { records: records::of(config, &to.name), name: group.name.clone() })
        }
        _ => None,
    };
    stack.destinations.iter().filter_map(group).collect()
}

/// An output of the router, with its options and their defaults.
struct Output<'a> {
    config: &'a Config,
    name: &'a str,
    properties: Vec<(String, String)>,
}

impl<'a> Output<'a> {
    fn of(config: &'a Config, pipeline: &Pipeline, name: &'a str) -> Option<Output<'a>> {
        let output: &destination::Destination = pipeline.destinations.iter().find(|output| output.name == name)?;
        Some(Output { config, name, properties: output.properties(pipeline) })
    }

    fn get(&self, property: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(property));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn of_stream(
        &self,
        stack: &Stack,
        place: &Place,
        to: &Destination,
        stream: &DeliveryStream,
    ) -> Result<Archive, Error> {
        self.check_records()?;
        match stream.compression {
            Compression::Uncompressed | Compression::Gzip => {}
            // "Use compression in Athena" (user guide) has no zip, and of Snappy only what Hadoop reads.
            Compression::Zip | Compression::Snappy => {
                let help = "compression_format = \"gzip\" or \"none\"";
                return Err(self.error(
                    "compression_format",
                    "Athena does not read objects that are compressed so",
                    help,
                ));
            }
        }
        if stream.partition_by_route && self.config.routes.is_empty() {
            return Err(self.error(
                "partition_by_route",
                "there are no routes that objects could lie under",
                "take it away",
            ));
        }
        let parts = keys::of_firehose(&stream.prefix);
        let iso = |format: &str| format.starts_with("%Y-%m-%dT%H:%M:%S") && format.ends_with('Z');
        let value = if self.get("time_key_format").is_some_and(iso) { Value::Time } else { Value::Text };
        let date = self.get("time_key").map(|key| records::date(key, value));
        self.archive(stack, place, to, &stream.bucket, ("prefix", &parts), date)
    }

    fn of_bucket(&self, stack: &Stack, place: &Place, to: &Destination, bucket: &Bucket) -> Result<Archive, Error> {
        self.check_records()?;
        let format = self.get("s3_key_format").unwrap_or_default();
        self.check_compression(format)?;
        let parts = keys::of_fluent_bit(format);
        let date = self.get("json_date_key").filter(|key| !value::is_off(key)).map(|key| {
            let value = match self.get("json_date_format").unwrap_or_default().to_lowercase().as_str() {
                "iso8601" => Value::Time,
                "epoch" | "epoch_ms" => Value::Integer,
                "double" => Value::Number,
                _ => Value::Text,
            };
            records::date(key, value)
        });
        self.archive(stack, place, to, bucket, ("s3_key_format", &parts), date)
    }

    /// Each object is lines, and each line a record.
    fn check_records(&self) -> Result<(), Error> {
        let whole = "only whole records, one JSON object a line, can be rows of a table";
        if self.get("log_key").is_some() {
            return Err(self.error("log_key", whole, "take `log_key` away"));
        }
        if self.get("format").is_some_and(|format| !format.eq_ignore_ascii_case("json_lines")) {
            return Err(self.error("format", whole, "format = \"json_lines\""));
        }
        Ok(())
    }

    /// Athena tells from a key's end how the object is compressed ("Use compression in Athena").
    fn check_compression(&self, format: &str) -> Result<(), Error> {
        const ENDS: [(&str, &str); 2] = [("gzip", ".gz"), ("zstd", ".zst")];
        let compression = self.get("compression").filter(|value| !value.eq_ignore_ascii_case("none"));
        let end = match compression {
            None => None,
            Some(compression) => match ENDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(compression)) {
                Some((_, end)) => Some(*end),
                None => {
                    let message = "Athena does not read such objects as lines of JSON";
                    return Err(self.error("compression", message, "compression = \"gzip\""));
                }
            },
        };
        let found = ENDS.map(|(_, end)| end).into_iter().find(|end| format.ends_with(end));
        match (found, end) {
            (found, end) if found == end => Ok(()),
            (_, Some(end)) => {
                let message = "Athena tells by the end of a key that its object is compressed";
                Err(self.error("compression", message, &format!("end s3_key_format with $UUID{end}")))
            }
            (_, None) => {
                let message = "Athena takes objects with such a key for compressed ones";
                Err(self.error("s3_key_format", message, "end it with $UUID.json, or set `compression`"))
            }
        }
    }

    fn archive(
        &self,
        stack: &Stack,
        place: &Place,
        to: &Destination,
        bucket: &Bucket,
        (key, parts): (&str, &[keys::Part]),
        date: Option<Field>,
    ) -> Result<Archive, Error> {
        if self.get("compression").is_some() && matches!(to.target, Target::DeliveryStream(_)) {
            let message = "the router compresses each record, which Athena does not undo";
            return Err(self.error("compression", message, "take it away; compression_format is for the objects"));
        }
        let layout =
            Layout::of(parts).map_err(|why| self.error(key, "no partitions can be made of these keys", &why))?;
        let mut records = records::of(self.config, &to.name);
        records.fields.extend(date.filter(|date| records.fields.iter().all(|field| field.key != date.key)));
        Ok(Archive {
            records,
            bucket: place.bucket_of(&stack.name, &to.name, bucket.name.as_deref()),
            layout,
            expire_days: bucket.lifecycle.expire_days,
        })
    }

    /// About an option, where it is written, or else about the destination.
    fn error(&self, property: &str, message: &str, help: &str) -> Error {
        let places = self.config.destinations.iter().find(|to| to.name == self.name).map(|to| &to.places);
        let span = places.and_then(|places| places.get(property).or(places.get(""))).cloned().unwrap_or_default();
        let message = format!("[destination.{}] `{property}`: {message}", self.name);
        rendered(self.config, Problem::error(Code::Export, span, message).label("cannot be queried").help(help))
    }
}
