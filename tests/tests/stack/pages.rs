//! The pages as a new user walks them: each page's commands in their order, from an empty folder, with the page's own
//! firelens.toml, against the stand-ins. A command that cannot run here is named below, with the reason.
use super::{
    base,
    stage::{REGION, Stage},
};
use e2e::kit;
use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// What a command ends with, where that is not 0: a page, the beginning of a command, and why.
enum Here {
    /// It is not run.
    NotRun(&'static str),
    /// It ends with this code, and says this.
    Ends(i32, &'static str),
}

use Here::{Ends, NotRun};

const HERE: &[(&str, &str, Here)] = &[
    ("README.md", "firelens-kit verify", NotRun("no app answers here")),
    ("README.md", "firelens-kit lint fluent-bit.conf", NotRun("cli/tests/docs.rs and lint.rs run it")),
    ("README.md", "firelens-kit playground", NotRun("it serves until it is stopped; tests/playground runs it")),
    ("playground.md", "firelens-kit playground", NotRun("it serves until it is stopped; tests/playground runs it")),
    ("deploy.md", "firelens-kit verify", NotRun("no app answers here")),
    ("verify.md", "firelens-kit verify", NotRun("no app answers here; tests/observe/verify.rs has one")),
    // moto has no permissions to simulate, and says so with HTTP 500.
    ("README.md", "firelens-kit doctor", Ends(0, "could not be checked")),
    ("deploy.md", "firelens-kit doctor", Ends(0, "could not be checked")),
    ("replay.md", "firelens-kit replay access.log.*.gz --to archive live --rejected", Ends(0, "records sent")),
];

/// Pages whose blocks cli/tests/docs.rs runs and compares, with their files, or whose service is adopted (stack/adopted.rs).
const ELSEWHERE: [&str; 7] =
    ["adopt.md", "destinations.md", "firelens-toml.md", "image.md", "inject.md", "privacy.md", "testing.md"];

/// What lint.md looks at, beside inject.md's task definition.
const EXTRA: &str = "[FILTER]\n    Name   grep\n    Match  *-firelens-*\n    Exclude log /health\n";
const YAML: &str =
    "pipeline:\n  inputs:\n    - name: dummy\n      tag: web\n  outputs:\n    - name: stdout\n      match: web\n";

/// Pages that begin with the stack of deploy.md.
const DEPLOYED: [&str; 3] = ["logs.md", "verify.md", "replay.md"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// README.md and docs/*.md, by their names.
fn pages() -> Vec<(String, String)> {
    let docs = root().join("docs").read_dir().unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = docs.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    paths.push(root().join("README.md"));
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn page(name: &str) -> String {
    pages().into_iter().find(|(known, _)| known == name).unwrap().1
}

/// The texts of the blocks in one of these languages.
fn blocks<'a>(text: &'a str, languages: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').unwrap_or((after, ""));
        let (block, after) = after.split_once("\n```").unwrap_or((after, ""));
        if languages.contains(&language) {
            found.push(block);
        }
        rest = after;
    }
    found
}

/// The commands of a page, without `$` and comments; a line that ends with `\` goes on.
fn commands(text: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for block in blocks(text, &["sh", "console"]) {
        for line in block.replace("\\\n", " ").lines() {
            let line = line.strip_prefix("$ ").unwrap_or(line);
            let line = line.split("  #").next().unwrap_or(line).trim_end();
            // A line of output does not begin so.
            if line.starts_with("firelens-kit ") || line.contains("$(firelens-kit ") {
                commands.push(line.to_owned());
            }
        }
    }
    commands
}

/// A user's folder, and the stand-ins.
struct Desk {
    stage: Stage,
    folder: TempDir,
}

impl Desk {
    fn new(name: &str, text: &str) -> Desk {
        let desk = Desk { stage: Stage::set(), folder: tempfile::tempdir().unwrap() };
        base::write(&desk.path("base"));
        // CloudWatch takes no events that are older than 14 days.
        let day = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(24)).unwrap();
        let example = |name: &str| fs::read_to_string(root().join("examples").join(name)).unwrap();
        let access = example("access.log").replace("22/Nov/2026", &day.strftime("%d/%b/%Y").to_string());
        let error = example("error.log")
            .replace("Sun Nov 22", &day.strftime("%a %b %d").to_string())
            .replace(" 2026]", &day.strftime(" %Y]").to_string());
        for (name, text) in [("access.log", &access), ("error.log", &error), ("old.log", &access)] {
            fs::write(desk.path(name), text).unwrap();
        }
        fs::create_dir(desk.path("old")).unwrap();
        for name in ["access.log.1.gz", "old/access.log.2.gz"] {
            let file = fs::File::create(desk.path(name)).unwrap();
            let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            gzip.write_all(access.as_bytes()).unwrap();
            gzip.finish().unwrap();
        }
        let task = page("inject.md");
        let task = task.split_once("$ cat taskdef.json\n").unwrap().1.split_once("\n$ ").unwrap().0;
        for (name, text) in [("taskdef.json", task), ("extra.conf", EXTRA), ("fluent-bit.yaml", YAML)] {
            fs::write(desk.path(name), text).unwrap();
        }
        // README begins with `init`, in a folder of that name.
        if name != "README.md" {
            fs::write(desk.path("firelens.toml"), configuration(text)).unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join("shop");
        fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    /// A folder with what stands in for Terraform: it knows one output.
    fn bin(&self, repository: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let bin = self.folder.path().join("bin");
        fs::create_dir_all(&bin).unwrap();
        let terraform = bin.join("terraform");
        fs::write(&terraform, format!("#!/bin/sh\necho {repository}\n")).unwrap();
        fs::set_permissions(&terraform, fs::Permissions::from_mode(0o755)).unwrap();
        bin
    }

    /// Runs a command in a shell: its exit code, and what it said.
    fn run(&self, command: &str) -> (Option<i32>, String) {
        self.stage.proxy.settle();
        let repository = format!("{}.dkr.ecr.{REGION}.amazonaws.com/shop-log-router", e2e::moto::ACCOUNT);
        let image = format!("{repository}@sha256:{}", "0".repeat(64));
        let own = [kit::program().parent().unwrap().to_path_buf(), self.bin(&repository)].into_iter();
        let path = std::env::join_paths(own.chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())));
        let clean = kit::command();
        let mut shell = Command::new("sh");
        clean.get_envs().for_each(|(name, value)| match value {
            Some(value) => _ = shell.env(name, value),
            None => _ = shell.env_remove(name),
        });
        shell.current_dir(self.path("")).args(["-c", &for_here(command)]).env("PATH", path.unwrap());
        shell.envs(self.stage.moto.environment(REGION)).env("AWS_ENDPOINT_URL", self.stage.proxy.url());
        shell.env("FIRELENS_KIT_REGISTRY_ENDPOINT", self.stage.registry.url());
        shell.env("IMAGE", &image).env("repository", &repository).env("image", &image);
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let follows = command.contains("--follow");
        let child = shell.spawn().unwrap();
        let id = child.id() as libc::pid_t;
        if follows {
            // Whoever follows presses Ctrl-C after a while. The shell has become the program.
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(2));
                // SAFETY: the child is waited for below, after this.
                unsafe { libc::kill(id, libc::SIGINT) }
            });
        }
        let start = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert!(start.elapsed() < Duration::from_secs(120), "{command} takes too long");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&said).into_owned())
    }
}

