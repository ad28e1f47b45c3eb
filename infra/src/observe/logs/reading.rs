//! Several log groups as one: the earliest event first.
use super::{Answer, Event, Search, page::Pages};
use crate::Aws;
use futures::future::try_join_all;

/// The events of some searches, a page of each in memory.
pub struct Reading {
    aws: Aws,
    groups: Vec<Pages>,
}

impl Reading {
    pub(super) fn new(aws: &Aws, searches: &[Search]) -> Reading {
        Reading { aws: aws.clone(), groups: searches.iter().cloned().map(Pages::new).collect() }
    }

    /// The next event, or none when all were read.
    ///
    /// # Errors
    /// When CloudWatch Logs refuses; the same call can be made again then, and goes on where it was.
    pub async fn next(&mut self) -> Answer<Option<Event>> {
        let aws = &self.aws;
        try_join_all(self.groups.iter_mut().map(|group| group.fill(aws))).await?;
        let times = self.groups.iter().enumerate().filter_map(|(index, group)| Some((group.time()?, index)));
        let earliest = times.min().map(|(_, index)| index);
        Ok(earliest.and_then(|index| self.groups[index].take()))
    }
}
