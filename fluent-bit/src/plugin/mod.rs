//! Every plugin of Fluent Bit with its properties, by release.
//!
//! The table (`table`) was read from the `config_map` of each plugin at each release's tag, and from what the core takes
//! for every input, filter and output.
use crate::{Version, value};
use std::fmt;

mod secret;
mod table;

pub use secret::is_secret;

/// What a section of a configuration is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Input,
    Filter,
    Output,
    Processor,
    Custom,
    /// `[SERVICE]`; its one "plugin" is called `service`.
    Service,
    /// `[PARSER]`; its one "plugin" is called `parser`.
    Parser,
    /// `[MULTILINE_PARSER]`; its one "plugin" is called `multiline_parser`.
    MultilineParser,
}

/// What a property's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Str,
    Int,
    Bool,
    Double,
    /// Bytes: `512`, `10M`, `1G`.
    Size,
    /// Seconds, or a number with `s`, `m`, `h` or `d`.
    Time,
    /// Texts with commas between them.
    CommaList,
    /// Texts with blanks between them.
    BlankList,
    /// The name is only the beginning of the property's name.
    Prefix,
    /// A text, or in YAML a list or a map.
    Variant,
    /// Accepted, without any effect.
    Deprecated,
}

/// A property of a plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// In lower case, though Fluent Bit reads names in any case.
    pub name: &'static str,
    pub kind: Type,
    /// May stand there several times.
    pub multiple: bool,
    pub since: Version,
    /// The first release that does not have it any more.
    pub until: Option<Version>,
    /// As Fluent Bit's source writes it.
    pub default: Option<&'static str>,
}

/// A plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    pub kind: Kind,
    pub name: &'static str,
    pub since: Version,
    /// The first release that does not have it any more.
    pub until: Option<Version>,
    /// AWS's plugins in Go, which only the aws-for-fluent-bit images have.
    pub is_go: bool,
    /// Takes any property, as Fluent Bit does not know its names.
    takes_any: bool,
    properties: Vec<Property>,
    /// The groups of properties that it has in common with others.
    groups: Vec<&'static Plugin>,
}

/// All plugins of a kind that a release has, sorted.
pub fn names(kind: Kind, version: Version) -> Vec<&'static str> {
    let mut names: Vec<&str> = plugins(kind, version).map(|plugin| plugin.name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A plugin, if the release has it. A release newer than all known ones is taken to be like the newest.
pub fn find(kind: Kind, name: &str, version: Version) -> Option<&'static Plugin> {
    plugins(kind, version).find(|plugin| plugin.name.eq_ignore_ascii_case(name))
}

/// A plugin, whatever release has it; of several the newest.
pub fn find_ever(kind: Kind, name: &str) -> Option<&'static Plugin> {
    let named = table::all().iter().filter(|plugin| plugin.kind == kind && plugin.name.eq_ignore_ascii_case(name));
    named.max_by_key(|plugin| plugin.since)
}

fn plugins(kind: Kind, version: Version) -> impl Iterator<Item = &'static Plugin> {
    table::all().iter().filter(move |plugin| plugin.kind == kind && within(plugin.since, plugin.until, version))
}

/// Releases older than the table's are taken to be like its oldest.
fn within(since: Version, until: Option<Version>, version: Version) -> bool {
    let version = version.max(Version::OLDEST);
    version >= since && until.is_none_or(|until| version < until)
}

impl Plugin {
    /// A property, if this release has it; the name's case does not matter.
    pub fn property(&self, name: &str, version: Version) -> Option<&Property> {
        self.all().find(|property| property.is_called(name) && within(property.since, property.until, version))
    }

    /// A property, whatever release has it; of several the newest.
    pub fn property_ever(&self, name: &str) -> Option<&Property> {
        self.all().filter(|property| property.is_called(name)).max_by_key(|property| property.since)
    }

