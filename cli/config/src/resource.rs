//! The keys of `[destination.NAME]` that are about the AWS resource, and no options of the output.
use crate::keys::{
    Table,
    destination::{BUCKET, DATA_STREAM, DELIVERY_STREAM, GRANTED, LOG_GROUP},
};
use crate::{
    aws,
    problem::{Code, Problem, Span},
    reader::{Entry, Problems, Section, boolean, integer, number, string, word},
};
use firelens_pipeline::destination::{self, Description, Destination};
use firelens_stack::{Bucket, Compression, DataStream, DeliveryStream, Grant, LogGroup, Target};
use std::collections::HashMap;

mod lifecycle;
mod prefix;

/// The AWS resource of a destination. It has the name that the output writes to, which is not said twice.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub target: Target,
    /// It is there already, and stays as it is.
    pub existing: bool,
    /// What the router has to be allowed on it, where no stack makes it.
    pub grant: Option<Grant>,
}

/// Firehose's names for what it does to the objects.
const COMPRESSIONS: [(&str, Compression); 4] = [
    ("gzip", Compression::Gzip),
    ("zip", Compression::Zip),
    ("snappy", Compression::Snappy),
    ("none", Compression::Uncompressed),
];

/// Bounds and defaults of BufferingHints (Amazon Data Firehose API reference); larger objects are fewer and cheaper to
/// query. With dynamic partitioning the least is 64 MiB and 60 seconds (Data Firehose developer guide, "Quotas").
const BUFFER_MIB: u32 = 64;
const BUFFER_SECONDS: u32 = 300;
const PARTITIONED: (i64, i64) = (64, 60);

/// The keys of a type of destination that are about its resource.
pub fn keys(kind: &Description) -> Option<&'static Table> {
    match kind.resource() {
        destination::Resource::LogGroup => Some(&LOG_GROUP),
        destination::Resource::DeliveryStream => Some(&DELIVERY_STREAM),
        destination::Resource::DataStream => Some(&DATA_STREAM),
        destination::Resource::Bucket => Some(&BUCKET),
        destination::Resource::Other => kind.grants.is_some().then_some(&GRANTED),
    }
}

/// A destination's own keys, taken before its options are read.
pub(crate) struct Keys<'a> {
    entries: HashMap<&'static str, Entry<'a>>,
    problems: &'a Problems,
}

