//! A YAML text as a tree with places, in bytes.
use crate::conf::Span;
use saphyr_parser::{Event, Marker, Parser};

/// A node. What is neither a text, a list nor a map is refused by Fluent Bit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub content: Content,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Scalar(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// Deeper than any configuration, and shallow enough for who walks the tree.
const MAX_DEPTH: usize = 100;

/// The roots of the text's documents.
///
/// # Errors
/// The first place where it cannot be read, and why.
pub(super) fn read(text: &str) -> Result<Vec<Node>, (Span, String)> {
    let places = Places::new(text);
    let (mut roots, mut open): (Vec<Node>, Vec<Open>) = (Vec::new(), Vec::new());
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| (places.near(text, error.marker()), error.info().to_string()))?;
        let span = places.trimmed(text, places.byte(&span.start)..places.byte(&span.end));
        let node = match event {
            Event::Scalar(value, ..) => Node { content: Content::Scalar(value.into_owned()), span },
            Event::SequenceStart(..) | Event::MappingStart(..) => {
                if open.len() == MAX_DEPTH {
                    return Err((span, "nested too deep".to_string()));
                }
                open.push(Open { map: matches!(event, Event::MappingStart(..)), start: span.start, nodes: Vec::new() });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(done) => done.close(span.end),
                None => continue,
            },
            Event::Alias(_) => return Err((span, "Fluent Bit takes no aliases".to_string())),
            _ => continue,
        };
        open.last_mut().map_or(&mut roots, |parent| &mut parent.nodes).push(node);
    }
    Ok(roots)
}

/// A list or map whose end was not read yet; a map's keys and values in turn.
struct Open {
    map: bool,
    start: usize,
    nodes: Vec<Node>,
}

impl Open {
    fn close(self, end: usize) -> Node {
        let span = self.start..end.max(self.start);
        if !self.map {
            return Node { content: Content::List(self.nodes), span };
        }
        let mut pairs = Vec::with_capacity(self.nodes.len() / 2);
        let mut nodes = self.nodes.into_iter();
        while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
            pairs.push((key, value));
        }
        Node { content: Content::Map(pairs), span }
    }
}

/// The parser counts characters: where each begins.
struct Places(Vec<usize>);

impl Places {
    fn new(text: &str) -> Places {
        Places(text.char_indices().map(|(at, _)| at).chain([text.len()]).collect())
    }

    fn byte(&self, marker: &Marker) -> usize {
        self.0.get(marker.index()).or(self.0.last()).copied().unwrap_or(0)
    }

    /// Without blanks at its end.
    fn trimmed(&self, text: &str, span: Span) -> Span {
        let end = span.end.max(span.start);
        match text.get(span.start..end).map(str::trim_end) {
            Some(inner) if !inner.is_empty() => span.start..span.start + inner.len(),
            _ => span.start..end,
        }
    }

    /// The rest of the line of an error.
    fn near(&self, text: &str, marker: &Marker) -> Span {
        let start = self.byte(marker);
        let rest = text.get(start..).unwrap_or_default();
        start..start + rest.lines().next().unwrap_or_default().trim_end().len()
    }
}
