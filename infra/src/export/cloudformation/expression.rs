//! Texts in a template: what is known only where the stack is made becomes CloudFormation's own expression.
//!
//! AWS CloudFormation user guide, "Pseudo parameters", "Fn::Sub" (`${!x}` is a literal `${x}`) and "Dynamic references".
use crate::{
    Error, Result,
    export::symbol::{self, Part},
};
use serde_json::{Value, json};

/// How a name of CloudFormation's begins, after a `$`. The user's own text can have one, which shall stay as it is, and not
/// look like a forgotten `Fn::Sub`.
const PSEUDO: &str = "{AWS::";

pub(crate) fn reference(id: &str) -> Value {
    json!({ "Ref": id })
}

pub(crate) fn attribute(id: &str, name: &str) -> Value {
    json!({ "Fn::GetAtt": [id, name] })
}

/// `text`, in which `${x}` are names.
pub(crate) fn sub(text: String) -> Value {
    json!({ "Fn::Sub": text })
}

/// A text of the stack's.
///
/// # Errors
/// One that CloudFormation would take for an order to itself.
pub(crate) fn text(text: &str) -> Result<Value> {
    if text.contains("{{resolve:") {
        return Err(Error::new(format!("CloudFormation would put something else in place of `{text}`"))
            .help("a text with {{resolve: in it cannot be written into a template; a secret is named in `secrets`"));
    }
    let parts = symbol::parts(text);
    Ok(match parts.as_slice() {
        [] => text.into(),
        [Part::Text(text)] if text.contains(PSEUDO) => {
            json!({ "Fn::Join": [PSEUDO, text.split(PSEUDO).collect::<Vec<_>>()] })
        }
        [Part::Text(text)] => (*text).into(),
        [one] => reference(&name(*one).unwrap_or_default()),
        parts => sub(parts.iter().map(|part| piece(*part)).collect()),
    })
}

/// A text as a piece of `Fn::Sub`'s.
pub(crate) fn literal(text: &str) -> String {
    text.replace("${", "${!")
}

fn piece(part: Part<'_>) -> String {
    match part {
        Part::Text(text) => literal(text),
        other => format!("${{{}}}", name(other).unwrap_or_default()),
    }
}

fn name(part: Part<'_>) -> Option<String> {
    let name = match part {
        Part::Text(_) => return None,
        Part::Account => "AWS::AccountId",
        Part::Region => "AWS::Region",
        Part::Partition => "AWS::Partition",
        Part::DnsSuffix => "AWS::URLSuffix",
        Part::Image => super::image::PARAMETER,
    };
    Some(name.to_string())
}
