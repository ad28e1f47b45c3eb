//! S3, without Firehose in between.
//!
//! The plugin has a buffer of its own, `store_dir`, where records gather until they are worth a file; a limit on Fluent
//! Bit's storage does not reach it, and its own limit does not work (see `LIMIT` in its rule). Files are put whole: parts of a
//! multipart upload are lost with the task. `no_limits` means five tries to this plugin, so the limit is a number that is
//! not reached.
use super::{
    Defaults, Description, Destination, OWN_ROLE, REGION, Resource, Target, Template,
    description::{Refused, Region},
    region,
};
use crate::{pipeline::STORAGE_PATH, release::Behaviour, value};
use std::net::Ipv4Addr;

pub const DESCRIPTION: Description = Description {
    target: Some(TARGET),
    needs: &[&["bucket"]],
    region: Some(Region { default: Some("us-east-1"), ..REGION }),
    // Of its own buffer, and not set: files that an earlier process left are not counted at the start, but are subtracted
    // when they were uploaded. The count wraps below zero, and every record is refused from then on. Seen on 4.2.7, 5.0.9
    // and 5.1.1.
    limit: "store_dir_limit_size",
    limit_breaks: Some("its count wraps below zero"),
    folder: Some("store_dir"),
    // It holds a whole file.
    memory_mib: 64,
    one_record_a_line: true,
    templates: &[Template {
        property: "s3_key_format",
        takes: "$TAG, $TAG[1], $INDEX, $UUID and strftime's %Y; no field of the record",
        of_fields: false,
    }],
    needs_rights: &[("role_arn", OWN_ROLE)],
    risk: |version| {
        version.shows(Behaviour::S3GivesUp).then_some("its s3 output drops a file after five failed uploads")
    },
    refuses,
    defaults,
    ..Description::of("s3", "s3")
};

/// A bucket's name has the account in it, so the router's task says it: one image fits every account.
pub const TARGET: Target = Target {
    property: "bucket",
    resource: Resource::Bucket,
    default: |_, to| Some(format!("${{{}}}", to.variable_of("bucket"))),
    accepts: is_bucket,
    rule: "buckets have 3 to 63 lower-case letters, digits, . and -, with a letter or a digit at both ends, no two dots \
               side by side, and none of S3's own prefixes and suffixes (xn--, sthree-, -s3alias, …); they are no IP address",
};

/// Records wait at most this long, and for at most so many bytes, until they are a file in the bucket.
const UPLOAD_TIMEOUT: &str = "1m";
const FILE_SIZE: &str = "20M";

/// More tries than there are in any outage.
const RETRIES: &str = "1000000";

/// A file that is put is in memory as a whole; larger ones go up in parts.
const LARGEST_PUT: u64 = 50_000_000;

fn defaults(to: &Destination) -> Defaults {
    let name = &to.name;
    let file_size = to.setting("total_file_size").and_then(value::limit).unwrap_or(0);
    let put = if file_size > LARGEST_PUT { "off" } else { "on" };
    vec![
        region(),
        ("s3_key_format", format!("/{name}/%Y/%m/%d/%H/$TAG-%M%S-$UUID.json")),
        ("json_date_key", "date".to_string()),
        ("json_date_format", "iso8601".to_string()),
        ("use_put_object", put.to_string()),
        ("total_file_size", FILE_SIZE.to_string()),
        ("upload_timeout", UPLOAD_TIMEOUT.to_string()),
        ("store_dir", format!("{STORAGE_PATH}/s3/{name}")),
        ("retry_limit", RETRIES.to_string()),
        (DESCRIPTION.limit, String::new()),
        ("net.max_worker_connections", String::new()),
    ]
}

fn refuses(to: &Destination) -> Option<Refused> {
    let key = to.setting("s3_key_format").filter(|key| !key.is_empty())?;
    (!key.starts_with('/')).then_some(Refused {
        property: "s3_key_format",
        message: "keys begin with `/` here",
        label: "the output does not start with this",
        beside: None,
        help: Some("the `/` is not in the object's key"),
    })
}

/// Amazon S3 user guide, "General purpose bucket naming rules".
fn is_bucket(name: &str) -> bool {
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
    fn buckets_are_named_as_the_api_takes_them() {
        assert!(is_bucket("shop.logs-123456789012"));
        for wrong in ["Shop", "ab", "a..b", "-ab", "ab-", "192.168.5.4", "xn--a", "a-s3alias"] {
            assert!(!is_bucket(wrong), "{wrong}");
        }
    }
}
