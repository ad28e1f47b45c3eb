//! What the compiler says about formats and conditions, shown where they were written.
use crate::{
    container, privacy,
    problem::{Code, Problem, Span},
    reader::Problems,
    route, text,
};
use firelens_compiler::{Part, spec::Spec};
use firelens_filter::Program;

/// Where the parts of a [`Spec`] were written, with the same indices.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    pub containers: Vec<container::Places>,
    pub routes: Vec<route::Places>,
    pub types: Vec<Span>,
    pub added: Vec<Span>,
    pub privacy: privacy::Places,
    /// All formats were read.
    pub all_formats: bool,
}

/// Compiles what was read; with errors there already, only those about single texts and conditions are added to them,
/// since the rest of the tree is not what the user meant.
pub(crate) fn compile(spec: &Spec, places: &Places, source: &str, problems: &Problems) -> Option<Program> {
    let had_errors = problems.errors();
    let errors = match firelens_compiler::compile(spec) {
        Ok(program) => return Some(program),
        Err(errors) => errors,
    };
    let is_format = |error: &firelens_compiler::Error| matches!(error.place, Part::Stdout { .. } | Part::Stderr { .. });
    let all_formats = places.all_formats && !errors.iter().any(is_format);
    // Which fields there are is known only when all formats are.
    let counts = |error: &firelens_compiler::Error| all_formats || !matches!(error.place, Part::Condition { .. });
    for error in errors.into_iter().filter(counts) {
        if let Some(problem) = problem(&error, places, source, had_errors) {
            problems.add(problem);
        }
    }
    None
}

fn problem(error: &firelens_compiler::Error, places: &Places, source: &str, had_errors: bool) -> Option<Problem> {
    let (code, place) = match &error.place {
        Part::Stdout { container, format } => (Code::Format, places.containers.get(*container)?.stdout.get(*format)?),
        Part::Stderr { container, format } => (Code::Format, places.containers.get(*container)?.stderr.get(*format)?),
        Part::Test { route, alternative, condition, test } => {
            (Code::Match, places.routes.get(*route)?.any_of.get(*alternative)?.get(*condition)?.1.get(*test)?)
        }
        Part::Pattern(pattern) => (Code::Match, places.privacy.patterns.get(*pattern)?),
        Part::Condition { route, alternative, condition } => {
            let (field, tests) = places.routes.get(*route)?.any_of.get(*alternative)?.get(*condition)?;
            if tests.is_empty() {
                return None;
            }
            (Code::Match, field)
        }
        Part::Type(member) => (Code::Field, places.types.get(*member)?),
        Part::Added(field) => (Code::Field, places.added.get(*field)?),
        _ if had_errors => return None,
        Part::Route(route) => (Code::Route, &places.routes.get(*route)?.route),
        Part::Routes => (Code::Route, places.routes.last().map(|last| &last.route).unwrap_or(&places.privacy.section)),
        Part::Privacy => (Code::Privacy, &places.privacy.section),
        Part::Member(name) => {
            let place = places.privacy.members.iter().find(|known| known.text == *name);
            (Code::Privacy, place.map_or(&places.privacy.section, |known| &known.span))
        }
    };
    let span = error.span.as_ref().and_then(|inner| text::inner(source, place, inner)).unwrap_or_else(|| place.clone());
    let mut problem = Problem::error(code, span, error.message.clone());
    problem.help = error.help.clone();
    Some(problem)
}
