//! What names AWS's resources can have.
use firelens_pipeline::destination::Type;
use std::net::Ipv4Addr;

/// Why a destination's resource cannot have this name, if it cannot.
pub fn wrong(kind: &Type, name: &str) -> Option<&'static str> {
    let right = match kind {
        Type::CloudwatchLogs => log_group(name),
        Type::Firehose => stream(name, 64),
        Type::KinesisStreams => stream(name, 128),
        Type::S3 => bucket(name),
        Type::Custom(_) => true,
    };
    (!right).then(|| rule(kind))
}

/// What AWS says about them.
fn rule(kind: &Type) -> &'static str {
    match kind {
        Type::CloudwatchLogs => "log groups have 1 to 512 letters, digits and . - _ / #, and do not begin with aws/",
        Type::Firehose => "delivery streams have 1 to 64 letters, digits and . - _",
        Type::KinesisStreams => "data streams have 1 to 128 letters, digits and . - _",
        Type::S3 => {
            "buckets have 3 to 63 lower-case letters, digits, . and -, with a letter or a digit at both ends, no two dots \
             side by side, and none of S3's own prefixes and suffixes (xn--, sthree-, -s3alias, …); they are no IP address"
        }
        Type::Custom(_) => "",
    }
}

/// CreateLogGroup (Amazon CloudWatch Logs API reference).
fn log_group(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
    (1..=512).contains(&name.len()) && name.bytes().all(fits) && !name.starts_with("aws/")
}

/// CreateDeliveryStream (Amazon Data Firehose API reference), CreateStream (Amazon Kinesis Data Streams API reference).
fn stream(name: &str, longest: usize) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=longest).contains(&name.len()) && name.bytes().all(fits)
}

/// Amazon S3 user guide, "General purpose bucket naming rules".
fn bucket(name: &str) -> bool {
    const PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = |byte: Option<u8>| byte.is_some_and(inner);
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| inner(byte) || b".-".contains(&byte))
        && ends(name.bytes().next())
        && ends(name.bytes().next_back())
        && !name.contains("..")
        && !PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        && !SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
        && name.parse::<Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_the_apis_take_them() {
        let long = "a".repeat(65);
        let right = [
            (Type::CloudwatchLogs, "/ecs/shop/httpd#1"),
            (Type::CloudwatchLogs, long.as_str()),
            (Type::Firehose, "Shop.logs_1-2"),
            (Type::KinesisStreams, long.as_str()),
            (Type::S3, "shop.logs-123456789012"),
        ];
        assert!(right.iter().all(|(kind, name)| wrong(kind, name).is_none()));
        let bad = [
            (Type::CloudwatchLogs, "aws/x"),
            (Type::CloudwatchLogs, "a:b"),
            (Type::CloudwatchLogs, ""),
            (Type::Firehose, long.as_str()),
            (Type::Firehose, "shop/logs"),
            (Type::KinesisStreams, "shop logs"),
            (Type::S3, "Shop"),
            (Type::S3, "ab"),
            (Type::S3, "a..b"),
            (Type::S3, "-ab"),
            (Type::S3, "ab-"),
            (Type::S3, "192.168.5.4"),
            (Type::S3, "xn--a"),
            (Type::S3, "a-s3alias"),
        ];
        for (kind, name) in bad {
            assert!(wrong(&kind, name).is_some(), "{name}");
        }
    }
}