impl<'a> Keys<'a> {
    pub(crate) fn take(kind: &Description, section: &mut Section<'a>, problems: &'a Problems) -> Keys<'a> {
        let keys = keys(kind).into_iter().flat_map(|table| table.keys);
        let entries = keys.filter_map(|key| Some((key.name, section.take(key.name)?))).collect();
        Keys { entries, problems }
    }

    /// The resource that they describe. `places`: those of the output's options, and of the destination's name under `""`.
    pub(crate) fn read(&self, output: &Destination, places: &HashMap<String, Span>) -> Resource {
        let existing = self.boolean("existing");
        self.check_name(output, existing, places);
        if existing {
            self.check_existing();
        }
        let target = match output.kind.description().resource() {
            destination::Resource::LogGroup => Target::LogGroup(self.log_group(existing)),
            destination::Resource::DeliveryStream => Target::DeliveryStream(self.delivery_stream(output)),
            destination::Resource::DataStream => Target::DataStream(self.data_stream()),
            destination::Resource::Bucket => Target::Bucket(self.bucket(None)),
            destination::Resource::Other => Target::Other,
        };
        Resource { target, existing, grant: self.grant(output) }
    }

    /// The right on what `arn` names.
    fn grant(&self, output: &Destination) -> Option<Grant> {
        let grants = output.kind.description().grants.as_ref()?;
        let arn = string(self.get("arn")?.value, self.problems)?;
        let fits = |grant: &&destination::Grant| {
            aws::arn(&arn.text, grant.service).is_some_and(|resource| resource.starts_with(grant.resource))
        };
        match grants.services.iter().find(fits) {
            Some(grant) => {
                Some(Grant { action: grant.action.to_string(), resource: format!("{}{}", arn.text, grant.below) })
            }
            None => {
                let message = format!("`{}` is not the ARN of its target", arn.text);
                let examples: Vec<String> =
                    grants.services.iter().map(|grant| format!("\"{}\"", grant.example)).collect();
                aws::refuse(arn.span, message, &examples.join(" or "), self.problems)
            }
        }
    }

    fn get(&self, key: &str) -> Option<Entry<'a>> {
        self.entries.get(key).copied()
    }

    fn boolean(&self, key: &str) -> bool {
        self.get(key).and_then(|entry| boolean(entry.value, self.problems)).unwrap_or_default()
    }

    fn number(&self, key: &str) -> Option<u32> {
        number(self.get(key), self.problems)
    }

    /// A number of at least `low`, and at most what the table of keys says.
    fn number_from(&self, key: &str, low: i64) -> Option<u32> {
        let entry = self.get(key)?;
        integer(entry.value, low, entry.bounds().1, self.problems).and_then(|number| u32::try_from(number).ok())
    }

    fn kms_key(&self) -> Option<String> {
        self.get("kms_key").and_then(|entry| aws::kms_key(entry, self.problems))
    }

    /// The name that the output has is one that the resource can have. One with a variable in it is not known here.
    fn check_name(&self, output: &Destination, existing: bool, places: &HashMap<String, Span>) {
        let Some(target) = output.kind.target() else { return };
        let property = target.property;
        let place = |name: &str| places.get(name).cloned().unwrap_or_default();
        let Some(name) = output.setting(property) else {
            if existing {
                let problem = Problem::error(Code::MissingKey, place(""), "what is there already has to be named");
                self.problems.add(problem.label(format!("no `{property}`")));
            }
            return;
        };
        if let Some(rule) = target.wrong(name).filter(|_| !name.contains('$')) {
            let problem = Problem::error(Code::Name, place(property), format!("`{name}` cannot be its name"));
            self.problems.add(problem.label("not taken by AWS").help(rule));
        }
    }

    /// A resource that is there has what it has. Its key is needed all the same: the router gets rights on it.
    fn check_existing(&self) {
        let unused = self.entries.values().filter(|entry| !["existing", "kms_key"].contains(&entry.name()));
        for entry in unused {
            let message = format!("`{}` has no effect on what is there already", entry.name());
            let problem = Problem::error(Code::Option, entry.key.span(), message).label("stays as it is");
            let problem = problem.related(self.entries["existing"].key.span(), "says that it is there");
            self.problems.add(problem.help(format!("take `{}` or `existing` away", entry.name())));
        }
    }

    fn log_group(&self, existing: bool) -> LogGroup {
        let days = self.get("retention_days").and_then(|entry| aws::retention(entry, self.problems));
        let retention_days = days.unwrap_or((!existing).then_some(aws::USUAL_RETENTION));
        LogGroup { name: String::new(), retention_days, kms_key: self.kms_key() }
    }

    fn data_stream(&self) -> DataStream {
        DataStream {
            name: String::new(),
            shards: self.number("shards"),
            retention_hours: self.number("retention_hours").unwrap_or(24),
            kms_key: self.kms_key(),
        }
    }

    fn bucket(&self, name: Option<String>) -> Bucket {
        let lifecycle = self.get("lifecycle").and_then(|entry| lifecycle::read(entry, self.problems));
        Bucket { name, kms_key: self.kms_key(), lifecycle: lifecycle.unwrap_or_default() }
    }

    fn delivery_stream(&self, output: &Destination) -> DeliveryStream {
        let partitioned = self.boolean("partition_by_route");
        if partitioned {
            self.check_readable(output);
        }
        let existing_bucket = self.boolean("existing_bucket");
        let format = self.get("compression_format");
        let compression = format.and_then(|entry| word(entry, &COMPRESSIONS, self.problems));
        let (mib, seconds) = if partitioned { PARTITIONED } else { (1, 0) };
        let prefixes =
            prefix::read(self.get("prefix"), self.get("error_prefix"), &output.name, partitioned, self.problems);
        DeliveryStream {
            name: String::new(),
            bucket: self.bucket(self.bucket_name(existing_bucket)),
            existing_bucket,
            prefix: prefixes.records,
            error_prefix: prefixes.errors,
            compression: compression.unwrap_or(match output.setting("compression") {
                None | Some("") => Compression::Gzip,
                Some(_) => Compression::Uncompressed,
            }),
            buffer_mib: self.number_from("buffer_mib", mib).unwrap_or(BUFFER_MIB),
            buffer_seconds: self.number_from("buffer_seconds", seconds).unwrap_or(BUFFER_SECONDS),
            partition_by_route: partitioned,
            kms_key: self.kms_key(),
        }
    }

    /// Firehose reads the route in the record.
    fn check_readable(&self, output: &Destination) {
        if output.setting("compression").is_none_or(str::is_empty) {
            return;
        }
        let span = self.entries["partition_by_route"].key.span();
        let message = "Firehose cannot read the route in records that the router compresses";
        let problem = Problem::error(Code::Option, span, message).label("needs plain records");
        self.problems
            .add(problem.help("take `compression` away; compression_format is what Firehose does to the objects"));
    }

    fn bucket_name(&self, existing: bool) -> Option<String> {
        let entry = self.get("bucket");
        if let (true, None) = (existing, entry) {
            let span = self.entries["existing_bucket"].key.span();
            let problem = Problem::error(Code::MissingKey, span, "a bucket that is there already has to be named");
            self.problems.add(problem.label("no `bucket`"));
        }
        let name = string(entry?.value, self.problems)?;
        match destination::s3::TARGET.wrong(&name.text) {
            None => Some(name.text),
            Some(rule) => {
                let problem =
                    Problem::error(Code::Name, name.span, format!("`{}` cannot be a bucket's name", name.text));
                self.problems.add(problem.label("not taken by AWS").help(rule));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firelens_pipeline::plugin;

    #[test]
    fn no_key_hides_an_option_of_the_output() {
        for kind in destination::ALL.into_iter().filter(|kind| !kind.plugin.is_empty()) {
            let plugin = plugin::find_ever(plugin::Kind::Output, kind.plugin).unwrap();
            for key in keys(kind).into_iter().flat_map(|table| table.keys) {
                assert!(plugin.property_ever(key.name).is_none(), "{}", key.name);
            }
        }
    }
}
