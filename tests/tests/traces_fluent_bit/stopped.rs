//! SIGTERM after the last line: what the `multiline` filters hold is lost, and for how long they hold it.
use crate::router::Router;
use e2e::fluent_bit;
use std::collections::BTreeSet;
use std::path::Path;
use std::thread;
use std::time::Duration;

const TRACES: usize = 5;

/// How often each pause is tried: whether the timer ticks in it is chance.
const ROUNDS: usize = 3;

/// The timer comes at least once in this time, and what it passed on is on its way: nothing is held any more.
const WINDOW: Duration = Duration::from_millis(1500);

const TOML: &str = "[[container]]\nname = \"app\"\nstdout = \"json\"\nmultiline = { stderr = \"java\" }\n\
                    [[route]]\nname = \"all\"\nto = \"file\"\n";

/// The numbers of what arrives when SIGTERM comes so long after the last line. Numbered traces on stderr; on stdout two pieces of
/// a line whose end does not come, which has the next number.
fn arrived(program: &Path, pause: Duration) -> BTreeSet<usize> {
    let router = Router::new(&format!("stopped-{}", pause.as_millis()), program, TOML);
    let process = router.start();
    let mut driver = router.driver("app");
    for number in 0..TRACES {
        driver.log("stderr", format!("java.lang.Error: number {number}").as_bytes()).expect("the socket");
        driver.log("stderr", b"\tat com.example.Main.main(Main.java:1)").expect("the socket");
    }
    for (ordinal, text) in [(1, format!("number {TRACES}")), (2, " goes on".to_string())] {
        let piece = driver.piece("stdout", text.as_bytes(), ordinal, false);
        driver.send(piece).expect("the socket");
    }
    thread::sleep(pause);
    process.terminate(Duration::from_secs(60)).expect("an end");
    let number = |record: serde_json::Value| {
        let text = record["message"].as_str().or(record["log"].as_str())?;
        text.strip_prefix("number ")?.split(' ').next()?.parse().ok()
    };
    router.records().into_iter().filter_map(number).collect()
}

#[test]
fn what_is_held_at_sigterm_is_lost_for_a_second() {
    let all: BTreeSet<usize> = (0..=TRACES).collect();
    for program in fluent_bit::needed() {
        let mut lost_at_once = 0;
        for pause in [0, 100, 250, 500, 750, 1000, 1250].map(Duration::from_millis).into_iter().chain([WINDOW]) {
            for _ in 0..ROUNDS {
                let got = arrived(&program, pause);
                let lost: Vec<&usize> = all.difference(&got).collect();
                println!("{}: SIGTERM after {} ms: lost {lost:?}", program.display(), pause.as_millis());
                lost_at_once += usize::from(pause.is_zero() && !lost.is_empty());
                // What came last: of the traces a tail, however far the router had read by then.
                let traces: Vec<usize> = lost.iter().map(|number| **number).filter(|number| *number < TRACES).collect();
                let tail = TRACES - traces.len()..TRACES;
                assert!(traces.iter().copied().eq(tail), "{lost:?} after {pause:?}");
                assert!(pause < WINDOW || lost.is_empty(), "{lost:?} after {pause:?}");
            }
        }
        assert!(lost_at_once > 0, "{}: nothing is lost any more: correct docs/pipeline.md", program.display());
    }
}
