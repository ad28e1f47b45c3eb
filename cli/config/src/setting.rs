//! The options of an output: names and values as Fluent Bit takes them.
use crate::{
    aws,
    problem::{Code, Problem, Span},
    reader::{Entry, Node, Problems, as_integer, entries, one_or_many, string, wrong_type},
};
use firelens_nearest::nearest;
use firelens_pipeline::{
    Version,
    destination::{RESERVED, Secret, Setting, Type},
    plugin::{Plugin, Property, is_secret},
};
use std::collections::HashMap;
use toml::de::DeValue;

/// An option, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    name: String,
    value: String,
}

impl Read {
    pub(crate) fn into_setting(self) -> Setting {
        Setting { name: self.name, value: self.value }
    }
}

/// The options of one destination.
pub(crate) struct Options<'a> {
    kind: &'a Type,
    plugin: Option<&'static Plugin>,
    version: Version,
    problems: &'a Problems,
    pub settings: Vec<Read>,
    pub secrets: Vec<Secret>,
    /// Where each option's value was written, by its real name in lower case.
    pub places: HashMap<String, Span>,
}

impl<'a> Options<'a> {
    pub(crate) fn new(kind: &'a Type, version: Version, problems: &'a Problems) -> Options<'a> {
        let plugin = kind.find(version);
        let (settings, secrets, places) = (Vec::new(), Vec::new(), HashMap::new());
        Options { kind, plugin, version, problems, settings, secrets, places }
    }

    /// Adds an option. What is or may be a secret is not shown in what is said about it.
    pub(crate) fn add(&mut self, prefix: &str, entry: Entry) {
        let before = self.problems.len();
        self.add_shown(prefix, entry);
        if self.may_be_secret(&format!("{prefix}{}", entry.name()), entry.value) {
            self.problems.hide_since(before, &entry.value.span());
        }
    }

    /// Whether this option, or the one that was probably meant, has a secret for a value.
    fn may_be_secret(&self, name: &str, value: Node) -> bool {
        let texts = one_or_many(value).into_iter().filter_map(|item| item.get_ref().as_str());
        let names = self.plugin.map_or(Vec::new(), |plugin| plugin.property_names(self.version));
        let meant = nearest(name, &names).unwrap_or(name);
        texts.into_iter().any(|text| is_secret(name, text) || is_secret(meant, text))
    }

    /// `net.io_timeout = "30s"` is a table in TOML, whose names are put together again.
    fn add_shown(&mut self, prefix: &str, entry: Entry) {
        let name = format!("{prefix}{}", entry.name());
        if let DeValue::Table(table) = entry.value.get_ref() {
            entries(table).into_iter().for_each(|entry| self.add(&format!("{name}."), entry));
            return;
        }
        let Some((name, property)) = self.property(&name, entry.key.span()) else { return };
        for value in self.values(entry.value, property) {
            if is_secret(&name, &value) && !value.is_empty() && !value.contains("${") {
                self.refuse_secret(&name, entry.value.span());
                continue;
            }
            self.settings.push(Read { name: name.clone(), value });
        }
        self.remember(&name, entry.value.span());
    }

    /// Names are the same in any case, which TOML does not know.
    fn remember(&mut self, property: &str, span: Span) {
        if let Some(first) = self.places.insert(property.to_lowercase(), span.clone()) {
            let problem = Problem::error(Code::Duplicate, span, format!("`{property}` is set twice"));
            self.problems.add(problem.label("again").related(first, "first here"));
        }
    }

    /// `secrets = { apikey = "arn:…" }`
    pub(crate) fn add_secrets(&mut self, entry: Entry) {
        let DeValue::Table(table) = entry.value.get_ref() else {
            let before = self.problems.len();
            let _: Option<()> = wrong_type(entry.value, "a table of options and ARNs", self.problems);
            return self.problems.hide_since(before, &entry.value.span());
        };
        for entry in entries(table) {
            let before = self.problems.len();
            self.add_secret(entry);
            let shown = matches!(entry.value.get_ref(), DeValue::String(text) if is_secret_arn(text));
            if !shown {
                self.problems.hide_since(before, &entry.value.span());
            }
        }
    }

    fn add_secret(&mut self, entry: Entry) {
        let Some((property, _)) = self.property(entry.name(), entry.key.span()) else { return };
        let Some(arn) = string(entry.value, self.problems) else { return };
        if !is_secret_arn(&arn.text) {
            let problem = Problem::error(Code::Secret, arn.span, "a secret is named by its ARN");
            let help = "the ARN of a secret in Secrets Manager or of a parameter in the Parameter Store: \
                        \"arn:aws:secretsmanager:…\" or \"arn:aws:ssm:…\", without `*`";
            self.problems.add(problem.label("no such ARN").help(help));
            return;
        }
        self.remember(&property, arn.span);
        self.secrets.push(Secret { property, arn: arn.text });
    }

    /// The option's real name, and the property, if it is known and the user's to set.
    fn property(&self, name: &str, span: Span) -> Option<(String, Option<&'static Property>)> {
        let alias = self.kind.description().aliases.iter().find(|(alias, _)| *alias == name);
        let real = alias.map_or_else(|| name.to_string(), |(_, real)| real.to_string());
        if RESERVED.contains(&real.to_lowercase().as_str()) {
            let problem = Problem::error(Code::Option, span, format!("`{name}` is not set here"));
            self.problems.add(problem.label("follows from the routes").help("name the destination in a route's `to`"));
            return None;
        }
        let plugin = self.plugin?;
        match plugin.property(&real, self.version) {
            Some(property) => Some((real, Some(property))),
            None if plugin.open() && is_option(&real) => Some((real, None)),
            None if plugin.open() => {
                let problem = Problem::error(Code::Option, span, "Fluent Bit has no option of this name");
                self.problems.add(problem.label("options have letters, digits, `_`, `.` and `-`"));
                None
            }
            None => {
                self.problems.add(self.unknown(plugin, name, &real, span));
                None
            }
        }
    }

    fn unknown(&self, plugin: &Plugin, name: &str, real: &str, span: Span) -> Problem {
        let (output, version) = (plugin.name, self.version);
        if let Some(property) = plugin.property_ever(real) {
            let message = format!("`{name}` of the output `{output}` is not in Fluent Bit {version}");
            let help = match property.until.filter(|until| *until <= version) {
                Some(until) => format!("it was there until {until}"),
                None => format!("it is there since {}", property.since),
            };
            return Problem::error(Code::Option, span, message).label("not in this release").help(help);
        }
        let mut names = plugin.property_names(version);
        names.extend(self.kind.description().aliases.iter().map(|(alias, _)| *alias));
        names.retain(|name| !RESERVED.contains(name));
        let message = format!("the output `{output}` of Fluent Bit {version} has no option `{name}`");
        let problem = Problem::error(Code::Option, span, message).label("no such option");
        match nearest(name, &names) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        }
    }

    /// The value as Fluent Bit's text; several where the property can be repeated.
    fn values(&self, value: Node, property: Option<&Property>) -> Vec<String> {
        let DeValue::Array(items) = value.get_ref() else {
            return self.value(value, property).into_iter().collect();
        };
        let texts: Vec<String> = items.iter().filter_map(|item| self.value(item, None)).collect();
        use firelens_pipeline::plugin::Type;
        match property.map(|property| (property.multiple, property.kind)) {
            None | Some((true, _)) => texts,
            Some((_, Type::CommaList)) => vec![texts.join(",")],
            Some((_, Type::BlankList)) => vec![texts.join(" ")],
            Some((_, kind)) => wrong_type(value, &kind.to_string(), self.problems).into_iter().collect(),
        }
    }

    fn value(&self, value: Node, property: Option<&Property>) -> Option<String> {
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(on) => if *on { "on" } else { "off" }.to_string(),
            DeValue::Integer(_) => as_integer(value)?.to_string(),
            DeValue::Float(number) => number.as_str().to_string(),
            _ => return wrong_type(value, "a string, a number or a boolean", self.problems),
        };
        let steers = text.chars().any(|c| c.is_control() && c != '\t');
        if steers || text.trim() != text {
            let problem = Problem::error(Code::WrongValue, value.span(), "Fluent Bit cannot be given this text");
            self.problems.add(problem.label(match steers {
                true => "it holds a control character: NUL, a line end, a vertical tab, …",
                false => "it has spaces around it",
            }));
            return None;
        }
        if let Some(property) = property.filter(|property| !text.is_empty() && !property.kind.accepts(&text)) {
            let message = format!("`{}` is {}, which `{text}` is not", property.name, property.kind);
            self.problems.add(Problem::error(Code::WrongValue, value.span(), message).label("not a fitting value"));
            return None;
        }
        Some(text)
    }

    fn refuse_secret(&self, name: &str, span: Span) {
        let problem =
            Problem::error(Code::Secret, span, format!("the value of `{name}` is a secret, and does not belong here"));
        let help = format!(
            "secrets = {{ {name} = \"arn:aws:secretsmanager:…\" }}, or a variable of the router: \"${{NAME}}\""
        );
        self.problems.add(problem.label("written into the file").help(help));
    }
}

/// What a line of Fluent Bit's configuration can begin with.
fn is_option(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// Of one secret in Secrets Manager, or of one parameter in the Parameter Store.
pub(crate) fn is_secret_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() >= 6
        && parts[0] == "arn"
        && parts[1].starts_with("aws")
        && ["secretsmanager", "ssm"].contains(&parts[2])
        // Behind a secret's name may stand a JSON key, a version stage and a version id, each of which can be empty.
        && parts[5..].iter().take(2).all(|part| !part.is_empty())
        && aws::names_one(text)
}
