//! The table of all fields that the kit knows: what they are called, hold, and mean.
//!
//! The compiler takes types, masks and preset names from here, and so do documentation and exports, so that they cannot
//! disagree. Fields of arbitrary headers, cookies, variables … are named by their directive; their families are the
//! rows whose name ends with `*`.
use crate::spec::Names;
use firelens_filter::program::{Kind, Mask};

/// The type that a field's value has in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    String,
    /// A whole number of at most 64 bits.
    Integer,
    /// A number that can have a fraction; of Lograge's fields only.
    Decimal,
    /// RFC 3339 in UTC.
    Time,
}

/// A field that the kit knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldInfo {
    /// The plain name, which routes use.
    pub name: &'static str,
    /// The kinds of records that can have it.
    pub kinds: &'static [Kind],
    /// What type its value has.
    pub value_type: FieldType,
    /// What the field says, for the docs and for AWS Glue.
    pub description: &'static str,
    /// Its name with [`Names::Apache2`], where that differs.
    pub apache2: Option<&'static str>,
    /// Its name with [`Names::Otel`], where that differs.
    pub otel: Option<&'static str>,
    /// What privacy settings do to it.
    pub mask: Mask,
}

impl FieldInfo {
    const fn string(name: &'static str, kinds: &'static [Kind], description: &'static str) -> FieldInfo {
        let value_type = FieldType::String;
        FieldInfo { name, kinds, value_type, description, apache2: None, otel: None, mask: Mask::None }
    }

    const fn integer(name: &'static str, kinds: &'static [Kind], description: &'static str) -> FieldInfo {
        FieldInfo { value_type: FieldType::Integer, ..FieldInfo::string(name, kinds, description) }
    }

    const fn time(name: &'static str, kinds: &'static [Kind], description: &'static str) -> FieldInfo {
        FieldInfo { value_type: FieldType::Time, ..FieldInfo::string(name, kinds, description) }
    }

    const fn apache2(self, name: &'static str) -> FieldInfo {
        FieldInfo { apache2: Some(name), ..self }
    }

    const fn otel(self, name: &'static str) -> FieldInfo {
        FieldInfo { otel: Some(name), ..self }
    }

    const fn mask(self, mask: Mask) -> FieldInfo {
        FieldInfo { mask, ..self }
    }

    /// The name that is printed.
    pub fn printed(&self, names: Names) -> &'static str {
        match names {
            Names::Plain => None,
            Names::Apache2 => self.apache2,
            Names::Otel => self.otel,
        }
        .unwrap_or(self.name)
    }
}

const ACCESS: &[Kind] = &[Kind::Access];
const ERROR: &[Kind] = &[Kind::Error];
const RAILS: &[Kind] = &[Kind::Rails];
const NOT_ACCESS: &[Kind] = &[Kind::Error, Kind::Rails];
const PARSED: &[Kind] = &[Kind::Access, Kind::Error, Kind::Rails];
const REQUEST: &[Kind] = &[Kind::Access, Kind::Rails];
const RAISED: &[Kind] = &[Kind::Rails, Kind::Exception];
const SAID: &[Kind] = &[Kind::Error, Kind::Rails, Kind::Exception];
const HTTPD: &[Kind] = &[Kind::Access, Kind::Error];

