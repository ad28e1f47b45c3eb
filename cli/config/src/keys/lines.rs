//! What is done with lines: formats, routes, privacy, and the router that runs the filter.
use super::{Key, Shape, Table, WHOLE, destination::DESTINATION, key, required, stack::STACK};

/// The top level.
pub static TOP: Table = Table::new(
    "the top level",
    &[
        key(
            "name",
            "none",
            Shape::Text,
            "\"shop\"",
            "the stack's name: 1 to 32 of `a-z`, `0-9` and `-`, a letter first",
        ),
        key(
            "timezone",
            "`\"UTC\"`",
            Shape::Text,
            "\"Europe/Berlin\"",
            "the zone of times that carry none: a name (`\"Europe/Berlin\"`) or an offset (`\"+02:00\"`)",
        ),
        key(
            "keep_log",
            "`\"unparsed\"`",
            Shape::Words(&["unparsed", "always"]),
            "\"always\"",
            "`\"always\"` keeps the line itself beside its fields",
        ),
        key(
            "fields",
            "`\"plain\"`",
            Shape::Words(&["plain", "apache2", "otel"]),
            "\"otel\"",
            "the names that are printed: `\"plain\"`, `\"apache2\"` or `\"otel\"`, see [presets](fields.md#presets)",
        ),
        key(
            "tests",
            "`\"*.test.toml\"`",
            Shape::OneOrMany(&Shape::Text),
            "\"tests/*.test.toml\"",
            "the [expectation files](testing.md#expectations), relative to this file; `*` in the file's name only",
        ),
        key(
            "add_fields",
            "none",
            ADDED,
            "{ service = \"shop\", task = { ecs = \"task_id\" } }",
            "fields that records get besides, see [`[add_fields]`](#add_fields)",
        ),
        key("container", "none", Shape::Tables(&CONTAINER), "", "the containers whose lines are parsed"),
        key(
            "multiline",
            "none",
            Shape::Map(&Shape::Table(&MULTILINE)),
            "",
            "rules of your own for lines that belong together, by name",
        ),
        key("json", "none", Shape::Table(&JSON), "", "what is known of members that lines of JSON bring"),
        key("route", "none", Shape::Tables(&ROUTE), "", "what becomes of records: the first that matches decides"),
        key("privacy", "none", Shape::Table(&PRIVACY), "", "what is masked before a record leaves the task"),
        key("router", "none", Shape::Table(&ROUTER), "", "the sidecar that the filter runs in"),
        key("destination", "none", Shape::Map(&Shape::Table(&DESTINATION)), "", "where records go, by name"),
        key("stack", "none", Shape::Table(&STACK), "", "what a deploy makes beside the destinations"),
        key("lint", "none", Shape::Table(&LINT), "", "rules that `firelens-kit lint` does not tell"),
    ],
);

/// Members that lines of JSON bring.
pub static JSON: Table = Table::new(
    "[json]",
    &[key(
        "types",
        "none",
        Shape::Map(&Shape::Words(&["text", "integer", "number", "time"])),
        "{ \"payload.status\" = \"integer\" }",
        "the types of members, by their names or [paths](#match): `\"text\"`, `\"integer\"`, `\"number\"` or `\"time\"`",
    )],
);

/// Fields that are added to records.
const ADDED: Shape = Shape::Map(&Shape::Any(&[Shape::Text, Shape::Number, Shape::Boolean, Shape::Table(&ADDED_FIELD)]));

/// A field that says what ECS knows.
pub static ADDED_FIELD: Table = Table::new(
    "an added field",
    &[required(
        "ecs",
        Shape::Words(&["cluster", "task_id", "family", "revision", "container"]),
        "\"task_id\"",
        "what ECS knows of the record's task",
    )],
);

const FORMATS: Shape = Shape::OneOrMany(&Shape::Any(&[Shape::Text, Shape::Table(&FORMAT)]));

/// A container whose lines are parsed.
pub static CONTAINER: Table = Table::new(
    "[[container]]",
    &[
        required("name", Shape::Text, "\"httpd\"", "the container's name in the task definition"),
        key(
            "stdout",
            "none; one of the two or `multiline` is required",
            FORMATS,
            "\"combined\"",
            "the formats of its lines on standard output: one, or a list that is tried in order",
        ),
        key(
            "stderr",
            "none; one of the two or `multiline` is required",
            FORMATS,
            "[\"httpd_error\"]",
            "the formats of its lines on standard error: one, or a list that is tried in order",
        ),
        key(
            "add_fields",
            "none",
            ADDED,
            "{ tier = \"web\" }",
            "fields that its records get besides, see [`[add_fields]`](#add_fields)",
        ),
        key(
            "multiline",
            "every line is a record",
            Shape::Any(&[TRACES, Shape::Table(&MULTILINE_STREAMS)]),
            "\"java\"",
            "the [lines that belong together](#multiline): the stack traces of languages (`\"java\"`, `\"python\"`, `\"ruby\"`, \
             `\"go\"`, `\"javascript\"`, `\"php\"`), or the names of rules of your own; for one stream as `{ stderr = \"php\" }`",
        ),
    ],
);

