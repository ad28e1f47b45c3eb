//! Trying again what may go well the next time.
use super::{Error, Kind, Result};
use std::time::Duration;

/// How long to wait before each further try.
const WAITS: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// How many failures are borne in all, even when there was progress between them: a server that breaks off after each byte
/// is given up.
const FAILURES: usize = 50;

/// How many tries are left.
#[derive(Debug, Default)]
pub(crate) struct Patience {
    /// Since there was progress.
    failed: usize,
    in_all: usize,
}

impl Patience {
    /// Waits before the next try.
    ///
    /// # Errors
    /// The error itself, when it will not pass, or has not passed for too long.
    pub(crate) async fn wait_after(&mut self, error: Error) -> Result<()> {
        let Some(wait) = self.next(error.kind) else { return Err(error) };
        tokio::time::sleep(wait).await;
        Ok(())
    }

    fn next(&mut self, kind: Kind) -> Option<Duration> {
        let bearable = kind == Kind::Passing && self.in_all < FAILURES;
        let wait = WAITS.get(self.failed).filter(|_| bearable)?;
        self.failed += 1;
        self.in_all += 1;
        Some(*wait)
    }

    /// There was progress since the last failure.
    pub(crate) fn renew(&mut self) {
        self.failed = 0;
    }
}

/// Repeats a call while it fails in a passing way.
pub(crate) async fn retrying<T, F: Future<Output = Result<T>>>(mut call: impl FnMut() -> F) -> Result<T> {
    let mut patience = Patience::default();
    loop {
        match call().await {
            Ok(value) => return Ok(value),
            Err(error) => patience.wait_after(error).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[tokio::test]
    async fn only_what_can_pass_is_tried_again() {
        let calls = Cell::new(0);
        let refused = retrying(|| async {
            calls.set(calls.get() + 1);
            Err::<(), _>(Error::of(Kind::Unauthorized, "no"))
        });
        assert!(refused.await.is_err());
        assert_eq!(calls.replace(0), 1);
        let passing = retrying(|| async {
            calls.set(calls.get() + 1);
            if calls.get() < 3 { Err(Error::of(Kind::Passing, "busy")) } else { Ok(calls.get()) }
        });
        assert_eq!(passing.await.unwrap(), 3);
    }

    #[test]
    fn progress_does_not_buy_endless_tries() {
        let mut patience = Patience::default();
        let mut tries = 0;
        while patience.next(Kind::Passing).is_some() {
            patience.renew();
            tries += 1;
        }
        assert_eq!(tries, FAILURES);
        let mut without_progress = Patience::default();
        assert_eq!(std::iter::from_fn(|| without_progress.next(Kind::Passing)).count(), WAITS.len());
        assert!(Patience::default().next(Kind::Other).is_none());
    }
}
