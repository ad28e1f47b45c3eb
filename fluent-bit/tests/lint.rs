//! Each rule has a page, a bad fixture that it finds something in, and a good one that it finds nothing in:
//! `tests/lint/FLK001/{bad,good}*`, files, or folders whose files belong together. What it says stands beside the bad one
//! (`bad.txt`), what `--fix` makes of it as well (`bad.fixed.conf`). `bad@5.1.1.conf` is linted for that release.
//! `UPDATE_EXPECTED=1` writes the texts, and the fixtures into the pages.
mod support;

use firelens_pipeline::{
    Version,
    lint::{self, Check, Context, Finding, Rule, Source, allow, fix, report, rules},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use support::{Case, cases, file_name, includes, root, sorted, update};

/// What one rule finds; the rules about comments with all the others.
fn findings(context: &Context, rule: &Rule) -> Vec<Finding> {
    let mut findings = lint::lint(context);
    let known: Vec<&Rule> = rules::everything().collect();
    let allows = allow::comments(context, &context.sources(), &known, &mut findings);
    if matches!(rule.check, Check::Reader) {
        allow::filter(&mut findings, &allows);
    }
    findings.retain(|finding| finding.rule == rule);
    findings
}

/// The files, called as they are within the case.
fn sources(context: &Context, case: &Case) -> Vec<Source> {
    let folder = if case.path.is_dir() { case.path.as_path() } else { case.path.parent().unwrap() };
    let mut sources = context.sources();
    for source in &mut sources {
        source.path = Path::new(&source.path).strip_prefix(folder).unwrap().display().to_string();
    }
    sources
}

/// Compares with a file, or writes it.
fn check(path: &Path, text: &str, wrong: &mut Vec<String>) {
    if update() {
        fs::write(path, text).unwrap();
    }
    if fs::read_to_string(path).unwrap_or_default() != text {
        wrong.push(format!("{}:\n{text}", path.display()));
    }
}

fn done(wrong: &[String]) {
    assert!(wrong.is_empty(), "not what was expected; UPDATE_EXPECTED=1 accepts it:\n{}", wrong.join("\n"));
}

#[test]
fn bad_fixtures_are_found() {
    let mut wrong = Vec::new();
    for rule in rules::everything() {
        let cases = cases(rule, "bad");
        assert!(!cases.is_empty(), "{} has no bad fixture", rule.code);
        for case in cases {
            let context = case.context();
            let findings = findings(&context, rule);
            assert!(!findings.is_empty(), "{} finds nothing in {}", rule.code, case.path.display());
            check(&case.beside(".txt"), &report::text(&sources(&context, &case), &findings, false), &mut wrong);
        }
    }
    done(&wrong);
}

#[test]
fn there_is_nothing_to_say_about_good_fixtures() {
    for rule in rules::everything() {
        let cases = cases(rule, "good");
        assert!(!cases.is_empty(), "{} has no good fixture", rule.code);
        for case in cases {
            let context = case.context();
            let findings = findings(&context, rule);
            let text = report::text(&sources(&context, &case), &findings, false);
            assert!(findings.is_empty(), "{}:\n{text}", case.path.display());
        }
    }
}

#[test]
fn mends_are_right_and_done_once() {
    let mut wrong = Vec::new();
    for rule in rules::everything() {
        for case in cases(rule, "bad") {
            let context = case.context();
            let mended = fix::apply(&context.texts(), &findings(&context, rule));
            let folder = tempfile::tempdir().unwrap();
            let copy = |path: &PathBuf| {
                fs::copy(path, folder.path().join(file_name(path))).map(|_| folder.path().join(file_name(path)))
            };
            let files: Vec<PathBuf> = case.files.iter().map(|path| copy(path).unwrap()).collect();
            for fixed in &mended {
                let path = &context.files[fixed.file].path;
                fs::write(folder.path().join(file_name(path)), &fixed.text).unwrap();
                let ending = path.extension().unwrap().to_str().unwrap();
                check(&case.beside(&format!(".fixed.{ending}")), &fixed.text, &mut wrong);
                assert!(!fixed.done.is_empty());
            }
            let again = Case { path: case.path.clone(), files };
            let context = again.context();
            let left = fix::apply(&context.texts(), &findings(&context, rule));
            assert!(left.is_empty(), "{}: mended twice: {:?}", case.path.display(), left);
        }
    }
    done(&wrong);
}

/// The mends of all rules together end: a last round finds nothing to do.
#[test]
fn all_mends_together_end() {
    for case in rules::everything().flat_map(|rule| cases(rule, "")) {
        let folder = tempfile::tempdir().unwrap();
        let copy = |path: &PathBuf| {
            let new = folder.path().join(file_name(path));
            fs::copy(path, &new).map(|_| new).unwrap()
        };
        let copied = Case { files: case.files.iter().map(copy).collect(), path: case.path.clone() };
        let round = || {
            let context = copied.context();
            let mended = fix::apply(&context.texts(), &lint::lint(&context));
            mended.iter().for_each(|fixed| fs::write(&context.files[fixed.file].path, &fixed.text).unwrap());
            mended.len()
        };
        let rounds = (0..6).take_while(|_| round() > 0).count();
        assert!(rounds < 5, "{}: mended again and again", case.path.display());
        let before = case.context();
        let faults = |context: &Context| context.documents().map(|(_, document)| document.faults.len()).sum::<usize>();
        assert!(faults(&copied.context()) <= faults(&before), "{}: broken by its mends", case.path.display());
        let unread = |context: &Context| lint::lint(context).iter().filter(|it| it.rule.code == "FLK046").count();
        assert!(unread(&copied.context()) <= unread(&before), "{}: broken by its mends", case.path.display());
    }
}

/// Configurations like those that others publish: of each kind one, and folders whose files belong together.
fn public() -> Vec<Case> {
    let case = |path: PathBuf| match path.is_dir() {
        true => Case { files: sorted(&path), path },
        false => Case { files: vec![path.clone()], path },
    };
    sorted(Path::new("tests/public")).into_iter().map(case).collect()
}

#[test]
fn there_is_no_error_in_what_works() {
    assert!(public().len() > 10);
    for case in public() {
        let context = case.context();
        let mut findings = lint::lint(&context);
        findings.retain(|finding| finding.severity == lint::Severity::Error);
        let text = report::text(&sources(&context, &case), &findings, false);
        assert!(findings.is_empty(), "{}:\n{text}", case.path.display());
    }
}

/// How many findings there are of each rule.
fn counts(context: &Context) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    lint::lint(context).iter().for_each(|finding| *counts.entry(finding.rule.code).or_default() += 1);
    counts
}

