//! The YAML format: `src/config_format/flb_cf_yaml.c`. First a tree with places, then the sections that Fluent Bit takes
//! out of it; what its state machine would refuse is a fault.
use super::{Document, Entry, Group, Item, Processor, Section, SectionKind, Sort, Span, Syntax, Text, Value, Variable};
use tree::{Content, Node};

mod tree;

/// Reads a text.
pub(super) fn read(text: &str, file: usize) -> Document {
    let mut document = Document::new(Syntax::Yaml);
    let roots = tree::read(text).unwrap_or_else(|(span, message)| {
        document.fault(Sort::Syntax, span, format!("this is no YAML: {message}"), "");
        Vec::new()
    });
    let mut reader = Reader { file, document, has_service: false };
    roots.iter().for_each(|root| reader.root(root));
    reader.document
}

struct Reader {
    file: usize,
    document: Document,
    has_service: bool,
}

/// The elements of `pipeline`.
const PIPELINE: [(&str, SectionKind); 3] =
    [("inputs", SectionKind::Input), ("filters", SectionKind::Filter), ("outputs", SectionKind::Output)];

/// The sections that are lists of maps.
const LISTS: [(&str, SectionKind); 5] = [
    ("parsers", SectionKind::Parser),
    ("multiline_parsers", SectionKind::MultilineParser),
    ("stream_processor", SectionKind::StreamProcessor),
    ("upstream_servers", SectionKind::UpstreamServers),
    ("customs", SectionKind::Custom),
];

impl Reader {
    fn shape(&mut self, span: &Span, message: impl Into<String>, help: &str) {
        self.document.fault(Sort::Shape, span.clone(), message, help);
    }

    fn root(&mut self, root: &Node) {
        let help = "the top level is a map: `service:`, `pipeline:`, `includes:` …";
        for (key, value) in self.pairs(root, "a configuration", help) {
            let name = key.text.to_lowercase();
            if let Some((_, kind)) = LISTS.iter().find(|(list, _)| *list == name) {
                self.list(&key, value, *kind);
                continue;
            }
            match name.as_str() {
                "env" => self.variables(value),
                "includes" => self.includes(value),
                "pipeline" => self.pipeline(value),
                "plugins" => self.plugins(&key, value),
                "service" => self.service(key, value),
                _ => self.flat(SectionKind::Other, key, value),
            }
        }
    }

