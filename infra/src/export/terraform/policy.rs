//! Documents of IAM's, of which the provider makes JSON.
use super::{hcl, names::Names};
use crate::policy::{Document, Statement};
use hcl_edit::{
    expr::Expression,
    structure::{Block, Structure},
};
use serde_json::Value;

/// The text of a document.
pub(crate) fn json_of(document: &str) -> Expression {
    hcl::path(&format!("data.aws_iam_policy_document.{document}.json"))
}

/// A document; ARNs of the module's resources refer to them by `names`.
pub(crate) fn document(names: &Names, name: &str, document: &Document) -> Block {
    let statements = document.statement.iter().map(|one| hcl::nested("statement", statement(names, one)));
    hcl::data_source("aws_iam_policy_document", name, statements)
}

fn statement(names: &Names, statement: &Statement) -> Vec<Structure> {
    let arns = |arns: &[String]| hcl::list(arns.iter().map(|arn| names.arn(arn)));
    let resources = (!statement.resource.is_empty()).then(|| hcl::attribute("resources", arns(&statement.resource)));
    let sid = statement.sid.as_ref().map(|sid| hcl::attribute("sid", hcl::text(sid)));
    let effect = (statement.effect != "Allow").then(|| hcl::attribute("effect", statement.effect));
    let head = [sid, effect, Some(hcl::attribute("actions", hcl::texts(&statement.action))), resources];
    let principals = statement.principal.as_ref().map(principals).unwrap_or_default();
    let conditions = statement.condition.iter().flat_map(|(test, keys)| {
        keys.iter().map(move |(variable, values)| {
            let body = [
                hcl::attribute("test", hcl::text(test)),
                hcl::attribute("variable", hcl::text(variable)),
                hcl::attribute("values", arns(values)),
            ];
            hcl::nested("condition", body)
        })
    });
    head.into_iter().flatten().chain(principals).chain(conditions).collect()
}

/// `"*"`, or kinds and names.
fn principals(principal: &Value) -> Vec<Structure> {
    let one = |kind: &str, identifiers: &Value| {
        let texts = match identifiers {
            Value::Array(all) => all.iter().filter_map(Value::as_str).map(hcl::text).collect(),
            one => vec![hcl::text(one.as_str().unwrap_or_default())],
        };
        hcl::nested("principals", [hcl::attribute("type", kind), hcl::attribute("identifiers", hcl::list(texts))])
    };
    match principal {
        Value::Object(kinds) => kinds.iter().map(|(kind, identifiers)| one(kind, identifiers)).collect(),
        everybody => vec![one("*", everybody)],
    }
}
