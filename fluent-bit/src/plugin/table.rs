//! The table of plugins, as text files that can be read and compared: `table/*.tsv`.
use super::{Kind, Plugin, Property, Type};
use crate::Version;
use std::sync::LazyLock;

const FILES: [(Kind, &str); 5] = [
    (Kind::Input, include_str!("table/inputs.tsv")),
    (Kind::Filter, include_str!("table/filters.tsv")),
    (Kind::Output, include_str!("table/outputs.tsv")),
    (Kind::Processor, include_str!("table/processors.tsv")),
    (Kind::Custom, include_str!("table/customs.tsv")),
];

/// Groups of properties, each written as if it was a plugin, and the sections that are no plugin.
const SHARED: &str = include_str!("table/shared.tsv");

/// Every plugin of every kind.
pub(super) fn all() -> &'static [Plugin] {
    static PLUGINS: LazyLock<Vec<Plugin>> = LazyLock::new(|| {
        let plugins = FILES.iter().flat_map(|(kind, text)| read(*kind, text));
        let plugins = plugins.map(|(plugin, features)| Plugin { groups: groups(plugin.kind, &features), ..plugin });
        let sections =
            [(Kind::Service, "service"), (Kind::Parser, "parser"), (Kind::MultilineParser, "multiline_parser")];
        let sections = sections.map(|(kind, name)| Plugin { kind, ..group(name).clone() });
        plugins.chain(sections).collect()
    });
    &PLUGINS
}

/// The common properties of a plugin with these features.
fn groups(kind: Kind, features: &[&str]) -> Vec<&'static Plugin> {
    let has = |feature: &str| features.contains(&feature);
    let names: &[(&str, bool)] = match kind {
        Kind::Input => &[
            ("input", true),
            ("listen", has("net")),
            ("host", has("net")),
            ("downstream", has("server")),
            ("upstream", has("net") && !has("server")),
            ("http_server", has("http_server")),
            ("oauth2_jwt", has("http_server")),
            ("tls_switch", has("tls")),
            ("tls", has("tls")),
        ],
        Kind::Filter => &[("filter", true)],
        Kind::Output => &[
            ("output", true),
            ("host", has("net")),
            ("upstream", true),
            ("oauth2", has("net")),
            ("http_server", has("http_server")),
            ("tls_switch", has("tls")),
            // Those of AWS speak TLS always, and take its settings.
            ("tls", true),
        ],
        Kind::Processor => &[("processor", true)],
        Kind::Custom => &[("custom", true), ("upstream", true)],
        Kind::Service | Kind::Parser | Kind::MultilineParser => &[],
    };
    names.iter().filter(|(_, wanted)| *wanted).map(|(name, _)| group(name)).collect()
}

fn group(name: &str) -> &'static Plugin {
    static GROUPS: LazyLock<Vec<Plugin>> =
        LazyLock::new(|| read(Kind::Service, SHARED).into_iter().map(|(group, _)| group).collect());
    GROUPS.iter().find(|group| group.name == name).expect("the table has every group that the code names")
}

/// The plugins of a file, each with its features. Lines without a tab in front are plugins, the others properties.
fn read(kind: Kind, text: &'static str) -> Vec<(Plugin, Vec<&'static str>)> {
    let mut plugins: Vec<(Plugin, Vec<&str>)> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let name = cells.next().unwrap_or_default();
        if let ("", Some((plugin, _))) = (name, plugins.last_mut()) {
            plugin.properties.push(property(cells, plugin.since, plugin.until));
            continue;
        }
        let (since, until) = (version(cells.next()).unwrap_or(Version::OLDEST), version(cells.next()));
        let features: Vec<&str> = cells.next().unwrap_or_default().split_whitespace().collect();
        let (is_go, takes_any) = (features.contains(&"go"), features.contains(&"open"));
        let (properties, groups) = (Vec::new(), Vec::new());
        plugins.push((Plugin { kind, name, since, until, is_go, takes_any, properties, groups }, features));
    }
    plugins
}

/// `name`, `type`, `since`, `until`, `default`.
fn property(mut cells: std::str::Split<'static, char>, since: Version, until: Option<Version>) -> Property {
    let mut cell = || cells.next().unwrap_or_default();
    let (name, kind) = (cell(), cell());
    let (own_since, own_until, default) = (version(Some(cell())), version(Some(cell())), cell());
    Property {
        name,
        kind: type_of(kind.trim_end_matches('*')),
        multiple: kind.ends_with('*'),
        since: own_since.unwrap_or(since),
        until: own_until.or(until),
        default: Some(default).filter(|default| !default.is_empty()),
    }
}

fn version(cell: Option<&str>) -> Option<Version> {
    let cell = cell.filter(|cell| !cell.is_empty())?;
    Some(cell.parse().expect("the table's versions are versions"))
}

fn type_of(word: &str) -> Type {
    match word {
        "str" => Type::Str,
        "int" => Type::Int,
        "bool" => Type::Bool,
        "double" => Type::Double,
        "size" => Type::Size,
        "time" => Type::Time,
        "clist" => Type::CommaList,
        "slist" => Type::BlankList,
        "prefix" => Type::Prefix,
        "variant" => Type::Variant,
        "deprecated" => Type::Deprecated,
        _ => panic!("the table has the unknown type {word}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_of_the_releases_that_are_known() {
        let releases = format!(
            "is {}, the oldest release that was read; nothing in `until` is the newest one, {}.",
            Version::OLDEST,
            Version::NEWEST
        );
        for text in FILES.iter().map(|(_, text)| *text).chain([SHARED]) {
            let head = text.lines().nth(1).unwrap_or_default();
            assert!(head.contains(&releases), "{head}");
        }
    }
}