    /// The pairs of a map. An alias never gets this far: Fluent Bit refuses them all.
    fn pairs<'a>(&mut self, node: &'a Node, what: &str, help: &str) -> Vec<(Text, &'a Node)> {
        let Content::Map(pairs) = &node.content else {
            self.shape(&node.span, format!("{what} is a map"), help);
            return Vec::new();
        };
        let key = |(key, value): &'a (Node, Node)| match &key.content {
            Content::Scalar(text) => Ok((Text { text: text.clone(), span: key.span.clone() }, value)),
            _ => Err(key.span.clone()),
        };
        let (keys, wrong): (Vec<_>, Vec<_>) = pairs.iter().map(key).partition(Result::is_ok);
        wrong.into_iter().filter_map(Result::err).for_each(|span| self.shape(&span, "a key is a plain text", ""));
        keys.into_iter().filter_map(Result::ok).collect()
    }

    fn elements<'a>(&mut self, node: &'a Node, what: &str) -> &'a [Node] {
        if let Content::List(list) = &node.content {
            return list;
        }
        let help = "each element begins with `- `; to have none, take the key away";
        self.shape(&node.span, format!("`{what}` is a list"), help);
        &[]
    }

    fn scalar(&mut self, node: &Node, what: &str) -> Option<Text> {
        if let Content::Scalar(text) = &node.content {
            return Some(Text { text: text.clone(), span: node.span.clone() });
        }
        self.shape(&node.span, format!("{what} is a plain text"), "");
        None
    }

    /// A map, or a list of maps: `- name: …` with `value:`, or of single pairs.
    fn variables(&mut self, node: &Node) {
        if !matches!(node.content, Content::List(_)) {
            for (name, value) in self.pairs(node, "`env`", "write `NAME: value`") {
                let value = self.scalar(value, "a variable's value");
                self.document.variables.extend(value.map(|value| Variable { name, value }));
            }
            return;
        }
        for element in self.elements(node, "env") {
            let pairs = self.pairs(element, "a variable", "write `- name: NAME` and `value: …`");
            let texts: Vec<_> = pairs
                .into_iter()
                .filter_map(|(key, value)| Some((key, self.scalar(value, "a variable's value")?)))
                .collect();
            let named = |wanted: &str| texts.iter().find(|(key, _)| key.text.eq_ignore_ascii_case(wanted));
            let variable = match (named("name"), named("value"), texts.first()) {
                (Some((_, name)), Some((_, value)), _) => Some(Variable { name: name.clone(), value: value.clone() }),
                (None, None, Some((name, value))) => Some(Variable { name: name.clone(), value: value.clone() }),
                _ => None,
            };
            self.document.variables.extend(variable);
        }
    }

    fn includes(&mut self, node: &Node) {
        for element in self.elements(node, "includes") {
            let path = self.scalar(element, "a path");
            self.document.items.extend(path.map(Item::Include));
        }
    }

    fn service(&mut self, key: Text, node: &Node) {
        if std::mem::replace(&mut self.has_service, true) {
            self.shape(&key.span, "a second `service`: Fluent Bit refuses it", "put all of it under the first");
        }
        self.flat(SectionKind::Service, key, node);
    }

    /// A map of texts.
    fn flat(&mut self, kind: SectionKind, title: Text, node: &Node) {
        let what = format!("`{}`", title.text);
        let mut section = Section::new(kind, self.file, title);
        let pairs = self.pairs(node, &what, "");
        section.entries = self.texts(pairs);
        self.document.items.push(Item::Section(section));
    }

    fn texts(&mut self, pairs: Vec<(Text, &Node)>) -> Vec<Entry> {
        let entry = |(key, value): (Text, &Node)| {
            let value = self.scalar(value, &format!("the value of `{}`", key.text))?;
            Some(entry(key, Value::Text(value)))
        };
        pairs.into_iter().filter_map(entry).collect()
    }

    fn pipeline(&mut self, node: &Node) {
        for (key, value) in self.pairs(node, "`pipeline`", "its keys are inputs, filters and outputs") {
            match PIPELINE.iter().find(|(name, _)| key.text.eq_ignore_ascii_case(name)) {
                Some((_, kind)) => self.list(&key, value, *kind),
                None => {
                    let message = format!("`{}` is no part of a pipeline", key.text);
                    self.shape(&key.span, message, "the parts are inputs, filters and outputs");
                }
            }
        }
    }

    /// The paths of plugins to load.
    fn plugins(&mut self, key: &Text, node: &Node) {
        let mut section = Section::new(SectionKind::Plugins, self.file, key.clone());
        for element in self.elements(node, "plugins") {
            let path = self.scalar(element, "a path");
            let empty = |path: &Text| Value::Text(Text { text: String::new(), span: path.span.clone() });
            section.entries.extend(path.map(|path| Entry { value: empty(&path), name: path.text.clone(), key: path }));
        }
        self.document.items.push(Item::Section(section));
    }

    /// A list of sections.
    fn list(&mut self, key: &Text, node: &Node, kind: SectionKind) {
        for element in self.elements(node, &key.text) {
            let title = format!("an element of `{}`", key.text);
            let pairs = self.pairs(element, &title, "write `- name: …`");
            let section = self.section(kind, element, pairs);
            self.document.items.push(Item::Section(section));
        }
    }

    fn section(&mut self, kind: SectionKind, node: &Node, pairs: Vec<(Text, &Node)>) -> Section {
        let title = pairs.first().map_or(node.span.start..node.span.start, |(key, _)| key.span.clone());
        let title = Text { text: kind.title().to_string(), span: title };
        let mut section = Section::new(kind, self.file, title);
        for (key, value) in pairs {
            self.property(&mut section, key, value);
        }
        section
    }

    fn property(&mut self, section: &mut Section, key: Text, node: &Node) {
        let plain = matches!(
            section.kind,
            SectionKind::Parser
                | SectionKind::MultilineParser
                | SectionKind::StreamProcessor
                | SectionKind::UpstreamServers
        );
        match (section.kind, key.text.as_str()) {
            (SectionKind::MultilineParser, "rules") | (SectionKind::UpstreamServers, "nodes") => {
                for element in self.elements(node, &key.text) {
                    let pairs = self.pairs(element, &format!("an element of `{}`", key.text), "");
                    section.groups.push(Group { title: key.clone(), entries: self.texts(pairs) });
                }
            }
            (SectionKind::Input | SectionKind::Output, "processors") => self.processors(section, node),
            (SectionKind::Processor, _) | (SectionKind::Input, "routes") => {
                section.entries.extend(Some(entry(key, value(node))));
            }
            _ if plain => section.entries.extend(self.texts(vec![(key, node)])),
            _ => match &node.content {
                Content::Map(_) => {
                    self.shape(&node.span, format!("`{}` takes no map", key.text), "write a text, or a list of texts");
                }
                Content::List(list) => {
                    let what = format!("an element of `{}`", key.text);
                    let texts = list.iter().filter_map(|element| self.scalar(element, &what)).map(Value::Text);
                    let list = Value::List(texts.collect(), node.span.clone());
                    section.entries.push(entry(key, list));
                }
                Content::Scalar(_) => section.entries.push(entry(key, value(node))),
            },
        }
    }

    /// `processors: { logs: [ { name: … } ] }`.
    fn processors(&mut self, section: &mut Section, node: &Node) {
        for (signal, list) in self.pairs(node, "`processors`", "its keys are logs, metrics and traces") {
            if !["logs", "metrics", "traces"].iter().any(|known| signal.text.eq_ignore_ascii_case(known)) {
                let message = format!("`{}` has no processors", signal.text);
                self.shape(&signal.span, message, "processors are for logs, metrics or traces");
                continue;
            }
            for element in self.elements(list, &signal.text) {
                let pairs = self.pairs(element, "a processor", "write `- name: …`");
                let inner = self.section(SectionKind::Processor, element, pairs);
                section.processors.push(Processor { signal: signal.clone(), section: inner });
            }
        }
    }
}