/// The page's own configuration, or that of deploy.md.
fn configuration(text: &str) -> String {
    let whole = |text: &str| {
        let blocks = blocks(text, &["toml"]).into_iter();
        blocks.filter(|block| block.contains("[[route]]") && block.contains("[destination.")).map(str::to_owned).next()
    };
    whole(text).or_else(|| whole(&page("deploy.md"))).unwrap()
}

/// What differs from a user's terminal: nobody confirms, the base image is in a folder, and the shell makes way for the program,
/// so that Ctrl-C gets to it.
fn for_here(command: &str) -> String {
    let mut command = command.to_owned();
    for verb in ["plan", "deploy", "doctor", "build", "push"] {
        let (plain, with) = (format!("firelens-kit {verb}"), format!("firelens-kit {verb} --base oci:base"));
        command = command.replace(&plain, &with);
    }
    for verb in ["deploy", "destroy"] {
        if command.starts_with(&format!("firelens-kit {verb}")) {
            command.push_str(" --yes");
        }
    }
    if command.starts_with("firelens-kit ") { format!("exec {command}") } else { command }
}

/// Walks a page. What went otherwise than it should.
fn walk(name: &str, text: &str, used: &mut BTreeSet<usize>) -> Vec<String> {
    let commands = commands(text);
    if commands.is_empty() {
        return Vec::new();
    }
    let desk = Desk::new(name, text);
    let mut wrong = Vec::new();
    if DEPLOYED.contains(&name) {
        let own = if name == "replay.md" { text.to_owned() } else { page("deploy.md") };
        fs::write(desk.path("firelens.toml"), configuration(&own)).unwrap();
        let (code, said) = desk.run("firelens-kit deploy");
        assert_eq!(code, Some(0), "{name}: {said}");
    }
    for command in commands {
        let here = HERE.iter().enumerate().find(|(_, (page, start, _))| *page == name && command.starts_with(start));
        let (code, text) = match here {
            Some((index, (_, _, NotRun(why)))) => {
                eprintln!("{name}: not run, since {why}: {command}");
                used.insert(index);
                continue;
            }
            Some((index, (_, _, Ends(code, text)))) => {
                used.insert(index);
                (*code, *text)
            }
            None => (0, ""),
        };
        let (found, said) = desk.run(&command);
        if found != Some(code) || !said.contains(text) {
            wrong.push(format!("{name}: {command}\nends with {found:?} and not with {code} and {text:?}:\n{said}"));
        }
    }
    wrong
}

fn check(of: impl Fn(&str) -> bool) {
    let mut used = BTreeSet::new();
    let mut wrong = Vec::new();
    let mut walked = 0;
    for (name, text) in pages().into_iter().filter(|(name, _)| of(name) && !ELSEWHERE.contains(&name.as_str())) {
        walked += usize::from(!commands(&text).is_empty());
        wrong.extend(walk(&name, &text, &mut used));
    }
    assert!(wrong.is_empty(), "{} commands do not run as written:\n\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(walked > 0, "no page has a command");
    for (index, (page, start, _)) in HERE.iter().enumerate().filter(|(_, (page, ..))| of(page)) {
        assert!(used.contains(&index), "{page} has no command any more that begins with `{start}`");
    }
}

#[test]
fn the_readme_runs_as_written() {
    check(|name| name == "README.md");
}

#[test]
fn the_pages_about_a_stack_run_as_written() {
    check(|name| name == "deploy.md" || DEPLOYED.contains(&name));
}

#[test]
fn all_other_pages_run_as_written() {
    check(|name| name != "README.md" && name != "deploy.md" && !DEPLOYED.contains(&name));
}
