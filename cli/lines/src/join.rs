//! Lines that belong together are joined before the filter sees them, as the router does it ([`firelens_pipeline::multiline`]).
use crate::record::Framer;
use firelens_pipeline::multiline::{Joined, Joiner, Stream};
use std::{ops::Range, sync::Arc};

/// The rules of all containers.
#[derive(Debug, Clone, Default)]
pub struct Joins {
    all: Vec<(Joined, Arc<Joiner>)>,
    containers: Vec<String>,
}

/// What holds for some lines.
#[derive(Debug, Clone)]
pub enum Choice {
    /// Each line is a record.
    Alone,
    Rules(Arc<Joiner>),
    /// It depends on the container or the stream, which nobody named.
    Unclear,
}

impl Joins {
    /// The rules of these streams, in these containers.
    ///
    /// # Errors
    /// A pattern that cannot be used.
    pub fn new(joined: &[Joined], containers: Vec<String>) -> Result<Joins, String> {
        let ready = |joined: &Joined| match Joiner::new(&joined.rules) {
            Ok(joiner) => Ok((joined.clone(), Arc::new(joiner))),
            Err(invalid) => Err(format!("multiline of {}: {}", joined.container, invalid.0)),
        };
        let all = joined.iter().map(ready).collect::<Result<_, _>>()?;
        Ok(Joins { all, containers })
    }

    /// The rules for lines of a container's stream. Where one of them is not known, the rules have to be the same for all that
    /// it could be.
    pub fn of_stream(&self, container: Option<&str>, stream: Option<&str>) -> Choice {
        let containers = self.containers.iter().filter(|name| container.is_none_or(|known| known == **name));
        let streams = || ["stdout", "stderr"].into_iter().filter(|name| stream.is_none_or(|known| known == *name));
        let rules = |container: &str, stream: &str| {
            self.all.iter().find(|(joined, _)| joined.container == container && joined.takes(stream))
        };
        let mut each = containers.flat_map(|container| streams().map(move |stream| rules(container, stream)));
        let Some(first) = each.next() else { return Choice::Alone };
        let name = |it: Option<&(Joined, Arc<Joiner>)>| it.map(|(joined, _)| joined.rules.name.clone());
        match first {
            _ if each.any(|other| name(other) != name(first)) => Choice::Unclear,
            Some((_, joiner)) => Choice::Rules(Arc::clone(joiner)),
            None => Choice::Alone,
        }
    }
}

/// How the lines of a source become records.
#[derive(Debug, Clone)]
pub struct Join {
    joiner: Arc<Joiner>,
    framer: Framer,
}

impl Join {
    /// By these rules. What the framer takes for a record stays as it is.
    pub fn new(joiner: Arc<Joiner>, framer: Framer) -> Join {
        Join { joiner, framer }
    }
}

/// The lines of one source, in order.
#[derive(Default)]
pub struct Joining {
    stream: Stream<u64>,
    out: Vec<(u64, Vec<u8>)>,
}

/// Texts in order, each with the number of its first line and its place.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Texts {
    pub bytes: Vec<u8>,
    pub places: Vec<(u64, Range<usize>)>,
}

impl Joining {
    /// Takes the line with this number.
    pub fn push(&mut self, join: &Join, number: u64, line: &[u8]) {
        if join.framer.is_record(line) {
            self.stream.flush(&mut self.out);
            self.out.push((number, line.to_vec()));
        } else {
            join.joiner.push(&mut self.stream, line, number, &mut self.out);
        }
    }

    /// Nothing comes any more.
    pub fn end(&mut self) {
        self.stream.flush(&mut self.out);
    }

    /// What is complete.
    pub fn take(&mut self) -> Texts {
        let mut texts = Texts::default();
        for (number, text) in self.out.drain(..) {
            let start = texts.bytes.len();
            texts.bytes.extend_from_slice(&text);
            texts.places.push((number, start..texts.bytes.len()));
        }
        texts
    }
}

