//! What is said about `firelens.toml` files: every file in `config/bad` and `config/warning` has the expected text beside
//! it (`*.stderr`), and there is nothing to say about those in `config/good`. `UPDATE_EXPECTED=1` writes the texts.
use firelens_kit::config::{parse, problem};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(folder);
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|ext| ext == "toml")).collect();
    files.sort();
    files
}

/// Whether there is a configuration, and what is printed.
fn read(path: &Path) -> (bool, String) {
    let source = fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let (config, problems) = parse(path, &source);
    (config.is_some(), problem::render(name, &source, &problems, false))
}

/// Compares with the text beside each file.
fn check(folder: &str, usable: bool) {
    let mut wrong = Vec::new();
    for path in files(folder) {
        let (is_usable, text) = read(&path);
        let expected = path.with_extension("stderr");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&expected, &text).unwrap();
        }
        if is_usable != usable || text.is_empty() || fs::read_to_string(&expected).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "not what was expected; UPDATE_EXPECTED=1 accepts it:\n{}", wrong.join("\n"));
}

#[test]
fn wrong_files_are_explained() {
    assert!(files("bad").len() >= 25);
    check("bad", false);
}

#[test]
fn doubtful_files_are_used_with_a_warning() {
    check("warning", true);
}

#[test]
fn there_is_nothing_to_say_about_right_files() {
    for path in files("good") {
        assert_eq!(read(&path), (true, String::new()), "{}", path.display());
    }
}

#[test]
fn no_text_at_all_breaks_the_reader() {
    for path in files("bad").into_iter().chain(files("good")) {
        let source = fs::read_to_string(&path).unwrap();
        for end in (0..source.len()).filter(|end| source.is_char_boundary(*end)).step_by(7) {
            let (_, problems) = parse(&path, &source[..end]);
            problem::render("cut", &source[..end], &problems, true);
        }
    }
}
