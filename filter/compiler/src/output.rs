//! The fields that a pattern writes, in the order of the table of fields.
use super::{Fault, fields, names::Names};
use crate::spec;
use firelens_filter::program::{Emit, FieldId, Kind, Mask, Output};

/// The field of values that have to be read but that nobody asks for, since another one says the same.
pub(crate) const UNUSED: &str = "_";

/// Begins the name of a user's field that is read and not written: it is hidden where the line itself is kept.
pub(crate) const HIDDEN: char = '*';

/// Numbers names, and collects the outputs of one pattern after the other.
pub(crate) struct Outputs {
    pub(crate) names: Names,
    preset: spec::Names,
    kind: Kind,
    /// Outputs with their place in the table of fields.
    list: Vec<(usize, Output)>,
    /// The fields of all patterns.
    written: Vec<FieldId>,
}

impl Outputs {
    pub(crate) fn new(preset: spec::Names) -> Outputs {
        Outputs { names: Names::default(), preset, kind: Kind::Access, list: Vec::new(), written: Vec::new() }
    }

    /// The number of a name.
    pub(crate) fn id(&mut self, name: &str) -> FieldId {
        self.names.id(name)
    }

    /// Begins a pattern for lines of this kind.
    pub(crate) fn start(&mut self, kind: Kind) {
        self.kind = kind;
        self.list.clear();
    }

    /// Adds a field, once.
    pub(crate) fn add(&mut self, name: &str, emit: Emit) {
        self.add_named(name, emit, None, name);
    }

    /// Adds a field, once; `otel` is its name in that preset if the table has none, and `base` the name that it would have by
    /// itself, which tells how it is masked.
    pub(crate) fn add_named(&mut self, name: &str, emit: Emit, otel: Option<&str>, base: &str) {
        let field = self.names.id(name);
        if let Some((_, output)) = self.list.iter().find(|(_, output)| output.field == field) {
            debug_assert_eq!(output.emit, emit, "`{name}` is written in one way only");
            return;
        }
        if !self.written.contains(&field) {
            self.written.push(field);
        }
        let rows = fields::fields();
        let row = |name: &str| rows.iter().position(|row| row.name == name && row.kinds.contains(&self.kind));
        let at = row(name);
        let printed = match (at, self.preset, otel) {
            (Some(at), preset, _) => rows[at].printed(preset),
            (None, spec::Names::Otel, Some(otel)) => otel,
            _ => name,
        };
        let mask = match at.or_else(|| row(base)) {
            Some(at) => rows[at].mask,
            None if matches!(emit, Emit::Value | Emit::Message) => family_mask(name),
            None => Mask::None,
        };
        let output = Output { field, key: format!(",{}:", json_string(printed)), emit, mask };
        self.list.push((at.unwrap_or(rows.len()), output));
    }

    /// The names of all fields that were added, in any pattern.
    pub(crate) fn written(&self) -> Vec<String> {
        self.written.iter().map(|field| self.names.get(*field).to_string()).collect()
    }

    /// Forgets that fields were added since there were `count`: they are not the only ones of their names.
    pub(crate) fn forget_written(&mut self, count: usize) {
        self.written.truncate(count);
    }

    /// The outputs of the pattern.
    pub(crate) fn finish(&mut self) -> Result<Vec<Output>, Fault> {
        let mut list = std::mem::take(&mut self.list);
        list.sort_by_key(|(at, _)| *at);
        for (at, (_, output)) in list.iter().enumerate() {
            if let Some((_, other)) = list[..at].iter().find(|(_, other)| other.key == output.key) {
                let [one, two] = [other, output].map(|output| self.names.get(output.field));
                return Err(Fault::new(format!("the fields `{one}` and `{two}` would both be printed as {}", {
                    output.key.trim_matches([',', ':'])
                }))
                .help("take one of them out of the format, or use `fields = \"plain\"`"));
            }
        }
        Ok(list.into_iter().map(|(_, output)| output).collect())
    }
}

/// What privacy settings do to a field of an arbitrary name.
pub(crate) fn family_mask(name: &str) -> Mask {
    const ADDRESSES: [&str; 6] = ["forwarded", "client_ip", "real_ip", "remote_addr", "connecting_ip", "server_addr"];
    const USERS: [&str; 3] = ["remote_user", "ssl_client_s_dn", "subjectdn"];
    if ADDRESSES.iter().any(|part| name.contains(part)) {
        Mask::Address
    } else if USERS.iter().any(|part| name.contains(part)) {
        Mask::User
    } else if name.contains("query_string") {
        Mask::Query
    } else {
        Mask::FreeText
    }
}

/// A JSON string.
pub(crate) fn json_string(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if u32::from(c) < 0x20 => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(preset: spec::Names) -> Vec<String> {
        let mut outputs = Outputs::new(preset);
        outputs.start(Kind::Access);
        outputs.add_named("x_foo", Emit::Value, Some("http.request.header.x-foo"), "x_foo");
        ["status", "client", "time", "client"].iter().for_each(|name| outputs.add(name, Emit::Value));
        outputs.finish().unwrap().into_iter().map(|output| output.key).collect()
    }

    #[test]
    fn known_fields_come_first_and_presets_rename() {
        assert_eq!(keys(spec::Names::Plain), [",\"time\":", ",\"client\":", ",\"status\":", ",\"x_foo\":"]);
        assert_eq!(keys(spec::Names::Apache2), [",\"time\":", ",\"host\":", ",\"code\":", ",\"x_foo\":"]);
        assert_eq!(keys(spec::Names::Otel)[1..2], [",\"client.address\":"]);
        assert_eq!(keys(spec::Names::Otel)[3], ",\"http.request.header.x-foo\":");
    }

    #[test]
    fn the_same_printed_name_twice_is_a_fault() {
        let mut outputs = Outputs::new(spec::Names::Apache2);
        outputs.start(Kind::Access);
        outputs.add("client", Emit::Value);
        outputs.add("http_host", Emit::Value);
        outputs.add("host", Emit::Value);
        let fault = outputs.finish().unwrap_err();
        assert!(fault.message.contains("`host` and `http_host`"), "{}", fault.message);
    }

    #[test]
    fn json_strings() {
        assert_eq!(json_string("a\"\\\n\u{1}é"), "\"a\\\"\\\\\\n\\u0001é\"");
    }
}