/// The lines of a joined text.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    // An empty last line adds its newline.
    text.strip_suffix('\n').unwrap_or(text).split('\n')
}

/// The records that these lines become.
pub fn records(joiner: &Joiner, text: &str) -> Vec<String> {
    let (mut stream, mut out) = (Stream::default(), Vec::new());
    text.split('\n').for_each(|line| joiner.push(&mut stream, line.as_bytes(), (), &mut out));
    stream.flush(&mut out);
    out.into_iter().map(|((), text)| String::from_utf8_lossy(&text).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Input;
    use firelens_pipeline::multiline::{Language, Part, Rules};

    fn joins(streams: &[(&str, &str, &str)], containers: &[&str]) -> Joins {
        let joined = |&(container, stream, language): &(&str, &str, &str)| {
            let rules = Rules::new(&[Part::Language(Language::named(language).unwrap())]);
            let (stdout, stderr) = (stream != "stderr", stream != "stdout");
            let joined = Joined { container: container.to_string(), stdout, stderr, rules };
            (joined.clone(), Arc::new(Joiner::new(&joined.rules).unwrap()))
        };
        let containers = containers.iter().map(ToString::to_string).collect();
        Joins { all: streams.iter().map(joined).collect(), containers }
    }

    fn choice(joins: &Joins, container: Option<&str>, stream: Option<&str>) -> &'static str {
        match joins.of_stream(container, stream) {
            Choice::Alone => "alone",
            Choice::Rules(_) => "rules",
            Choice::Unclear => "unclear",
        }
    }

    #[test]
    fn lines_of_an_unknown_stream_are_joined_where_it_does_not_matter() {
        let one = joins(&[("app", "both", "java")], &["app"]);
        assert_eq!(choice(&one, None, None), "rules");
        assert_eq!(choice(&one, Some("other"), None), "alone");
        let two = joins(&[("app", "both", "java")], &["app", "web"]);
        assert_eq!(choice(&two, None, None), "unclear");
        assert_eq!(choice(&two, Some("app"), None), "rules");
        assert_eq!(choice(&two, Some("web"), None), "alone");
        let stderr = joins(&[("app", "stderr", "php")], &["app"]);
        let streams = [None, Some("stdout"), Some("stderr")];
        assert_eq!(streams.map(|stream| choice(&stderr, Some("app"), stream)), ["unclear", "alone", "rules"]);
        assert_eq!(choice(&joins(&[], &["app"]), None, None), "alone");
    }

    #[test]
    fn texts_have_the_numbers_of_their_first_lines() {
        let all = joins(&[("app", "both", "java")], &["app"]);
        let Choice::Rules(joiner) = all.of_stream(None, None) else { panic!() };
        let join = Join::new(joiner, Framer::new(Input::Auto, None, None));
        let mut joining = Joining::default();
        let lines = ["ready", "java.lang.Error: a", "\tat b", r#"{"log":"x"}"#, "\tat c", "java.lang.Error"];
        (1..).zip(lines).for_each(|(number, line)| joining.push(&join, number, line.as_bytes()));
        let Texts { bytes, places } = joining.take();
        let texts: Vec<_> = places.iter().map(|(number, place)| (*number, &bytes[place.clone()])).collect();
        let first = b"java.lang.Error: a\n\tat b".as_slice();
        // Behind a record, as behind any other line, what would go on goes on alone.
        assert_eq!(texts, [(1, b"ready".as_slice()), (2, first), (4, br#"{"log":"x"}"#), (5, b"\tat c")]);
        joining.end();
        assert_eq!(joining.take(), Texts { bytes: b"java.lang.Error".to_vec(), places: vec![(6, 0..15)] });
    }

    #[test]
    fn a_joined_text_has_its_lines() {
        assert_eq!(lines("a\n\n").collect::<Vec<_>>(), ["a", ""]);
        assert_eq!(lines("a\n\nb").collect::<Vec<_>>(), ["a", "", "b"]);
    }
}
