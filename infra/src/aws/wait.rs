//! Waiting for what AWS does in its own time.
use super::Error;
use crate::Result;
use std::{future::Future, time::Duration};
use tokio::time::{Instant, sleep};

/// The first pause between two questions, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(10));

/// Asks again and again until there is an answer.
///
/// # Errors
/// Those of a question, and, after `patience`, that it is not so yet: `what` says what was waited for.
pub async fn until<T, F>(what: &str, patience: Duration, mut ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let end = Instant::now() + patience;
    let mut pause = PAUSE.0;
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        if Instant::now() + pause > end {
            let text = format!("{what}: not so after {} seconds", patience.as_secs());
            return Err(Error::new(text).help("AWS may still be at it: run the same command again"));
        }
        sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE.1);
    }
}

/// Makes a call again as long as it fails in a way that passes.
///
/// # Errors
/// Any other error of the call, and after `patience` this one, too.
pub async fn unless<T, F>(patience: Duration, passes: impl Fn(&Error) -> bool, mut call: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let end = Instant::now() + patience;
    let mut pause = PAUSE.0;
    loop {
        match call().await {
            Err(error) if passes(&error) && Instant::now() + pause <= end => sleep(pause).await,
            result => return result,
        }
        pause = (pause * 3 / 2).min(PAUSE.1);
    }
}
