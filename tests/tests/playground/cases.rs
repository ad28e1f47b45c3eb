//! What the playground is compared with: every line of the corpus with every configuration of the repository, as the command
//! line sees them.
use e2e::{corpus, kit, traces};
use firelens_kit::config;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the tests lie in it")
}

/// A file that the page was built with: in `target/playground`.
pub fn built(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let path = target.join("playground").join(name);
    assert!(path.exists(), "{} is missing: `scripts/playground` builds it", path.display());
    path
}

/// Runs a program of `tests/playground` in Node, and gives what it printed.
pub fn node(program: &str, arguments: &[&Path]) -> String {
    let mut command = Command::new("node");
    command.arg(root().join("tests/playground").join(program)).args(arguments);
    let output = command.output().unwrap_or_else(|_| e2e::counterpart::missing(e2e::counterpart::BROWSER));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{program}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The texts of all configurations that have nothing wrong with them, by where they come from.
pub fn configurations() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for folder in ["examples", "cli/tests/config/good", "cli/tests/config/warning"] {
        all.extend(files(&root().join(folder), "toml"));
    }
    for recorded in ["0.1.0", "0.1.0-adopted"] {
        let file = root().join("tests/tests/stack/recorded").join(recorded).join("firelens.toml");
        all.push((format!("recorded {recorded}"), fs::read_to_string(file).unwrap()));
    }
    for (name, format) in corpus::access_formats() {
        let format = format.replace('\\', "\\\\").replace('"', "\\\"");
        let config = format!("[[container]]\nname = \"httpd\"\nstdout = [\"{format}\"]\nstderr = [\"httpd_error\"]\n");
        all.push((format!("format {name}"), config));
    }
    for table in traces::tables() {
        let language = table.language;
        let config = format!("[[container]]\nname = \"app\"\nmultiline = [\"{language}\"]\nstdout = [\"json\"]\n");
        all.push((format!("traces of {language}"), config));
    }
    for (name, text) in files(&root().join("docs"), "md") {
        let blocks = text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
        all.extend(blocks.enumerate().map(|(number, block)| (format!("{name} {number}"), block.to_string())));
    }
    all.retain(|(_, text)| config::parse(Path::new("firelens.toml"), text).0.is_some());
    let mut seen = std::collections::HashSet::new();
    all.retain(|(_, text)| seen.insert(text.clone()));
    all
}

/// Configurations with something wrong in them.
pub fn wrong() -> Vec<(String, String)> {
    files(&root().join("cli/tests/config/bad"), "toml")
}

/// All lines that the repository has: httpd's, by format and log, the examples', and stack traces.
pub fn corpus() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for folder in ["tests/fixtures/access", "tests/fixtures/error", "examples"] {
        for name in names(&root().join(folder), "log") {
            let text = fs::read(root().join(folder).join(&name)).unwrap();
            all.push((name.trim_end_matches(".log").to_string(), text));
        }
    }
    all.extend(traces::tables().into_iter().map(|table| (table.language, table.text.into_bytes())));
    all
}

/// What a configuration is tried with: the whole corpus for the example's, and for each other one the files that it is for, and
/// a line in [`STEP`] of each other file.
fn lines_for(name: &str, corpus: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (file, text) in corpus {
        let whole = name == EXAMPLE || name.ends_with(&format!(" {file}"));
        let each = text.split_inclusive(|byte| *byte == b'\n').step_by(if whole { 1 } else { STEP });
        each.for_each(|line| lines.extend_from_slice(line));
        if lines.last() != Some(&b'\n') {
            lines.push(b'\n');
        }
    }
    lines
}

/// The example's configuration.
const EXAMPLE: &str = "firelens.toml";

/// Each file of the corpus has the same requests in the same order: a prime, so that all kinds come.
const STEP: usize = 11;

fn names(folder: &Path, extension: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| Path::new(name).extension().is_some_and(|found| found == extension));
    names.sort();
    names
}

fn files(folder: &Path, extension: &str) -> Vec<(String, String)> {
    let read = |name: String| {
        let text = fs::read_to_string(folder.join(&name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, text)
    };
    names(folder, extension).into_iter().map(read).collect()
}

/// A configuration in a file.
pub struct Case {
    /// Where it comes from.
    pub name: String,
    pub config: PathBuf,
    /// The lines that it is tried with.
    pub lines: PathBuf,
}

/// Writes configurations into files of a folder.
pub fn write(folder: &Path, configurations: Vec<(String, String)>) -> Vec<Case> {
    let corpus = corpus();
    let write = |(index, (name, text)): (usize, (String, String))| {
        let config = folder.join(format!("{index}.toml"));
        let lines = folder.join(format!("{index}.log"));
        fs::write(&config, text).unwrap();
        fs::write(&lines, lines_for(&name, &corpus)).unwrap();
        Case { name, config, lines }
    };
    configurations.into_iter().enumerate().map(write).collect()
}

/// The files with what `firelens-kit test` prints, one a configuration: objects, with their explanations.
pub fn expected(cases: &[Case]) -> Vec<PathBuf> {
    let file = |case: &Case| case.config.with_extension("ndjson");
    let run = |half: usize| {
        for case in cases.iter().skip(half).step_by(2) {
            fs::write(file(case), objects(&case.config, &case.lines)).unwrap();
        }
    };
    thread::scope(|scope| [0, 1].map(|half| scope.spawn(move || run(half))).map(|thread| thread.join().unwrap()));
    cases.iter().map(file).collect()
}

fn objects(config: &Path, lines: &Path) -> Vec<u8> {
    let mut command = kit::command();
    command.args(["test", "--quiet", "--explain", "--format", "ndjson", "-c"]).arg(config).arg(lines);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}: {}", config.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What `firelens-kit test` says is wrong with a configuration: `error[CODE]: MESSAGE` and its place, `LINE:COLUMN`.
pub fn complaints(config: &Path) -> Vec<(String, String)> {
    let output = kit::command().arg("test").arg("-c").arg(config).arg("-").stdin(std::process::Stdio::null()).output();
    let text = String::from_utf8(output.unwrap().stderr).unwrap();
    let heads = text.lines().filter(|line| line.starts_with("error[") || line.starts_with("warning["));
    let place = format!("--> {}:", config.display());
    let places = text.lines().filter_map(|line| Some(line.trim_start().strip_prefix(&place)?.to_string()));
    let found: Vec<_> = heads.map(str::to_string).zip(places).collect();
    assert!(!found.is_empty(), "{}: {text}", config.display());
    found
}
