use super::*;

fn sign(processes: Option<String>, pid: u32, released: bool) -> Sign {
    let caller = "arn:aws:iam::1:user/ann".to_string();
    Sign {
        holder: Holder { caller, host: "build-7".into(), pid, processes, since: now() - 9000, verb: "deploy".into() },
        released,
    }
}

fn held(sign: &Sign, seconds: u64) -> bool {
    refusal(Some(&(sign.clone(), now() - seconds * 1000)), 0, now(), "shop").is_some()
}

#[test]
fn a_lock_is_free_when_it_was_given_back_or_its_holder_is_dead() {
    let elsewhere = || Some("elsewhere".to_string());
    assert!(held(&sign(elsewhere(), 1, false), 5));
    assert!(held(&sign(None, u32::MAX, false), 5));
    assert!(!held(&sign(elsewhere(), 1, true), 5));
    assert!(!held(&sign(elsewhere(), 1, false), 61));
}

#[test]
#[cfg(target_os = "linux")]
fn a_process_that_is_gone_holds_nothing() {
    assert!(held(&sign(processes(), std::process::id(), false), 5));
    assert!(!held(&sign(processes(), u32::MAX, false), 5));
}

#[test]
fn a_lock_without_a_line_is_as_old_as_its_stream() {
    assert!(refusal(None, now() - 5000, now(), "shop").is_some());
    assert!(refusal(None, now() - 11_000, now(), "shop").is_none());
}

#[test]
fn the_refusal_says_who_it_is() {
    let error =
        refusal(Some(&(sign(None, 42, false), now() - 3000)), now() - 9000, now(), "shop").unwrap().0.to_string();
    assert!(error.contains("arn:aws:iam::1:user/ann on build-7 (process 42)"), "{error}");
    assert!(error.contains("it began 9 s ago and gave its last sign of life 3 s ago"), "{error}");
}
