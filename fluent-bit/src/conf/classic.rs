//! The classic format: `src/config_format/flb_cf_fluentbit.c`, line by line, with its quirks.
use super::{Document, Entry, Group, Item, Section, SectionKind, Sort, Span, Syntax, Text, Value, Variable};

/// Reads a text.
pub(super) fn read(text: &str, file: usize) -> Document {
    let mut reader =
        Reader { file, document: Document::new(Syntax::Classic), indent: None, in_group: false, told: false };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        reader.line(content, at);
        at += line.len();
    }
    reader.document
}

struct Reader {
    file: usize,
    document: Document,
    /// The blanks before the file's first key; every key has them.
    indent: Option<String>,
    in_group: bool,
    /// Wrong indentation was told for this section.
    told: bool,
}

const INDENT: &str = "give every key of the file the same blanks, four spaces say";

impl Reader {
    fn line(&mut self, line: &str, at: usize) {
        let whole = at..at + line.len();
        match line.as_bytes() {
            [] | [b'#', ..] => {}
            bytes if bytes.contains(&0) => {
                self.document.fault(Sort::Syntax, whole, "a NUL byte ends the line for Fluent Bit", "take it away");
            }
            [b'@', ..] if line.len() > 9 && line[..9.min(floor(line, 9))].eq_ignore_ascii_case("@include ") => {
                let path = Text { text: line[9..].to_string(), span: at + 9..whole.end };
                self.document.items.push(Item::Include(path));
            }
            [b'@', ..] if line.len() > 3 => self.command(line, at),
            [b'[', ..] => self.header(line, at),
            _ => self.property(line, at),
        }
    }

    /// `@SET name=value`. Other commands are passed over by Fluent Bit.
    fn command(&mut self, line: &str, at: usize) {
        let whole = at..at + line.len();
        let Some((command, parameters)) = line.split_once(' ') else {
            let help = "the commands are `@INCLUDE path` and `@SET name=value`";
            return self.document.fault(Sort::Syntax, whole, "a command without a parameter", help);
        };
        let parameters = trim(parameters, at + command.len() + 1);
        let set = command.eq_ignore_ascii_case("@set");
        match parameters.text.split_once('=') {
            Some((name, value)) if set => {
                let middle = parameters.span.start + name.len();
                self.document.variables.push(Variable {
                    name: Text { text: name.to_string(), span: parameters.span.start..middle },
                    value: Text { text: value.to_string(), span: middle + 1..parameters.span.end },
                });
            }
            _ if set => self.document.fault(Sort::Syntax, whole, "this sets nothing", "write @SET name=value"),
            _ => {
                let message = format!("`{command}` is no command: Fluent Bit passes over this line");
                let help = "the commands are `@INCLUDE path` and `@SET name=value`";
                self.document.fault(Sort::Syntax, at..at + command.len(), message, help);
            }
        }
    }

    /// `[INPUT]`; what comes after the bracket does not count.
    fn header(&mut self, line: &str, at: usize) {
        (self.in_group, self.told) = (false, false);
        let Some(end) = line.find(']') else {
            let message = "a section's title ends with `]`";
            return self.document.fault(
                Sort::Syntax,
                at..at + line.len(),
                message,
                "write [INPUT], [FILTER], [OUTPUT] …",
            );
        };
        let title = Text { text: line[1..end].to_string(), span: at + 1..at + end };
        let section = Section::new(kind(&title.text), self.file, title);
        self.document.items.push(Item::Section(section));
    }

    fn property(&mut self, line: &str, at: usize) {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        if self.indent.is_none() && blanks > 0 {
            self.indent = Some(line[..blanks].to_string());
            if blanks == line.len() {
                return;
            }
        }
        let level = self.level(line, blanks, at);
        let content = &line[level..];
        if content.is_empty() || content.starts_with('#') {
            return;
        }
        let start = at + level;
        let Some((key, value)) = content.split_once(' ') else {
            if content.starts_with('[') {
                let help = "take the blanks before it away";
                let span = start..start + content.trim_end().len();
                return self.document.fault(Sort::Syntax, span, "a section's title begins in the first column", help);
            }
            let help = "one space (no tab) stands between a key and its value";
            let key = content.split(char::is_whitespace).next().unwrap_or_default();
            let message = format!("the key `{key}` has no value");
            return self.document.fault(Sort::Syntax, start..start + content.trim_end().len(), message, help);
        };
        if key.starts_with('[') {
            return self.group(content, start);
        }
        let entry_key = trim(key, start);
        let value = trim(value, start + key.len() + 1);
        if value.text.is_empty() {
            let message = format!("the key `{}` has no value", entry_key.text);
            return self.document.fault(Sort::Syntax, entry_key.span, message, "write a value, or take the key away");
        }
        self.add(Entry { name: entry_key.text.to_lowercase(), key: entry_key, value: Value::Text(value) });
    }

