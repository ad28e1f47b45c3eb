//! Ctrl-c, and the signal by which a build server ends a process.
use crate::Ui;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// What a shell takes for ended by ctrl-c.
const INTERRUPTED: i32 = 130;

/// The first signal sets `stop`, the second ends the process.
pub fn on_interrupt(ui: Ui, stop: Arc<AtomicBool>) {
    tokio::spawn(async move {
        signal().await;
        stop.store(true, Ordering::Relaxed);
        ui.note("stopping: what is on its way comes to its end, nothing more is begun; once more to end at once");
        signal().await;
        std::process::exit(INTERRUPTED);
    });
}

/// Comes to its end when the process is asked to end.
#[cfg(unix)]
pub async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        result = tokio::signal::ctrl_c() => if result.is_err() { std::future::pending().await },
        _ = terminate.recv() => {}
    }
}

/// Comes to its end when the process is asked to end.
#[cfg(not(unix))]
pub async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
