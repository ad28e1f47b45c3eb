//! Each rule has a page, a bad fixture that it finds something in, and a good one that it finds nothing in:
//! `tests/lint/FLK001/{bad,good}*`, files, or folders whose files belong together. What it says stands beside the bad one
//! (`bad.txt`), what `--fix` makes of it as well (`bad.fixed.conf`). `bad@5.1.1.conf` is linted for that release.
//! `UPDATE_EXPECTED=1` writes the texts, and the fixtures into the pages.
use firelens_pipeline::{
    Version,
    lint::{self, Check, Context, Finding, Rule, Severity, Source, allow, fix, report, rules},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> PathBuf {
    PathBuf::from("tests/lint")
}

fn update() -> bool {
    std::env::var_os("UPDATE_EXPECTED").is_some()
}

/// A fixture: a file, or a folder.
struct Case {
    path: PathBuf,
    files: Vec<PathBuf>,
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

/// The cases of a rule whose names begin so.
fn cases(rule: &Rule, start: &str) -> Vec<Case> {
    let fixture = |path: &PathBuf| {
        let name = file_name(path);
        name.starts_with(start) && !name.contains(".fixed") && !name.ends_with(".txt")
    };
    let case = |path: PathBuf| match path.is_dir() {
        true => Case { files: sorted(&path), path },
        false => Case { files: vec![path.clone()], path },
    };
    let mut all: Vec<PathBuf> = sorted(&root().join(rule.code)).into_iter().filter(fixture).collect();
    // The plain one first: the page shows it.
    all.sort_by_key(|path| file_name(path).contains('-'));
    all.into_iter().map(case).collect()
}

impl Case {
    /// `bad@5.1.1.conf`: 5.1.1
    fn version(&self) -> Option<Version> {
        let name = file_name(&self.path);
        let (_, version) = name.split_once('@')?;
        let version: Vec<&str> = version.split('.').take(3).collect();
        Some(version.join(".").parse().unwrap())
    }

    /// Only the files that no other one names: what a user would give.
    fn context(&self) -> Context {
        let mains = self.files.iter().filter(|path| !file_name(path).contains("included")).cloned();
        Context::read(&mains.collect::<Vec<_>>(), self.version(), Version::DEFAULT).unwrap()
    }

    /// The file beside it with this ending.
    fn beside(&self, ending: &str) -> PathBuf {
        let name = file_name(&self.path);
        let stem = name.rsplit_once('.').filter(|_| self.path.is_file()).map_or(name, |(stem, _)| stem);
        self.path.with_file_name(format!("{stem}{ending}"))
    }
}

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

#[test]
fn includes_are_found_where_fluent_bit_looks() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    let output = "[OUTPUT]\n    Name null\n    Match *\n";
    let inner = "pipeline:\n  outputs:\n    - name: null\n      match: '*'\n";
    // The classic format: always from the main file's folder. YAML: from that of the file which includes.
    let classic = write("main.conf", "@INCLUDE sub/one.conf\n");
    write("sub/one.conf", "@INCLUDE two.conf\n");
    write("two.conf", output);
    let yaml = write("main.yaml", "includes:\n  - sub/one.yaml\n");
    write("sub/one.yaml", "includes:\n  - two.yaml\n");
    write("sub/two.yaml", inner);
    for main in [&classic, &yaml] {
        let context = Context::read(std::slice::from_ref(main), None, Version::DEFAULT).unwrap();
        assert_eq!((context.files.len(), context.outputs().count()), (3, 1), "{}", main.display());
        for (fluent_bit, _) in fluent_bits() {
            let output = Command::new(fluent_bit).arg("--dry-run").arg("-c").arg(main).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
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

/// With these Fluent Bit does not start.
const REFUSED: [&str; 7] = ["FLK001", "FLK002", "FLK003", "FLK005", "FLK006", "FLK008", "FLK009"];

/// With these neither, but a dry run looks at properties only since 5.0.
const REFUSED_SINCE_5: [&str; 3] = ["FLK010", "FLK011", "FLK012"];

/// What a dry run refuses for other reasons: the module and the plugins in Go are not here, plugins of another release, values are wrong, filters match
/// nothing.
fn is_refused_otherwise(rule: &Rule, said: &str) -> bool {
    ["FLK011", "FLK013", "FLK015", "FLK071"].contains(&rule.code)
        || said.contains("pre_run callback on filter wasm")
        || ["'firehose' tried", "'kinesis' tried", "'cloudwatch' tried"].iter().any(|go| said.contains(go))
}

/// `$FLUENT_BIT`, or all of `$FLUENT_BITS`, with their releases.
fn fluent_bits() -> Vec<(PathBuf, Version)> {
    let paths = ["FLUENT_BITS", "FLUENT_BIT"].into_iter().find_map(|name| std::env::var(name).ok()).unwrap_or_default();
    let paths = paths.split([':', ' ']).filter(|path| !path.is_empty());
    let release = |path: &str| {
        let said = Command::new(path).arg("--version").output().unwrap().stdout;
        let said = String::from_utf8(said).unwrap();
        let version = said.split_whitespace().find_map(|word| word.strip_prefix('v')?.parse().ok());
        (PathBuf::from(path), version.unwrap_or_else(|| panic!("{said}")))
    };
    let found: Vec<_> = paths.map(release).collect();
    assert!(
        !found.is_empty(),
        "the counterpart `fluent_bit` is missing: name one in $FLUENT_BIT, or several in $FLUENT_BITS"
    );
    found
}

mod needs_fluent_bit {
    use super::*;

    #[test]
    fn the_real_fluent_bit_agrees() {
        fluent_bits().iter().for_each(|(path, version)| agrees(path, *version));
    }
}

fn agrees(path: &Path, version: Version) {
    let since_5: &[&str] = if version >= Version::new(5, 0, 0) { &REFUSED_SINCE_5 } else { &[] };
    let refused = |rule: &Rule| REFUSED.contains(&rule.code) || since_5.contains(&rule.code);
    let mut wrong = Vec::new();
    for rule in rules::everything() {
        let cases = cases(rule, "").into_iter().filter(|case| case.version().is_none());
        for case in cases.filter(|case| case.files.iter().all(|file| file.extension().is_some_and(|end| end != "json")))
        {
            let main = case.files.iter().find(|file| !file_name(file).contains("included")).unwrap();
            let context = Context::read(std::slice::from_ref(main), Some(version), version).unwrap();
            if context.configurations.iter().any(|configuration| !configuration.missing.is_empty()) {
                continue;
            }
            let ours = lint::lint(&context).into_iter();
            let ours: Vec<&str> = ours
                .filter(|finding| finding.severity == Severity::Error && refused(finding.rule))
                .map(|finding| finding.rule.code)
                .collect();
            let output = Command::new(path).arg("--dry-run").arg("-c").arg(main).output().unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            if output.status.code().is_none() {
                // A crash says nothing: 4.1.1 has one with `s3` without a region.
                continue;
            }
            let agrees = match (ours.is_empty(), output.status.success()) {
                (true, false) => is_refused_otherwise(rule, &said),
                (empty, accepted) => empty == accepted,
            };
            if !agrees {
                wrong.push(format!("{}: {ours:?}: {said}", main.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
