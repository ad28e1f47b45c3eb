//! A resource as a template declares it.
use crate::Kind;
use serde_json::{Map, Value, json};

/// What people and machines should know of a template, or of a resource in it (CloudFormation template reference, "Metadata
/// attribute").
pub(super) const CONTEXT: &str = "com.aws.cloudformation.Context";

pub struct Declaration {
    /// `AWS::Logs::LogGroup`
    kind: &'static str,
    why: Option<String>,
    /// It outlives the stack, as it holds the user's logs.
    retained: bool,
    condition: Option<&'static str>,
    depends_on: Vec<String>,
    properties: Map<String, Value>,
}

impl Declaration {
    /// Of a resource of the stack.
    pub fn of(kind: Kind) -> Declaration {
        Declaration::new(kind.row().cloudformation.as_ref().expect("a template has no other kinds").kind)
    }

    /// Of a part of one, which has a type of its own.
    pub fn new(kind: &'static str) -> Declaration {
        Declaration {
            kind,
            why: None,
            retained: false,
            condition: None,
            depends_on: Vec::new(),
            properties: Map::new(),
        }
    }

    /// A property; `null` is none.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Declaration {
        let value = value.into();
        if !value.is_null() {
            self.properties.insert(name.to_string(), value);
        }
        self
    }

    pub fn with_all(mut self, properties: Map<String, Value>) -> Declaration {
        self.properties.extend(properties);
        self
    }

    /// What it is for.
    pub fn why(self, why: &str) -> Declaration {
        Declaration { why: Some(why.to_string()), ..self }
    }

    pub fn retained(self, retained: bool) -> Declaration {
        Declaration { retained, ..self }
    }

    pub fn on(self, condition: Option<&'static str>) -> Declaration {
        Declaration { condition, ..self }
    }

    pub fn depends_on(self, depends_on: Vec<String>) -> Declaration {
        Declaration { depends_on, ..self }
    }

    pub fn value(self) -> Value {
        // What a first try leaves behind would be in the way of the second: its names are fixed.
        let (deleted, replaced) = if self.retained { ("RetainExceptOnCreate", "Retain") } else { ("Delete", "Delete") };
        let mut value = json!({ "Type": self.kind });
        if let Some(condition) = self.condition {
            value["Condition"] = condition.into();
        }
        if !self.depends_on.is_empty() {
            value["DependsOn"] = self.depends_on.into();
        }
        if let Some(why) = self.why {
            value["Metadata"] = json!({ CONTEXT: { "why": why } });
        }
        value["DeletionPolicy"] = deleted.into();
        value["UpdateReplacePolicy"] = replaced.into();
        value["Properties"] = self.properties.into();
        value
    }
}