    /// How many bytes stand before the key. Fluent Bit compares every line with the first indented one; blank lines and
    /// comments too.
    fn level(&mut self, line: &str, blanks: usize, at: usize) -> usize {
        let indent = self.indent.clone().unwrap_or_default();
        if blanks == 0 {
            let help = "Fluent Bit knows keys by the blanks before them; write four spaces before each";
            self.wrong_indent(at..at + line.len(), "a key that is not indented", help);
            return 0;
        }
        let Some(rest) = line[..blanks].strip_prefix(indent.as_str()) else {
            let common = line.bytes().zip(indent.bytes()).take_while(|(a, b)| a == b).count();
            let message = match common < blanks {
                true => "tabs and spaces are mixed before this key",
                false => "fewer blanks than before the keys above",
            };
            self.wrong_indent(at..at + blanks, message, INDENT);
            return blanks;
        };
        if rest.is_empty() {
            self.in_group = false;
        } else if rest.len() != indent.len() {
            self.wrong_indent(at..at + blanks, "more blanks than before the keys above", INDENT);
        }
        blanks
    }

    /// Told once a section: the lines that follow are mostly of the same sort.
    fn wrong_indent(&mut self, span: Span, message: &str, help: &str) {
        if !std::mem::replace(&mut self.told, true) {
            self.document.fault(Sort::Indentation, span, message, help);
        }
    }

    /// `[name]` with blanks before it.
    fn group(&mut self, content: &str, start: usize) {
        let whole = start..start + content.trim_end().len();
        let Some(end) = content.find(']') else {
            return self.document.fault(Sort::Syntax, whole, "a group's title ends with `]`", "");
        };
        let title = Text { text: content[1..end].to_string(), span: start + 1..start + end };
        match self.section() {
            Some(section) => section.groups.push(Group { title, entries: Vec::new() }),
            None => return self.document.fault(Sort::Syntax, whole, "a group outside of any section", ""),
        }
        self.in_group = true;
    }

    fn add(&mut self, entry: Entry) {
        let in_group = self.in_group;
        let span = entry.key.span.clone();
        let Some(section) = self.section() else {
            let help = "a file that is included begins with a section's title as well";
            return self.document.fault(Sort::Syntax, span, "a key before the first section", help);
        };
        match section.groups.last_mut().filter(|_| in_group) {
            Some(group) => group.entries.push(entry),
            None => section.entries.push(entry),
        }
    }

    /// The section that keys go to: the last title of this file.
    fn section(&mut self) -> Option<&mut Section> {
        self.document.items.iter_mut().rev().find_map(|item| match item {
            Item::Section(section) => Some(section),
            Item::Include(_) => None,
        })
    }
}

/// Fluent Bit compares as many letters as the title has, so `[IN]` is an input as well.
fn kind(title: &str) -> SectionKind {
    let kinds = [
        ("service", SectionKind::Service),
        ("parser", SectionKind::Parser),
        ("multiline_parser", SectionKind::MultilineParser),
        ("stream_processor", SectionKind::StreamProcessor),
        ("plugins", SectionKind::Plugins),
        ("upstream_servers", SectionKind::UpstreamServers),
        ("customs", SectionKind::Custom),
        ("inputs", SectionKind::Input),
        ("filters", SectionKind::Filter),
        ("outputs", SectionKind::Output),
    ];
    let title = title.to_lowercase();
    if title == "stream_task" {
        return SectionKind::StreamProcessor;
    }
    let found = kinds.into_iter().find(|(name, _)| !title.is_empty() && name.starts_with(&title));
    found.map_or(SectionKind::Other, |(_, kind)| kind)
}

