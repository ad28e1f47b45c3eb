//! The values of an error line, and how they are written.
//!
//! <https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat>, server/log.c.
use super::{
    Fault,
    directives::{own_or_prefixed, snake_case},
    errorlogformat::{Item, Kind},
    output::UNUSED,
    pattern::Shape,
    strftime::{self, Piece},
    writer::Writer,
};
use firelens_filter::program::{Emit, Refine, TimePart};

/// What an item prints.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Printed {
    Text(Vec<u8>),
    /// `%M`.
    Message,
    /// `(2)No such file or directory`.
    Errno,
    /// `mod_cgid.c(123)`.
    SourceLine,
    /// `127.0.0.1:4711`, into an address and a port.
    Address(&'static str, &'static str),
    Time(Vec<Piece>),
    Value {
        name: String,
        shape: Shape,
        emit: Emit,
    },
}

/// All letters, for errors.
const LETTERS: &str = "aAeEFiklLmMnPTtvV";

/// What an item prints.
pub(crate) fn printed(item: &Item) -> Result<Printed, Fault> {
    let (letter, arg) = match &item.kind {
        Kind::Text(text) => return Ok(Printed::Text(text.clone())),
        Kind::Directive(letter, arg) => (*letter, arg.as_str()),
    };
    let value = |name: &str, shape, emit| Printed::Value { name: name.to_string(), shape, emit };
    // What is missing is not printed, so that a `-` is a value, unless the format asks for it.
    let text = |name: &str| value(name, Shape::Text, if item.hyphen { Emit::Value } else { Emit::Message });
    Ok(match (letter, arg) {
        ('M', _) => Printed::Message,
        ('E', _) => Printed::Errno,
        ('F', _) => Printed::SourceLine,
        ('a', "c") => Printed::Address("peer", "peer_port"),
        ('a', _) => Printed::Address("client", "client_port"),
        ('A', _) => Printed::Address("server_ip", "local_port"),
        ('t', _) => Printed::Time(time(arg).map_err(|fault| Fault { span: Some(item.span.clone()), ..fault })?),
        ('l', _) => value("level", Shape::Token, Emit::Lower),
        ('m', _) => value("module", Shape::Token, Emit::Value),
        ('k', _) => value("keepalives", Shape::Number, Emit::Number),
        ('P', _) => value("pid", Shape::Number, Emit::Number),
        ('T', _) => value("tid", Shape::Number, Emit::Number),
        ('L', "c" | "C") => value("conn_log_id", Shape::Token, Emit::Value),
        ('L', _) => value("log_id", Shape::Token, Emit::Value),
        ('v', _) => value("vhost", Shape::Bare, Emit::Value),
        ('V', _) => value("server_name", Shape::Bare, Emit::Value),
        ('i' | 'e' | 'n', "") => {
            return Err(Fault::new(format!("`%{letter}` has to say which one"))
                .at(item.span.clone())
                .help(format!("write its name, as in `%{{Referer}}{letter}`")));
        }
        ('i', _) => text(&own_or_prefixed("req_", &snake_case(arg))),
        ('e', _) => text(&format!("env_{}", snake_case(arg))),
        ('n', _) => text(&format!("note_{}", snake_case(arg))),
        _ => return Err(unknown(letter, item)),
    })
}

fn unknown(letter: char, item: &Item) -> Fault {
    let help = match LETTERS.chars().find(|known| known.eq_ignore_ascii_case(&letter)) {
        Some(other) => format!("there is `%{other}`; for a percent sign write `%%`"),
        None => "<https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat>".to_string(),
    };
    Fault::new(format!("httpd has no ErrorLogFormat directive `%{letter}`")).at(item.span.clone()).help(help)
}

/// `%t`, `%{cuz}t`, `%{…}t` as strftime has it.
fn time(arg: &str) -> Result<Vec<Piece>, Fault> {
    if arg.contains('%') {
        return strftime::pieces(arg);
    }
    let has = |option| arg.contains(option);
    let mut pieces = strftime::pieces(if has('c') { "%Y-%m-%d %H:%M:%S" } else { "%a %b %d %H:%M:%S" })?;
    if has('u') {
        pieces.extend([Piece::Text(b".".to_vec()), Piece::Part(TimePart::Fraction(6))]);
    }
    if !has('c') {
        pieces.extend([Piece::Text(b" ".to_vec()), Piece::Part(TimePart::Year)]);
    }
    if has('z') {
        pieces.extend([Piece::Text(b" ".to_vec()), Piece::Part(TimePart::Zone)]);
    }
    Ok(pieces)
}

