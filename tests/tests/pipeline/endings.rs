//! The router's process ends.
use crate::endpoint::Mode;
use crate::lines;
use crate::stage::{FULL, PATIENCE, Stage, each, memory};
use std::collections::HashSet;
use std::thread;
use std::time::Duration;

const BURST: usize = 100_000;
/// With the unfinished one.
const LINES: usize = BURST + 1;

/// What ECS does at least between the end of the app and the router's SIGTERM.
const PAUSE: Duration = Duration::from_secs(2);

/// A burst, a line whose end never comes, the app closes its socket, SIGTERM two seconds later.
fn burst_and_terminate(stage: &Stage, scenario: &str, away: bool) {
    stage.endpoint.set(if away { Mode::Away } else { Mode::Up });
    let process = stage.router.start();
    let mut driver = stage.driver();
    lines::send(&mut driver, 0..BURST, None).expect("the socket");
    let (source, text) = lines::text(BURST);
    let piece = driver.piece(source, text.as_bytes(), 1, false);
    driver.send(piece).expect("the socket");
    drop(driver);
    thread::sleep(PAUSE);
    let peak = process.peak();
    let status = process.terminate(PATIENCE).expect("an end");
    assert!(status.is_some_and(|status| status.success()), "it ended with {status:?}");
    let left = stage.router.buffered();
    let on_disk: HashSet<usize> = left.iter().flat_map(|chunk| lines::numbers(chunk)).collect();
    stage.endpoint.set(Mode::Up);
    if !left.is_empty() {
        let process = stage.router.start();
        let census = stage.wait_for(0..LINES, LINES);
        stage.assert_exact(&census, LINES, Some(&process));
    }
    let census = stage.wait_for(0..LINES, LINES);
    stage.assert_exact(&census, LINES, None);
    let (chunks, arrived, peak) = (left.len(), census.arrived(), memory(peak));
    stage.report(scenario, &format!("{arrived}; {} lines in {chunks} chunks were left; {peak}", on_disk.len()));
}

#[test]
fn terminated_while_the_destination_is_there() {
    each("terminated", FULL, |stage| burst_and_terminate(stage, "terminated", false));
}

#[test]
fn terminated_while_the_destination_is_away() {
    each("terminated-away", FULL, |stage| burst_and_terminate(stage, "terminated-away", true));
}

/// SIGKILL in the middle of a burst: whatever had reached the disk arrives after the restart.
#[test]
fn killed() {
    each("killed", FULL, |stage| {
        for (round, away) in [true, false].into_iter().enumerate() {
            let first = round * BURST;
            stage.endpoint.set(if away { Mode::Away } else { Mode::Up });
            let process = stage.router.start();
            let mut driver = stage.driver();
            lines::send(&mut driver, first..first + BURST / 2, None).expect("the socket");
            process.kill().expect("it runs");
            drop(driver);
            let on_disk: HashSet<usize> = stage
                .router
                .buffered()
                .iter()
                .flat_map(|chunk| lines::numbers(chunk))
                .filter(|n| *n >= first)
                .collect();
            stage.endpoint.set(Mode::Up);
            let most = 2 * BURST;
            let process = stage.router.start();
            let census = stage.wait_for(on_disk.iter().copied(), most);
            let difference = census.difference(on_disk.iter().copied());
            let missing: Vec<usize> = on_disk.iter().copied().filter(|number| !census.has(*number)).collect();
            assert_eq!((difference.missing, difference.strays), (0, 0), "{difference}: {missing:?}");
            let sent = first..first + BURST / 2;
            let all = census.difference(sent.clone());
            let lost = sent.filter(|number| !census.has(*number)).count();
            process.terminate(PATIENCE).expect("an end");
            let text = format!(
                "destination {}: {} lines sent, {} on disk, {lost} lost with the process, {} doubled",
                if away { "away" } else { "there" },
                BURST / 2,
                on_disk.len(),
                all.doubled
            );
            stage.report("killed", &text);
        }
    });
}
