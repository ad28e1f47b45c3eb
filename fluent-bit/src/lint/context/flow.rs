//! Which tags there are: what the inputs give, and what `rewrite_tag` makes of it.
pub use super::streams::Stream;
use super::{Configuration, Context};
use crate::{
    conf::{Entry, Section, SectionKind, Text},
    firelens,
    lint::tags::{self, Matcher},
    value,
};
use std::collections::HashSet;

/// The inputs whose tags come from outside.
const TAGGED_OUTSIDE: [&str; 6] = ["forward", "http", "splunk", "elasticsearch", "opentelemetry", "kubernetes_events"];

/// What a rule of a `rewrite_tag` filter makes of the tags of one pattern.
#[derive(Debug, Clone)]
pub struct Rewrite<'a> {
    pub filter: &'a Section,
    /// How many sections stand before the filter.
    pub index: usize,
    pub rule: &'a Text,
    /// What the filter matches.
    pub takes: Matcher,
    /// The pattern of the tags that there are.
    tag: String,
    /// That of those among them that come in.
    pub from: String,
    /// That of the tags that go out.
    pub to: String,
    /// One of those tags, with what FireLens's records have in their fields.
    pub sample: String,
    /// What else the tags hold is not known: fields of the record, or parts of the tag.
    pub parts: Parts,
    pub regex: String,
    /// The record stays under its old tag as well.
    pub keep: bool,
}

/// The tags of a configuration's records, from the inputs to the outputs.
#[derive(Debug, Clone)]
pub struct Flow<'a> {
    /// Patterns of the tags that there are before any rewrite, FireLens's too, each with the section that gives it when
    /// there is one.
    pub sources: Vec<(String, Option<&'a Section>)>,
    /// What the rules of all `rewrite_tag` filters make of the tags that there are, of those from other rules too.
    pub rewrites: Vec<Rewrite<'a>>,
    /// The stream processor's queries.
    pub streams: Vec<Stream<'a>>,
    pub(super) readers: Vec<Matcher>,
    outputs: Vec<Matcher>,
    /// Inputs name their outputs themselves.
    routed: bool,
}

/// The tags of the records that pass a section, there and later.
#[derive(Debug, Clone)]
pub struct Reach(Vec<String>);

impl Reach {
    /// Some of these records come to who matches so.
    pub fn meets(&self, other: Option<&Matcher>) -> bool {
        other.is_some_and(|other| self.0.iter().any(|tag| other.overlaps(tag)))
    }
}

impl<'a> Flow<'a> {
    /// All tags, each once.
    pub fn tags(&self) -> Vec<&str> {
        let mut seen = HashSet::new();
        let sources = self.sources.iter().map(|(tag, _)| tag.as_str());
        let all = sources.chain(self.rewrites.iter().map(|rewrite| rewrite.to.as_str()));
        all.filter(|tag| seen.insert(*tag)).collect()
    }

    /// Where the records go that pass a section with this matcher.
    pub fn reach(&self, section: Option<&Matcher>) -> Reach {
        let Some(own) = section else { return Reach(Vec::new()) };
        let here: HashSet<&str> = self.tags().into_iter().filter(|tag| own.overlaps(tag)).collect();
        let mut moved: HashSet<&str> = HashSet::new();
        for rewrite in &self.rewrites {
            let tag = rewrite.tag.as_str();
            if moved.contains(tag) || (here.contains(tag) && own.overlaps(&rewrite.from)) {
                moved.insert(&rewrite.to);
            }
        }
        Reach(here.union(&moved).map(|tag| tag.to_string()).collect())
    }

    /// Some output takes records with a tag of this pattern.
    pub fn has_output_for(&self, pattern: &str) -> bool {
        self.routed || self.outputs.iter().any(|own| own.overlaps(pattern))
    }
}

