//! Thruster's request lines: JSON of Go's `slog`, whose members are always the same ones in the same order.
//! <https://github.com/basecamp/thruster/blob/main/internal/logging_handler.go>
//!
//! As fields they get the names that access lines have, so that the same routes, masks and tables are right for them. All
//! other lines of Thruster are JSON objects of other members.
use crate::{
    output::{Outputs, UNUSED},
    pattern::Shape,
    strftime::{self, Piece},
    writer::Writer,
};
use firelens_filter::program::{Emit, Kind, Pattern, Refine, TimePart};

pub(super) fn request(out: &mut Outputs) -> Pattern {
    let mut line = Writer::new(Kind::Access, out);
    write(&mut line);
    line.finish().expect("the fields have different names")
}

/// Any line of `slog`: `{"time":"…","level":"INFO","msg":"…`.
pub(super) fn object(line: &mut Writer) {
    line.text("{\"time\":\"");
    line.unwritten(UNUSED, Shape::Token);
    line.text("\",\"level\":\"");
    line.unwritten(UNUSED, Shape::words(&["DEBUG", "INFO", "WARN", "ERROR"]));
    line.text("\",\"msg\":\"");
}

fn write(line: &mut Writer) {
    line.text("{\"time\":\"");
    time(line);
    line.text(",\"level\":\"INFO\",\"msg\":\"Request\",\"path\":\"");
    text(line, "path");
    line.text(",\"status\":");
    line.number("status");
    line.text(",\"dur\":");
    line.value("duration_us", Shape::Decimal, Emit::Scaled(3), "duration_us");
    line.text(",\"method\":\"");
    text(line, "method");
    line.text(",\"req_content_length\":");
    line.number("content_length");
    member(line, "req_content_type", "content_type");
    line.text(",\"resp_content_length\":");
    line.number("bytes");
    member(line, "resp_content_type", "resp_content_type");
    line.text(",\"remote_addr\":\"");
    client(line);
    member(line, "user_agent", "user_agent");
    member(line, "cache", "resp_x_cache");
    member(line, "query", "query");
    // Since 0.1.8.
    line.optional("proto", |line| member(line, "proto", "protocol"));
    line.text("}");
}

/// A text, and the quote after it.
fn text(line: &mut Writer, name: &str) {
    line.out.add(name, Emit::Message);
    line.unwritten(name, Shape::Text);
    line.text("\"");
}

/// `,"key":"value"`; an empty value is none.
fn member(line: &mut Writer, key: &str, name: &str) {
    let done = line.builder.target();
    let other = line.builder.attempt(key);
    line.text(&format!(",\"{key}\":\"\""));
    line.builder.jump(done);
    line.builder.here(other);
    line.text(&format!(",\"{key}\":\""));
    text(line, name);
    line.builder.here(done);
}

/// RFC 3339 with as many digits of a fraction as are not zero.
fn time(line: &mut Writer) {
    line.time(&strftime::pieces("%Y-%m-%dT%H:%M:%S").expect("a plain format can be read"), 0, "time");
    line.out.add("time", Emit::Time(0));
    let done = line.builder.target();
    for digits in (0..=9).rev() {
        let other = line.builder.attempt("time");
        if digits > 0 {
            line.text(".");
            line.time(&[Piece::Part(TimePart::Fraction(digits))], 0, "time");
        }
        line.time(&[Piece::Part(TimePart::Zone)], 0, "time");
        line.text("\"");
        line.builder.jump(done);
        line.builder.here(other);
    }
    line.nothing();
    line.builder.here(done);
}

/// `192.0.2.1:51234`, `[2001:db8::1]:51234`; or what `X-Forwarded-For` says, in which colons are no port's.
fn client(line: &mut Writer) {
    let done = line.builder.target();
    let other = line.builder.attempt("client");
    line.text("[");
    line.string("client", Shape::Token);
    line.text("]:");
    line.number("client_port");
    line.text("\"");
    line.builder.jump(done);
    line.builder.here(other);
    let other = line.builder.attempt("client");
    line.string("client", Shape::Number);
    for name in [UNUSED, UNUSED, CLIENT_END] {
        line.text(".");
        line.unwritten(name, Shape::Number);
    }
    line.text(":");
    line.number("client_port");
    line.text("\"");
    line.builder.jump(done);
    line.builder.here(other);
    text(line, "client");
    line.builder.here(done);
    let [from, last] = ["client", CLIENT_END].map(|name| line.out.id(name));
    line.refine_once(Refine::Join { from, last });
}

/// The last number of an address; it is written as a part of the address.
const CLIENT_END: &str = "_client";
