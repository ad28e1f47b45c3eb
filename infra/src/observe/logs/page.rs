//! One log group, page by page: FilterLogEvents.
//!
//! A page can be empty although there are more: the next token alone says that it was the last (Amazon CloudWatch Logs API
//! reference, "FilterLogEvents").
use super::{Answer, Event, Search};
use crate::{Aws, send::Failure};
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;
use std::{collections::VecDeque, sync::Arc};

/// The events of a search that were not taken yet.
pub(super) struct Pages {
    search: Search,
    events: VecDeque<Event>,
    next: Next,
}

enum Next {
    First,
    Token(String),
    None,
}

impl Pages {
    pub(super) fn new(search: Search) -> Pages {
        Pages { search, events: VecDeque::new(), next: Next::First }
    }

    /// Asks until there is an event, or until it is known that there is none.
    pub(super) async fn fill(&mut self, aws: &Aws) -> Answer<()> {
        while self.events.is_empty() {
            let token = match &self.next {
                Next::None => break,
                Next::First => None,
                Next::Token(token) => Some(token.clone()),
            };
            let Search { group, pattern, since, until } = &self.search;
            let page = aws
                .logs()
                .filter_log_events()
                .log_group_name(&**group)
                .set_filter_pattern(pattern.clone())
                .start_time(since.as_millisecond())
                .set_end_time(until.map(Timestamp::as_millisecond))
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| Failure::of(error, "logs:FilterLogEvents", group))?;
            self.events.extend(page.events().iter().filter_map(|found| event(group, found)));
            self.next = page.next_token.map_or(Next::None, Next::Token);
        }
        Ok(())
    }

    /// The time of the next event that was read.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.events.front().map(|event| event.time)
    }

    pub(super) fn take(&mut self) -> Option<Event> {
        self.events.pop_front()
    }
}

fn event(group: &Arc<str>, found: &FilteredLogEvent) -> Option<Event> {
    Some(Event {
        group: Arc::clone(group),
        stream: found.log_stream_name().unwrap_or_default().to_string(),
        id: found.event_id().unwrap_or_default().to_string(),
        time: Timestamp::from_millisecond(found.timestamp()?).ok()?,
        ingested: found.ingestion_time().and_then(|time| Timestamp::from_millisecond(time).ok()),
        message: found.message().unwrap_or_default().to_string(),
    })
}
