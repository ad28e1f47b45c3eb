//! The stream processor's queries, as far as tags are concerned: `src/stream_processor/parser/sql.y` of Fluent Bit.
use super::{Configuration, Flow};
use crate::{
    conf::{Entry, Section, SectionKind},
    lint::tags::Matcher,
};

/// `CREATE STREAM name WITH (tag='made') AS SELECT … FROM TAG:'read' …`
#[derive(Debug, Clone)]
pub struct Stream<'a> {
    pub section: &'a Section,
    /// The tags that it reads. Records that it reads stay under their tag as well.
    pub takes: Matcher,
    /// The tag of its results; any when the query does not name one.
    pub makes: String,
}

impl<'a> Flow<'a> {
    /// A stream, or a filter that counts records, reads records with a tag of this pattern.
    pub fn is_read(&self, pattern: &str) -> bool {
        self.readers.iter().any(|reader| reader.overlaps(pattern))
    }

    /// Someone takes records with a tag of this pattern: an output, a rewrite, a stream, a metric.
    pub fn is_taken(&self, pattern: &str) -> bool {
        self.has_output_for(pattern)
            || self.is_read(pattern)
            || self.rewrites.iter().any(|rewrite| rewrite.takes.overlaps(pattern))
    }
}

impl Configuration {
    /// The streams that it creates. One whose query is not understood, and those of a file that is not here, read and make
    /// anything.
    pub fn streams(&self) -> Vec<Stream<'_>> {
        let any = |section| Stream { section, takes: Matcher::Pattern("*".to_string()), makes: "*".to_string() };
        match &self.streams {
            Some(streams) => {
                streams.iter().map(|section| self.stream(section).unwrap_or_else(|| any(section))).collect()
            }
            None => {
                self.of(SectionKind::Service).filter(|service| service.get("streams_file").is_some()).map(any).collect()
            }
        }
    }

    fn stream<'a>(&self, section: &'a Section) -> Option<Stream<'a>> {
        let exec = self.value(section.last("exec")?)?;
        let (makes, reads) = query(&exec)?;
        let takes = match reads {
            Source::Tag(pattern) => pattern,
            Source::Stream(name) => self.tag_of(&name)?,
        };
        Some(Stream { section, takes: Matcher::Pattern(takes), makes: makes.unwrap_or_else(|| "*".to_string()) })
    }

    /// The tag of an input's records, by its alias or name.
    fn tag_of(&self, name: &str) -> Option<String> {
        let is = |input: &&Section| {
            let alias = self.property(input, "alias");
            alias.or_else(|| self.plugin_name(input)).is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        self.of(SectionKind::Input).find(is).map(|input| self.input_tag(input))
    }

    /// What reads records that no output needs to take: streams, and filters that make metrics of them.
    pub(super) fn readers(&self, streams: &[Stream]) -> Vec<Matcher> {
        let counts = self.of(SectionKind::Filter).filter(|filter| self.is(filter, "log_to_metrics"));
        let metrics = counts.filter_map(|filter| self.matches(filter));
        streams.iter().map(|stream| stream.takes.clone()).chain(metrics).collect()
    }

    /// The tag of what a filter makes beside the records that pass it.
    pub(super) fn made_tag(&self, section: &Section) -> Option<String> {
        let tag = section.last("tag").and_then(Entry::text).filter(|_| section.kind == SectionKind::Filter)?;
        Some(self.resolve(tag).unwrap_or_else(|| "*".to_string()))
    }
}

/// Where a query's records come from.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// `TAG:'pattern'`
    Tag(String),
    /// `STREAM:name`: an input or another stream.
    Stream(String),
}

/// The tag that a query's results get, if it names one, and what it reads. `None` for what creates no stream.
fn query(text: &str) -> Option<(Option<String>, Source)> {
    let words = words(text);
    let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    let is = |at: usize, what: &str| word(at).eq_ignore_ascii_case(what);
    if !is(0, "create") {
        return None;
    }
    let from = (0..words.len()).find(|at| is(*at, "from"))?;
    let tag = (0..from).find(|at| is(*at, "tag") && word(at + 1) == "=").map(|at| unquoted(word(at + 2)));
    let (kind, name) = word(from + 1).split_once(':')?;
    let name = unquoted(if name.is_empty() { word(from + 2) } else { name });
    match kind.to_ascii_lowercase().as_str() {
        "tag" => Some((tag, Source::Tag(name))),
        "stream" => Some((tag, Source::Stream(name.trim_end_matches(';').to_string()))),
        _ => None,
    }
}

fn unquoted(word: &str) -> String {
    word.trim_matches('\'').replace("''", "'")
}

/// Words, quoted texts, `(`, `)`, `,`, `=` and `;`.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        let last = words.last_mut().expect("there is always one");
        match c {
            '\'' => {
                quoted = !quoted;
                last.push(c);
            }
            _ if quoted => last.push(c),
            '(' | ')' | ',' | '=' | ';' => words.extend([c.to_string(), String::new()]),
            _ if c.is_whitespace() => words.push(String::new()),
            _ => last.push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_say_what_they_read_and_make() {
        let made = |text| query(text).map(|(tag, source)| (tag.unwrap_or_default(), source));
        let tag = |tag: &str, from: &str| Some((tag.to_string(), Source::Tag(from.to_string())));
        assert_eq!(
            made(
                "CREATE STREAM access WITH (tag='access-log') AS SELECT * FROM TAG:'*-firelens-*' WHERE status >= 200;"
            ),
            tag("access-log", "*-firelens-*")
        );
        assert_eq!(made("create stream a as select * from tag:'a b' ;"), tag("", "a b"));
        assert_eq!(
            made("CREATE STREAM a WITH(routable='x', tag = 'it''s') AS SELECT COUNT(*) FROM STREAM:cpu.0;"),
            Some(("it's".to_string(), Source::Stream("cpu.0".to_string())))
        );
        assert_eq!(query("SELECT * FROM TAG:'a';"), None);
        assert_eq!(query("CREATE STREAM x AS SELECT 'from"), None);
    }
}
