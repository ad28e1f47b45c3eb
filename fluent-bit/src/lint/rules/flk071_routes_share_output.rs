use super::*;
use crate::conf::Value;

rule!("FLK071", "routes-share-output", Error, check);

fn check(context: &Context, found: &mut Vec<Finding>) {
    for pipeline in context.pipelines() {
        for input in pipeline.of(SectionKind::Input) {
            let Some(Value::Map(signals, _)) = input.get("routes").map(|entry| &entry.value) else { continue };
            for signal in signals {
                let mut seen: Vec<(usize, &Text)> = Vec::new();
                for (route, output) in outputs(&signal.value) {
                    let first = seen.iter().find(|(other, known)| *other != route && known.text == output.text);
                    if let Some((other, first)) = first {
                        let loses = [*other, route].iter().any(|route| is_default(&signal.value, *route));
                        let message = match loses {
                            true => {
                                format!("the default route shares the output `{}`, and loses its records", output.text)
                            }
                            false => format!("two routes name the output `{}`", output.text),
                        };
                        let finding = RULE.at(input.place(&output.span), message).label("again");
                        let finding = finding.severity(if loses { Severity::Error } else { Severity::Warning });
                        let finding = finding.related(input.place(&first.span), "first here");
                        found.push(finding.help("give each route an output of its own, with an alias"));
                    }
                    seen.push((route, output));
                }
            }
        }
    }
}

/// The outputs that a list of routes names, each with its route's number: `to: { outputs: [ … ] }`.
fn outputs(routes: &Value) -> Vec<(usize, &Text)> {
    let Value::List(routes, _) = routes else { return Vec::new() };
    let of_route = |route| member(&member(route, "to")?.value, "outputs");
    let named = routes.iter().enumerate().filter_map(|(number, route)| Some((number, of_route(route)?)));
    named.flat_map(|(number, outputs)| outputs.texts().into_iter().map(move |output| (number, output))).collect()
}

/// Whether this route takes what no other takes: `condition: { default: true }`.
fn is_default(routes: &Value, number: usize) -> bool {
    let Value::List(routes, _) = routes else { return false };
    let route = routes.get(number);
    let default = route.and_then(|route| member(&member(route, "condition")?.value, "default"));
    default.is_some_and(|default| matches!(&default.value, Value::Text(text) if text.text.eq_ignore_ascii_case("true")))
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Entry> {
    match value {
        Value::Map(entries, _) => entries.iter().find(|entry| entry.name == name),
        _ => None,
    }
}
