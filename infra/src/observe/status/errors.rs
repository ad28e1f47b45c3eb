//! Lines about errors in the logs of Firehose and of the router.
use crate::{Aws, Result, Stack, aws::error::Call as _};
use jiff::Timestamp;
use serde::Serialize;

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorLine {
    #[serde(serialize_with = "crate::observe::times::sortable")]
    pub time: Timestamp,
    pub message: String,
}

/// So many are told; there can be many more.
const TOLD: usize = 5;

/// So many pages are asked for: the last lines of a flood of errors are like its first.
const PAGES: usize = 5;

/// All that Firehose writes to its group is about errors.
pub(super) async fn of_firehose(stack: &Stack, aws: &Aws, since: Timestamp) -> Result<Vec<ErrorLine>> {
    last(aws, &stack.firehose_log_group(), None, since).await
}

/// Fluent Bit's lines begin with `[2026/11/25 06:00:00] [error] `.
pub(super) async fn of_router(stack: &Stack, aws: &Aws, since: Timestamp) -> Result<Vec<ErrorLine>> {
    last(aws, &stack.router_log_group(), Some("[error]"), since).await
}

/// The last lines of a group with this text; none when there is no group.
async fn last(aws: &Aws, group: &str, text: Option<&str>, since: Timestamp) -> Result<Vec<ErrorLine>> {
    let pattern = text.map(|text| format!("\"{text}\""));
    let filter = aws.logs().filter_log_events().log_group_name(group).set_filter_pattern(pattern);
    let filter = filter.start_time(since.as_millisecond());
    let mut lines = Vec::new();
    let mut token = None;
    for _ in 0..PAGES {
        let page = filter.clone().set_next_token(token).send().await.call("logs:FilterLogEvents", group);
        let page = match page {
            Err(error) if error.is("ResourceNotFoundException") => return Ok(Vec::new()),
            page => page?,
        };
        lines.extend(page.events().iter().filter_map(|event| {
            let time = Timestamp::from_millisecond(event.timestamp()?).ok()?;
            Some(ErrorLine { time, message: event.message()?.trim_end().to_string() })
        }));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    lines.retain(|line: &ErrorLine| text.is_none_or(|text| line.message.contains(text)));
    lines.sort_by_key(|line| line.time);
    Ok(lines.split_off(lines.len().saturating_sub(TOLD)))
}
