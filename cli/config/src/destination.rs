//! `[destination.NAME]`: where routes send records. Every option of the output can be set under its real name, and is
//! checked against the plugin of the release in use.
use crate::keys;
use crate::{
    Destination, check_name,
    problem::{Code, Problem, Span},
    reader::{Entry, Problems, Section, Text, entries, plain, string, wrong_type},
    resource, router,
    setting::{self, Options},
};
use firelens_pipeline::{
    Version,
    destination::{self, Description, Type},
    pipeline, plugin,
};
use std::collections::HashMap;
use toml::de::DeValue;

/// A destination, and where its name was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub destination: Destination,
    pub name: Span,
}

/// The router, as far as destinations depend on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub version: Version,
    pub router: &'a pipeline::Router,
}

/// All destinations in `[destination]`. One whose settings are wrong is there too, so that routes can name it.
pub(crate) fn read(entry: Entry, context: Context, problems: &Problems) -> Vec<Read> {
    match entry.value.get_ref() {
        DeValue::Table(table) => entries(table).into_iter().map(|entry| one(entry, context, problems)).collect(),
        _ => {
            wrong_type(entry.value, "a table for each destination ([destination.NAME])", problems).into_iter().collect()
        }
    }
}

fn one(entry: Entry, context: Context, problems: &Problems) -> Read {
    let name = entry.name().to_string();
    check_name("destination", &name, entry.key.span(), problems);
    let mut destination = Destination {
        name: name.clone(),
        kind: String::new(),
        settings: toml::Table::new(),
        resource: None,
        output: None,
        places: HashMap::from([(String::new(), entry.key.span())]),
    };
    if let Some(mut section) = Section::of(&keys::destination::DESTINATION, entry.value, problems) {
        let word = section.need("type").and_then(|entry| string(entry.value, problems));
        section.finish_open(&[]);
        let settings = section.rest().into_iter();
        destination.settings =
            settings.filter_map(|entry| Some((entry.name().to_string(), plain(entry.value, problems)?))).collect();
        destination.kind = word.as_ref().map(|word| word.text.clone()).unwrap_or_default();
        if let Some(kind) = word.and_then(|word| kind(&word, &mut section, problems)) {
            let keys = resource::Keys::take(kind.description(), &mut section, problems);
            let output = output(name, kind, section, context, &mut destination.places, problems);
            destination.resource = Some(keys.read(&output, &destination.places));
            destination.output = Some(output);
        }
    }
    Read { destination, name: entry.key.span() }
}

/// The type; that of a custom one is in its `name`.
fn kind(word: &Text, section: &mut Section, problems: &Problems) -> Option<Type> {
    let Some(known) = Description::of_word(&word.text) else {
        let message = format!("unknown destination type `{}`", word.text);
        let problem = Problem::error(Code::WrongValue, word.span.clone(), message).label("no such type");
        let output = plugin::find_ever(plugin::Kind::Output, &word.text);
        problems.add(match output.map(|output| (output.name, Description::of_plugin(output.name))) {
            Some((_, Some(own))) => problem.help(format!("write type = \"{}\"", own.word)),
            Some((name, None)) => problem.help(format!("write type = \"custom\" and name = \"{name}\"")),
            None => problem.suggest(&word.text, destination::ALL.map(|known| known.word)),
        });
        return None;
    };
    match known.plugin {
        "" => {
            let name = section.need("name").and_then(|entry| string(entry.value, problems));
            section.finish_open(&[]);
            custom(name?, problems)
        }
        _ => Some(Type::Known(known)),
    }
}

/// Any output that has no type of its own, whose defaults it would not get.
fn custom(name: Text, problems: &Problems) -> Option<Type> {
    let Some(known) = Description::of_plugin(&name.text) else { return Some(Type::Custom(name.text)) };
    let word = known.word;
    let problem = Problem::error(Code::Plugin, name.span, format!("the output `{}` has a type of its own", name.text));
    let label =
        if name.text.eq_ignore_ascii_case(known.plugin) { "not a custom one" } else { "AWS's older one, in Go" };
    problems.add(problem.label(label).help(format!("write type = \"{word}\", without `name`")));
    None
}

/// The output's options, secrets and load.
fn output(
    name: String,
    kind: Type,
    mut section: Section,
    context: Context,
    places: &mut HashMap<String, Span>,
    problems: &Problems,
) -> destination::Destination {
    check_plugin(&kind, &section, context.version, problems);
    let load = router::load(&mut section, context.router.load, problems);
    let secrets = section.take("secrets");
    let mut options = Options::new(&kind, context.version, problems);
    for entry in section.rest() {
        options.add("", entry);
    }
    if let Some(entry) = secrets {
        options.add_secrets(entry);
    }
    let Options { settings, secrets, places: written, .. } = options;
    places.extend(written);
    let settings = settings.into_iter().map(setting::Read::into_setting).collect();
    destination::Destination { name, kind, settings, secrets, load }
}

/// The plugin is there, in this release.
fn check_plugin(kind: &Type, section: &Section, version: Version, problems: &Problems) {
    if kind.find(version).is_some() {
        return;
    }
    let name = kind.plugin();
    let entry = section.get("name").or(section.get("type"));
    let span = entry.map_or(section.span.clone(), |entry| entry.value.span());
    let problem = match plugin::find_ever(plugin::Kind::Output, name) {
        Some(known) => {
            let message = format!("Fluent Bit {version} has no output `{name}`");
            let since = known.since;
            Problem::error(Code::Plugin, span, message)
                .label("not in this release")
                .help(format!("it is there since {since}"))
        }
        None => {
            let problem = Problem::error(Code::Plugin, span, format!("Fluent Bit has no output `{name}`"));
            problem.label("no such output").suggest(name, plugin::names(plugin::Kind::Output, version))
        }
    };
    problems.add(problem);
}
