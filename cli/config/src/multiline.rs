//! `multiline`: which lines of a container belong together, and `[multiline.NAME]`: rules of one's own for that.
use crate::{
    keys, onigmo,
    problem::{Code, Problem, Span},
    reader::{Entry, Node, Problems, Section, Text, entries, one_or_many, string},
};
use firelens_compiler::spec::Format;
use firelens_pipeline::multiline::{Joined, LANGUAGES, Language, Part, Rules};
use toml::de::DeValue;

/// A `[multiline.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    name: String,
    place: Span,
    start: String,
    continues: Option<String>,
}

/// What a container's `multiline` names for one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stream {
    names: Vec<String>,
    place: Span,
}

/// A container's `multiline`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Read {
    stdout: Option<Stream>,
    stderr: Option<Stream>,
}

/// Reads all `[multiline.NAME]`.
pub(crate) fn own(entry: Entry, problems: &Problems) -> Vec<Own> {
    let DeValue::Table(table) = entry.value.get_ref() else {
        crate::reader::wrong_type::<()>(entry.value, "a table of rules by name, [multiline.NAME],", problems);
        return Vec::new();
    };
    entries(table).into_iter().filter_map(|entry| own_rules(entry, problems)).collect()
}

fn own_rules(entry: Entry, problems: &Problems) -> Option<Own> {
    let (name, place) = (entry.name().to_string(), entry.key.span());
    super::check_name("multiline rule", &name, place.clone(), problems);
    if Language::named(&name).is_some() {
        let problem = Problem::error(Code::Name, place.clone(), format!("`{name}` is a language"));
        problems.add(problem.label("taken").help("give these rules a name of their own"));
    }
    let mut section = Section::of(&keys::MULTILINE, entry.value, problems)?;
    let start = section.need("start").and_then(|entry| string(entry.value, problems));
    let continues = section.string("continues");
    section.finish();
    let regex = |text: &Text, key: &str| {
        if let Err(fault) = onigmo::check(&text.text) {
            let problem = Problem::error(Code::WrongValue, text.span.clone(), format!("`{key}`: {}", fault.message));
            problems.add(problem.label("not a pattern that can be used").help(fault.help));
        } else if onigmo::fits_everything(&text.text) {
            let (message, help) = match key {
                "start" => ("every line would begin a record", "name what only a first line has, such as '^[0-9]{4}-'"),
                _ => (
                    "every line would continue a record",
                    "leave `continues` out: each line that `start` does not fit continues a record",
                ),
            };
            let problem = Problem::error(Code::WrongValue, text.span.clone(), format!("`{key}` fits every line"));
            problems.add(problem.label(message).help(help));
        }
    };
    start.iter().for_each(|text| regex(text, "start"));
    continues.iter().for_each(|text| regex(text, "continues"));
    Some(Own { name, place, start: start?.text, continues: continues.map(|text| text.text) })
}