const TRACES: Shape = Shape::OneOrMany(&Shape::Text);

/// What is joined of each stream.
pub static MULTILINE_STREAMS: Table = Table::new(
    "`multiline`",
    &[
        key(
            "stdout",
            "every line is a record",
            TRACES,
            "\"java\"",
            "the lines on standard output that belong together",
        ),
        key("stderr", "every line is a record", TRACES, "\"php\"", "the lines on standard error that belong together"),
    ],
);

/// Rules of one's own.
pub static MULTILINE: Table = Table::new(
    "[multiline.NAME]",
    &[
        required(
            "start",
            Shape::Text,
            "'^[0-9]{4}-[0-9]{2}-[0-9]{2} '",
            "fits the first line of a record, a regular expression",
        ),
        key(
            "continues",
            "each line that `start` does not fit",
            Shape::Text,
            "'^[ \\t]'",
            "fits the other lines of a record, a regular expression; it is tried before `start`",
        ),
    ],
);

/// A format with more to say than its name.
pub static FORMAT: Table = Table::new(
    "a format",
    &[
        required(
            "type",
            Shape::Words(&[
                "httpd_access",
                "httpd_error",
                "rails",
                "lograge",
                "json",
                "rails_semantic_logger",
                "rails_event",
                "thruster",
                "puma",
                "solid_queue",
            ]),
            "\"httpd_error\"",
            "what writes the lines",
        ),
        key(
            "format",
            "httpd's own layouts; required with `httpd_access`",
            Shape::Text,
            "'[%{cu}t] [%m:%l] [pid %P] %E: [client %a] %M'",
            "a LogFormat or an ErrorLogFormat as it stands in httpd.conf, with the httpd types",
        ),
        key("timezone", "the file's `timezone`", Shape::Text, "\"+02:00\"", "the zone of times that carry none"),
    ],
);

/// A route.
pub static ROUTE: Table = Table::new(
    "[[route]]",
    &[
        required("name", Shape::Text, "\"all\"", "the record's `route`: 1 to 64 letters, digits, `-` and `_`"),
        key(
            "match",
            "every record, in the last route; required in all others",
            Shape::OneOrMany(&Shape::Table(&MATCH)),
            "",
            "which records it takes",
        ),
        key(
            "to",
            "none; this or `drop` is required",
            Shape::OneOrMany(&Shape::Text),
            "",
            "the names of one or more destinations",
        ),
        key("drop", "none; this or `to` is required", Shape::Boolean, "", "`true`: its records end here"),
        key(
            "sample",
            "all are kept",
            Shape::Number,
            "",
            "with `to`: the share that is kept, more than 0 and at most 1; the others are dropped",
        ),
    ],
);

/// What a field is compared with.
const CONDITION: Shape = Shape::Any(&[PLAIN, Shape::Table(&TEST), Shape::List(&ITEM)]);
const ITEM: Shape = Shape::Any(&[PLAIN, Shape::Table(&TEST)]);
const PLAIN: Shape = Shape::Any(&[Shape::Text, WHOLE, Shape::Boolean]);

/// The conditions of a route: all of them hold.
pub static MATCH: Table = Table {
    title: "match",
    keys: &[key("not", "none", Shape::Map(&CONDITION), "{ status = \"5xx\" }", "none of these conditions holds")],
    also: &[],
    others: Some(&CONDITION),
};

/// What a field's value is tested for.
pub static TEST: Table = Table::new(
    "a test",
    &[
        key("equals", "none", Shape::OneOrMany(&PLAIN), "\"GET\"", "is this text"),
        key("prefix", "none", Shape::OneOrMany(&Shape::Text), "\"/assets/\"", "begins with it"),
        key("suffix", "none", Shape::OneOrMany(&Shape::Text), "\".js\"", "ends with it"),
        key("contains", "none", Shape::OneOrMany(&Shape::Text), "\"..\"", "has it in it"),
        key(
            "regex",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "'^/(a|b)'",
            "has a part that fits, in the syntax of Rust's `regex` crate; anchor with `^` and `$`",
        ),
        key(
            "number",
            "none",
            Shape::OneOrMany(&Shape::Any(&[Shape::Text, WHOLE])),
            "\">=500\"",
            "is in a range: `404`, `\"5xx\"`, `\">=500\"`, `\"<500\"`, `\"500..599\"` (both ends count)",
        ),
        key(
            "level",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "\">=warn\"",
            "is a level: `\"warn\"`, or `\">=warn\"` for warnings and all that is more severe",
        ),
        key(
            "network",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "\"10.0.0.0/8\"",
            "is an address in the network, `\"10.0.0.0/8\"`, or is the address; of a list such as `X-Forwarded-For`, its \
             first one",
        ),
        key(
            "length",
            "none",
            Shape::OneOrMany(&Shape::Any(&[Shape::Text, WHOLE])),
            "\">2000\"",
            "has so many bytes, as a number or a range: `\">2000\"` for what no honest client sends",
        ),
        key("exists", "none", Shape::Boolean, "true", "is there (`true`) or not (`false`)"),
        key("not", "none", Shape::Anything, "\"POST\"", "passes none of these: a value, a list or a table of tests"),
    ],
);