impl Configuration {
    /// Which way the records go.
    pub fn flow(&self, context: &Context) -> Flow<'_> {
        let sources = self.sources(context);
        let rewrites = self.rewrites(&sources);
        let outputs = self.outputs().filter_map(|output| self.matches(output)).collect();
        let routed = self.of(SectionKind::Input).any(|input| input.get("routes").is_some());
        let streams = self.streams();
        let readers = self.readers(&streams);
        Flow { sources, rewrites, streams, readers, outputs, routed }
    }

    fn sources(&self, context: &Context) -> Vec<(String, Option<&Section>)> {
        let inputs = self.of(SectionKind::Input).map(|input| (self.input_tag(input), Some(input)));
        let mut sources: Vec<_> = inputs.collect();
        sources.extend(self.sections.iter().filter_map(|section| Some((self.made_tag(section)?, Some(section)))));
        sources.extend(self.streams().into_iter().map(|stream| (stream.makes, Some(stream.section))));
        if self.firelens {
            sources.push((firelens::HEALTH_CHECK.to_string(), None));
            let task = self.task.and_then(|task| context.tasks.get(task));
            let names =
                task.into_iter().flat_map(|task| task.definition.firelens_apps()).filter_map(|it| it.name.as_ref());
            let own: Vec<_> = names.map(|name| (firelens::tag(&name.value, "*"), None)).collect();
            sources.extend(if own.is_empty() { vec![(firelens::ALL_TAGS.to_string(), None)] } else { own });
        }
        sources
    }

    pub(super) fn input_tag(&self, input: &Section) -> String {
        let name = self.plugin_name(input).unwrap_or_else(|| "*".to_string());
        if let Some(tag) = input.last("tag").and_then(Entry::text) {
            return tags::rewritten(&self.resolve(tag).unwrap_or_else(|| tag.text.clone()));
        }
        let socket = input.get("unix_path").and_then(Entry::text).is_some_and(|path| path.text == firelens::SOCKET);
        match (name.as_str(), input.last("tag_prefix").and_then(|entry| self.value(entry))) {
            ("forward", Some(prefix)) => format!("{prefix}*"),
            ("forward", None) if self.firelens && (socket || self.of(SectionKind::Input).any(under_firelens)) => {
                firelens::ALL_TAGS.to_string()
            }
            (name, _) if TAGGED_OUTSIDE.contains(&name) => "*".to_string(),
            (name, _) => format!("{name}.*"),
        }
    }

    fn rewrites(&self, sources: &[(String, Option<&Section>)]) -> Vec<Rewrite<'_>> {
        let filters = self.sections.iter().enumerate().filter(|(_, section)| section.kind == SectionKind::Filter);
        let filters = filters.filter(|(_, section)| self.is(section, "rewrite_tag"));
        let rules: Vec<Rule> = filters.flat_map(|(index, filter)| self.rules(index, filter)).collect();
        let mut tags: Vec<String> = sources.iter().map(|(tag, _)| tag.clone()).collect();
        tags.retain(|tag| tag != firelens::HEALTH_CHECK);
        let mut rewrites: Vec<Rewrite> = Vec::new();
        for _ in 0..ROUNDS {
            let new: Vec<Rewrite> =
                rules.iter().flat_map(|rule| tags.iter().filter_map(|tag| rule.apply(tag))).collect();
            tags = new.iter().map(|rewrite| rewrite.to.clone()).collect();
            tags.sort();
            tags.dedup();
            tags.truncate(MOST_TAGS);
            rewrites.extend(new);
        }
        rewrites
    }

    /// `$field REGEX NEW_TAG KEEP`
    fn rules<'a>(&self, index: usize, filter: &'a Section) -> Vec<Rule<'a>> {
        let Some(takes) = self.matches(filter) else { return Vec::new() };
        let rule = |entry: &'a Entry| {
            let rule = entry.text()?;
            let parts = split(&self.resolve(rule).unwrap_or_else(|| rule.text.clone()));
            let [_, regex, template, keep, ..] = parts.as_slice() else { return None };
            let keep = value::is_on(keep);
            Some(Rule {
                filter,
                index,
                rule,
                takes: takes.clone(),
                regex: regex.clone(),
                template: template.clone(),
                keep,
            })
        };
        filter.all("rule").filter_map(rule).collect()
    }
}