/// All known fields, in the order in which they are written. A name can have several rows, for different kinds.
///
/// Preset names: <https://github.com/fluent/fluent-bit/blob/master/conf/parsers.conf> (`apache2`),
/// <https://opentelemetry.io/docs/specs/semconv/> and, for `body`, `severity_text` and `timestamp`, its log data model.
pub fn fields() -> &'static [FieldInfo] {
    use FieldInfo as F;
    static FIELDS: &[FieldInfo] = &[
        F::time("time", PARSED, "When the request began or the line was written").otel("timestamp"),
        F::time("time_end", ACCESS, "When the response was complete (`%{end:…}t` beside `%{begin:…}t`)"),
        F::string("time_text", HTTPD, "A time that is no whole date (`%{%H:%M}t`), as it was logged"),
        F::string("time_end_text", ACCESS, "The same of the response's end"),
        F::string("level", NOT_ACCESS, "The severity: `emerg` … `trace8`, or Rails' `debug` … `unknown`")
            .otel("severity_text"),
        F::string("module", ERROR, "The httpd module that wrote the line, `%m`"),
        // The client and its request.
        F::string("client", ACCESS, "The client's address or name: `%h`, or `%a` without `%h`")
            .apache2("host")
            .otel("client.address")
            .mask(Mask::Address),
        F::string(
            "client",
            NOT_ACCESS,
            "The client's address, of httpd's `[client …]` or `[remote …]`, or `for …` in Rails",
        )
        .otel("client.address")
        .mask(Mask::Address),
        F::string(
            "client_kind",
            ERROR,
            "`remote` for httpd's `[remote …]`: the far end of a connection that httpd made",
        ),
        F::string("client_ip", ACCESS, "The client's address, `%a` beside `%h`").mask(Mask::Address),
        F::integer("client_port", HTTPD, "The client's port, `%{remote}p`").otel("client.port"),
        F::string("peer", HTTPD, "The address that the connection came from, `%{c}a`")
            .otel("network.peer.address")
            .mask(Mask::Address),
        F::integer("peer_port", ERROR, "The port that the connection came from, `%{c}a`").otel("network.peer.port"),
        F::string("peer_host", ACCESS, "The name of the host that the connection came from, `%{c}h`")
            .mask(Mask::Address),
        F::string("ident", ACCESS, "The user as the client's identd has it, `%l`").mask(Mask::User),
        F::string("user", ACCESS, "The authenticated user, `%u`").otel("user.name").mask(Mask::User),
        F::string("request", ACCESS, "The request line, `%r`, where it cannot be split").mask(Mask::Url),
        F::string("method", REQUEST, "The request's method").otel("http.request.method"),
        F::string("path", REQUEST, "The requested path, without the query").otel("url.path").mask(Mask::Url),
        F::string("query", REQUEST, "The query, without its `?`").otel("url.query").mask(Mask::Query),
        F::string("protocol", ACCESS, "The request's protocol, `HTTP/1.1`"),
        F::string("uri_path", ACCESS, "The decoded path after rewriting, `%U` beside `%r`").mask(Mask::Url),
        F::string("uri_query", ACCESS, "The query after rewriting, `%q` beside `%r`").mask(Mask::Query),
        // The response.
        F::integer("status", REQUEST, "The response's status, `%>s`").apache2("code").otel("http.response.status_code"),
        F::integer("status_first", ACCESS, "The status before internal redirects, `%s` beside `%>s`"),
        F::integer("bytes", ACCESS, "The size of the response's body, `%b` or `%B`")
            .apache2("size")
            .otel("http.response.body.size"),
        F::integer("bytes_in", ACCESS, "Bytes received, with headers, `%I`").otel("http.request.size"),
        F::integer("bytes_out", ACCESS, "Bytes sent, with headers, `%O`").otel("http.response.size"),
        F::integer("bytes_total", ACCESS, "Bytes received and sent, `%S`"),
        F::integer("duration_us", REQUEST, "How long the request took, in microseconds"),
        F::integer("first_byte_us", ACCESS, "Microseconds until the response's first byte, `%^FB`"),
        // Headers that have a name of their own.
        F::string("referer", HTTPD, "The `Referer` header").otel("http.request.header.referer").mask(Mask::Url),
        F::string("user_agent", HTTPD, "The `User-Agent` header").apache2("agent").otel("user_agent.original"),
        F::string("host", HTTPD, "The `Host` header").apache2("http_host").otel("http.request.header.host"),
        F::string("x_forwarded_for", HTTPD, "The `X-Forwarded-For` header")
            .otel("http.request.header.x-forwarded-for")
            .mask(Mask::Address),
        // The server.
        F::string("vhost", HTTPD, "The canonical name of the server, `%v`").otel("server.address"),
        F::string("server_name", HTTPD, "The server's name according to UseCanonicalName, `%V`"),
        F::integer("port", ACCESS, "The canonical port of the server, `%p`").otel("server.port"),
        F::integer("local_port", HTTPD, "The port that the connection came in on, `%{local}p`")
            .otel("network.local.port"),
        F::string("server_ip", HTTPD, "The address that the connection came in on, `%A`").otel("network.local.address"),
        F::integer("keepalives", HTTPD, "Requests that the connection has served before, `%k`"),
        F::string("conn_status", ACCESS, "The connection after the response, `%X`: `X` aborted, `+` kept, `-` closed"),
        F::string("log_id", HTTPD, "The request's id in the error log, `%L`"),
        F::string("conn_log_id", HTTPD, "The connection's id in the error log, `%{c}L`"),
        F::string("handler", ACCESS, "The handler of the response, `%R`"),
        F::string("filename", REQUEST, "The file that was served, `%f`, or that Rails sent")
            .otel("file.path")
            .mask(Mask::FreeText),
        F::string("ssl_protocol", ACCESS, "The TLS version, `%{SSL_PROTOCOL}x`"),
        F::string("ssl_cipher", ACCESS, "The TLS cipher, `%{SSL_CIPHER}x`").otel("tls.cipher"),
        // The process.
        F::integer("pid", PARSED, "The process, `%P`").otel("process.pid"),
        F::integer("tid", HTTPD, "The thread, `%T` or `%{tid}P`").otel("thread.id"),
        F::string("tid_hex", ACCESS, "The thread in hexadecimal, `%{hextid}P`"),
        // The error log.
        F::string("source_file", NOT_ACCESS, "The source file of the message, `%F`").otel("code.file.path"),
        F::integer("source_line", NOT_ACCESS, "The line in that file").otel("code.line.number"),
        F::integer("errno", ERROR, "The number of the system's error, `%E`"),
        F::string("errno_kind", ERROR, "`EAI` when the number is one of the resolver's"),
        F::string("errno_text", ERROR, "The text of the system's error, `%E`"),
        F::string("extra", ERROR, "What else stands in brackets between the process and the client")
            .mask(Mask::FreeText),
        F::string("code", ERROR, "httpd's message number, `AH01276`").apache2("ah_code"),
        F::string("output_before", ERROR, "What a CGI program wrote in front of the line, without a newline")
            .mask(Mask::FreeText),
        // Rails.
        F::string(
            "progname",
            NOT_ACCESS,
            "The program's name: of Rails' logger, or of httpd in front of its start-up errors",
        )
        .mask(Mask::FreeText),
        F::string("request_id", RAILS, "The tag that is a UUID: Rails' request id"),
        F::string("tags", RAILS, "The other tags of the line").mask(Mask::FreeText),
        F::string("named_tags", RAILS, "The named tags of `rails_semantic_logger`, but for `request_id`")
            .mask(Mask::FreeText),
        F::string("thread", RAILS, "The thread's name").otel("thread.name"),
        F::string("name", RAILS, "The name of the class or logger of `rails_semantic_logger`"),
        F::string(
            "event",
            RAILS,
            "What the line tells, in its own words: `started`, `processing`, `completed`, `rendered` …",
        ),
        F::string("controller", RAILS, "The controller that processes the request"),
        F::string("action", RAILS, "Its action"),
        F::string("format", RAILS, "The format that was asked for, `HTML`"),
        F::string("parameters", RAILS, "The request's parameters, as Rails prints them").mask(Mask::FreeText),
        F::string("payload", RAILS, "The payload of `rails_semantic_logger`, as Ruby prints it").mask(Mask::FreeText),
        F::string("duration_text", RAILS, "A duration of a minute or more, `2m 5s`"),
        F::integer("view_us", RAILS, "Time spent in views, in microseconds"),
        F::integer("db_us", RAILS, "Time spent in the database, in microseconds"),
        F::integer("queries", RAILS, "The number of database queries"),
        F::integer("queries_cached", RAILS, "The number of queries that the query cache answered"),
        F::integer("gc_us", RAILS, "Time spent in garbage collection, in microseconds"),
        F::integer("allocations", RAILS, "The number of objects allocated"),
        F::string("location", RAILS, "Where the response redirects to")
            .otel("http.response.header.location")
            .mask(Mask::Url),
        F::string("template", RAILS, "The template that was rendered"),
        F::string("layout", RAILS, "The layout or template that it was rendered in"),
        F::string("cache", RAILS, "`hit` or `miss` of a rendered template"),
        F::string("filter", RAILS, "The filter that halted the request"),
        F::string("operation", RAILS, "What a database query is for, `User Load`"),
        F::string("job", RAILS, "The class of an Active Job"),
        F::string("job_id", RAILS, "The job's id"),
        F::string("queue", RAILS, "The job's queue, `Sidekiq(default)`"),
        F::integer("jobs", RAILS, "The number of jobs that were enqueued at once, or were not"),
        F::integer("attempts", RAILS, "How often the job was tried"),
        F::integer("wait_us", RAILS, "The time until the job is tried again, in microseconds"),
        F::integer("lock_wait_us", RAILS, "How long a query in the background was waited for, in microseconds"),
        F::string("step", RAILS, "A step of the job"),
        F::string(
            "state",
            RAILS,
            "What became of the step: `started`, `resumed`, `interrupted`, `completed`, `skipped`",
        ),
        F::string("cursor", RAILS, "How far the step came"),
        F::string("mail_id", RAILS, "The `Message-ID` of a mail"),
        F::string("recipients", RAILS, "Whom a mail went to").mask(Mask::FreeText),
        F::string("storage", RAILS, "The service of Active Storage, `S3`"),
        F::string("key", RAILS, "The key of a file in storage, or of a cached fragment"),
        F::string("checksum", RAILS, "The file's checksum"),
        F::string("exists", RAILS, "Whether the file exists: `yes`, `no`"),
        F::string("version", RAILS, "The version of Puma, Ruby, Rails or Solid Queue"),
        F::string("mode", RAILS, "How Puma runs: `single`, `cluster`"),
        F::integer("worker", RAILS, "The number of one of Puma's workers"),
        F::integer("worker_pid", RAILS, "The worker's process"),
        F::integer("phase", RAILS, "How often Puma's workers were replaced"),
        F::string("process", RAILS, "The kind of one of Solid Queue's processes, `Worker`"),
        F::string("attributes", RAILS, "What Solid Queue says of a process or job").mask(Mask::FreeText),
        F::string("caller", RAILS, "The file, line and method that an exception came from, or a query or job"),
        F::string("exception", RAISED, "The class of an exception; `panic` or `fatal error` of Go")
            .otel("exception.type"),
        F::string("exception_message", RAILS, "The exception's text, beside a message")
            .otel("exception.message")
            .mask(Mask::FreeText),
        F::string("message", SAID, "The text of the line, or of the first exception").otel("body").mask(Mask::FreeText),
        // Families.
        F::string("*", HTTPD, "Another request header, `%{name}i`: its name in lower case, with `_`")
            .mask(Mask::FreeText),
        F::string("req_*", HTTPD, "A request header whose name is that of another field").mask(Mask::FreeText),
        F::string("resp_*", ACCESS, "A response header, `%{name}o`").mask(Mask::FreeText),
        F::string("cookie_*", ACCESS, "A cookie of the request, `%{name}C`").mask(Mask::FreeText),
        F::string("env_*", HTTPD, "An environment variable, `%{name}e`").mask(Mask::FreeText),
        F::string("note_*", HTTPD, "A note of another module, `%{name}n`").mask(Mask::FreeText),
        F::string("ssl_*", ACCESS, "A variable of mod_ssl, `%{name}x`").mask(Mask::FreeText),
        F::string("trailer_*", ACCESS, "A trailer of the request, `%{name}^ti`").mask(Mask::FreeText),
        F::string("resp_trailer_*", ACCESS, "A trailer of the response, `%{name}^to`").mask(Mask::FreeText),
    ];
    FIELDS
}