impl Printed {
    /// Where it ends depends on what follows.
    pub(crate) fn is_open(&self) -> bool {
        match self {
            Printed::Text(_) | Printed::SourceLine => false,
            Printed::Message | Printed::Errno | Printed::Address(..) => true,
            Printed::Time(pieces) => match pieces.last() {
                Some(Piece::Part(part)) => !Shape::Time { part: *part, set: 0 }.ends_by_itself(),
                _ => false,
            },
            Printed::Value { shape, .. } => !matches!(shape, Shape::Number),
        }
    }

    /// A blank ends it.
    pub(crate) fn has_no_blanks(&self) -> bool {
        matches!(self, Printed::Address(..) | Printed::Value { shape: Shape::Token, .. })
    }
}

impl Writer<'_> {
    pub(crate) fn message(&mut self) {
        if self.coded_message {
            self.value("code", Shape::Code, Emit::Value, "%M");
            self.text(": ");
            return self.value("message", Shape::Text, Emit::Message, "%M");
        }
        self.value("message", Shape::Text, Emit::Message, "%M");
        let [from, code] = ["message", "code"].map(|name| self.out.id(name));
        self.out.add("code", Emit::Value);
        self.refine_once(Refine::Code { from, code });
    }

    /// `(2)text`, `(EAI 2)text`, `(OS 2)text`; what ends the text has to follow.
    pub(crate) fn errno(&mut self) {
        self.text("(");
        self.optional("%E", |line| {
            line.value("errno_kind", Shape::words(&["EAI", "OS"]), Emit::Value, "%E");
            line.text(" ");
        });
        self.value("errno", Shape::Number, Emit::Number, "%E");
        self.text(")");
        self.value("errno_text", Shape::Bare, Emit::Value, "%E");
    }

    /// `file.c(123)`.
    pub(crate) fn source_line(&mut self) {
        self.value("source_file", Shape::Token, Emit::Value, "%F");
        self.text("(");
        self.value("source_line", Shape::Number, Emit::Number, "%F");
        self.text(")");
    }

    pub(crate) fn address(&mut self, address: &str, port: &str, label: &str) {
        self.value(address, Shape::Token, Emit::Value, label);
        let (from, port_id) = (self.out.id(address), self.out.id(port));
        if address != UNUSED {
            self.out.add(port, Emit::Number);
            self.refine_once(Refine::Address { from, port: port_id });
        }
    }

    /// The time as `%{arg}t` prints it.
    pub(crate) fn ctime(&mut self, arg: &str) {
        self.time(&time(arg).expect("httpd's own formats can be read"), 0, "%t");
        self.out.add("time", Emit::Time(0));
    }

    pub(crate) fn write(&mut self, printed: &Printed, label: &str) {
        match printed {
            Printed::Text(text) => self.builder.text(text),
            Printed::Message => self.message(),
            Printed::Errno => self.errno(),
            Printed::SourceLine => self.source_line(),
            Printed::Address(address, port) => self.address(address, port, label),
            Printed::Time(pieces) => {
                self.time(pieces, 0, label);
                self.out.add("time", Emit::Time(0));
            }
            Printed::Value { name, shape, emit } => self.value(name, shape.clone(), *emit, label),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errorlogformat::parse;

    fn of(format: &str) -> Result<Printed, Fault> {
        printed(&parse(format).unwrap()[0])
    }

    #[test]
    fn every_letter_prints_something() {
        for letter in LETTERS.chars() {
            assert!(of(&format!("%{{c}}{letter}")).is_ok(), "{letter}");
        }
    }

    #[test]
    fn times() {
        let parts = |format| match of(format).unwrap() {
            Printed::Time(pieces) => pieces.into_iter().filter(|piece| matches!(piece, Piece::Part(_))).count(),
            other => panic!("{other:?}"),
        };
        assert_eq!([parts("%t"), parts("%{u}t"), parts("%{c}t"), parts("%{cuz}t"), parts("%{%F}t")], [7, 8, 6, 8, 3]);
    }

    #[test]
    fn faults_say_the_mend() {
        for (format, help) in [("%i", "`%{Referer}i`"), ("%p", "`%P`"), ("%{%Q}t", "no such"), ("%x", "errorlogformat")]
        {
            let fault = of(format).unwrap_err();
            assert!(fault.span.is_some(), "{format}");
            assert!(fault.help.unwrap().contains(help), "{format}");
        }
    }
}
