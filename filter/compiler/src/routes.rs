//! From the routes of a specification to those of a program.
use super::{
    Error, Fault, Part,
    conditions::{self, Known},
    output::{Outputs, json_string},
};
use crate::spec;
use firelens_filter::program;

/// Compiles the routes; `known` are the fields that records can have.
pub(crate) fn compile(
    routes: &[spec::Route],
    known: &Known,
    out: &mut Outputs,
    errors: &mut Vec<Error>,
) -> Vec<program::Route> {
    check_order(routes, errors);
    let mut compiled = Vec::new();
    for (at, route) in routes.iter().enumerate() {
        check_name(routes, at, errors);
        let action = match action(route.action) {
            Ok(action) => action,
            Err(fault) => {
                errors.push(fault.in_place(Part::Route(at)));
                continue;
            }
        };
        let any_of = any_of(route, at, known, out, errors);
        let key = format!(",\"route\":{}", json_string(&route.name));
        compiled.push(program::Route { name: route.name.clone(), key, any_of, action });
    }
    compiled
}

/// Whether a route takes every record.
fn is_unconditional(route: &spec::Route) -> bool {
    route.any_of.is_empty() || route.any_of.iter().any(Vec::is_empty)
}

fn check_order(routes: &[spec::Route], errors: &mut Vec<Error>) {
    let Some((last, before)) = routes.split_last() else { return };
    if !is_unconditional(last) {
        let fault =
            Fault::new(format!("`{}` is the last route and has conditions: other records have no route", last.name));
        errors.push(
            fault.help("end with a route without conditions, which takes everything else").in_place(Part::Routes),
        );
    }
    if let Some(at) = before.iter().position(is_unconditional) {
        let fault = Fault::new(format!(
            "`{}` takes every record, so that `{}` is never reached",
            routes[at].name,
            routes[at + 1].name
        ));
        errors.push(fault.help("give it conditions, or move it to the end").in_place(Part::Route(at)));
    }
}

fn check_name(routes: &[spec::Route], at: usize, errors: &mut Vec<Error>) {
    let name = &routes[at].name;
    let fault = if name.is_empty() {
        Fault::new("the route's name is empty").help("its records carry the name in their field `route`")
    } else if routes[..at].iter().any(|route| route.name == *name) {
        Fault::new(format!("there is another route `{name}`")).help("give each route a name of its own")
    } else {
        return;
    };
    errors.push(fault.in_place(Part::Route(at)));
}

fn action(action: spec::Action) -> Result<program::Action, Fault> {
    Ok(match action {
        spec::Action::Keep => program::Action::Keep,
        spec::Action::Drop => program::Action::Drop,
        spec::Action::Sample(share) if !(0.0..=1.0).contains(&share) => {
            return Err(Fault::new(format!("the share {share} of the records to keep is not between 0 and 1"))
                .help("one record in ten is `0.1`"));
        }
        spec::Action::Sample(1.0) => program::Action::Keep,
        spec::Action::Sample(share) => program::Action::Sample((share * 4_294_967_296.0) as u32),
    })
}

fn any_of(
    route: &spec::Route,
    at: usize,
    known: &Known,
    out: &mut Outputs,
    errors: &mut Vec<Error>,
) -> Vec<Vec<program::Condition>> {
    let mut any_of = Vec::new();
    for (alternative, all) in route.any_of.iter().enumerate() {
        let mut compiled = Vec::new();
        for (index, condition) in all.iter().enumerate() {
            let place = |test: Option<usize>| match test {
                Some(test) => Part::Test { route: at, alternative, condition: index, test },
                None => Part::Condition { route: at, alternative, condition: index },
            };
            match conditions::compile(condition, known, out) {
                Ok(condition) => compiled.push(condition),
                Err(faults) => errors.extend(faults.into_iter().map(|(test, fault)| fault.in_place(place(test)))),
            }
            if out.names.take_overflow() {
                errors.push(super::too_many_names().in_place(place(None)));
            }
        }
        any_of.push(compiled);
    }
    any_of
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Action, Condition, Names, Route, Test};

    fn route(name: &str, any_of: Vec<Vec<Condition>>) -> Route {
        Route { name: name.to_string(), any_of, action: Action::Keep }
    }

    fn some() -> Vec<Vec<Condition>> {
        vec![vec![Condition { field: "status".to_string(), not: false, any: vec![Test::Range(500, 599)] }]]
    }

    fn errors(routes: &[Route]) -> Vec<Error> {
        let mut errors = Vec::new();
        let mut out = Outputs::new(Names::Plain);
        compile(routes, &Known::all(), &mut out, &mut errors);
        errors
    }

    #[test]
    fn the_last_route_and_only_that_takes_everything() {
        assert_eq!(errors(&[]), []);
        assert_eq!(errors(&[route("a", some()), route("b", vec![])]), []);
        assert_eq!(errors(&[route("a", some())])[0].place, Part::Routes);
        let unreachable = errors(&[route("a", some()), route("b", vec![]), route("c", vec![])]);
        assert_eq!(unreachable[0].place, Part::Route(1));
        assert!(unreachable[0].message.contains("`c` is never reached"));
    }

    #[test]
    fn names_and_shares() {
        let double = errors(&[route("a", some()), route("a", vec![])]);
        assert_eq!(double[0].place, Part::Route(1));
        for share in [-0.1, 1.1, f64::NAN] {
            let sample = Route { action: Action::Sample(share), ..route("a", vec![]) };
            assert!(errors(&[sample])[0].message.contains("between 0 and 1"), "{share}");
        }
        assert_eq!(action(Action::Sample(0.5)), Ok(program::Action::Sample(1 << 31)));
        assert_eq!(action(Action::Sample(1.0)), Ok(program::Action::Keep));
    }

    #[test]
    fn keys_are_json() {
        let mut errors = Vec::new();
        let compiled =
            compile(&[route("a \"b\"", vec![])], &Known::all(), &mut Outputs::new(Names::Plain), &mut errors);
        assert_eq!(compiled[0].key, r#","route":"a \"b\"""#);
    }
}
