//! Waiting for what AWS does in its own time.
use super::{Aws, Error};
use crate::Result;
use jiff::Timestamp;
use std::{future::Future, time::Duration};
use tokio::time::{Instant, sleep};

/// The first pause between two questions, and the longest, in seconds of [`Aws::second`].
const PAUSE: (f64, f64) = (1.0, 10.0);

/// How long what was just made may be unknown in parts of AWS. Terraform's provider waits as long for S3 and IAM.
const PROPAGATION: Duration = Duration::from_secs(120);

/// Asks again and again until there is an answer.
///
/// # Errors
/// Those of a question, and, after `patience`, that it is not so yet: `what` says what was waited for.
pub async fn until<T, F>(aws: &Aws, what: &str, patience: Duration, mut ask: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let end = Instant::now() + patience;
    let mut pauses = pauses(aws);
    loop {
        if let Some(answer) = ask().await? {
            return Ok(answer);
        }
        let pause = pauses.next().expect("there is always another pause");
        if Instant::now() + pause > end {
            let text = format!("{what}: not so after {} seconds", patience.as_secs());
            return Err(Error::new(text).help("AWS may still be at it: run the same command again"));
        }
        sleep(pause).await;
    }
}

/// Makes a call again as long as it fails in a way that passes.
///
/// # Errors
/// Any other error of the call, and after `patience` this one, too.
pub async fn unless<T, F>(
    aws: &Aws,
    patience: Duration,
    passes: impl Fn(&Error) -> bool,
    mut call: impl FnMut() -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let end = Instant::now() + patience;
    let mut pauses = pauses(aws);
    loop {
        let pause = pauses.next().expect("there is always another pause");
        match call().await {
            Err(error) if passes(&error) && Instant::now() + pause <= end => sleep(pause).await,
            result => return result,
        }
    }
}

/// A call about what was just made: it is made again while a part of AWS does not know that yet.
///
/// # Errors
/// Any other error of the call; after two minutes this one, too.
pub async fn known<T, F>(aws: &Aws, call: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    unless(aws, PROPAGATION, Error::is_missing, call).await
}

/// Reads what was just made until it is there.
///
/// # Errors
/// Those of reading it, but that it is missing; after two minutes that it is not there.
pub async fn found<T, F>(aws: &Aws, what: &str, mut read: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let ask = || {
        let read = read();
        async {
            match read.await {
                Err(error) if error.is_missing() => Ok(None),
                result => result,
            }
        }
    };
    until(aws, &format!("{what} was made, and is known"), PROPAGATION, ask).await
}

/// Until when at most something is waited for that begins now: `until 12:18:10 UTC at most`.
pub fn at_most(patience: Duration) -> String {
    let end = Timestamp::now().checked_add(patience).unwrap_or(Timestamp::MAX);
    format!("until {} UTC at most", end.strftime("%H:%M:%S"))
}

fn pauses(aws: &Aws) -> impl Iterator<Item = Duration> + use<> {
    let second = aws.second();
    let next = |pause: &f64| Some((pause * 1.5).min(PAUSE.1));
    std::iter::successors(Some(PAUSE.0), next).map(move |pause| second.mul_f64(pause))
}