    /// The names of all properties that this release has, sorted.
    pub fn property_names(&self, version: Version) -> Vec<&'static str> {
        let known = self.all().filter(|property| within(property.since, property.until, version));
        let mut names: Vec<&str> = known.map(|property| property.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether Fluent Bit takes any property for this plugin, known or not.
    pub fn open(&self) -> bool {
        self.takes_any || self.is_go
    }

    /// Its own properties before the common ones.
    fn all(&self) -> impl Iterator<Item = &Property> {
        self.properties.iter().chain(self.groups.iter().flat_map(|group| &group.properties))
    }
}

impl Property {
    fn is_called(&self, name: &str) -> bool {
        let head = name.get(..self.name.len()).unwrap_or(name);
        let fits = if self.kind == Type::Prefix { name.len() > self.name.len() } else { name.len() == self.name.len() };
        fits && head.eq_ignore_ascii_case(self.name)
    }
}

impl Type {
    /// Whether a text can be a value of this type. `${VARIABLES}` can be anything.
    pub fn accepts(self, value: &str) -> bool {
        if value.contains("${") {
            return true;
        }
        match self {
            Type::Int => value.parse::<i64>().is_ok(),
            Type::Double => value.parse::<f64>().is_ok_and(f64::is_finite),
            Type::Bool => value::boolean(value).is_some(),
            // Fluent Bit makes no number of `off`, and most plugins take that for no limit.
            Type::Size => value::size(value).is_some() || value.eq_ignore_ascii_case("off"),
            Type::Time => value::seconds(value).is_some(),
            _ => true,
        }
    }
}

/// What a value of the type is, for messages.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Int => "a whole number",
            Type::Double => "a number",
            Type::Bool => "`on` or `off`",
            Type::Size => "a size such as `512K`, `10M` or `1G`",
            Type::Time => "a time such as `30`, `30s` or `5m`",
            Type::CommaList => "texts with commas between them",
            Type::BlankList => "texts with blanks between them",
            Type::Str | Type::Prefix | Type::Variant | Type::Deprecated => "a text",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    /// Since when an output's property is there.
    fn since(output: &str, property: &str) -> String {
        find_ever(Kind::Output, output).unwrap().property_ever(property).unwrap().since.to_string()
    }

    #[test]
    fn the_wasm_filter_is_there_since_2_0() {
        assert!(find(Kind::Filter, "wasm", version("1.9.10")).is_none());
        let wasm = find(Kind::Filter, "WASM", version("2.0.0")).unwrap();
        assert!(wasm.property("wasm_path", version("2.0.0")).is_some());
        assert!(wasm.property("Wasm_Heap_Size", version("3.1.4")).is_none());
        assert!(wasm.property("Wasm_Heap_Size", version("3.1.5")).is_some());
        assert_eq!(wasm.property("event_format", version("3.0.0")).unwrap().kind, Type::Str);
    }

    #[test]
    fn the_outputs_of_aws_have_their_options() {
        for (output, properties) in [
            (
                "cloudwatch_logs",
                "region log_group_name log_stream_prefix log_stream_template log_key auto_create_group \
              log_retention_days endpoint port net.keepalive retry_limit workers storage.total_limit_size",
            ),
            (
                "kinesis_firehose",
                "region delivery_stream log_key time_key role_arn endpoint port auto_retry_requests compression",
            ),
            ("kinesis_streams", "region stream log_key time_key_format external_id"),
            (
                "s3",
                "bucket region total_file_size upload_timeout s3_key_format use_put_object store_dir compression \
              preserve_data_ordering tls tls.verify",
            ),
        ] {
            let plugin = find(Kind::Output, output, Version::DEFAULT).unwrap();
            for property in properties.split_whitespace() {
                assert!(plugin.property(property, Version::DEFAULT).is_some(), "{output}: {property}");
            }
            assert!(plugin.property("no_such_thing", Version::DEFAULT).is_none() && !plugin.open());
        }
        let logs = find(Kind::Output, "cloudwatch_logs", Version::DEFAULT).unwrap();
        let tls = ["tls", "tls.verify", "tls.ca_file"].map(|name| logs.property(name, Version::DEFAULT).is_some());
        assert_eq!(tls, [false, true, true]);
        assert_eq!(since("cloudwatch_logs", "log_group_class"), "3.0.7");
        assert_eq!(since("s3", "profile"), "2.1.0");
    }

