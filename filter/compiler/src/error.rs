//! From an ErrorLogFormat to a pattern.
use super::{
    Fault,
    error_values::{Printed, printed},
    errorlogformat::{self, Item},
    output::{HIDDEN, Outputs, UNUSED, family_mask},
    pattern::{Shape, Target},
    strftime::{self, Piece},
    writer::Writer,
};
use firelens_filter::program::{Kind, Mask, Pattern, TimePart};
use std::ops::Range;

/// The most items that an ErrorLogFormat can have.
const MOST_ITEMS: usize = 300;

/// A format with so many combinations of optional parts is not read any more.
const MOST_STEPS: usize = 600;

/// A part of a line.
#[derive(Debug, Clone)]
enum Node {
    Item(Printed, String, Range<usize>),
    /// The first list, or else the second one.
    Optional(Vec<Node>, Vec<Node>),
}

/// Compiles an ErrorLogFormat.
///
/// Where a value that can hold what ends it stands in front of the message, a message with httpd's number comes first: it
/// tells where the value ends.
pub(crate) fn compile(format: &str, out: &mut Outputs) -> Result<Vec<Pattern>, Vec<Fault>> {
    let items = errorlogformat::parse(format)?;
    if items.len() > MOST_ITEMS {
        return Err(vec![Fault::new("the ErrorLogFormat is too long").help("leave out what nobody needs")]);
    }
    let values = values(&items)?;
    check(format, &items, &values).map_err(|fault| vec![fault])?;
    let with_message = values.contains(&Printed::Message);
    let before = values.iter().take_while(|value| **value != Printed::Message);
    let ends_at_a_blank = |at: usize| matches!(values.get(at + 1), Some(Printed::Text(text)) if text.starts_with(b" "));
    let open = with_message
        && before.enumerate().any(|(at, value)| match value {
            Printed::Value { shape: Shape::Text, .. } => true,
            // The text of an error has blanks itself.
            Printed::Errno => ends_at_a_blank(at),
            _ => false,
        });
    let nodes = fields(&items, values, with_message);
    let mut patterns = Vec::new();
    for coded in [true, false].into_iter().filter(|coded| open || !coded) {
        let mut writer = Writer::new(Kind::Error, out);
        writer.coded_message = coded;
        let end = writer.builder.target();
        write(&mut writer, &nodes, None, end).map_err(|fault| vec![fault])?;
        writer.builder.here(end);
        patterns.push(writer.finish().map_err(|fault| vec![fault])?);
    }
    Ok(patterns)
}