/// Reads a container's key: names for both streams, or a table of streams.
pub(crate) fn read(value: Node, own: &[Own], problems: &Problems) -> Read {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let stream = names(value, own, problems);
        return Read { stdout: stream.clone(), stderr: stream };
    }
    let Some(mut section) = Section::of(&keys::MULTILINE_STREAMS, value, problems) else { return Read::default() };
    let [stdout, stderr] = ["stdout", "stderr"].map(|key| section.take(key));
    let empty = stdout.is_none() && stderr.is_none();
    if section.finish().is_empty() && empty {
        let problem = Problem::error(Code::MissingKey, value.span(), "this `multiline` names no stream");
        problems.add(problem.label("neither `stdout` nor `stderr`").help(r#"write for example { stderr = "java" }"#));
    }
    let [stdout, stderr] = [stdout, stderr].map(|entry| names(entry?.value, own, problems));
    Read { stdout, stderr }
}

fn names(value: Node, own: &[Own], problems: &Problems) -> Option<Stream> {
    let items = one_or_many(value);
    if items.is_empty() {
        let problem = Problem::error(Code::WrongValue, value.span(), "an empty list joins nothing").label("no name");
        problems.add(problem.help("leave `multiline` out, or name a language"));
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    for text in items.into_iter().filter_map(|item| string(item, problems)) {
        let name = text.text.as_str();
        let known = LANGUAGES.iter().map(|language| language.name).chain(own.iter().map(|own| own.name.as_str()));
        if !known.clone().any(|known| known == name) {
            let problem = Problem::error(Code::WrongValue, text.span, format!("unknown language or rules `{name}`"));
            problems.add(problem.label("neither a language nor a [multiline.NAME]").suggest(name, known));
            continue;
        }
        if names.iter().any(|other| other == name) {
            let problem = Problem::error(Code::Duplicate, text.span, format!("`{name}` stands here twice"));
            problems.add(problem.label("again").help("take one of them away"));
            continue;
        }
        names.push(text.text);
    }
    (!names.is_empty()).then(|| Stream { names, place: value.span() })
}

impl Read {
    /// The formats that read the joined records of each stream, with the place that asks for them.
    pub(crate) fn formats(&self) -> [Option<(Format, Span)>; 2] {
        [&self.stdout, &self.stderr].map(|stream| {
            let stream = stream.as_ref()?;
            // In records of rules of one's own, any language's can stand.
            let all = stream.names.iter().any(|name| Language::named(name).is_none());
            let known = LANGUAGES.iter().map(|language| language.name);
            let languages = known.filter(|known| all || stream.names.iter().any(|name| name == known));
            Some((Format::Exception { languages: languages.map(str::to_string).collect() }, stream.place.clone()))
        })
    }

    /// What is joined in the router.
    pub(crate) fn joined(&self, container: &str, own: &[Own]) -> Vec<Joined> {
        let joined = |stream: &Stream, stdout, stderr| Joined {
            container: container.to_string(),
            stdout,
            stderr,
            rules: Rules::new(&parts(&stream.names, own)),
        };
        match (&self.stdout, &self.stderr) {
            (Some(stdout), Some(stderr)) if stdout.names == stderr.names => vec![joined(stdout, true, true)],
            (stdout, stderr) => {
                let stdout = stdout.iter().map(|stream| joined(stream, true, false));
                stdout.chain(stderr.iter().map(|stream| joined(stream, false, true))).collect()
            }
        }
    }

    fn names(&self, own: &Own) -> bool {
        [&self.stdout, &self.stderr].into_iter().flatten().any(|stream| stream.names.contains(&own.name))
    }
}

/// The user's own rules first, in the order of the list, then the languages in theirs.
fn parts<'a>(names: &[String], own: &'a [Own]) -> Vec<Part<'a>> {
    let own = names.iter().filter_map(|name| own.iter().find(|own| own.name == *name));
    let own = own.map(|Own { name, start, continues, .. }| Part::Own { name, start, continues: continues.as_deref() });
    let languages = LANGUAGES.iter().filter(|language| names.iter().any(|name| name == language.name));
    own.chain(languages.map(Part::Language)).collect()
}

/// Rules that no container names have no effect.
pub(crate) fn warn_unused<'a>(own: &[Own], read: impl Iterator<Item = &'a Read> + Clone, problems: &Problems) {
    for own in own.iter().filter(|own| !read.clone().any(|read| read.names(own))) {
        let problem = Problem::warning(Code::Unused, own.place.clone(), format!("no container names `{}`", own.name));
        problems
            .add(problem.label("not used").help(format!("write multiline = \"{}\" in its [[container]]", own.name)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_knows_the_languages_of_the_router() {
        let names: Vec<&str> = LANGUAGES.iter().map(|language| language.name).collect();
        assert_eq!(names, firelens_compiler::LANGUAGES);
    }
}
