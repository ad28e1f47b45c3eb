//! The newest objects of a bucket whose keys have dates in them, without listing the bucket.
//!
//! Keys are gone down folder by folder. Where all folders of a level are numbers (`2026`, `month=11`), the newest is in the
//! greatest; where they are not (routes), each is looked into.
use crate::{Result, aws::error::Call as _};
use aws_sdk_s3::Client;
use jiff::Timestamp;

/// Folders that are looked into, at most.
const FOLDERS: usize = 200;
/// Pages of a thousand objects of a folder.
const PAGES: usize = 10;

/// When an object was written, and its key.
type Object = (Timestamp, String);

/// The newest object under the prefix. Keys that begin with `but` do not count.
pub(super) async fn newest(s3: &Client, bucket: &str, prefix: &str, but: Option<&str>) -> Result<Option<Object>> {
    let mut newest = None;
    walk(s3, bucket, prefix, but, 1, |object| newest = newest.take().max(Some(object))).await?;
    Ok(newest)
}

/// The objects under the prefix that were written since then, but for keys that begin with `but`. Of numbered folders the two
/// greatest are looked into: an object begun in one hour is written in the next.
pub(super) async fn since(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    but: Option<&str>,
    since: Timestamp,
) -> Result<Vec<Object>> {
    let mut found = Vec::new();
    walk(s3, bucket, prefix, but, 2, |object| found.extend(Some(object).filter(|(time, _)| *time >= since))).await?;
    Ok(found)
}

/// What a prefix begins with, before what Firehose fills in.
pub(super) fn fixed(prefix: &str) -> String {
    prefix.split("!{").next().unwrap_or_default().to_string()
}

/// The objects of the folders that are worth looking into.
async fn walk(
    s3: &Client,
    bucket: &str,
    prefix: &str,
    but: Option<&str>,
    numbered: usize,
    mut seen: impl FnMut(Object),
) -> Result<()> {
    let counts = |key: &str| but.is_none_or(|but| !key.starts_with(but));
    let mut folders = vec![prefix.to_string()];
    for _ in 0..FOLDERS {
        let Some(folder) = folders.pop() else { break };
        let Level { objects, folders: below } = level(s3, bucket, &folder).await?;
        objects.into_iter().filter(|(_, key)| counts(key)).for_each(&mut seen);
        folders.extend(worth_looking(below.into_iter().filter(|folder| counts(folder)).collect(), numbered));
    }
    Ok(())
}

/// The greatest few of numbered folders; all of others.
fn worth_looking(mut folders: Vec<String>, few: usize) -> Vec<String> {
    folders.sort();
    if folders.iter().all(|folder| numbered(folder)) {
        folders.drain(..folders.len().saturating_sub(few));
    }
    folders
}

/// `logs/2026/`, `logs/year=2026/`
fn numbered(folder: &str) -> bool {
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let number = name.rsplit('=').next().unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

struct Level {
    objects: Vec<Object>,
    folders: Vec<String>,
}

async fn level(s3: &Client, bucket: &str, prefix: &str) -> Result<Level> {
    let mut level = Level { objects: Vec::new(), folders: Vec::new() };
    let mut token = None;
    for _ in 0..PAGES {
        let list = s3.list_objects_v2().bucket(bucket).prefix(prefix).delimiter("/").set_continuation_token(token);
        let page = list.send().await.call("s3:ListBucket", bucket)?;
        let objects = page.contents().iter().filter_map(|object| {
            let time = Timestamp::from_millisecond(object.last_modified()?.to_millis().ok()?).ok()?;
            Some((time, object.key()?.to_string()))
        });
        level.objects.extend(objects);
        level.folders.extend(page.common_prefixes().iter().filter_map(|folder| folder.prefix().map(str::to_string)));
        token = page.next_continuation_token;
        if token.is_none() {
            break;
        }
    }
    Ok(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(folders: &[&str]) -> Vec<String> {
        worth_looking(folders.iter().map(ToString::to_string).collect(), 1)
    }

    #[test]
    fn of_dates_the_last_is_looked_into_and_of_routes_each() {
        assert_eq!(of(&["logs/2025/", "logs/2026/"]), ["logs/2026/"]);
        assert_eq!(of(&["logs/month=02/", "logs/month=11/"]), ["logs/month=11/"]);
        assert_eq!(of(&["logs/rest/", "logs/failures/"]), ["logs/failures/", "logs/rest/"]);
        assert_eq!(of(&["logs/2026/", "logs/rest/"]), ["logs/2026/", "logs/rest/"]);
        assert_eq!(of(&[]), Vec::<String>::new());
    }
}
