//! `[stack.app]`: a container of the app; `[[stack.app]]` where there are several.
use crate::keys;
use crate::{
    aws, check_unique,
    problem::{Code, Problem, Span},
    reader::{Entry, Problems, Section, Text, entries, number, string, strings, wrong_type},
    setting::is_secret_arn,
};
use firelens_pipeline::{Image, plugin::is_secret, task_definition::inject};
use toml::de::DeValue;

/// A container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub name: String,
    pub image: String,
    pub port: Option<u16>,
    /// Who reaches the port: CIDR blocks, security groups, prefix lists.
    pub ingress: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// Environment variables, and the ARNs that they are filled from.
    pub secrets: Vec<(String, String)>,
    /// In place of the image's own.
    pub command: Vec<String>,
    /// CPU units.
    pub cpu: Option<u32>,
    /// A hard limit, in MiB.
    pub memory: Option<u32>,
    /// `["CMD-SHELL", "…"]`
    pub health_check: Vec<String>,
}

/// Rules of a security group (Amazon VPC user guide, "Amazon VPC quotas").
const RULES: usize = 60;

/// All containers, with everything that concerns several of them.
pub(super) fn read(entry: Entry, containers: &[Text], problems: &Problems) -> Vec<App> {
    let tables = match entry.value.get_ref() {
        DeValue::Array(items) => items.iter().collect(),
        _ => vec![entry.value],
    };
    let alone = (tables.len() == 1 && containers.len() == 1).then(|| containers[0].text.as_str());
    let sections = tables.into_iter().filter_map(|value| Section::of(&keys::APP, value, problems));
    let read: Vec<Read> = sections.filter_map(|section| one(section, alone, problems)).collect();
    check_unique("container", read.iter().map(|read| (read.app.name.as_str(), read.place.clone())), problems);
    check_ports(&read, problems);
    if !problems.errors() {
        check_containers(entry, containers, &read, problems);
    }
    read.into_iter().map(|read| read.app).collect()
}

/// A container, its place, and that of its port.
struct Read {
    app: App,
    place: Span,
    port: Option<Span>,
}

/// `alone`: the name of the only `[[container]]`, which the only app has, too.
fn one(mut section: Section, alone: Option<&str>, problems: &Problems) -> Option<Read> {
    let place = section.span.clone();
    let name = if alone.is_some() { section.take("name") } else { section.need("name") };
    let name = name.and_then(|entry| string(entry.value, problems));
    let image = section.need("image").and_then(|entry| image(entry, problems));
    let port = section.take("port");
    let ingress = section.take("ingress");
    let environment = section.take("environment").map(|entry| variables(entry, problems, environment));
    let secrets = section.take("secrets").map(|entry| variables(entry, problems, secret));
    let command = section.take("command").map(|entry| strings(entry.value, problems));
    let cpu = number(section.take("cpu"), problems);
    let memory = number(section.take("memory"), problems);
    let health_check = section.take("health_check").map(|entry| health_check(entry, problems));
    section.finish();
    check_ingress(ingress, port, problems);
    let place = name.as_ref().map_or(place, |name| name.span.clone());
    let name = name.map(|name| name.text).or(alone.map(str::to_string))?;
    check_name(&name, &place, problems);
    let app = App {
        name,
        image: image?,
        port: number(port, problems).map(|port| port as u16),
        ingress: ingress.map(|entry| sources(entry, problems)).unwrap_or_default(),
        environment: environment.unwrap_or_default(),
        secrets: secrets.unwrap_or_default(),
        command: command.unwrap_or_default().into_iter().map(|text| text.text).collect(),
        cpu,
        memory,
        health_check: health_check.unwrap_or_default(),
    };
    Some(Read { app, place, port: port.map(|entry| entry.key.span()) })
}

/// ContainerDefinition's `name` (Amazon ECS API reference).
fn check_name(name: &str, span: &Span, problems: &Problems) {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > 255 || !name.bytes().all(fits) {
        let problem = Problem::error(Code::Name, span.clone(), format!("`{name}` cannot be the name of a container"));
        problems.add(problem.label("not a name").help("1 to 255 letters, digits, `-` and `_`"));
    }
    if name == inject::ROUTER {
        let problem = Problem::error(Code::Name, span.clone(), format!("`{name}` is the router's own name"));
        problems.add(problem.label("taken").help("give the container another one"));
    }
}

fn image(entry: Entry, problems: &Problems) -> Option<String> {
    let text = string(entry.value, problems)?;
    match Image::parse(&text.text) {
        Ok(_) => Some(text.text),
        Err(error) => {
            problems.add(Problem::error(Code::Image, text.span, error.to_string()).label("not a reference"));
            None
        }
    }
}

