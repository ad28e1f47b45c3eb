//! Events as they come.
//!
//! FilterLogEvents finds events by their own times, not by when they arrived, and an event can arrive long after its time: the
//! router sends again what a destination did not take. So each look begins some time before the last one, and what was
//! seen is known by its id.
use super::{Answer, Event, Reading, Search};
use crate::Aws;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// A number of looks at the same log groups, each event once.
pub struct Follow {
    aws: Aws,
    searches: Vec<Search>,
    late: SignedDuration,
    seen: HashMap<String, Timestamp>,
    look: Option<Look>,
}

/// A look that is not at its end.
struct Look {
    reading: Reading,
    /// Where the next one begins.
    next_from: Timestamp,
}

impl Follow {
    /// What arrives up to `late` after its time is seen.
    pub fn new(aws: &Aws, searches: Vec<Search>, late: SignedDuration) -> Follow {
        Follow { aws: aws.clone(), searches, late, seen: HashMap::new(), look: None }
    }

    /// The next event of this look, or none when the look is at its end; the next call begins another.
    ///
    /// # Errors
    /// When CloudWatch Logs refuses; the next call goes on where it was.
    pub async fn next(&mut self) -> Answer<Option<Event>> {
        let (late, searches, aws) = (self.late, &self.searches, &self.aws);
        let look = self.look.get_or_insert_with(|| Look {
            reading: Reading::new(aws, searches),
            next_from: searches.iter().map(|search| search.since).fold(Timestamp::now() - late, Timestamp::max),
        });
        while let Some(event) = look.reading.next().await? {
            if self.seen.contains_key(&event.id) {
                continue;
            }
            if event.time >= look.next_from {
                self.seen.insert(event.id.clone(), event.time);
            }
            return Ok(Some(event));
        }
        let from = look.next_from;
        self.seen.retain(|_, time| *time >= from);
        self.searches.iter_mut().for_each(|search| search.since = from);
        self.look = None;
        Ok(None)
    }
}
