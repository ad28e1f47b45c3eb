//! Each argument, block and reference is one that the provider knows: `provider.json`, which says where it is from.
use super::{STACKS, exported, files, folder};
use hcl::{Block, Body, Expression, expr::TraversalOperator};
use serde_json::Value;
use std::fs;

/// Those of Terraform itself.
const META: [&str; 2] = ["depends_on", "lifecycle"];

fn provider() -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join("provider.json")).unwrap()).unwrap()
}

#[test]
fn the_provider_knows_every_argument_and_block() {
    let provider = provider();
    let mut checked = 0;
    for stack in STACKS {
        for (file, text) in files(&exported(stack, &["--import"])) {
            let body = hcl::parse(&text).unwrap();
            for block in body.blocks().filter(|block| ["resource", "data"].contains(&block.identifier())) {
                let kind = block.labels()[0].as_str();
                let key = if block.identifier() == "data" { format!("data.{kind}") } else { kind.to_string() };
                let known = &provider["types"][&key];
                assert!(known.is_object(), "{key} is not in the table");
                let place = format!("{stack}: {file}: {key}");
                checked += check(&place, block.body(), known);
            }
            references(&body, &mut |kind, attribute| {
                let known = provider["types"][kind]["attributes"].as_array();
                let known = known.unwrap_or_else(|| panic!("{file}: {kind} is not in the table"));
                assert!(known.iter().any(|known| known == attribute), "{file}: {kind} has no {attribute}");
            });
        }
    }
    assert!(checked > 200, "{checked}");
}

#[test]
fn an_argument_that_there_is_not_is_found() {
    let known = &provider()["types"]["aws_ecs_service"];
    let wrong = ["name = \"x\"\ncpus = 1", "cluster = \"x\"", "name = \"x\"\nnetwork {}"];
    for text in wrong {
        let body: Body = hcl::parse(text).unwrap();
        assert!(std::panic::catch_unwind(|| check("here", &body, known)).is_err(), "{text}");
    }
}

/// How many there are.
fn check(place: &str, body: &Body, known: &Value) -> usize {
    let list = |key: &str| known[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
    let (required, optional) = (list("required"), list("optional"));
    for argument in body.attributes() {
        let key = argument.key();
        let is_known = [&required, &optional].iter().any(|keys| keys.contains(&key)) || META.contains(&key);
        assert!(is_known, "{place}: there is no argument {key}");
    }
    for key in required {
        assert!(body.attributes().any(|argument| argument.key() == key), "{place}: the argument {key} is missing");
    }
    let blocks: Vec<&Block> = body.blocks().filter(|block| !META.contains(&block.identifier())).collect();
    for (key, block) in known["blocks"].as_object().into_iter().flatten() {
        let count = blocks.iter().filter(|block| block.identifier() == key).count();
        assert!(count <= 1 || block["at_most_one"] != true, "{place}: {key} stands there {count} times");
        assert!(count >= 1 || block["needed"] != true, "{place}: {key} is missing");
    }
    let within = blocks.iter().map(|block| {
        let known = &known["blocks"][block.identifier()];
        assert!(known.is_object(), "{place}: there is no block {}", block.identifier());
        check(&format!("{place}.{}", block.identifier()), block.body(), known)
    });
    body.attributes().count() + within.sum::<usize>()
}

/// What expressions read of resources and data sources: the type, and the attribute.
fn references(body: &Body, found: &mut dyn FnMut(&str, &str)) {
    for argument in body.attributes().filter(|argument| !["depends_on", "to"].contains(&argument.key())) {
        expression(argument.expr(), found);
    }
    body.blocks().filter(|block| block.identifier() != "lifecycle").for_each(|block| references(block.body(), found));
}

fn expression(value: &Expression, found: &mut dyn FnMut(&str, &str)) {
    match value {
        Expression::Array(items) => items.iter().for_each(|item| expression(item, found)),
        Expression::Object(members) => members.values().for_each(|value| expression(value, found)),
        Expression::FuncCall(call) => call.args.iter().for_each(|argument| expression(argument, found)),
        Expression::TemplateExpr(template) => {
            let template = hcl::Template::from_expr(template).unwrap();
            for element in template.elements() {
                if let hcl::template::Element::Interpolation(one) = element {
                    expression(&one.expr, found);
                }
            }
        }
        Expression::Traversal(traversal) => {
            let names = traversal.operators.iter().filter_map(|operator| match operator {
                TraversalOperator::GetAttr(name) => Some(name.as_str()),
                _ => None,
            });
            let first = traversal.expr.to_string();
            let path: Vec<&str> = [first.trim()].into_iter().chain(names).collect();
            match path.as_slice() {
                ["data", kind, _, attribute] => found(&format!("data.{kind}"), attribute),
                [kind, _, attribute] if kind.starts_with("aws_") => found(kind, attribute),
                ["local" | "var", _] | ["self", _] => {}
                other => panic!("an unexpected reference: {other:?}"),
            }
        }
        _ => {}
    }
}
