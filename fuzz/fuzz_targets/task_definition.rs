//! Any text as a task definition: it is linted, and the router is put into it. Doing that again changes nothing.
#![no_main]
use firelens_fuzz::files::{lint, request};
use firelens_pipeline::task_definition::inject::inject;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    lint("json", input);
    let Ok(text) = std::str::from_utf8(input) else { return };
    for register in [false, true] {
        let request = request(register);
        match inject(text, &request) {
            Ok(injected) => {
                serde_json::from_str::<serde_json::Value>(&injected.text).expect("what is written is JSON");
                match inject(&injected.text, &request) {
                    Ok(again) => assert_eq!(again.text, injected.text, "a second time changes something"),
                    Err(problems) => panic!("what was written is refused: {problems:?}"),
                }
            }
            Err(problems) => {
                assert!(!problems.is_empty());
                assert!(problems.iter().all(|problem| problem.span.end <= text.len()), "{problems:?}");
            }
        }
    }
});