    #[test]
    fn the_go_plugins_take_anything() {
        for name in ["cloudwatch", "firehose", "kinesis"] {
            let plugin = find(Kind::Output, name, Version::OLDEST).unwrap();
            assert!(plugin.is_go && plugin.open() && plugin.property("region", Version::OLDEST).is_some());
        }
    }

    #[test]
    fn the_service_inherits_storage_since_4_0_4() {
        let service = find(Kind::Service, "service", Version::DEFAULT).unwrap();
        let inherit = service.property("storage.inherit", Version::DEFAULT).unwrap();
        assert_eq!((inherit.kind, inherit.since), (Type::Bool, version("4.0.4")));
        assert!(service.property("Flush", Version::OLDEST).is_some());
    }

    #[test]
    fn a_property_that_came_twice_is_there_twice() {
        let chronicle = find(Kind::Output, "chronicle", Version::DEFAULT).unwrap();
        let there =
            ["4.2.4", "4.2.5", "5.0.0", "5.0.9", "5.1.1"].map(|at| chronicle.property("label", version(at)).is_some());
        assert_eq!(there, [false, true, false, true, true]);
    }

    #[test]
    fn inputs_and_filters_have_what_the_core_takes() {
        let forward = find(Kind::Input, "forward", Version::DEFAULT).unwrap();
        for property in ["unix_path", "listen", "port", "mem_buf_limit", "tag", "storage.type", "net.backlog", "tls"] {
            assert!(forward.property(property, Version::DEFAULT).is_some(), "{property}");
        }
        let rewrite = find(Kind::Filter, "rewrite_tag", Version::DEFAULT).unwrap();
        assert!(rewrite.property("rule", Version::DEFAULT).unwrap().multiple);
        assert!(rewrite.property("Match_Regex", Version::DEFAULT).is_some());
        assert!(
            find(Kind::MultilineParser, "multiline_parser", Version::DEFAULT)
                .unwrap()
                .property("rule", Version::DEFAULT)
                .is_some()
        );
        assert!(
            find(Kind::Output, "http", Version::DEFAULT)
                .unwrap()
                .property("oauth2.token_url", Version::DEFAULT)
                .is_some()
        );
    }

    #[test]
    fn values_fit_their_types() {
        let yes = [
            (Type::Int, "-1"),
            (Type::Bool, "On"),
            (Type::Size, "1.5G"),
            (Type::Size, "10MB"),
            (Type::Time, "30s"),
            (Type::Int, "${PORT}"),
            (Type::Size, "off"),
        ];
        let no = [
            (Type::Int, "1.5"),
            (Type::Bool, "enabled"),
            (Type::Size, "10 MB"),
            (Type::Time, "soon"),
            (Type::Time, "1.5h"),
            (Type::Size, "700B"),
            (Type::Double, ""),
        ];
        assert!(yes.into_iter().all(|(kind, text)| kind.accepts(text)));
        assert!(!no.into_iter().any(|(kind, text)| kind.accepts(text)));
    }

    #[test]
    fn defaults_fit_their_types() {
        for plugin in table::all() {
            for property in plugin.all() {
                let fits = property.default.is_none_or(|value| property.kind.accepts(value));
                assert!(fits, "{}.{}: {:?}", plugin.name, property.name, property.default);
                assert!(property.until.is_none_or(|until| until > property.since), "{}.{}", plugin.name, property.name);
            }
        }
    }

    #[test]
    fn the_nearest_property_is_found() {
        let outputs = names(Kind::Output, Version::DEFAULT);
        assert!(outputs.len() > 40 && outputs.is_sorted());
        assert_eq!(firelens_nearest::nearest("cloudwatch_log", &outputs), Some("cloudwatch_logs"));
        assert_eq!(firelens_nearest::nearest("Splnk", &outputs), Some("splunk"));
        assert_eq!(firelens_nearest::nearest("zzzzzz", &outputs), None);
        let names = find(Kind::Output, "cloudwatch_logs", Version::DEFAULT).unwrap().property_names(Version::DEFAULT);
        assert_eq!(firelens_nearest::nearest("log_group", &names), Some("log_group_name"));
    }
}
