//! `[[container]]`: whose lines are parsed, and the formats of its two streams.
use crate::{
    added, keys, multiline,
    problem::{Code, Problem, Span},
    reader::{Entry, Node, Problems, Section, Text, one_or_many, string, wrong_type},
    zone,
};
use firelens_compiler::nicknames;
use firelens_compiler::spec::{Container, Format, Library, Zone};
use toml::de::DeValue;

/// The words that stand for a format that is no httpd LogFormat.
fn kinds() -> impl Iterator<Item = &'static str> {
    ["httpd_error", "rails", "lograge", "json"].into_iter().chain(Library::ALL.map(Library::word))
}

/// Where a container's formats were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub stdout: Vec<Span>,
    pub stderr: Vec<Span>,
}

/// A container with its places.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    pub container: Container,
    pub places: Places,
    pub name: Text,
    pub added: added::Read,
    pub multiline: multiline::Read,
}

/// Reads one; `zone` is that of times without one.
pub(crate) fn read(mut section: Section, zone: &Zone, own: &[multiline::Own], problems: &Problems) -> Option<Read> {
    let name = section.need("name").and_then(|entry| string(entry.value, problems));
    if let Some(name) = name.as_ref().filter(|name| name.text.is_empty()) {
        let problem = Problem::error(Code::Name, name.span.clone(), "a container needs its name");
        problems.add(problem.label("empty").help("the one that it has in the task definition"));
    }
    let (stdout, stderr) = (section.take("stdout"), section.take("stderr"));
    let added_entry = section.take("add_fields");
    let joined = section.take("multiline");
    let span = section.span.clone();
    let meant = section.finish();
    let none = stdout.is_none() && stderr.is_none() && joined.is_none();
    if none && !meant.iter().any(|key| ["stdout", "stderr", "multiline"].contains(key)) {
        let problem = Problem::error(Code::MissingKey, span, "this container has no formats");
        problems.add(problem.label("neither `stdout` nor `stderr`").help(r#"write for example stdout = ["combined"]"#));
    }
    let multiline = joined.map(|entry| multiline::read(entry.value, own, problems)).unwrap_or_default();
    let mut streams = [stdout, stderr].map(|entry| formats(entry, zone, problems));
    // Last: what the container's own formats read is no stack trace.
    for ((formats, places), more) in streams.iter_mut().zip(multiline.formats()) {
        let (format, place): (Vec<_>, Vec<_>) = more.into_iter().unzip();
        formats.extend(format);
        places.extend(place);
    }
    let [(stdout, stdout_places), (stderr, stderr_places)] = streams;
    let name = name?;
    let mut added = added::Read::default();
    if let Some(entry) = added_entry {
        added.read(entry, Some(&name.text), problems);
    }
    let container = Container { name: name.text.clone(), stdout, stderr };
    let places = Places { stdout: stdout_places, stderr: stderr_places };
    Some(Read { container, places, name, added, multiline })
}

fn formats(entry: Option<Entry>, zone: &Zone, problems: &Problems) -> (Vec<Format>, Vec<Span>) {
    let items = entry.map_or(Vec::new(), |entry| one_or_many(entry.value));
    items.into_iter().filter_map(|item| format(item, zone, problems)).unzip()
}

fn format(item: Node, zone: &Zone, problems: &Problems) -> Option<(Format, Span)> {
    match item.get_ref() {
        DeValue::String(_) => {
            let text = string(item, problems)?;
            let format = match text.text.as_str() {
                word if kinds().any(|kind| kind == word) => of_kind(word, None, zone.clone()),
                _ => Format::Access { format: access(&text, problems)?, zone: zone.clone() },
            };
            Some((format, text.span))
        }
        DeValue::Table(_) => format_table(item, zone, problems),
        _ => wrong_type(item, "a LogFormat, a nickname, or a table with `type`", problems),
    }
}

/// `{ type = "httpd_error", format = '…', timezone = "…" }`
fn format_table(item: Node, zone: &Zone, problems: &Problems) -> Option<(Format, Span)> {
    let mut section = Section::of(&keys::FORMAT, item, problems)?;
    let kind = section.need("type").and_then(|entry| string(entry.value, problems));
    let word = kind.as_ref().map(|kind| kind.text.as_str());
    let has_format = word.and_then(Library::of).is_none() && !matches!(word, Some("rails" | "lograge" | "json"));
    let text = has_format.then(|| section.string("format")).flatten();
    let own_zone = section.string("timezone");
    let whole = section.span.clone();
    section.finish();
    let zone = match own_zone {
        Some(name) => zone::read(&name, problems)?,
        None => zone.clone(),
    };
    let place = text.as_ref().map_or(whole.clone(), |text| text.span.clone());
    let format = match word? {
        "httpd_access" => match text {
            Some(text) => Format::Access { format: access(&text, problems)?, zone },
            None => {
                let problem =
                    Problem::error(Code::MissingKey, whole, "`format` is missing in a format of type httpd_access");
                problems.add(problem.label("in this one").help("a LogFormat, as it stands in httpd.conf"));
                return None;
            }
        },
        word if kinds().any(|kind| kind == word) => of_kind(word, text.map(|text| text.text), zone),
        word => {
            let span = kind.as_ref().map_or(place, |kind| kind.span.clone());
            let problem = Problem::error(Code::WrongValue, span, format!("unknown format type `{word}`"));
            problems.add(problem.label("no such type").suggest(word, kinds().chain(["httpd_access"])));
            return None;
        }
    };
    Some((format, place))
}

/// The format that one of [`kinds`] stands for.
fn of_kind(word: &str, format: Option<String>, zone: Zone) -> Format {
    match word {
        "httpd_error" => Format::HttpdError { format, zone },
        "rails" => Format::Rails { zone },
        "lograge" => Format::Lograge { zone },
        _ => match Library::of(word) {
            Some(library) => Format::Library { library, zone },
            None => Format::Json { zone },
        },
    }
}

/// A LogFormat or a nickname; what the LogFormat says is the compiler's business.
fn access(text: &Text, problems: &Problems) -> Option<String> {
    let format = &text.text;
    if !format.contains('%') && !nicknames().any(|nickname| nickname == format) {
        let message = format!("unknown format `{format}`");
        let problem =
            Problem::error(Code::Format, text.span.clone(), message).label("neither a LogFormat nor a nickname");
        problems.add(problem.suggest(format, kinds().chain(nicknames())));
        return None;
    }
    if has_message(format) {
        let problem = Problem::error(Code::Format, text.span.clone(), "an ErrorLogFormat cannot stand by itself");
        let problem = problem.label("a string here is a LogFormat of access lines");
        problems.add(problem.help("write { type = \"httpd_error\", format = '…' }"));
        return None;
    }
    Some(format.clone())
}

/// Whether this is an ErrorLogFormat: only those have `%M`, the message.
fn has_message(format: &str) -> bool {
    let mut rest = format;
    while let Some((_, directive)) = rest.split_once('%') {
        let directive = directive.trim_start_matches(|c: char| c.is_ascii_digit() || "!<>,+-".contains(c));
        let letter = match directive.strip_prefix('{') {
            Some(argument) => argument.split_once('}').map_or("", |(_, letter)| letter),
            None => directive,
        };
        if letter.starts_with('M') {
            return true;
        }
        rest = &letter[letter.chars().next().map_or(0, char::len_utf8)..];
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use firelens_compiler::spec::Spec;

    #[test]
    fn only_error_log_formats_have_a_message() {
        assert!(["%M", "[%t] %-M", "%{x}t %7M"].into_iter().all(has_message));
        assert!(!["%m", "%{%H:%M}t", "%%M", "%", "%{", "%!200é %t M"].into_iter().any(has_message));
    }

    #[test]
    fn the_keys_name_all_types() {
        let keys::Shape::Words(words) = keys::FORMAT.keys[0].shape else { panic!("not words") };
        assert_eq!(words.to_vec(), ["httpd_access"].into_iter().chain(kinds()).collect::<Vec<_>>());
    }

    #[test]
    fn the_compiler_knows_all_nicknames() {
        for name in nicknames() {
            let stdout = vec![Format::Access { format: name.to_string(), zone: Zone::new() }];
            let containers = vec![Container { name: "httpd".to_string(), stdout, stderr: Vec::new() }];
            let program = firelens_compiler::compile(&Spec { containers, ..Spec::default() }).unwrap();
            assert_eq!(program.formats.len(), 1, "{name}");
        }
    }
}