/// The fields that Lograge gives its lines, under its own names, which no preset changes. An application can add others.
/// <https://github.com/roidrage/lograge>
pub fn lograge_fields() -> &'static [FieldInfo] {
    use FieldInfo as F;
    const fn decimal(name: &'static str, description: &'static str) -> FieldInfo {
        F { value_type: FieldType::Decimal, ..F::string(name, RAILS, description) }
    }
    static FIELDS: &[FieldInfo] = &[
        F::string("prefix", RAILS, "What a logger wrote in front of the first key"),
        F::string("method", RAILS, "The request's method"),
        F::string("path", RAILS, "The requested path"),
        F::string("format", RAILS, "The format that was asked for"),
        F::string("controller", RAILS, "The controller that processes the request"),
        F::string("action", RAILS, "Its action"),
        F::integer("status", RAILS, "The response's status"),
        decimal("duration", "How long the request took, in milliseconds"),
        decimal("view", "Time spent in views, in milliseconds"),
        decimal("db", "Time spent in the database, in milliseconds"),
        F::integer("allocations", RAILS, "The number of objects allocated"),
        decimal("gc_time", "Time spent in garbage collection, in milliseconds"),
        F::string("location", RAILS, "Where the response redirects to"),
        F::string("error", RAILS, "The class and the text of an exception"),
    ];
    FIELDS
}

