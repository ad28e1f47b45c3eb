//! The page, in Chromium: `tests/playground/page.mjs` does what a user does.
use crate::cases::{self, Case};
use e2e::{corpus, kit};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Runs a scenario, and gives what it printed.
fn page(scenario: &str, argument: &Path) -> String {
    cases::node("page.mjs", &[Path::new(scenario), &cases::built("page/playground.html"), argument])
}

/// Runs a scenario that needs nothing.
fn alone(scenario: &str) {
    page(scenario, Path::new(""));
}

#[test]
fn every_line_of_the_corpus_is_what_the_command_line_says_of_it() {
    let folder = TempDir::new().unwrap();
    let all = cases::write(folder.path(), cases::configurations());
    assert!(all.len() >= 40, "{} configurations", all.len());
    let expected = cases::expected(&all);
    let case = |(Case { name, config, lines }, expected): (&Case, &PathBuf)| json!({ "name": name, "config": config, "lines": lines, "expected": expected });
    let list: Vec<Value> = all.iter().zip(&expected).map(case).collect();
    let said = page("equal", &list_of(folder.path(), json!({ "cases": list })));
    let objects: usize = expected.iter().map(|file| fs::read_to_string(file).unwrap().lines().count()).sum();
    assert_eq!(said.trim(), format!("{} configurations, {objects} objects", all.len()));
}

#[test]
fn every_mistake_is_underlined_where_the_command_line_names_it() {
    let folder = TempDir::new().unwrap();
    let all = cases::write(folder.path(), cases::wrong());
    assert!(all.len() >= 60, "{} configurations", all.len());
    let case = |Case { name, config, .. }: &Case| {
        let complaints = cases::complaints(config);
        json!({ "name": name, "config": config, "complaints": complaints })
    };
    let list: Vec<Value> = all.iter().map(case).collect();
    let said = page("problems", &list_of(folder.path(), json!({ "cases": list })));
    assert_eq!(said.trim(), format!("{} configurations", all.len()));
}

fn list_of(folder: &Path, list: Value) -> PathBuf {
    let file = folder.join("cases.json");
    fs::write(&file, list.to_string()).unwrap();
    file
}

#[test]
fn a_link_opens_the_same_state() {
    alone("share");
}

#[test]
fn downloads_are_what_the_command_line_writes() {
    let folder = TempDir::new().unwrap();
    let (config, module) = (folder.path().join("firelens.toml"), folder.path().join("filter.wasm"));
    fs::copy(cases::root().join("examples/firelens.toml"), &config).unwrap();
    let compiled = kit::command().arg("compile").arg("-c").arg(&config).arg("-o").arg(&module).output().unwrap();
    assert!(compiled.status.success(), "{compiled:?}");
    page("downloads", &list_of(folder.path(), json!({ "config": config, "module": module })));
}

#[test]
fn bad_input_gets_a_sentence_and_the_last_results_stay() {
    let folder = TempDir::new().unwrap();
    page("bad", folder.path());
}

#[test]
fn a_hundred_thousand_lines_never_hold_the_page_up() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("many.log.gz");
    let mut lines = corpus::lines("access/combined.log");
    lines.push(b"no access line".to_vec());
    let mut gzip = GzEncoder::new(fs::File::create(&file).unwrap(), Compression::fast());
    for line in lines.iter().cycle().take(100_000) {
        gzip.write_all(line).and_then(|()| gzip.write_all(b"\n")).unwrap();
    }
    gzip.finish().unwrap();
    println!("{}", page("many", &file));
}

#[test]
fn axe_finds_nothing_in_either_theme_on_any_screen() {
    alone("accessible");
}

#[test]
fn the_keyboard_is_enough() {
    alone("keyboard");
}

#[test]
fn keys_words_and_fields_are_completed() {
    alone("completion");
}

#[test]
fn filters_narrow_the_rows_and_count() {
    alone("filters");
}

#[test]
fn the_examples_have_nothing_wrong_in_them() {
    alone("examples");
}

/// The documentation's picture is made here: `UPDATE_EXPECTED=1` writes it. Fonts differ from machine to machine, so that its
/// size is compared, and not what it shows.
#[test]
fn the_picture_of_the_documentation_is_of_this_page() {
    let folder = TempDir::new().unwrap();
    let (made, kept) = (folder.path().join("page.png"), cases::root().join("docs/playground.png"));
    page("picture", &made);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::copy(&made, &kept).unwrap();
    }
    let size = |path: &Path| {
        let png = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(png.starts_with(b"\x89PNG\r\n"), "{}", path.display());
        png[16..24].to_vec()
    };
    assert_eq!(size(&made), size(&kept));
}

#[test]
fn the_page_is_one_file_that_nothing_gets_out_of() {
    let page = fs::read(cases::built("page/playground.html")).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&page).unwrap();
    let packed = gzip.finish().unwrap().len();
    assert!(packed <= 1_500_000, "{packed} bytes compressed");
    let page = String::from_utf8(page).unwrap();
    let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    let rules: Vec<&str> = policy.split("; ").collect();
    assert_eq!(rules[0], "default-src 'none'");
    let scripts = rules.iter().find(|rule| rule.starts_with("script-src")).unwrap();
    let sources: Vec<&str> = scripts.split(' ').skip(1).collect();
    assert!(matches!(sources[..], [hash, "'wasm-unsafe-eval'"] if hash.starts_with("'sha256-")), "{scripts}");
    assert!(rules.contains(&"worker-src blob:") && rules.contains(&"connect-src 'none'"), "{policy}");
    for package in ["@codemirror/view", "@lezer/common", "style-mod"] {
        assert!(page.rsplit("</html>").next().unwrap().contains(package), "no licence of {package}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("http"), "{policy}");
}
