//! CloudWatch Logs: PutLogEvents.
//!
//! Limits: Amazon CloudWatch Logs API reference, "PutLogEvents": up to 10,000 events and 1,048,576 bytes a call, 26 bytes
//! added for each event; events in the order of their times, which span no more than 24 hours; none older than 14 days or
//! than the log group's retention, none more than two hours in the future, none empty. Calls for one stream need no order.
use super::{Answer, Api, Event, Failure, Limits, Refusal, single_try};
use crate::{Aws, Error, Result, aws::error::Call as _};
use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::{
    Client,
    types::{InputLogEvent, RejectedLogEventsInfo},
};
use std::time::{Duration, Instant};

const OVERHEAD: usize = 26;
const BYTES: usize = 1_048_576;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// The oldest that is taken, and the newest.
const OLDEST: i64 = 14 * DAY;
const NEWEST: i64 = 2 * HOUR;

pub const LIMITS: Limits = Limits {
    records: 10_000,
    bytes: BYTES,
    record_bytes: BYTES - OVERHEAD,
    overhead: OVERHEAD,
    span: Some(DAY),
    parallel: 4,
};

const CALL: &str = "logs:PutLogEvents";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub group: String,
    pub stream: String,
    /// As far as it is known; [`super::Target::connect`] asks.
    pub retention_days: Option<i32>,
    /// If not the account's way in.
    pub region: Option<String>,
}

struct Stream {
    client: Client,
    group: String,
    stream: String,
    made: Instant,
}

/// For so long after it was made a stream may not be known everywhere: CloudWatch Logs is eventually consistent.
const UNKNOWN_AT_FIRST: Duration = Duration::from_secs(120);

impl Target {
    pub(super) fn refuses(&self, event: &Event, now: i64) -> Option<Refusal> {
        let age = now - event.time;
        let retention = self.retention_days.map(|days| i64::from(days) * DAY);
        match () {
            () if event.body.is_empty() => Some(Refusal::Empty),
            () if retention.is_some_and(|retention| age > retention) => Some(Refusal::Expired),
            () if age > OLDEST => Some(Refusal::TooOld),
            () if age < -NEWEST => Some(Refusal::TooNew),
            () => LIMITS.refuses(event),
        }
    }

    /// Asks for the retention, and makes the log stream.
    pub(super) async fn connect(&mut self, aws: &Aws) -> Result<impl Api + use<>> {
        let client = Client::new(&aws.config_in(self.region.as_deref()));
        self.retention_days = self.find(&client).await?;
        let made = client.create_log_stream().log_group_name(&self.group).log_stream_name(&self.stream).send().await;
        let made = made.call("logs:CreateLogStream", &self.on()).map(|_| ());
        made.or_else(|error| error.unless("ResourceAlreadyExistsException"))?;
        let client = Client::new(&single_try(aws, self.region.as_deref()));
        Ok(Stream { client, group: self.group.clone(), stream: self.stream.clone(), made: Instant::now() })
    }

    /// The log group's retention. Who may not ask goes on with what the configuration says.
    async fn find(&self, client: &Client) -> Result<Option<i32>> {
        let found = client.describe_log_groups().log_group_name_prefix(&self.group).send().await;
        let found = match found.call("logs:DescribeLogGroups", &self.group) {
            Err(error) if error.denied() => return Ok(self.retention_days),
            found => found?,
        };
        let group = found.log_groups().iter().find(|group| group.log_group_name() == Some(&self.group));
        let missing = || {
            Error::new(format!("there is no log group {}", self.group))
                .help("make it with its retention first, by `firelens-kit deploy` or in the console")
        };
        Ok(group.ok_or_else(missing)?.retention_in_days())
    }

    fn on(&self) -> String {
        format!("{} {}", self.group, self.stream)
    }
}

