//! Where records go, and the AWS resources behind that.
use super::{Key, Shape, Table, key, lines::LOAD, required};

/// A destination. Its other keys are options of the output, under their real names.
pub static DESTINATION: Table = Table {
    title: "[destination.NAME]",
    keys: &[
        required(
            "type",
            Shape::Text,
            "\"cloudwatch_logs\"",
            "what it is, see [destinations.md](destinations.md); `custom` for any other output of Fluent Bit",
        ),
        key("name", "none; required with `custom`", Shape::Text, "", "with `custom`: the output"),
        key(
            "secrets",
            "none",
            Shape::Map(&Shape::Text),
            "",
            "options whose values are in Secrets Manager or in the Parameter Store, by ARN",
        ),
        Key { default: "the router's", ..LOAD[0] },
        Key { default: "the router's", ..LOAD[1] },
        Key { default: "the router's", ..LOAD[2] },
    ],
    also: &[&LOG_GROUP, &DELIVERY_STREAM, &DATA_STREAM, &BUCKET, &GRANTED],
    others: Some(&OPTION),
};

/// The value of an output's option; a name with dots is a table in TOML.
const OPTION: Shape = Shape::Anything;

const EXISTING: Key = key(
    "existing",
    "`false`",
    Shape::Boolean,
    "false",
    "it is there already, and stays as it is: the router only gets the rights to write to it",
);
const KMS_KEY: Key = key(
    "kms_key",
    "that of `[stack]`",
    Shape::Text,
    "\"arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555\"",
    "the ARN of a KMS key; of `firehose` for stream and bucket. Not an alias: rights are given on keys",
);
const OBJECTS: Key = key(
    "lifecycle",
    "objects stay",
    Shape::Table(&LIFECYCLE),
    "{ infrequent_access_days = 30, glacier_days = 90, expire_days = 400 }",
    "`{ infrequent_access_days = 30, glacier_days = 90, expire_days = 400 }`, each or all: to STANDARD_IA (30 at least), to \
     GLACIER (30 later at least), and away",
);

/// What a deploy makes of a destination in CloudWatch Logs.
pub static LOG_GROUP: Table = Table::new(
    "a log group",
    &[
        key(
            "retention_days",
            "`30`",
            Shape::Any(&[Shape::Integer(1, 3653), Shape::Words(&["forever"])]),
            "14",
            "as many as CloudWatch Logs knows, or `\"forever\"`",
        ),
        KMS_KEY,
        EXISTING,
    ],
);

/// What a deploy makes of a destination in Kinesis.
pub static DATA_STREAM: Table = Table::new(
    "a data stream",
    &[
        key("shards", "on demand", Shape::Integer(1, 20_000), "2", "a fixed number"),
        key("retention_hours", "`24`", Shape::Integer(24, 8760), "48", "up to 8760"),
        KMS_KEY,
        EXISTING,
    ],
);

/// What a deploy makes of a destination in S3.
pub static BUCKET: Table = Table::new("a bucket", &[OBJECTS, KMS_KEY, EXISTING]);

/// What a deploy makes of a destination in Firehose.
pub static DELIVERY_STREAM: Table = Table::new(
    "a delivery stream",
    &[
        key(
            "bucket",
            "`<name>-<destination>-<account>-<region>`",
            Shape::Text,
            "\"shop-archive\"",
            "where the stream writes to",
        ),
        key("existing_bucket", "`false`", Shape::Boolean, "false", "`bucket` is there already, and stays as it is"),
        key(
            "prefix",
            "`<destination>/!{timestamp:yyyy/MM/dd/HH}/`",
            Shape::Text,
            "\"logs/!{timestamp:yyyy/MM/dd}/\"",
            "the objects' keys, with \
             [Firehose's expressions](https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html)",
        ),
        key(
            "error_prefix",
            "`<destination>-errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/`",
            Shape::Text,
            "\"errors/!{firehose:error-output-type}/\"",
            "those of what it could not process",
        ),
        key(
            "compression_format",
            "`\"gzip\"`",
            Shape::Words(&["gzip", "zip", "snappy", "none"]),
            "\"snappy\"",
            "of the objects: `\"gzip\"`, `\"zip\"`, `\"snappy\"`, `\"none\"`. `compression` is the output's own, of each record",
        ),
        key("buffer_mib", "`64`", Shape::Integer(1, 128), "128", "an object is written when it has reached this size"),
        key("buffer_seconds", "`300`", Shape::Integer(0, 900), "60", "an object is written when it is this old"),
        key(
            "partition_by_route",
            "`false`",
            Shape::Boolean,
            "true",
            "objects of each route under a prefix of their own: `<destination>/route=<route>/…`. Firehose takes \
             [a price](https://aws.amazon.com/firehose/pricing/) for it, and wants 64 MiB and 60 seconds at least",
        ),
        OBJECTS,
        KMS_KEY,
        EXISTING,
    ],
);

/// What no deploy makes, but the router needs rights on.
pub static GRANTED: Table = Table::new(
    "what no deploy makes",
    &[key(
        "arn",
        "none; required for a deploy where requests are signed",
        Shape::Text,
        "\"arn:aws:es:eu-west-1:123456789012:domain/shop\"",
        "the ARN of what the records go to, which the task role may write to",
    )],
);

/// More than a hundred years.
const DAYS: i64 = 40_000;

/// What becomes of objects with time.
pub static LIFECYCLE: Table = Table::new(
    "lifecycle",
    &[
        key("infrequent_access_days", "never", Shape::Integer(30, DAYS), "30", "to STANDARD_IA after so many days"),
        key("glacier_days", "never", Shape::Integer(1, DAYS), "90", "to GLACIER after so many days"),
        key("expire_days", "never", Shape::Integer(1, DAYS), "400", "away after so many days"),
    ],
);
