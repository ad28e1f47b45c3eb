//! S3, without Firehose in between.
//!
//! The plugin has a buffer of its own, `store_dir`, where records gather until they are worth a file; a limit on Fluent
//! Bit's storage does not reach it, and its own limit does not work (see [`LIMIT`]). Files are put whole: parts of a
//! multipart upload are lost with the task. `no_limits` means five tries to this plugin, so the limit is a number that is
//! not reached.
use super::{Defaults, Destination, IO_TIMEOUT, region};
use crate::{buffer, pipeline::STORAGE_PATH};

pub const PLUGIN: &str = "s3";

/// Of its own buffer. It is not set: files that an earlier process left are not counted at the start, but are subtracted
/// when they were uploaded. The count wraps below zero, and every record is refused from then on. Seen on 4.2.7, 5.0.9
/// and 5.1.1.
pub const LIMIT: &str = "store_dir_limit_size";

/// Records wait at most this long, and for at most so many bytes, until they are a file in the bucket.
const UPLOAD_TIMEOUT: &str = "1m";
const FILE_SIZE: &str = "20M";

/// More tries than there are in any outage.
const RETRIES: &str = "1000000";

/// A file that is put is in memory as a whole; larger ones go up in parts.
const LARGEST_PUT: u64 = 50_000_000;

pub fn defaults(to: &Destination) -> Defaults {
    let name = &to.name;
    let file_size = to.setting("total_file_size").and_then(buffer::bytes).unwrap_or(0);
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
        ("net.io_timeout", IO_TIMEOUT.to_string()),
    ]
}
