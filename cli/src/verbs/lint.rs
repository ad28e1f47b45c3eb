//! `firelens-kit lint`: what loses logs in configurations and task definitions.
use crate::{
    Error, Ui,
    config::rules,
    lint::Toml,
    offline::setup::DEFAULT_CONFIG,
    output,
    ui::{self, BOLD, DIM},
};
use clap::ValueEnum;
use firelens_pipeline::{
    Version, conf,
    lint::{
        self, Context, Finding, Severity, Source,
        allow::{self, Allow},
        fix::{self, Fixed},
        report,
    },
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Find what loses logs in Fluent Bit configurations, ECS task definitions and firelens.toml
///
/// Files ending in .json are task definitions, .toml is firelens.toml, .yaml and .yml are Fluent Bit's YAML, everything else
/// is its classic format. Several files are one picture: give a task definition together with its configuration, and what
/// FireLens makes of its log options is checked as well. Without files firelens.toml is linted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  firelens-kit lint                                     # firelens.toml
  firelens-kit lint taskdef.json extra.conf             # together
  firelens-kit lint --fluent-bit 4.2.7 fluent-bit.yaml  # for another release
  firelens-kit lint --fix extra.conf                    # mend what is mechanical
  firelens-kit lint --remarks taskdef.json              # matters of taste too
  firelens-kit lint --explain FLK012
  firelens-kit lint --format sarif extra.conf > lint.sarif

A comment above a line, above a section's title or at the file's head allows a rule:
  # firelens-kit: allow FLK012 because …

Exit codes: 0 no errors, 1 errors (or warnings, with --deny warnings), 2 wrong usage, or a file error")]
pub struct Args {
    /// The files
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The release to lint for; without it that of the router's image, or of firelens.toml
    #[arg(long, value_name = "VERSION")]
    fluent_bit: Option<Version>,
    /// Mend what is mechanical in FILES, and say what was done; files that they include stay as they are
    #[arg(long)]
    fix: bool,
    /// Also read, and show, what FILES include from this folder; without it, that is only done in the folders of FILES.
    /// May be repeated
    #[arg(long, value_name = "DIR")]
    include_dir: Vec<PathBuf>,
    /// Which findings make exit code 1 beside errors
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// Also print, and with --fix mend, what is a matter of taste
    #[arg(long)]
    remarks: bool,
    /// Silence a rule everywhere, by code or name
    #[arg(long, value_name = "RULE")]
    allow: Vec<String>,
    /// How the findings are printed
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// List the rules (text or JSON)
    #[arg(long, conflicts_with_all = ["files", "fix", "explain"])]
    list: bool,
    /// Print a rule's page
    #[arg(long, value_name = "RULE", conflicts_with_all = ["files", "fix"])]
    explain: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
}

/// Lints, mends and prints.
///
/// # Errors
/// A file that cannot be read or written, or a rule that there is not.
pub fn run(args: Args, ui: &Ui) -> Result<ExitCode, Error> {
    if args.list {
        return list(args.format, ui);
    }
    if let Some(name) = &args.explain {
        ui.print(&report::explain(find(name)?))?;
        return Ok(ExitCode::SUCCESS);
    }
    for name in &args.allow {
        find(name)?;
    }
    let files = match args.files.is_empty() {
        true if Path::new(DEFAULT_CONFIG).exists() => vec![PathBuf::from(DEFAULT_CONFIG)],
        true => return Err(Error::new("name the files to lint; there is no firelens.toml here")),
        false => args.files.clone(),
    };
    let mut linted = Linted::new(&files, &args)?;
    if args.fix {
        linted = mend(linted, &files, &args, ui)?;
    }
    print(&linted, args.format, ui)?;
    let worst = linted.findings.iter().map(|finding| finding.severity).max();
    let limit = if args.deny == Some(Deny::Warnings) { Severity::Warning } else { Severity::Error };
    Ok(ExitCode::from(u8::from(worst.is_some_and(|worst| worst >= limit))))
}

/// Files with what was found in them.
struct Linted {
    context: Context,
    /// The context's files, then the `firelens.toml`s.
    sources: Vec<Source>,
    findings: Vec<Finding>,
}

impl Linted {
    fn new(files: &[PathBuf], args: &Args) -> Result<Linted, Error> {
        let is_toml = |path: &&PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
        let (tomls, others): (Vec<&PathBuf>, Vec<&PathBuf>) = files.iter().partition(is_toml);
        let read = |path: &&PathBuf| {
            let bytes = conf::read_file(path).map_err(|error| Error::file("read", path, &error))?;
            Ok(Toml::read(path, &bytes))
        };
        let tomls = tomls.iter().map(read).collect::<Result<Vec<Toml>, Error>>()?;
        let others: Vec<PathBuf> = others.into_iter().cloned().collect();
        let rendered_for = tomls.iter().find_map(|toml| Some(toml.config.as_ref()?.router.version));
        let default = rendered_for.unwrap_or(Version::DEFAULT);
        let context = Context::read_with(&others, &args.include_dir, args.fluent_bit, default)
            .map_err(|error| Error::new(error.to_string()))?;
        let mut sources = context.sources();
        let mut findings = lint::lint(&context);
        let mut allows: Vec<Allow> = Vec::new();
        for toml in &tomls {
            findings.extend(toml.findings(sources.len()));
            allows.extend(toml.allows(sources.len(), others.is_empty()));
            sources.push(toml.source.clone());
        }
        allows.extend(allow::comments(&context, &sources, &rules::everything(), &mut findings));
        allows.extend(args.allow.iter().map(|rule| Allow { rule: rule.clone(), place: None, scope: None }));
        allow::filter(&mut findings, &allows);
        findings.retain(|finding| args.remarks || finding.severity > Severity::Remark);
        Ok(Linted { context, sources, findings })
    }
}

/// How often the files are linted again after a mend: one mend can make room for another.
const ROUNDS: usize = 5;

fn mend(mut linted: Linted, files: &[PathBuf], args: &Args, ui: &Ui) -> Result<Linted, Error> {
    for _ in 0..ROUNDS {
        let own = |finding: &&Finding| {
            let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
            edits.into_iter().all(|edit| edit.place.file < linted.context.named)
        };
        let findings: Vec<Finding> = linted.findings.iter().filter(own).cloned().collect();
        let fixes = fix::apply(&linted.context.texts(), &findings);
        if fixes.is_empty() {
            break;
        }
        fixes.iter().try_for_each(|fixed| write(&linted.context, fixed, ui))?;
        linted = Linted::new(files, args)?;
    }
    Ok(linted)
}

/// Writes a fixed file, unless it holds bytes that were not understood.
fn write(context: &Context, fixed: &Fixed, ui: &Ui) -> Result<(), Error> {
    let file = &context.files[fixed.file];
    let bytes = fs::read(&file.path).map_err(|error| Error::file("read", &file.path, &error))?;
    if bytes != file.text.as_bytes() {
        return Err(Error::new(format!("{} is not UTF-8, so it is not changed", file.path.display())));
    }
    output::write_file(&file.path, fixed.text.as_bytes())?;
    for done in &fixed.done {
        ui.eprint(&format!("{}: {done}\n", file.path.display()));
    }
    Ok(())
}

fn print(linted: &Linted, format: Format, ui: &Ui) -> Result<(), Error> {
    let Linted { sources, findings, .. } = linted;
    let json = |value: Value| format!("{}\n", serde_json::to_string_pretty(&value).unwrap_or_default());
    match format {
        Format::Text => {
            let (sources, shown) = crate::lint::harmless(sources, findings);
            let text = ui::rendered(&report::text(&sources, &shown, ui.stdout_color));
            ui.print(&format!("{text}{}\n", report::summary(findings)))?;
        }
        Format::Json => ui.json(&json(report::json(sources, findings)))?,
        Format::Sarif => ui.json(&json(report::sarif(sources, findings, env!("CARGO_PKG_VERSION"))))?,
        Format::Github => ui.commands(&report::github(sources, findings))?,
    }
    Ok(())
}

/// The rule with a code or a name.
fn find(name: &str) -> Result<&'static lint::Rule, Error> {
    let rules = rules::everything();
    if let Some(rule) = rules.iter().find(|rule| rule.is_called(name)) {
        return Ok(rule);
    }
    let names: Vec<&str> = rules.iter().flat_map(|rule| [rule.code, rule.name]).collect();
    let help = match crate::config::problem::nearest(name, &names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`firelens-kit lint --list` prints them".to_string(),
    };
    Err(Error::new(format!("there is no rule `{name}`")).help(help))
}

fn list(format: Format, ui: &Ui) -> Result<ExitCode, Error> {
    let rules = rules::everything();
    match format {
        Format::Text => ui.print(&rules.iter().map(|rule| row(rule)).collect::<String>())?,
        Format::Json => ui.json(&format!("{:#}\n", report::rules(rules.iter().copied())))?,
        Format::Sarif | Format::Github => return Err(Error::new("--list prints text or JSON: --format json")),
    }
    Ok(ExitCode::SUCCESS)
}

fn row(rule: &lint::Rule) -> String {
    let severity = rule.severity.name();
    format!("{BOLD}{}{BOLD:#}  {severity:<7}  {:<26}  {DIM}{}{DIM:#}\n", rule.code, rule.name, rule.title())
}
