//! Ctrl-c, and the signal by which a build server ends a process.
use crate::Ui;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The exit code of a process that was ended at once: what a shell takes for ended by ctrl-c.
const AT_ONCE: i32 = 130;

/// How long a stop may take until the process is ended at once.
const PATIENCE: Duration = Duration::from_secs(30);

/// The first signal cancels `stop`. The second, or a stop that takes too long, ends the process.
pub(crate) fn on_interrupt(ui: Ui, stop: CancellationToken) {
    tokio::spawn(async move {
        signal().await;
        stop.cancel();
        ui.note("stopping: what is on its way comes to its end, nothing more is begun; once more to end at once");
        tokio::select! {
            () = signal() => {}
            () = tokio::time::sleep(PATIENCE) => {}
        }
        ui.error("ended at once: run the same command again, it goes on from what is there");
        std::process::exit(AT_ONCE);
    });
}

/// Waits for one of them.
#[cfg(unix)]
pub(crate) async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        result = tokio::signal::ctrl_c() => if result.is_err() { std::future::pending().await },
        _ = terminate.recv() => {}
    }
}

/// Waits for it.
#[cfg(not(unix))]
pub async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