/// What the items print; a field that was there already is not written again.
fn values(items: &[Item]) -> Result<Vec<Printed>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut values: Vec<Printed> = Vec::new();
    let mut seen: Vec<(String, &errorlogformat::Kind)> = Vec::new();
    for item in items {
        let mut value = match printed(item) {
            Ok(value) => value,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        if let Printed::Value { name, .. } = &mut value {
            *name = unique(name, &item.kind, &seen);
            seen.push((name.clone(), &item.kind));
        }
        if matches!(value, Printed::Address(..)) && values.contains(&value) {
            value = Printed::Address(UNUSED, UNUSED);
        }
        values.push(value);
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

/// The name for a value: one that prints the same as another one is not needed, and others get a number.
fn unique(name: &str, kind: &errorlogformat::Kind, seen: &[(String, &errorlogformat::Kind)]) -> String {
    if seen.iter().any(|(_, other)| *other == kind) {
        // Users are hidden wherever they stand.
        let is_user = family_mask(name) == Mask::User;
        return if is_user { format!("{HIDDEN}{}", seen.len()) } else { UNUSED.to_string() };
    }
    let taken = |name: &str| seen.iter().any(|(other, _)| other == name);
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    std::iter::once(name.to_string()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// What httpd would not accept, and what makes no sense.
fn check(format: &str, items: &[Item], values: &[Printed]) -> Result<(), Fault> {
    if format.trim().is_empty() {
        return Err(Fault::new("the ErrorLogFormat is empty").help("leave it out for httpd's default layouts"));
    }
    if values.iter().all(|value| matches!(value, Printed::Text(_))) {
        return Err(Fault::new("the ErrorLogFormat prints no value").help("it needs directives such as `%M`"));
    }
    let time = |value: &Printed| match value {
        Printed::Time(pieces) => !strftime::is_whole(&parts(pieces)),
        _ => false,
    };
    if let Some(at) = values.iter().position(time) {
        return Err(Fault::new("this time has no date").at(items[at].span.clone()).help("add one, as in `%{%F %T}t`"));
    }
    let Some(message) = values.iter().position(|value| *value == Printed::Message) else { return Ok(()) };
    if let Some(again) = values[message + 1..].iter().position(|value| *value == Printed::Message) {
        return Err(Fault::new("`%M` stands here a second time").at(items[message + 1 + again].span.clone()));
    }
    if let Some(item) = items.iter().find(|item| item.required) {
        return Err(Fault::new("httpd allows `+` only in formats for `request` and `connection`, without `%M`")
            .at(item.span.clone())
            .help("leave the `+` out"));
    }
    Ok(())
}

fn parts(pieces: &[Piece]) -> Vec<TimePart> {
    let part = |piece: &Piece| match piece {
        Piece::Part(part) => Some(*part),
        Piece::Text(_) => None,
    };
    pieces.iter().filter_map(part).collect()
}

/// Groups the items into fields, each of which is missing as a whole when one of its items is.
fn fields(items: &[Item], values: Vec<Printed>, with_message: bool) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut field = Vec::new();
    for (item, value) in items.iter().zip(values) {
        if item.separator {
            finish_field(std::mem::take(&mut field), with_message, &mut nodes);
        }
        field.push((item, value));
    }
    finish_field(field, with_message, &mut nodes);
    nodes
}

fn finish_field(field: Vec<(&Item, Printed)>, with_message: bool, nodes: &mut Vec<Node>) {
    let missing = field.iter().position(|(item, value)| can_be_missing(item, value, with_message));
    let message = field.iter().position(|(_, value)| *value == Printed::Message);
    let whole: Vec<Node> = field.into_iter().map(|(item, value)| node(item, value)).collect();
    match (missing, message) {
        (None, _) => nodes.extend(whole),
        // The message is printed whatever else is missing in front of it.
        (Some(missing), Some(message)) if missing < message => {
            let rest = vec![whole[message].clone()];
            nodes.push(Node::Optional(whole, rest));
        }
        _ => nodes.push(Node::Optional(whole, Vec::new())),
    }
}

fn node(item: &Item, value: Printed) -> Node {
    let in_parts = matches!(value, Printed::Errno | Printed::SourceLine);
    let node = Node::Item(value, item.label.clone(), item.span.clone());
    if in_parts && item.hyphen {
        let hyphen = Node::Item(Printed::Text(b"-".to_vec()), item.label.clone(), item.span.clone());
        return Node::Optional(vec![node], vec![hyphen]);
    }
    node
}

/// Whether httpd can have nothing to print for an item.
fn can_be_missing(item: &Item, value: &Printed, with_message: bool) -> bool {
    let always = match value {
        Printed::Text(_) | Printed::Message | Printed::Time(_) => true,
        Printed::Value { name, .. } => name == "pid" || (name == "level" && with_message),
        _ => false,
    };
    item.level > 0 || !(always || item.hyphen || item.required)
}

/// Writes `nodes`, and then goes on at `end`. `open` is the value in front of them, which is not written yet.
fn write(writer: &mut Writer, nodes: &[Node], open: Option<&Node>, end: Target) -> Result<(), Fault> {
    if writer.builder.len() > MOST_STEPS {
        return Err(Fault::new("too many parts of this format can be missing behind values of any text")
            .help("print `-` for what is missing (`%-m`), or put text around values, as in `[%L]`"));
    }
    let Some((first, rest)) = nodes.split_first() else {
        write_open(writer, open);
        writer.builder.jump(end);
        return Ok(());
    };
    match first {
        Node::Item(Printed::Text(text), ..) => {
            write_open(writer, open);
            writer.builder.text(text);
            write(writer, rest, None, end)
        }
        Node::Item(value, label, span) => {
            if let Some(Node::Item(left, left_label, left_span)) = open
                && (left.is_open() || matches!(left, Printed::Value { .. }))
                && !begins_with_text(value)
            {
                return Err(Fault::new(format!(
                    "nothing stands between `{left_label}` and `{label}`, so it cannot be told where the first one ends"
                ))
                .at(left_span.start.min(span.start)..left_span.end.max(span.end))
                .help("put a blank or another separator between them, in httpd's configuration too"));
            }
            write_open(writer, open);
            write(writer, rest, Some(first), end)
        }
        Node::Optional(full, other) => {
            let ends = |list: &[Node]| list.last().is_some_and(|node| ends_open(node, rest));
            if open.is_some_and(|open| ends_open(open, nodes)) || ends(full) || ends(other) {
                return write_apart(writer, full, other, rest, open, end);
            }
            write_open(writer, open);
            let join = writer.builder.target();
            let otherwise = writer.builder.attempt("");
            write(writer, full, None, join)?;
            writer.builder.here(otherwise);
            write(writer, other, None, join)?;
            writer.builder.here(join);
            write(writer, rest, None, end)
        }
    }
}

/// Writes both ways to go on to the end of the line, since where a value ends depends on what follows it.
fn write_apart(
    writer: &mut Writer,
    full: &[Node],
    other: &[Node],
    rest: &[Node],
    open: Option<&Node>,
    end: Target,
) -> Result<(), Fault> {
    let otherwise = writer.builder.attempt("");
    write(writer, &[full, rest].concat(), open, end)?;
    writer.builder.here(otherwise);
    write(writer, &[other, rest].concat(), open, end)
}

fn write_open(writer: &mut Writer, open: Option<&Node>) {
    if let Some(Node::Item(value, label, _)) = open {
        writer.write(value, label);
    }
}

fn begins_with_text(value: &Printed) -> bool {
    matches!(value, Printed::Errno)
        || matches!(value, Printed::Time(pieces) if matches!(pieces.first(), Some(Piece::Text(_))))
}

/// Whether where the node ends depends on which of the ways through `rest` the line takes.
fn ends_open(node: &Node, rest: &[Node]) -> bool {
    match node {
        Node::Item(value, ..) => value.is_open() && !(value.has_no_blanks() && blank_follows(rest)),
        Node::Optional(full, other) => {
            [full, other].into_iter().filter_map(|list| list.last()).any(|node| ends_open(node, rest))
        }
    }
}

/// Whether a blank or the end of the line comes next, whatever is missing.
fn blank_follows(nodes: &[Node]) -> bool {
    match nodes.split_first() {
        None => true,
        Some((Node::Item(Printed::Text(text), ..), _)) => text.starts_with(b" "),
        Some((Node::Item(..), _)) => false,
        Some((Node::Optional(full, other), rest)) => {
            let follows = |list: &[Node]| if list.is_empty() { blank_follows(rest) } else { blank_follows(list) };
            follows(full) && follows(other)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Names;

    fn compiled(format: &str) -> Result<Pattern, Vec<Fault>> {
        compile(format, &mut Outputs::new(Names::Plain)).map(|mut patterns| patterns.pop().unwrap())
    }

    fn keys(format: &str) -> String {
        let outputs = compiled(format).unwrap().outputs;
        outputs.iter().map(|output| output.key.trim_matches([',', ':', '"'])).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_layouts_of_the_manual() {
        assert_eq!(
            keys(r"[%{u}t] [%-m:%l] [pid %P:tid %T] %7F: %E: [client\ %a] %M% ,\ referer\ %{Referer}i"),
            "time level module client client_port referer pid tid source_file source_line errno errno_kind errno_text code message"
        );
        assert_eq!(
            keys("[%{uc}t] [%-m:%-l] [R:%L] [C:%{C}L] %7F: %E: %M"),
            "time level module log_id conn_log_id source_file source_line errno errno_kind errno_text code message"
        );
        assert_eq!(keys("[%{uc}t] [R:%L] UA:'%+{User-Agent}i'"), "time user_agent log_id");
        assert_eq!(
            keys("[%{uc}t] [R:%L] Request %k on C:%{c}L pid:%P tid:%T"),
            "time keepalives log_id conn_log_id pid tid"
        );
    }

    #[test]
    fn a_message_is_one_op_for_each_way_to_go_on() {
        use firelens_filter::program::{Literal, Op};
        let pattern = compiled(r"%M% ,\ referer\ %{Referer}i").unwrap();
        let then = Literal::new(b", referer ");
        assert!(
            matches!(&pattern.ops[..], [
                Op::Try { otherwise: 4, .. },
                Op::Text { then: first, .. },
                Op::Text { .. },
                Op::End,
                Op::Text { .. },
                Op::End
            ] if *first == then),
            "{:?}",
            pattern.ops
        );
    }

    #[test]
    fn values_without_blanks_end_at_blanks() {
        let pattern = compiled("%{cu}t %m %l %P %T %a %{c}a %A %L %{c}L %M").unwrap();
        assert!(pattern.ops.len() < 60, "{}", pattern.ops.len());
    }

    #[test]
    fn the_same_directive_twice() {
        assert_eq!(keys("%T %{g}T %T %M"), "tid code message tid_2");
        assert_eq!(keys("%a %a %{c}a %M"), "client client_port peer peer_port code message");
    }

    #[test]
    fn faults() {
        for (format, message) in [
            ("", "is empty"),
            ("[error]", "no value"),
            ("%M%a", "`%M` and `%a`"),
            ("%M %M", "second time"),
            ("%+m %M", "`+`"),
            ("%{%H}t %M", "no date"),
            ("%{%H}t %P", "no date"),
            ("%x %M", "`%x`"),
            ("%M %i{a} %v", "which one"),
            ("%M %v %V %{a}i %{b}i %{c}i %{d}i %{e}i %{f}i", "too many"),
        ] {
            let faults = compiled(format).unwrap_err();
            assert!(faults[0].message.contains(message), "{format}: {}", faults[0].message);
        }
    }
}
