//! IAM's simulator takes few calls at a time from an account. AWS names no figures; some 30 calls at once were seen to fail.
use crate::fault_proxy::Request;
use std::time::{Duration, Instant};

/// What may come at once, and how long each takes to be free again.
const BURST: u32 = 10;
const REFILL: Duration = Duration::from_millis(100);

#[derive(Debug, Default)]
pub(super) struct Throttle {
    taken: u32,
    since: Option<Instant>,
}

impl Throttle {
    /// Whether this request is one too many.
    pub fn refuses(&mut self, request: &Request) -> bool {
        if request.call != "iam:SimulatePrincipalPolicy" {
            return false;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let free = u32::try_from(since.elapsed().as_millis() / REFILL.as_millis()).unwrap_or(u32::MAX);
        self.since = Some(since + REFILL * free);
        self.taken = self.taken.saturating_sub(free);
        let refuses = self.taken == BURST;
        self.taken += u32::from(!refuses);
        refuses
    }
}
