//! How fast a destination takes records: slower at once when it says so, faster again little by little.
use std::{sync::Mutex, time::Duration};
use tokio::time::{Instant, sleep_until};

/// Between two calls after the first throttling, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// Shorter pauses are none.
const NONE: Duration = Duration::from_millis(2);

/// The time between two calls to one destination, whichever batch they are for.
#[derive(Debug)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    pause: Duration,
    /// When the next call may be made.
    next: Instant,
}

impl Pace {
    pub(super) fn new() -> Pace {
        Pace(Mutex::new(State { pause: Duration::ZERO, next: Instant::now() }))
    }

    /// Waits for its turn.
    pub(super) async fn turn(&self) {
        let at = {
            let mut state = self.state();
            let at = state.next.max(Instant::now());
            state.next = at + state.pause;
            at
        };
        sleep_until(at).await;
    }

    /// The destination asked for fewer calls.
    pub(super) fn throttled(&self) {
        let mut state = self.state();
        state.pause = (state.pause * 2).clamp(PAUSE.0, PAUSE.1);
        state.next = state.next.max(Instant::now() + state.pause);
    }

    /// The destination took everything.
    pub(super) fn taken(&self) {
        let mut state = self.state();
        state.pause = Some(state.pause * 9 / 10).filter(|pause| *pause > NONE).unwrap_or_default();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Default for Pace {
    fn default() -> Pace {
        Pace::new()
    }
}