/// A table of environment variables.
fn variables(
    entry: Entry,
    problems: &Problems,
    value: impl Fn(&Entry, &Problems) -> Option<String>,
) -> Vec<(String, String)> {
    let DeValue::Table(table) = entry.value.get_ref() else {
        let nothing: Option<Vec<_>> = wrong_type(entry.value, "a table of variables", problems);
        return nothing.unwrap_or_default();
    };
    entries(table).iter().filter_map(|entry| Some((entry.name().to_string(), value(entry, problems)?))).collect()
}

/// What looks like a secret is not shown, and is no secret any more in a task definition.
fn environment(entry: &Entry, problems: &Problems) -> Option<String> {
    let before = problems.len();
    let text = string(entry.value, problems)?;
    if is_secret(entry.name(), &text.text) && !text.text.is_empty() {
        let message = format!("`{}` looks like a secret", entry.name());
        let problem =
            Problem::warning(Code::Secret, text.span, message).label("everybody who may see the task reads it");
        problems.add(problem.help(format!("secrets = {{ {} = \"arn:aws:secretsmanager:…\" }}", entry.name())));
        problems.hide_since(before, &entry.value.span());
    }
    Some(text.text)
}

fn secret(entry: &Entry, problems: &Problems) -> Option<String> {
    let before = problems.len();
    let arn = string(entry.value, problems).filter(|text| {
        if is_secret_arn(&text.text) {
            return true;
        }
        let problem =
            Problem::error(Code::Secret, text.span.clone(), "a secret is named by its ARN").label("no such ARN");
        problems
            .add(problem.help("the ARN of one secret: \"arn:aws:secretsmanager:…\" or \"arn:aws:ssm:…\", without `*`"));
        false
    });
    if arn.is_none() {
        problems.hide_since(before, &entry.value.span());
    }
    arn.map(|text| text.text)
}

/// A command for the shell, or a list as ECS has it.
fn health_check(entry: Entry, problems: &Problems) -> Vec<String> {
    let texts: Vec<String> = strings(entry.value, problems).into_iter().map(|text| text.text).collect();
    if let DeValue::String(_) = entry.value.get_ref() {
        return ["CMD-SHELL".to_string()].into_iter().chain(texts).collect();
    }
    if !texts.first().is_some_and(|first| ["CMD", "CMD-SHELL"].contains(&first.as_str())) || texts.len() < 2 {
        let message = "a list begins with \"CMD\" or \"CMD-SHELL\", and a command follows";
        let help = "a text is a command for the container's shell: \"curl -f http://127.0.0.1/ || exit 1\"";
        let _: Option<()> = aws::refuse(entry.value.span(), message, help, problems);
    }
    texts
}

fn sources(entry: Entry, problems: &Problems) -> Vec<String> {
    let texts = strings(entry.value, problems);
    if texts.len() > RULES {
        let message = format!("{} are too many", texts.len());
        problems.add(Problem::error(Code::WrongValue, entry.value.span(), message).label(format!("{RULES} at most")));
    }
    let source = |text: Text| match text.text.as_str() {
        id if id.starts_with("sg-") => aws::id(text, "sg", problems),
        id if id.starts_with("pl-") => aws::id(text, "pl", problems),
        _ => aws::cidr(text, problems),
    };
    texts.into_iter().filter_map(source).collect()
}

fn check_ingress(ingress: Option<Entry>, port: Option<Entry>, problems: &Problems) {
    if let (Some(ingress), None) = (ingress, port) {
        let problem = Problem::error(Code::MissingKey, ingress.key.span(), "`ingress` is about a port");
        problems.add(problem.label("no `port`").help("port = 80"));
    }
}

/// The service's security group opens one port.
fn check_ports(read: &[Read], problems: &Problems) {
    let mut ports = read.iter().filter_map(|read| read.port.clone());
    if let (Some(first), Some(second)) = (ports.next(), ports.next()) {
        let problem = Problem::error(Code::Duplicate, second, "two containers have a port").label("again");
        problems.add(problem.related(first, "first here").help("the service has one: keep that which clients call"));
    }
}

/// Each `[[container]]` is one of the app's.
fn check_containers(entry: Entry, containers: &[Text], read: &[Read], problems: &Problems) {
    let names: Vec<&str> = read.iter().map(|read| read.app.name.as_str()).collect();
    for container in containers.iter().filter(|container| !names.contains(&container.text.as_str())) {
        let message = format!("the app has no container `{}`", container.text);
        let problem = Problem::error(Code::Name, container.span.clone(), message).label("its lines never come");
        let problem = problem.related(entry.key.span(), "the app's containers");
        problems.add(problem.suggest(&container.text, names.iter().copied()));
    }
}