/// What is masked.
pub static PRIVACY: Table = Table::new(
    "[privacy]",
    &[
        key(
            "mask_clients",
            "`false`",
            Shape::Any(&[Shape::Boolean, Shape::Table(&MASK_CLIENTS)]),
            "true",
            "`true` keeps 24 bits of IPv4 addresses and 48 of IPv6; `{ ipv4 = 16 }` says other lengths, and what is not said \
             keeps its 24 or 48",
        ),
        key("remove_users", "`false`", Shape::Boolean, "true", "user names go"),
        key(
            "query_parameters",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "[\"token\"]",
            "the values of these parameters are replaced, in any case of the name",
        ),
        key(
            "remove_members",
            "none",
            Shape::OneOrMany(&Shape::Text),
            "[\"ecs_task_arn\"]",
            "members of records, by their printed names or [paths](#match), that are not written",
        ),
        key("replace_members", "none", Shape::OneOrMany(&Shape::Text), "[\"email\"]", "members whose text is replaced"),
        key(
            "patterns",
            "none",
            Shape::OneOrMany(&Shape::Any(&[
                Shape::Words(&["email", "card_number", "bearer_token", "aws_key"]),
                Shape::Table(&PATTERN),
            ])),
            "[\"email\"]",
            "what is replaced in texts: `\"email\"`, `\"card_number\"`, `\"bearer_token\"`, `\"aws_key\"`, or `{ regex = '…' }`",
        ),
        key("replacement", "`\"***\"`", Shape::Text, "\"REDACTED\"", "what stands there instead"),
    ],
);

/// How much of an address stays.
pub static MASK_CLIENTS: Table = Table::new(
    "`mask_clients`",
    &[
        key("ipv4", "`24`", Shape::Integer(0, 32), "16", "bits of IPv4 addresses that stay"),
        key("ipv6", "`48`", Shape::Integer(0, 128), "32", "bits of IPv6 addresses that stay"),
    ],
);

/// A pattern of one's own.
pub static PATTERN: Table = Table::new(
    "this pattern",
    &[key("regex", "none", Shape::Text, "'order-[0-9]{8}'", "what is replaced, in the syntax of Rust's `regex` crate")],
);

/// How much a destination's buffer has to hold, for the router and for each destination.
pub(super) const LOAD: [Key; 3] = [
    key("outage", "`\"30m\"`", Shape::Text, "\"1h\"", "how long a destination can be away without a loss"),
    key(
        "records_per_second",
        "`500`",
        Shape::Integer(1, 1_000_000),
        "200",
        "how many records come meanwhile, of all containers of the task",
    ),
    key("record_bytes", "`1000`", Shape::Integer(1, 1 << 20), "600", "the size of a record as it is sent, in bytes"),
];

/// The sidecar.
pub static ROUTER: Table = Table::new(
    "[router]",
    &[
        key(
            "image",
            "`aws-for-fluent-bit:3.4.15` of AWS's public registry",
            Shape::Text,
            "\"public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.15\"",
            "the image with Fluent Bit, see [image.md](image.md)",
        ),
        key(
            "fluent_bit",
            "what is known to be in the image",
            Shape::Text,
            "\"5.0.9\"",
            "the release, for an image of your own",
        ),
        key(
            "memory_mib",
            "`512`",
            Shape::Integer(64, 120 * 1024),
            "512",
            "the container's memory limit. Less than what is needed is an error",
        ),
        key(
            "disk_mib",
            "`10240`",
            Shape::Integer(100, 200 * 1024),
            "10240",
            "the disk for buffers. Fargate gives a task 20 GiB for all its containers unless it says more",
        ),
        LOAD[0],
        LOAD[1],
        LOAD[2],
        key(
            "grace",
            "`\"30s\"`",
            Shape::Text,
            "\"30s\"",
            "how long the router delivers after SIGTERM; the container's `stopTimeout` must be longer",
        ),
        key(
            "log_level",
            "`\"info\"`",
            Shape::Words(&["error", "warn", "info", "debug", "trace"]),
            "\"warn\"",
            "of the router's own log: `error`, `warn`, `info`, `debug` or `trace`",
        ),
        key(
            "user",
            "root",
            Shape::Text,
            "\"1000\"",
            "the number of the user that the router runs as, or `\"UID:GID\"`; see \
             [security.md](security.md#the-routers-container)",
        ),
        key(
            "readonly_root_filesystem",
            "`false`",
            Shape::Boolean,
            "true",
            "the router's root file system is read-only; its buffers are on the task's volume",
        ),
    ],
);

/// What `lint` does not tell.
pub static LINT: Table = Table::new(
    "[lint]",
    &[key("allow", "none", Shape::Tables(&ALLOWED_RULE), "", "rules that `firelens-kit lint` does not tell")],
);

/// A rule that `lint` does not tell.
pub static ALLOWED_RULE: Table = Table::new(
    "an allowed rule",
    &[
        required("rule", Shape::Text, "\"FLK027\"", "its code or its name"),
        required("reason", Shape::Text, "\"these records are worth no retries\"", "why it does not matter here"),
    ],
);
