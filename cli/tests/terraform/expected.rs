//! Golden files, and that nothing else is written.
use super::{STACKS, export, exported, files, folder, name};
use std::fs;

#[test]
fn each_stack_gives_its_module() {
    for stack in STACKS {
        let expected = folder().join("expected").join(name(stack));
        let written = files(&exported(stack, &["--import"]));
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            let _ = fs::remove_dir_all(&expected);
            fs::create_dir_all(&expected).unwrap();
            written.iter().for_each(|(name, text)| fs::write(expected.join(name), text).unwrap());
        }
        for (name, text) in &written {
            let before = fs::read_to_string(expected.join(name)).unwrap_or_default();
            assert!(*text == before, "{stack}: {name} is not as expected; UPDATE_EXPECTED=1 accepts it:\n{text}");
        }
        assert_eq!(expected.read_dir().unwrap().count(), written.len(), "{stack}: files that are not written any more");
    }
}

#[test]
fn the_same_again_changes_nothing_and_imports_go_when_they_are_not_asked_for() {
    let folder = exported("archive", &["--import"]);
    let before = files(&folder);
    let again = export(&folder, &["--import", "--format", "json"]);
    let said: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
    let said = said["files"].as_array().unwrap();
    assert!(said.len() > 8 && said.iter().all(|file| file["what"] == "unchanged"), "{said:?}");
    assert_eq!(files(&folder), before);
    let without = export(&folder, &[]);
    assert!(without.stderr.contains("imports.tf: removed"), "{}", without.stderr);
    assert!(!folder.path("module/imports.tf").exists());
}

#[test]
fn what_somebody_else_wrote_stays() {
    let folder = exported("archive", &[]).with("module/network.tf", "# mine\n").with("module/extra.tf", "# mine\n");
    let before = files(&folder);
    let run = export(&folder, &["--region", "eu-central-1"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("module/network.tf: it was not written by this export, and nothing is written"),
        "{}",
        run.stderr
    );
    assert_eq!(files(&folder), before);
}