/// All mends together, in every fixture and in what others publish.
#[test]
fn no_mend_causes_a_finding() {
    let mut wrong = Vec::new();
    let mut mended = 0;
    for case in rules::everything().flat_map(|rule| cases(rule, "")).chain(public()) {
        let folder = tempfile::tempdir().unwrap();
        let copy = |path: &PathBuf| {
            let new = folder.path().join(file_name(path));
            fs::copy(path, &new).map(|_| new).unwrap()
        };
        let copied = Case { files: case.files.iter().map(copy).collect(), path: case.path.clone() };
        let before = counts(&copied.context());
        for _ in 0..6 {
            let context = copied.context();
            let fixes = fix::apply(&context.texts(), &lint::lint(&context));
            fixes.iter().for_each(|fixed| fs::write(&context.files[fixed.file].path, &fixed.text).unwrap());
            mended += fixes.len();
        }
        for (code, count) in counts(&copied.context()) {
            let was = before.get(code).copied().unwrap_or(0);
            if count > was {
                wrong.push(format!("{}: {code} {was} -> {count}", case.path.display()));
            }
        }
    }
    assert!(mended > 20, "{mended} files were mended");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn includes_are_found_where_fluent_bit_looks() {
    let folder = tempfile::tempdir().unwrap();
    for main in includes(folder.path()) {
        let context = Context::read(std::slice::from_ref(&main), None, Version::DEFAULT).unwrap();
        assert_eq!((context.files.len(), context.outputs().count()), (3, 1), "{}", main.display());
    }
}

#[test]
fn pages_show_the_fixtures() {
    let mut wrong = Vec::new();
    for rule in rules::everything() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../docs/rules/{}.md", rule.code));
        let page = fs::read_to_string(&path).unwrap();
        assert!(page.starts_with(&format!("# {}: ", rule.code)), "{}", path.display());
        let (text, source) =
            page.split_once("\n## Source\n").unwrap_or_else(|| panic!("{} names no source", rule.code));
        let text = text.split_once("\n## Bad\n").map_or(text, |(text, _)| text);
        assert!(text.len() > 150 && source.trim().len() > 10, "{} explains too little", rule.code);
        let (bad, good) = (cases(rule, "bad"), cases(rule, "good"));
        let whole = format!(
            "{}\n\n## Bad\n\n{}\n## Good\n\n{}\n## Source\n{source}",
            text.trim_end(),
            blocks(&bad[0]),
            blocks(&good[0])
        );
        check(&path, &whole, &mut wrong);
    }
    done(&wrong);
}

/// A case's files as code.
fn blocks(case: &Case) -> String {
    let block = |path: &PathBuf| {
        let language = match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => "json",
            Some("yaml") => "yaml",
            _ => "ini",
        };
        let name = if case.files.len() > 1 { format!("`{}`:\n\n", file_name(path)) } else { String::new() };
        format!("{name}```{language}\n{}```\n", fs::read_to_string(path).unwrap())
    };
    case.files.iter().map(block).collect::<Vec<_>>().join("\n")
}

#[test]
fn codes_and_names_are_unique_and_in_order() {
    let rules: Vec<&Rule> = rules::everything().collect();
    assert!(rules.is_sorted_by_key(|rule| rule.code));
    for (index, rule) in rules.iter().enumerate() {
        let same = |other: &&Rule| other.code == rule.code || other.name == rule.name;
        assert!(!rules[..index].iter().any(same), "{} is there twice", rule.code);
        assert!(!rule.title().is_empty() && rule.code.len() == 6 && rule.code.starts_with("FLK"));
    }
    let folders: Vec<PathBuf> = sorted(&root());
    assert_eq!(
        folders.iter().map(|path| file_name(path)).collect::<Vec<_>>(),
        rules.iter().map(|rule| rule.code).collect::<Vec<_>>()
    );
}