fn entry(key: Text, value: Value) -> Entry {
    Entry { name: lookup_name(&key.text), key, value }
}

/// Any node as a value.
fn value(node: &Node) -> Value {
    let pair = |(key, inner): &(Node, Node)| {
        let text = match &key.content {
            Content::Scalar(text) => text.clone(),
            _ => String::new(),
        };
        entry(Text { text, span: key.span.clone() }, value(inner))
    };
    match &node.content {
        Content::Scalar(text) => Value::Text(Text { text: text.clone(), span: node.span.clone() }),
        Content::List(list) => Value::List(list.iter().map(value).collect(), node.span.clone()),
        Content::Map(pairs) => Value::Map(pairs.iter().map(pair).collect(), node.span.clone()),
    }
}

/// `totalLimitSize` is `total_limit_size`, unless there is a `_` in it already or it begins with a capital.
fn lookup_name(key: &str) -> String {
    if !key.starts_with(|c: char| c.is_ascii_lowercase()) || key.contains('_') {
        return key.to_lowercase();
    }
    let mut name = String::with_capacity(key.len() + 4);
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        read(text, 0).faults.into_iter().map(|fault| format!("{}: {}", &text[fault.span], fault.message)).collect()
    }

    #[test]
    fn sections_keys_values_and_their_places() {
        let text = "service:\n  flush: 1\npipeline:\n  inputs:\n    - name: tail\n      Tag: é\n      storage.type: >-\n        filesystem\n  \
                    outputs:\n    - {name: s3, totalFileSize: 5M, match: '*'}\n";
        let document = read(text, 0);
        assert_eq!(document.faults, []);
        let all: Vec<_> = document.sections().flat_map(|section| &section.entries).collect();
        let shown: Vec<_> = all.iter().map(|entry| format!("{}={}", entry.name, entry.text().unwrap().text)).collect();
        let expected =
            ["flush=1", "name=tail", "tag=é", "storage.type=filesystem", "name=s3", "total_file_size=5M", "match=*"];
        assert_eq!(shown, expected);
        let places: Vec<_> = all.iter().map(|entry| &text[entry.value.span().clone()]).collect();
        assert_eq!((places[2], places[5], places[6]), ("é", "5M", "'*'"));
        assert_eq!(&text[all[4].key.span.clone()], "name");
    }

    #[test]
    fn lists_and_processors() {
        let text = "pipeline:\n  inputs:\n    - name: dummy\n      processors:\n        logs:\n          - name: content_modifier\n            \
                    rules: [{a: 1}]\n  filters:\n    - name: grep\n      regex: [a b, c d]\n";
        let document = read(text, 0);
        assert_eq!(document.faults, []);
        let sections: Vec<_> = document.sections().collect();
        assert_eq!(sections[0].processors[0].section.plugin().unwrap().text, "content_modifier");
        assert_eq!(sections[1].get("regex").unwrap().texts().len(), 2);
    }

    #[test]
    fn several_documents_and_pipelines() {
        let text = "pipeline:\n  inputs:\n    - name: a\n---\npipeline:\n  outputs:\n    - name: b\npipeline:\n  outputs:\n    - name: c\n";
        assert_eq!(faults(text), [] as [&str; 0]);
        assert_eq!(read(text, 0).sections().count(), 3);
    }

    #[test]
    fn variables_and_includes() {
        let text = "env:\n  a: 1\nincludes:\n  - x*.yaml\n---\nenv:\n  - name: b\n    value: 2\n  - c: 3\n";
        let document = read(text, 0);
        let variables: Vec<_> = document
            .variables
            .iter()
            .map(|variable| format!("{}={}", variable.name.text, variable.value.text))
            .collect();
        assert_eq!((document.faults.len(), variables.join(" ")), (0, "a=1 b=2 c=3".to_string()));
        assert!(matches!(&document.items[0], Item::Include(path) if path.text == "x*.yaml"));
    }

    #[test]
    fn what_fluent_bit_refuses_is_told() {
        assert_eq!(faults("- a\n"), ["- a\n: a configuration is a map"]);
        assert_eq!(faults("pipeline:\n  input:\n    - a: b\n"), ["input: `input` is no part of a pipeline"]);
        assert_eq!(faults("service: {}\nservice: {}\n"), ["service: a second `service`: Fluent Bit refuses it"]);
        assert_eq!(faults("pipeline:\n  outputs: {}\n"), ["{}: `outputs` is a list"]);
        assert_eq!(faults("includes: x\n"), ["x: `includes` is a list"]);
        assert_eq!(faults("service:\n  a: [b]\n"), ["[b]: the value of `a` is a plain text"]);
        assert_eq!(faults("a: &x b\nc: *x\n"), ["*x: this is no YAML: Fluent Bit takes no aliases"]);
        assert_eq!(faults("a: [b\n").len(), 1);
        assert_eq!(faults(&"[".repeat(5000)).len(), 1);
    }

    #[test]
    fn camel_case_is_translated() {
        let names = ["retryLimit", "Retry_Limit", "RetryLimit", "storage.type", "log_Key"].map(lookup_name);
        assert_eq!(names, ["retry_limit", "retry_limit", "retrylimit", "storage.type", "log_key"]);
    }
}
