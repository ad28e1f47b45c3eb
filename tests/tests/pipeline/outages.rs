//! The way to the cloud is interrupted, and comes back.
use crate::endpoint::Mode;
use crate::lines;
use crate::stage::{FULL, each};
use std::thread;
use std::time::Duration;

/// Lines before, while, and after.
const LINES: usize = 30_000;
const A_SECOND: u32 = 1_000;

/// Each fault for ten seconds, the last one for thirty; lines come all the time.
#[test]
fn outages() {
    each("outages", FULL, |stage| {
        let process = stage.router.start();
        let mut driver = stage.driver();
        let (mut at, third) = (0, LINES / 3);
        thread::scope(|scope| {
            let sender = scope.spawn(|| {
                for _ in 0..3 {
                    lines::send(&mut driver, at..at + third, Some(A_SECOND)).expect("the socket");
                    at += third;
                }
            });
            for (mode, seconds) in [(Mode::Up, 2), (Mode::Reset, 10), (Mode::Throttled, 10), (Mode::Away, 30)] {
                stage.endpoint.set(mode);
                thread::sleep(Duration::from_secs(seconds));
            }
            sender.join().expect("the sender");
        });
        drop(driver);
        stage.endpoint.set(Mode::Up);
        let census = stage.wait_for(0..LINES, LINES);
        stage.assert_exact(&census, LINES, Some(&process));
        assert!(stage.endpoint.failed() > 0, "no request failed");
        let text = format!(
            "{}; {} requests failed, {} passed",
            census.arrived(),
            stage.endpoint.failed(),
            stage.endpoint.passed()
        );
        stage.report("outages", &text);
    });
}