/// Without the blanks around it.
fn trim(text: &str, at: usize) -> Text {
    let blank = |c: char| c.is_ascii_whitespace() || c == '\u{b}';
    let start = at + text.len() - text.trim_start_matches(blank).len();
    let text = text.trim_matches(blank);
    Text { text: text.to_string(), span: start..start + text.len() }
}

/// The nearest border of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        read(text, 0).faults.into_iter().map(|fault| format!("{}: {}", &text[fault.span], fault.message)).collect()
    }

    fn entries(text: &str) -> Vec<String> {
        let document = read(text, 0);
        assert_eq!(document.faults, []);
        let section = |section: &Section| {
            let of = |entry: &Entry| format!("{:?}.{}={}", section.kind, entry.name, entry.text().unwrap().text);
            section.entries.iter().map(of).collect::<Vec<_>>()
        };
        document.sections().flat_map(section).collect()
    }

    #[test]
    fn keys_values_and_their_places() {
        let text = "# comment\r\n[OUTPUT]\r\n    Name  cloudwatch_logs  \r\n    # comment\r\n\r\n    Match *\r\n";
        assert_eq!(entries(text), ["Output.name=cloudwatch_logs", "Output.match=*"]);
        let document = read(text, 0);
        let entry = document.sections().next().unwrap().get("name").unwrap();
        assert_eq!((&text[entry.key.span.clone()], &text[entry.value.span().clone()]), ("Name", "cloudwatch_logs"));
    }

    #[test]
    fn the_start_of_a_title_is_enough() {
        assert_eq!(entries("[in]\n a b\n[OUTPUT] x\n a b\n[x]\n a b"), ["Input.a=b", "Output.a=b", "Other.a=b"]);
    }

    #[test]
    fn twice_the_indentation_is_a_group_or_nothing_special() {
        assert_eq!(entries("[INPUT]\n  Name x\n    Tag y\n"), ["Input.name=x", "Input.tag=y"]);
        let document = read("[INPUT]\n  [a b]\n    Tag y\n  Name x\n", 0);
        let section = document.sections().next().unwrap();
        assert_eq!((section.groups[0].entries.len(), section.entries.len()), (1, 1));
    }

    #[test]
    fn indentation_is_that_of_the_first_key() {
        assert_eq!(faults("[INPUT]\n    Name x\n  Tag y\n"), ["  : fewer blanks than before the keys above"]);
        assert_eq!(faults("[INPUT]\n    Name x\n     Tag y\n"), ["     : more blanks than before the keys above"]);
        assert_eq!(faults("[INPUT]\n    Name x\n\tTag y\n"), ["\t: tabs and spaces are mixed before this key"]);
        assert_eq!(faults("[INPUT]\nName x\nTag y\n"), ["Name x: a key that is not indented"]);
        assert_eq!(faults("[INPUT]\n    Name x\n  \n"), ["  : fewer blanks than before the keys above"]);
        assert_eq!(faults("[INPUT]\n    Name x\n  # c\n"), ["  : fewer blanks than before the keys above"]);
    }

    #[test]
    fn what_is_no_property_is_told() {
        assert_eq!(faults("[INPUT\n"), ["[INPUT: a section's title ends with `]`"]);
        assert_eq!(faults("[INPUT]\n    Name\n"), ["Name: the key `Name` has no value"]);
        assert_eq!(faults("[INPUT]\n    Name\tx\n"), ["Name\tx: the key `Name` has no value"]);
        assert_eq!(faults("[INPUT]\n    Name  \n"), ["Name: the key `Name` has no value"]);
        assert_eq!(faults(" [INPUT]\n"), ["[INPUT]: a section's title begins in the first column"]);
        assert_eq!(faults("    Name x\n"), ["Name: a key before the first section"]);
        assert_eq!(faults("@SETX a\n"), ["@SETX: `@SETX` is no command: Fluent Bit passes over this line"]);
        assert_eq!(faults("@SET a\n"), ["@SET a: this sets nothing"]);
    }

    #[test]
    fn commands() {
        let document = read("@SET a=b=c\n@include x.conf \n", 0);
        assert_eq!((document.variables[0].name.text.as_str(), document.variables[0].value.text.as_str()), ("a", "b=c"));
        assert_eq!(document.items, [Item::Include(Text { text: "x.conf ".into(), span: 20..27 })]);
    }
}
