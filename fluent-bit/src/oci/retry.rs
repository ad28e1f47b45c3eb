//! Trying again what may go well the next time.
use super::{Error, Kind, Result};
use std::time::Duration;

/// How long to wait before each further try.
const WAITS: [Duration; 4] =
    [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(2)];

/// How many tries are left.
#[derive(Debug, Default)]
pub struct Patience {
    failed: usize,
}

impl Patience {
    /// Waits before the next try.
    ///
    /// # Errors
    /// The error itself, when it will not pass, or has not passed for too long.
    pub async fn wait_after(&mut self, error: Error) -> Result<()> {
        let wait = WAITS.get(self.failed).filter(|_| error.kind == Kind::Passing);
        let Some(wait) = wait else { return Err(error) };
        self.failed += 1;
        tokio::time::sleep(*wait).await;
        Ok(())
    }

    /// There was progress since the last failure.
    pub fn renew(&mut self) {
        self.failed = 0;
    }
}

/// Repeats a call while it fails in a passing way.
pub async fn retrying<T, F: Future<Output = Result<T>>>(mut call: impl FnMut() -> F) -> Result<T> {
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
}
