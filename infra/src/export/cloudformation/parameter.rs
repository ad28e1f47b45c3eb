//! Parameters: what differs between environments.
use super::{
    arns,
    expression::{self, literal, reference, sub},
};
use crate::{Place, Result, Stack};
use serde_json::{Map, Value, json};

/// One value that whoever creates the stack can choose.
#[derive(Debug, PartialEq)]
pub(crate) struct Parameter {
    pub subject: Subject,
    /// `String`, `Number`, `AWS::EC2::VPC::Id`
    pub kind: &'static str,
    /// What it is, in one sentence.
    pub description: String,
    /// Without one, it has to be given.
    pub default: Option<Value>,
    /// `AllowedValues`, `MinValue`, …
    pub constraints: Vec<(&'static str, Value)>,
}

/// What the console shows together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    Images,
    Network,
    Tasks,
    Retention,
    KeysAndSecrets,
}

const SUBJECTS: [(Subject, &str); 5] = [
    (Subject::Images, "Images"),
    (Subject::Network, "Network"),
    (Subject::Tasks, "Tasks"),
    (Subject::Retention, "Retention"),
    (Subject::KeysAndSecrets, "Keys and secrets"),
];

/// All of a template, and the ARNs of the user's for which they stand.
#[derive(Default)]
pub(crate) struct Parameters {
    all: Vec<(String, Parameter)>,
    arns: Vec<(String, String)>,
}

impl Parameters {
    /// Those for what is there already.
    pub(crate) fn of(stack: &Stack, place: &Place) -> Parameters {
        let mut parameters = Parameters::default();
        for (name, arn, what) in arns::all(stack, place) {
            parameters.arn(name, arn, what);
        }
        parameters
    }

    /// Adds one, and gives the reference to it. The same is added once; another one of the same name gets a number.
    pub(crate) fn add(&mut self, name: impl Into<String>, parameter: Parameter) -> Value {
        reference(&self.named(name.into(), parameter))
    }

    fn named(&mut self, wanted: String, parameter: Parameter) -> String {
        let mut name = wanted.clone();
        for number in 2.. {
            match self.all.iter().find(|(other, _)| *other == name) {
                None => break,
                Some((_, there)) if *there == parameter => return name,
                Some(_) => name = format!("{wanted}{number}"),
            }
        }
        self.all.push((name.clone(), parameter));
        name
    }

    /// One for each ARN, under the first name that it has.
    fn arn(&mut self, name: String, arn: String, what: &str) {
        if self.arns.iter().any(|(other, _)| *other == arn) {
            return;
        }
        let parameter = Parameter {
            subject: Subject::KeysAndSecrets,
            kind: "String",
            description: format!("{what}, by its ARN."),
            default: Some(arn.as_str().into()),
            constraints: vec![
                ("AllowedPattern", "^arn:[^:]+:[^:]+:.+$".into()),
                ("ConstraintDescription", "an ARN".into()),
            ],
        };
        let name = self.named(name, parameter);
        self.arns.push((arn, name));
    }

    /// The section of the template.
    pub(crate) fn value(&self) -> Value {
        self.all.iter().map(|(name, parameter)| (name.clone(), parameter.value())).collect::<Map<_, _>>().into()
    }

    /// How the console shows them.
    pub(crate) fn interface(&self) -> Value {
        let groups = SUBJECTS.iter().filter_map(|(subject, label)| {
            let names = self.all.iter().filter(|(_, parameter)| parameter.subject == *subject);
            let names: Vec<&str> = names.map(|(name, _)| name.as_str()).collect();
            (!names.is_empty()).then(|| json!({ "Label": { "default": label }, "Parameters": names }))
        });
        json!({ "ParameterGroups": groups.collect::<Vec<_>>() })
    }

    /// All texts in it as CloudFormation's expressions.
    ///
    /// # Errors
    /// A text that cannot be one.
    pub(crate) fn express(&self, value: Value) -> Result<Value> {
        Ok(match value {
            Value::String(text) => self.text(&text)?,
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.express(item)).collect::<Result<_>>()?)
            }
            Value::Object(members) => {
                let members = members.into_iter().map(|(key, value)| Ok((key, self.express(value)?)));
                Value::Object(members.collect::<Result<_>>()?)
            }
            other => other,
        })
    }

    /// An ARN that a parameter stands for, or one with something behind it (the key in a secret), or another text.
    fn text(&self, text: &str) -> Result<Value> {
        for (arn, name) in &self.arns {
            match text.strip_prefix(arn.as_str()) {
                Some("") => return Ok(reference(name)),
                Some(behind) if behind.starts_with(':') => return Ok(sub(format!("${{{name}}}{}", literal(behind)))),
                _ => {}
            }
        }
        expression::text(text)
    }
}

impl Parameter {
    fn value(&self) -> Value {
        let mut value = json!({ "Type": self.kind, "Description": self.description });
        if let Some(default) = &self.default {
            value["Default"] = default.clone();
        }
        for (name, constraint) in &self.constraints {
            value[*name] = constraint.clone();
        }
        value
    }
}
