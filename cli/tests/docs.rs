//! The documentation agrees with the code: the tables of fields are rendered from the table of fields
//! (`UPDATE_EXPECTED=1` writes them), each directive gives the field that is named, and each example of a
//! `firelens.toml` or of an expectation file can be read.
mod support;

use firelens_compiler::{
    FieldInfo, FieldType,
    spec::{Container, Format, Spec},
};
use firelens_filter::program::{Kind, Mask, Program};
use firelens_kit::{
    config::{parse, problem},
    offline::expect,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use support::Folder;

const BEGIN: &str = "<!-- fields: written by cli/tests/docs.rs -->\n";
const END: &str = "<!-- end of fields -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// README.md and all of docs/, with their names.
fn documents() -> Vec<(String, String)> {
    let mut paths = vec![root().join("README.md")];
    let entries = root().join("docs").read_dir().unwrap().map(|entry| entry.unwrap().path());
    paths.extend(entries.filter(|path| path.extension().is_some_and(|end| end == "md")));
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_string();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

fn document(name: &str) -> String {
    documents().into_iter().find(|(known, _)| known == name).map(|(_, text)| text).unwrap()
}

/// The blocks of code in this language, with the line that each begins on.
fn blocks(text: &str, language: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(found) = line.strip_prefix("```").filter(|found| !found.is_empty()) else { continue };
        let block: String = lines
            .by_ref()
            .map(|(_, line)| line)
            .take_while(|line| *line != "```")
            .map(|line| line.to_string() + "\n")
            .collect();
        if found == language {
            blocks.push((number + 2, block));
        }
    }
    blocks
}

#[test]
fn the_fields_are_those_of_the_table() {
    let path = root().join("docs/fields.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let expected = tables();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, [before, BEGIN, &expected, END, after].concat()).unwrap();
        return;
    }
    assert!(found == expected, "docs/fields.md is not what the table says; UPDATE_EXPECTED=1 writes it:\n{expected}");
}

/// A table for each kind of line, as Markdown.
fn tables() -> String {
    let mut text = String::new();
    let kinds = [
        (Kind::Access, "Access lines"),
        (Kind::Error, "Error lines"),
        (Kind::Rails, "Rails lines"),
        (Kind::Exception, "Stack traces"),
    ];
    for (kind, title) in kinds {
        text.push_str(&format!("\n### {title}\n\n"));
        text.push_str("| field | type | what it is | `apache2` | `otel` | masked as |\n|---|---|---|---|---|---|\n");
        for field in firelens_compiler::fields().iter().filter(|field| field.kinds.contains(&kind)) {
            let (name, description) = (name_of(field), field.description.replace('|', "\\|"));
            let [apache2, otel] = [field.apache2, field.otel].map(|name| name.map_or(String::new(), code));
            let cells = [&name, type_of(field), &description, &apache2, &otel, mask_of(field)];
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    text.push('\n');
    text
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

fn name_of(field: &FieldInfo) -> String {
    if field.name == "*" { "any other name".into() } else { code(field.name) }
}

fn type_of(field: &FieldInfo) -> &'static str {
    match field.value_type {
        FieldType::String => "text",
        FieldType::Integer => "integer",
        FieldType::Decimal => "number",
        FieldType::Time => "time",
    }
}

fn mask_of(field: &FieldInfo) -> &'static str {
    match field.mask {
        Mask::None => "",
        Mask::Address => "address",
        Mask::User => "user",
        Mask::Url => "URL",
        Mask::Query => "query",
        Mask::FreeText => "free text",
        Mask::Removed | Mask::Replaced => unreachable!("settings say so, not the table"),
    }
}

/// The fields of the first format's lines.
fn fields_of(program: &Program) -> BTreeSet<&str> {
    let outputs = program.formats.first().into_iter().flat_map(|format| format.outputs());
    outputs.map(|output| program.names[output.field as usize].as_str()).collect()
}

fn program_of(format: Format) -> Program {
    let spec = Spec {
        containers: vec![Container { name: "httpd".into(), stdout: vec![format], stderr: vec![] }],
        ..Spec::default()
    };
    firelens_compiler::compile(&spec).unwrap_or_else(|errors| panic!("{errors:?}"))
}

/// A row of the tables of directives: LogFormats in its first column, what they print in its second one.
fn directives(heading: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let text = document("fields.md");
    let section = text.split_once(heading).unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let codes = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_string).collect::<Vec<_>>();
    let rows = section.lines().filter(|line| line.starts_with("| `%")).map(|line| {
        let mut cells = line.trim_matches('|').split(" | ");
        (codes(cells.next().unwrap()), codes(cells.next().unwrap()))
    });
    rows.collect()
}

#[test]
fn each_directive_gives_the_fields_that_are_named() {
    let rows = directives("## LogFormat directives");
    assert!(rows.len() > 30);
    for (formats, fields) in rows {
        for format in formats {
            let program = program_of(Format::Access { format: format.clone(), zone: vec![] });
            let expected: BTreeSet<&str> = fields.iter().map(String::as_str).collect();
            assert_eq!(fields_of(&program), expected, "{format}");
        }
    }
}

#[test]
fn each_directive_of_error_lines_gives_the_fields_that_are_named() {
    let rows = directives("## ErrorLogFormat directives");
    assert!(rows.len() > 15);
    for (formats, fields) in rows {
        for format in formats {
            let whole = if format == "%M" { format.clone() } else { format!("[{format}] %M") };
            let program = program_of(Format::HttpdError { format: Some(whole), zone: vec![] });
            let mut expected: BTreeSet<&str> = fields.iter().map(String::as_str).collect();
            expected.extend(["message", "code"]);
            assert_eq!(fields_of(&program), expected, "{format}");
        }
    }
}

#[test]
fn examples_of_toml_can_be_read() {
    let (mut configurations, mut expectations) = (0, 0);
    for (name, text) in documents() {
        for (line, block) in blocks(&text, "toml") {
            if block.contains("[[test]]") {
                let (cases, problems) = expect::parse(&block);
                let rendered = problem::render(&name, &block, &problems, false);
                assert!(!cases.is_empty() && problems.is_empty(), "{name}:{line}:\n{rendered}");
                expectations += 1;
                continue;
            }
            let (config, problems) = parse(Path::new("firelens.toml"), &block);
            let rendered = problem::render(&name, &block, &problems, false);
            assert!(config.is_some() && problems.is_empty(), "{name}:{line}:\n{rendered}");
            configurations += 1;
        }
    }
    assert!(configurations >= 8 && expectations >= 1, "{configurations} and {expectations} blocks");
}

#[test]
fn the_expectations_of_the_documentation_are_met() {
    let text = document("testing.md");
    let config = blocks(&text, "toml").into_iter().find(|(_, block)| block.contains("[[route]]")).unwrap().1;
    let tests: Vec<_> = blocks(&text, "toml").into_iter().filter(|(_, block)| block.contains("[[test]]")).collect();
    assert!(!tests.is_empty());
    let folder = Folder::new().with("firelens.toml", config);
    let folder = tests.iter().fold(folder, |folder, (line, block)| folder.with(&format!("{line}.test.toml"), block));
    let run = folder.test([""; 0]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

/// What was typed and printed in a block of language `console`.
enum Step {
    /// `$ cat NAME`, and the file.
    File(String, String),
    /// `$ firelens-kit …`, and what was printed.
    Run(Vec<String>, String),
}

/// All steps of a document, in order.
fn steps(text: &str) -> Vec<Step> {
    let typed = blocks(text, "console").into_iter().flat_map(|(_, block)| {
        let steps = format!("\n{block}");
        steps.split("\n$ ").skip(1).map(str::to_string).collect::<Vec<_>>()
    });
    let step = |typed: String| {
        let (command, output) = typed.split_once('\n').unwrap_or((&typed, ""));
        let output = output.trim_end_matches('\n').to_string() + "\n";
        let mut words = command.split_whitespace().map(str::to_string);
        match words.next()?.as_str() {
            "cat" => Some(Step::File(words.next()?, output)),
            "firelens-kit" => Some(Step::Run(words.collect(), output)),
            _ => None,
        }
    };
    typed.filter_map(step).collect()
}

/// Compares what is printed with what was pasted, where a line such as `… (7 lines cut)` stands for any others.
fn assert_printed(printed: &str, pasted: &str, place: &str) {
    let mut printed_lines = printed.lines().filter(|line| !line.is_empty()).map(untimed);
    let mut cut = false;
    for line in pasted.lines().filter(|line| !line.is_empty()) {
        if line.starts_with('…') && line.ends_with("cut)") {
            cut = true;
            continue;
        }
        let found = if cut { printed_lines.any(|printed| printed == line) } else { printed_lines.next() == Some(line) };
        assert!(found, "{place} does not have the line\n{line}\nof what is printed:\n{printed}");
        cut = false;
    }
    assert!(cut || printed_lines.next().is_none(), "{place}: there is more of\n{printed}");
}

/// A summary says how long it took when that was a second or more, as on a busy machine.
fn untimed(line: &str) -> &str {
    let timed = line.ends_with(" a second)").then(|| line.rsplit_once(" in ")).flatten();
    timed.map_or(line, |(rest, _)| rest)
}

fn run(mut command: std::process::Command) -> String {
    let output = command.output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

#[test]
fn pasted_output_is_what_is_printed() {
    let mut runs = 0;
    for (name, text) in documents().into_iter().filter(|(name, _)| name != "README.md") {
        let configuration = blocks(&text, "toml").into_iter().next().map_or(String::new(), |(_, block)| block);
        let mut folder = Folder::new().with("firelens.toml", configuration);
        for step in steps(&text) {
            match step {
                Step::File(file, content) => folder = folder.with(&file, content),
                Step::Run(_, output) if output.trim().is_empty() => {}
                Step::Run(arguments, output) => {
                    let mut command = folder.command();
                    command.args(&arguments);
                    assert_printed(&run(command), &output, &format!("{name}: {}", arguments.join(" ")));
                    runs += 1;
                }
            }
        }
    }
    assert!(runs >= 5, "{runs} commands");
}

#[test]
fn the_demo_prints_what_the_readme_shows() {
    let readme = document("README.md");
    let demo = blocks(&readme, "console").into_iter().find(|(_, block)| block.starts_with("$ make demo")).unwrap().1;
    // What talks to the stand-ins for AWS needs them.
    let commands = demo.split("\ntarget/debug/firelens-kit ").filter(|command| command.starts_with("test "));
    let mut commands =
        commands.map(|command| command.split("\n\nThe example's stack.").next().unwrap_or(command)).peekable();
    assert!(commands.peek().is_some());
    for command in commands {
        let (arguments, output) = command.split_once('\n').unwrap();
        let mut kit = Folder::new().command();
        kit.args(arguments.split_whitespace()).current_dir(root());
        assert_printed(&run(kit), output, "README.md");
    }
}

#[test]
fn links_lead_somewhere() {
    for (name, text) in documents() {
        let folder = if name == "README.md" { root() } else { root().join("docs") };
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() { folder.join(&name) } else { folder.join(file) };
            assert!(path.exists(), "{name}: {target}");
            if anchor.is_empty() {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let headings = text.lines().filter(|line| line.starts_with('#'));
            let found = headings.map(|line| slug(line.trim_start_matches('#').trim())).any(|slug| slug == anchor);
            assert!(found, "{name}: {target}");
        }
    }
}

/// The anchor of a heading.
fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}
