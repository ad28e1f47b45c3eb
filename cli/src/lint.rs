//! `firelens.toml` among the files that are linted: what is wrong with it has codes as well.
use crate::{
    check,
    config::{
        self, Config,
        lint::Allowed,
        problem::{self, Problem},
        rules::RULES,
    },
    ui,
};
use firelens_pipeline::{
    conf,
    lint::{Finding, Fix, Place, Rule, Severity, Source, allow::Allow},
};
use std::path::Path;

/// A `firelens.toml`, read.
pub struct Toml {
    /// Without the secrets in it.
    pub source: Source,
    pub config: Option<Config>,
    problems: Vec<Problem>,
}

impl Toml {
    /// Reads a file's bytes.
    pub fn read(path: &Path, bytes: &[u8]) -> Toml {
        let text = conf::decode(bytes);
        let (config, mut problems) = config::parse(path, &text);
        problems.extend(config.iter().flat_map(check::check));
        let cover = problem::secrets(&text, &problems).cover();
        let text = cover.text(&problem::without_secrets(&text, &problems));
        let problems = problems.into_iter().map(|problem| problem.without(&cover)).collect();
        Toml { source: Source { path: path.display().to_string(), text }, config, problems }
    }

    /// Its problems as findings in the file with this number.
    pub fn findings(&self, file: usize) -> Vec<Finding> {
        let known = self.problems.iter().filter_map(|problem| Some((problem.code.rule()?, problem)));
        known.map(|(rule, problem)| finding(rule, problem, file)).collect()
    }

    /// The rules that it allows, in the file with this number. `alone`: there are no other files, so that nobody knows
    /// whether rules about those are needed.
    pub fn allows(&self, file: usize, alone: bool) -> Vec<Allow> {
        let own = |rule: &str| RULES.iter().any(|known| known.is_called(rule));
        let allow = |allowed: &Allowed| Allow {
            rule: allowed.rule.text.clone(),
            place: (!alone || own(&allowed.rule.text)).then(|| Place::new(file, &allowed.rule.span)),
            scope: None,
        };
        self.config.iter().flat_map(|config| &config.allowed).map(allow).collect()
    }
}

/// For a renderer that makes the sources' texts harmless, and nothing else.
pub fn harmless(sources: &[Source], findings: &[Finding]) -> (Vec<Source>, Vec<Finding>) {
    let source = |source: &Source| Source { path: ui::harmless(&source.path).into_owned(), text: source.text.clone() };
    let finding = |finding: &Finding| Finding {
        message: ui::plain(&finding.message),
        label: ui::plain(&finding.label),
        related: finding.related.as_ref().map(|(place, label)| (place.clone(), ui::plain(label))),
        help: finding.help.as_deref().map(ui::plain),
        fix: finding.fix.as_ref().map(|fix| Fix { title: ui::plain(&fix.title), edits: Vec::new() }),
        ..finding.clone()
    };
    (sources.iter().map(source).collect(), findings.iter().map(finding).collect())
}

fn finding(rule: &'static Rule, problem: &Problem, file: usize) -> Finding {
    let related = problem.related.as_ref().map(|(span, label)| (Place::new(file, span), label.clone()));
    Finding {
        severity: if problem.is_error { Severity::Error } else { Severity::Warning },
        label: problem.label.clone(),
        related,
        help: problem.help.clone(),
        ..rule.at(Place::new(file, &problem.span), problem.message.as_str())
    }
}