/// What is not known of a tag that a rule makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// Nothing.
    Known,
    /// The value of a field.
    Field,
    /// A part of the old tag.
    Tag,
}

/// What the fields look like that each record of FireLens has.
const KNOWN: [(&str, &str); 5] = [
    ("$container_id", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
    ("$source", "stdout"),
    ("$ecs_task_arn", "arn:aws:ecs:eu-west-1:123456789012:task/shop/0123456789abcdef0123456789abcdef"),
    ("$ecs_task_definition", "shop:1"),
    ("$ecs_cluster", "shop"),
];

/// Patterns that are followed further. More come only from rules that make tags of tags.
const MOST_TAGS: usize = 16;

/// How many times a record can be moved before nobody follows it any more.
const ROUNDS: usize = 3;

struct Rule<'a> {
    filter: &'a Section,
    index: usize,
    rule: &'a Text,
    takes: Matcher,
    regex: String,
    template: String,
    keep: bool,
}

impl<'a> Rule<'a> {
    fn apply(&self, tag: &str) -> Option<Rewrite<'a>> {
        let Rule { filter, index, rule, keep, .. } = *self;
        let from = self.takes.overlaps(tag).then(|| self.takes.narrow(tag))?;
        let template = whole_tag(&self.template, &from);
        let to = tags::rewritten(&template);
        let known = KNOWN.iter().fold(template.clone(), |text, (field, value)| text.replace(field, value));
        let sample = tags::rewritten(&known);
        let parts = match (template.contains("$TAG["), known.contains('$')) {
            (true, _) => Parts::Tag,
            (false, true) => Parts::Field,
            (false, false) => Parts::Known,
        };
        let (takes, tag, regex) = (self.takes.clone(), tag.to_string(), self.regex.clone());
        Some(Rewrite { filter, index, rule, takes, tag, from, to, sample, parts, regex, keep })
    }
}

fn under_firelens(input: &Section) -> bool {
    input.get("unix_path").and_then(Entry::text).is_some_and(|path| path.text == firelens::SOCKET)
}

/// `$TAG`, without an index, is the whole tag that came in.
fn whole_tag(template: &str, from: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("$TAG") {
        out.push_str(before);
        out.push_str(if after.starts_with(|c: char| c == '[' || c.is_alphanumeric() || c == '_') {
            "$TAG"
        } else {
            from
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Words, as `flb_slist_split_tokens` takes them: one in double quotes may hold blanks, and quotes as `\"`.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(' ');
    while !rest.is_empty() {
        let (word, tail) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let (word, tail) = quoted.split_at(closing(quoted));
                (word.replace("\\\"", "\""), tail.strip_prefix('"').unwrap_or_default())
            }
            None => {
                let (word, tail) = rest.split_once(' ').unwrap_or((rest, ""));
                (word.to_string(), tail)
            }
        };
        words.push(word);
        rest = tail.trim_start_matches(' ');
    }
    words
}

/// Where a quoted word ends: at the first quote that has no backslash before it, or at the end.
fn closing(quoted: &str) -> usize {
    let quote = |(at, _): &(usize, &str)| !quoted[..*at].ends_with('\\');
    quoted.match_indices('"').find(quote).map_or(quoted.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_taken_apart() {
        assert_eq!(split("$log ^a b true"), ["$log", "^a", "b", "true"]);
        assert_eq!(split("$log \"^a b\" c  false "), ["$log", "^a b", "c", "false"]);
        assert_eq!(
            split(r#"$log "\"level\": \"ERROR\"" errors true"#),
            ["$log", r#""level": "ERROR""#, "errors", "true"]
        );
        assert_eq!(split(r#"$log 'a b "c\"#), ["$log", "'a", "b", r"c\"]);
        assert_eq!(whole_tag("r.$TAG.$TAG[1].$TAGS", "x-*"), "r.x-*.$TAG[1].$TAGS");
    }
}