#[async_trait]
impl Api for Stream {
    async fn send(&self, events: &[Event]) -> std::result::Result<Answer, Failure> {
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by_key(|index| events[*index].time);
        let input = order.iter().map(|index| input(&events[*index]));
        let input = input.collect::<std::result::Result<Vec<_>, _>>().map_err(Failure::Final)?;
        let call = self.client.put_log_events().log_group_name(&self.group).log_stream_name(&self.stream);
        let answer = call.set_log_events(Some(input)).send().await;
        let answer = answer.map_err(|error| match Failure::of(error, CALL, &self.group) {
            Failure::Final(error) if error.is_missing() && self.made.elapsed() < UNKNOWN_AT_FIRST => {
                Failure::Passing(error)
            }
            failure => failure,
        })?;
        Ok(Answer { rejected: rejected(answer.rejected_log_events_info(), &order), ..Answer::default() })
    }
}

fn input(event: &Event) -> Result<InputLogEvent> {
    let text = String::from_utf8_lossy(&event.body).into_owned();
    let input = InputLogEvent::builder().timestamp(event.time).message(text).build();
    input.map_err(|error| Error::new(error.to_string()))
}

/// The records that the service says it left out, by their place in what was given to us.
fn rejected(info: Option<&RejectedLogEventsInfo>, order: &[usize]) -> Vec<(usize, Refusal)> {
    let Some(info) = info else { return Vec::new() };
    let place = |index: Option<i32>| index.and_then(|index| usize::try_from(index).ok());
    let refusal = |at: usize| match () {
        () if place(info.expired_log_event_end_index()).is_some_and(|end| at < end) => Some(Refusal::Expired),
        () if place(info.too_old_log_event_end_index()).is_some_and(|end| at < end) => Some(Refusal::TooOld),
        () if place(info.too_new_log_event_start_index()).is_some_and(|start| at >= start) => Some(Refusal::TooNew),
        () => None,
    };
    let mut all: Vec<_> = order.iter().enumerate().filter_map(|(at, index)| Some((*index, refusal(at)?))).collect();
    all.sort_unstable_by_key(|(index, _)| *index);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time: i64, body: &str) -> Event {
        let at = super::super::Position::default();
        Event { from: at, to: at, line: 1, time, tag: "".into(), body: body.into(), refusal: None }
    }

    #[test]
    fn what_is_too_old_or_too_new_is_known_before() {
        let target = |retention_days| Target { group: "g".into(), stream: "s".into(), retention_days, region: None };
        let now = 1_000 * DAY;
        let refuses = |days, age| target(days).refuses(&event(now - age, "x"), now);
        assert_eq!(refuses(None, OLDEST), None);
        assert_eq!(refuses(None, OLDEST + 1), Some(Refusal::TooOld));
        assert_eq!(refuses(Some(3), 3 * DAY), None);
        assert_eq!(refuses(Some(3), 3 * DAY + 1), Some(Refusal::Expired));
        assert_eq!(refuses(None, -NEWEST), None);
        assert_eq!(refuses(None, -NEWEST - 1), Some(Refusal::TooNew));
        assert_eq!(target(None).refuses(&event(now, ""), now), Some(Refusal::Empty));
        let big = "x".repeat(BYTES - OVERHEAD);
        assert_eq!(target(None).refuses(&event(now, &big), now), None);
        assert_eq!(target(None).refuses(&event(now, &(big + "x")), now), Some(Refusal::TooBig));
    }

    #[test]
    fn rejected_events_are_found_in_what_was_sorted() {
        let info = RejectedLogEventsInfo::builder()
            .too_old_log_event_end_index(2)
            .expired_log_event_end_index(1)
            .too_new_log_event_start_index(4)
            .build();
        let expected = [(0, Refusal::TooNew), (1, Refusal::TooOld), (4, Refusal::Expired)];
        assert_eq!(rejected(Some(&info), &[4, 1, 3, 2, 0]), expected);
        assert_eq!(rejected(None, &[0]), []);
    }
}
