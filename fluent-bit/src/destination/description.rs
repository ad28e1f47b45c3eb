//! What the kit knows about a type of destination. Each type describes itself in a file of its own; the reader of
//! `firelens.toml`, the renderer, the linter and the other verbs ask these descriptions and never name a type.
use super::{ALL, Defaults, Destination};
use crate::Version;

/// A type of destination.
#[derive(Debug)]
pub struct Description {
    /// `type = "…"` in `firelens.toml`.
    pub word: &'static str,
    /// Fluent Bit's output. Empty for `custom`, which can be any other one.
    pub plugin: &'static str,
    /// AWS's older output in Go that this one replaces.
    pub old: Option<&'static Old>,
    /// Short names of properties and the real ones: `log_group` for `log_group_name`.
    pub aliases: &'static [(&'static str, &'static str)],
    /// Where the records go.
    pub target: Option<Target>,
    /// What the output does not start without: one property of each group. Those of a group exclude each other.
    pub needs: &'static [&'static [&'static str]],
    /// The property with the AWS region, and what happens without it.
    pub region: Option<Region>,
    /// The property that limits the disk space of its buffer.
    pub limit: &'static str,
    /// Why a limit does harm, if it does.
    pub limit_breaks: Option<&'static str>,
    /// The property with a folder that the output writes to.
    pub folder: Option<&'static str>,
    /// What it needs for the records that it is sending, in MiB.
    pub memory_mib: u32,
    /// The longest record that arrives whole.
    pub longest: Option<fn(Version) -> Longest>,
    /// It writes one record a line, so that a newline in a record's text splits it.
    pub one_record_a_line: bool,
    pub templates: &'static [Template],
    /// Properties that need more than the rights that a stack gives to its router, and why the stack needs none of them.
    pub needs_rights: &'static [(&'static str, &'static str)],
    /// What the router has to be allowed, where the target is on AWS and no stack makes it.
    pub grants: Option<Grants>,
    /// What can be lost on a release whatever the settings are.
    pub risk: fn(Version) -> Option<&'static str>,
    /// A setting that the output does not accept, though its type fits.
    pub refuses: fn(&Destination) -> Option<Refused>,
    /// Its own defaults. They come before those of all outputs, and replace them; an empty value takes one away.
    pub defaults: fn(&Destination) -> Defaults,
}

/// Where the records of a destination go.
#[derive(Debug)]
pub struct Target {
    /// The property with its name.
    pub property: &'static str,
    pub resource: Resource,
    /// The name that it gets in a stack of the given name unless the file says one.
    pub default: fn(stack: &str, &Destination) -> Option<String>,
    /// Whether a name can be its name.
    pub accepts: fn(&str) -> bool,
    /// What its names look like, for messages.
    pub rule: &'static str,
}

/// What a target is on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    LogGroup,
    DeliveryStream,
    DataStream,
    Bucket,
    /// Nothing that a stack makes.
    Other,
}

/// Rights on a target that no stack makes. The file names it by its ARN, in `arn`.
#[derive(Debug)]
pub struct Grants {
    /// Whether the output signs its requests with the router's role.
    pub signs: fn(&Destination) -> bool,
    /// By the service in the ARN.
    pub services: &'static [Grant],
}

/// The right to write to a service.
#[derive(Debug)]
pub struct Grant {
    pub service: &'static str,
    /// What the ARN looks like, for messages.
    pub example: &'static str,
    /// The beginning of the ARN's resource.
    pub resource: &'static str,
    pub action: &'static str,
    /// What follows the ARN in the policy.
    pub below: &'static str,
}

/// The property with the AWS region.
#[derive(Debug)]
pub struct Region {
    pub property: &'static str,
    /// The region without it. `None`: Fluent Bit does not start.
    pub default: Option<&'static str>,
    /// Only needed where this property is on.
    pub only_with: Option<&'static str>,
}

/// A property that takes a template.
#[derive(Debug)]
pub struct Template {
    pub property: &'static str,
    /// What can stand in it, for messages.
    pub takes: &'static str,
    /// It names fields of the record.
    pub of_fields: bool,
}

/// The longest record that arrives whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Longest {
    pub bytes: u64,
    /// What the output does with a longer one, in a word or two.
    pub fate: &'static str,
}

/// A setting that the output does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub property: &'static str,
    pub message: &'static str,
    pub label: &'static str,
    /// The property that it contradicts.
    pub beside: Option<&'static str>,
    pub help: Option<&'static str>,
}

/// One of AWS's outputs in Go, which the aws-for-fluent-bit images have beside Fluent Bit's own.
#[derive(Debug)]
pub struct Old {
    pub plugin: &'static str,
    /// As [`Description::needs`].
    pub needs: &'static [&'static [&'static str]],
    /// The options that have another name or none in the new output. All others keep their names.
    pub options: &'static [(&'static str, Fate)],
    /// What changes though no option says so, unless this one is set.
    pub changes: Option<(&'static str, &'static str)>,
}

