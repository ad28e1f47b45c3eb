//! What the compiler says about formats and conditions, shown where they were written.
use super::{
    container,
    problem::{Problem, Span, nearest},
    reader::Problems,
    route, text,
};
use firelens_filter::{
    Program,
    compile::{self, Place},
    program::Body,
    spec::Spec,
};

/// Where the parts of a [`Spec`] were written, with the same indices.
#[derive(Debug, Clone, Default)]
pub struct Places {
    pub containers: Vec<container::Places>,
    pub routes: Vec<route::Places>,
    pub privacy: Span,
}

/// Compiles what was read; with errors there already, only those about single texts are added to them, since the rest of
/// the tree is not what the user meant.
pub fn compile(spec: &Spec, places: &Places, source: &str, problems: &Problems) -> Option<Program> {
    let had_errors = problems.errors();
    let errors = match compile::compile(spec) {
        Ok(program) => {
            if !had_errors {
                warn_unknown_fields(spec, &program, places, problems);
            }
            return Some(program);
        }
        Err(errors) => errors,
    };
    for error in errors {
        if let Some(problem) = problem(&error, places, source, had_errors) {
            problems.add(problem);
        }
    }
    None
}

fn problem(error: &compile::Error, places: &Places, source: &str, had_errors: bool) -> Option<Problem> {
    let (rule, place) = match &error.place {
        Place::Stdout { container, format } => ("format", places.containers.get(*container)?.stdout.get(*format)?),
        Place::Stderr { container, format } => ("format", places.containers.get(*container)?.stderr.get(*format)?),
        Place::Test { route, alternative, condition, test } => {
            ("match", places.routes.get(*route)?.any_of.get(*alternative)?.get(*condition)?.1.get(*test)?)
        }
        _ if had_errors => return None,
        Place::Condition { route, alternative, condition } => {
            ("match", &places.routes.get(*route)?.any_of.get(*alternative)?.get(*condition)?.0)
        }
        Place::Route(route) => ("route", &places.routes.get(*route)?.route),
        Place::Routes => ("route", places.routes.last().map(|last| &last.route).unwrap_or(&places.privacy)),
        Place::Privacy => ("privacy", &places.privacy),
    };
    let span = error.span.as_ref().and_then(|inner| text::inner(source, place, inner)).unwrap_or_else(|| place.clone());
    let mut problem = Problem::error(rule, span, error.message.clone()).label("here");
    problem.help = error.help.clone();
    Some(problem)
}

/// The fields that Fluent Bit's records have of themselves in ECS.
const OWN: [&str; 9] = [
    "container",
    "container_id",
    "container_name",
    "kind",
    "source",
    "ecs_cluster",
    "ecs_task_arn",
    "ecs_task_definition",
    "partial_message",
];

/// A condition on a field that nothing yields never holds: probably its name is wrong.
fn warn_unknown_fields(spec: &Spec, program: &Program, places: &Places, problems: &Problems) {
    let Some(mut known) = captured(program) else { return };
    known.extend(OWN);
    for (route, places) in spec.routes.iter().zip(&places.routes) {
        let conditions = route.any_of.iter().flatten().zip(places.any_of.iter().flatten());
        for (condition, (span, _)) in conditions.filter(|(condition, _)| !known.contains(&condition.field.as_str())) {
            let message = format!("no format yields the field `{}`", condition.field);
            let problem = Problem::warning("unknown-field", span.clone(), message);
            let near = nearest(&condition.field, &known);
            problems.add(problem.label("only a record that brings it can match").help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "docs/fields.md lists which directive gives which field".to_string(),
            }));
        }
    }
}

/// The fields that the program's formats write; `None` when lines bring names of their own.
fn captured(program: &Program) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    for format in &program.formats {
        let Body::Patterns(patterns) = &format.body else { return None };
        let outputs = patterns.iter().flat_map(|pattern| &pattern.outputs);
        names.extend(outputs.map(|output| program.names[usize::from(output.field)].as_str()));
    }
    Some(names)
}