/// The known field of this plain name, in records of this kind.
pub fn field(kind: Kind, name: &str) -> Option<&'static FieldInfo> {
    fields().iter().find(|field| field.name == name && field.kinds.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESETS: [Names; 3] = [Names::Plain, Names::Apache2, Names::Otel];

    #[test]
    fn a_name_is_described_once_for_each_kind() {
        for (at, one) in fields().iter().enumerate() {
            assert!(!one.kinds.is_empty() && !one.description.is_empty(), "{}", one.name);
            for other in fields()[..at].iter().filter(|other| other.name == one.name) {
                assert!(other.kinds.iter().all(|kind| !one.kinds.contains(kind)), "{}", one.name);
                assert_eq!(other.value_type, one.value_type, "{}", one.name);
            }
        }
    }

    #[test]
    fn lograges_numbers_are_those_that_its_reader_writes_as_numbers() {
        let numbers = lograge_fields().iter().filter(|field| field.value_type != FieldType::String);
        let mut numbers: Vec<&[u8]> = numbers.map(|field| field.name.as_bytes()).collect();
        let mut read = firelens_filter::LOGRAGE_NUMBERS.to_vec();
        numbers.sort();
        read.sort();
        assert_eq!(numbers, read);
    }

    #[test]
    fn presets_give_different_fields_different_names() {
        for preset in PRESETS {
            for (at, one) in fields().iter().enumerate() {
                for other in &fields()[..at] {
                    let same_kind = one.kinds.iter().any(|kind| other.kinds.contains(kind));
                    if other.printed(preset) == one.printed(preset) {
                        assert!(!same_kind, "{preset:?} {} {}", one.name, other.name);
                        assert_eq!(one.value_type, other.value_type, "{preset:?} {} {}", one.name, other.name);
                    }
                }
            }
        }
    }

    #[test]
    fn the_apache2_preset_has_fluent_bits_names() {
        let names = ["client", "user", "time", "method", "path", "status", "bytes", "referer", "user_agent"];
        let printed = names.map(|name| field(Kind::Access, name).unwrap().printed(Names::Apache2));
        assert_eq!(printed, ["host", "user", "time", "method", "path", "code", "size", "referer", "agent"]);
    }
}