/// What becomes of an option of an older output.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    /// The new output does that always: the option goes when it has this value.
    Always(&'static str),
    /// It only made the old output faster.
    Goes,
    /// There is nothing like it.
    Gone(&'static str),
    /// The new output has it since a release, with these values.
    Since(Version, &'static [&'static str]),
}

/// What an output needs for the records that it is sending, in MiB: a chunk of 2 MB, as it is, as JSON, and as the
/// request that it becomes.
const OUTPUT_MIB: u32 = 12;

impl Description {
    /// An output that does nothing out of the ordinary.
    pub(super) const fn of(word: &'static str, plugin: &'static str) -> Description {
        Description {
            word,
            plugin,
            old: None,
            aliases: &[],
            target: None,
            needs: &[],
            region: None,
            limit: "storage.total_limit_size",
            limit_breaks: None,
            folder: None,
            memory_mib: OUTPUT_MIB,
            longest: None,
            one_record_a_line: false,
            templates: &[],
            needs_rights: &[],
            grants: None,
            risk: |_| None,
            refuses: |_| None,
            defaults: |_| Defaults::new(),
        }
    }

    /// The type of this word in `firelens.toml`.
    pub fn of_word(word: &str) -> Option<&'static Description> {
        ALL.into_iter().find(|description| description.word == word)
    }

    /// The type that an output has, or the older output that it replaces.
    pub fn of_plugin(name: &str) -> Option<&'static Description> {
        let is = |description: &&Description| {
            description.plugin.eq_ignore_ascii_case(name)
                || description.old.is_some_and(|old| old.plugin.eq_ignore_ascii_case(name))
        };
        ALL.into_iter().find(is).filter(|_| !name.is_empty())
    }

    /// What `firelens.toml` calls a property, which has an alias at times.
    pub fn key(&self, property: &'static str) -> &'static str {
        self.aliases.iter().find(|(_, real)| *real == property).map_or(property, |(alias, _)| *alias)
    }

    /// What its resource is on AWS.
    pub fn resource(&self) -> Resource {
        self.target.as_ref().map_or(Resource::Other, |target| target.resource)
    }
}

/// The words of the types that a question is true of, as messages list them: `a, b and c`.
pub fn words(of: impl Fn(&Description) -> bool) -> String {
    let words: Vec<&str> = ALL.into_iter().filter(|description| of(description)).map(|it| it.word).collect();
    match words.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        _ => words.concat(),
    }
}

impl PartialEq for Description {
    fn eq(&self, other: &Description) -> bool {
        self.word == other.word
    }
}

impl Eq for Description {}

impl Target {
    /// Why a name cannot be its name, if it cannot.
    pub fn wrong(&self, name: &str) -> Option<&'static str> {
        (!(self.accepts)(name)).then_some(self.rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        destination::custom,
        plugin::{self, Kind},
    };

    #[test]
    fn every_property_that_a_description_names_is_in_the_table() {
        for description in ALL.into_iter().filter(|description| !description.plugin.is_empty()) {
            let plugin = plugin::find_ever(Kind::Output, description.plugin).expect(description.word);
            let aliases = description.aliases.iter().map(|(_, real)| *real);
            let target = description.target.iter().map(|target| target.property);
            let needs = description.needs.iter().copied().flatten().copied();
            let region =
                description.region.iter().flat_map(|region| region.only_with.into_iter().chain([region.property]));
            let others = description.folder.into_iter().chain([description.limit]);
            let rights = description.needs_rights.iter().map(|(name, _)| *name);
            let templates = description.templates.iter().map(|template| template.property).chain(rights);
            for name in aliases.chain(target).chain(needs).chain(region).chain(others).chain(templates) {
                assert!(plugin.property_ever(name).is_some(), "{}: {name}", description.word);
            }
        }
    }

    #[test]
    fn words_and_outputs_lead_to_one_description_each() {
        for (index, description) in ALL.into_iter().enumerate() {
            assert_eq!(Description::of_word(description.word), Some(description));
            for other in &ALL[index + 1..] {
                assert!(other.word != description.word && other.plugin != description.plugin, "{}", other.word);
            }
            let old = description.old.map(|old| old.plugin);
            for name in [description.plugin].into_iter().chain(old).filter(|name| !name.is_empty()) {
                assert_eq!(Description::of_plugin(&name.to_uppercase()), Some(description), "{name}");
                assert!(plugin::find_ever(Kind::Output, name).is_some(), "{name}");
            }
        }
        assert_eq!(ALL[ALL.len() - 1], &custom::DESCRIPTION);
        assert!(Description::of_plugin("").is_none() && Description::of_plugin("stdout").is_none());
    }

    #[test]
    fn every_type_has_a_section_of_its_own_in_the_documentation() {
        let page = include_str!("../../../docs/destinations.md");
        for description in ALL {
            assert!(page.contains(&format!("\n## `{}`\n", description.word)), "{}", description.word);
        }
    }

    #[test]
    fn words_are_listed() {
        assert_eq!(words(|it| it.resource() == Resource::Bucket), "s3");
        assert_eq!(words(|it| it.target.is_none()), "custom");
        assert_eq!(words(|it| it.one_record_a_line), "firehose, kinesis_streams and s3");
    }
}
