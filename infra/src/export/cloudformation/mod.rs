//! The stack as a CloudFormation template: one for every account, region and partition.
//!
//! Names, tags and rights are those that a deploy gives. What differs between environments is a parameter, whose default
//! is what the configuration says.
//!
//! Sections and limits: AWS CloudFormation user guide, "Template sections" and "CloudFormation quotas"; properties: its
//! template reference, checked by cfn-lint in the tests.
use super::{Export, File, Language, Unsupported, marker};
use crate::{
    Error, Id, Place, Resource, Result, Stack, model,
    stack::{Existing, Run, Target},
};
use ids::Ids;
use parameter::Parameters;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

mod arns;
pub(crate) mod attributes;
mod declaration;
pub(crate) mod expression;
pub(crate) mod ids;
pub(crate) mod image;
mod outputs;
pub(crate) mod parameter;

pub use declaration::Declaration;

/// Its name among the languages.
pub const NAME: &str = "cloudformation";

/// Bytes that a call takes; a larger template has to be in S3 first.
pub const INLINE: usize = 51_200;

/// Bytes of the largest template that CloudFormation takes from S3.
pub const LARGEST: usize = 1_048_576;

/// What whoever creates the stack has to say: its roles have names.
pub const CAPABILITY: &str = "CAPABILITY_NAMED_IAM";

/// A template. Its sections and all that is in them have an order: the same stack gives the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Template(Value);

/// How a template is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    Yaml,
    Json,
}

/// A template in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloudFormation {
    /// The file's name.
    pub file: String,
    pub syntax: Syntax,
}

impl Language for CloudFormation {
    fn name(&self) -> &'static str {
        NAME
    }

    fn export(&self, stack: &Stack, place: &Place) -> std::result::Result<Export, Unsupported> {
        let text = template(stack, place)?.text(self.syntax)?;
        Ok(Export { files: vec![File { name: self.file.clone(), text }], left_out: Vec::new() })
    }
}

/// What a template is made from, and what its resources need beside themselves, gathered while they are written.
pub struct Draft<'a> {
    pub(crate) stack: &'a Stack,
    pub(crate) place: &'a Place,
    pub(crate) ids: Ids,
    pub(crate) parameters: Parameters,
}

/// The template of a stack, whose `place` is [symbolic](crate::export::symbol) where the template shall not name it.
///
/// # Errors
/// What a template cannot express.
pub fn template(stack: &Stack, place: &Place) -> Result<Template> {
    if let Run::Existing(existing) = &stack.run {
        return Err(adopted(existing));
    }
    let all: Vec<_> = model::resources(stack, place);
    let ids: Vec<Id> = all.iter().map(|resource| resource.id()).collect();
    let mut draft = Draft { stack, place, ids: Ids::of(&ids, &stack.name), parameters: Parameters::of(stack, place) };
    image::declare(&mut draft);
    let mut resources = Map::new();
    for resource in &all {
        for (id, declaration) in resource.cloudformation(&mut draft)? {
            resources.insert(id, draft.parameters.express(declaration.value())?);
        }
    }
    let outputs = outputs::all(&ids, &draft.ids, &resources);
    let mut sections = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description(stack),
        "Metadata": {
            "AWS::CloudFormation::Interface": draft.parameters.interface(),
            declaration::CONTEXT: { "arch": architecture(stack), "must": [MUST] },
        },
        "Parameters": draft.parameters.value(),
    });
    if let Some(condition) = image::section(&draft) {
        sections["Conditions"] = condition;
    }
    sections["Resources"] = resources.into();
    sections["Outputs"] = outputs;
    Ok(Template(sections))
}

fn description(stack: &Stack) -> String {
    let name = &stack.name;
    format!("The log pipeline {name} ({CAPABILITY}). {}.", marker(NAME))
}

/// How deploys, plans and the roles' rights know what is the stack's.
const MUST: &str = "Names, the tag firelens-kit:stack and the roles' path stay: rights and firelens-kit go by them.";

fn architecture(stack: &Stack) -> String {
    let kinds = stack.destinations.iter().map(|destination| match &destination.target {
        Target::LogGroup(_) => "CloudWatch Logs",
        Target::DeliveryStream(_) => "Firehose -> S3",
        Target::DataStream(_) => "Kinesis Data Streams",
        Target::Bucket(_) => "S3",
        Target::Other => "destinations outside of AWS",
    });
    let kinds: BTreeSet<&str> = kinds.collect();
    let kinds: Vec<&str> = kinds.into_iter().collect();
    format!("containers -> log router (Fluent Bit: parses each line and routes it) -> {}", kinds.join("; "))
}

impl Draft<'_> {
    pub(crate) fn id_of(&self, resource: &dyn Resource) -> Result<String> {
        self.id(&resource.id()).map(str::to_string)
    }

    /// The logical id of a resource of the stack.
    pub(crate) fn id(&self, id: &Id) -> Result<&str> {
        self.ids.get(id).ok_or_else(|| Error::new(format!("the template has no {id}")))
    }
}

fn adopted(existing: &Existing) -> Error {
    let Existing { service, cluster, .. } = existing;
    Error::new(format!(
        "the service {service} in cluster {cluster} is there already, and no part of a template changes it"
    ))
    .help(
        "`firelens-kit inject` puts the router into its task definition; without [stack.existing] the rest is exported",
    )
}

impl Template {
    /// Its text.
    ///
    /// # Errors
    /// When it is larger than CloudFormation takes.
    pub fn text(&self, syntax: Syntax) -> Result<String> {
        let text = match syntax {
            Syntax::Yaml => yaml(&self.0)?,
            Syntax::Json => format!("{:#}\n", self.0),
        };
        match text.len() {
            size if size > LARGEST => Err(Error::new(format!(
                "the template has {size} bytes, and CloudFormation takes {LARGEST}: make two stacks of it"
            ))),
            _ => Ok(text),
        }
    }

    /// As data.
    pub fn value(&self) -> &Value {
        &self.0
    }
}

/// Long lines stay whole: they are ARNs.
fn yaml(value: &impl Serialize) -> Result<String> {
    let options = serde_saphyr::ser_options! { compact_list_indent: false, folded_wrap_chars: 1000 };
    serde_saphyr::to_string_with_options(value, options).map_err(|error| Error::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_nothing_takes_is_an_error() {
        let text = |size: usize| Template("x".repeat(size).into()).text(Syntax::Json);
        assert!(text(LARGEST).unwrap_err().to_string().contains("and CloudFormation takes 1048576"));
        assert_eq!(text(LARGEST - 3).map(|text| text.len()), Ok(LARGEST));
    }
}
