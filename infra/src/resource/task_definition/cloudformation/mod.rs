//! AWS::ECS::TaskDefinition
use super::TaskDefinition;
use crate::{
    Error, Id, Kind, Result,
    export::{
        cloudformation::{
            Declaration, Draft,
            attributes::Attributes,
            expression::{attribute, reference},
            ids::pascal,
            image,
            parameter::{Parameter, Subject},
        },
        symbol::{self, Part},
    },
};
use properties::{Content, Field, TASK_DEFINITION};
use serde_json::{Map, Value};

mod properties;

/// CPU units of a task on Fargate (Amazon ECS developer guide, "Task CPU and memory").
const CPU: [&str; 7] = ["256", "512", "1024", "2048", "4096", "8192", "16384"];

pub(super) fn declarations(definition: &TaskDefinition, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let tags = Attributes::of(definition).tags();
    let mut input = definition.input.clone();
    input["family"] = definition.family.as_str().into();
    let mut properties = members(&input, TASK_DEFINITION, "")?;
    for role in ["TaskRoleArn", "ExecutionRoleArn"] {
        if let Some(id) = properties.get(role).and_then(|arn| role_id(arn, draft)) {
            properties.insert(role.into(), attribute(&id, "Arn"));
        }
    }
    for (name, parameter) in sizes(&properties) {
        let value = draft.parameters.add(format!("Task{name}"), parameter);
        properties.insert(name.into(), value);
    }
    let containers = properties.get_mut("ContainerDefinitions").and_then(Value::as_array_mut);
    for container in containers.into_iter().flatten().filter_map(Value::as_object_mut) {
        put_image(container, draft);
        container.values_mut().for_each(|value| put_references(value, draft));
    }
    let resource = Declaration::of(Kind::TaskDefinition)
        .why("The app's containers, whose lines go to the router, and the router, which waits for no one: its disk buffers hold what a destination does not take.").on(image::needed(draft)).with_all(properties);
    Ok(vec![(draft.id_of(definition)?, resource.with("Tags", tags))])
}

/// The fields under CloudFormation's names.
fn members(value: &Value, known: &[Field], at: &str) -> Result<Map<String, Value>> {
    let mut properties = Map::new();
    for (name, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let at = format!("{at}{}{name}", if at.is_empty() { "" } else { "." });
        let Some((_, content, other)) = known.iter().find(|(field, ..)| field == name) else {
            return Err(Error::new(format!("the template cannot express `{at}` of the task definition")).help(
                "CloudFormation has no such property of AWS::ECS::TaskDefinition, or firelens-kit does not know it",
            ));
        };
        let value = match content {
            Content::Plain | Content::Map => value.clone(),
            Content::Fields(known) => one_or_many(value, known, &at)?,
        };
        properties.insert(other.map_or_else(|| capital(name), str::to_string), value);
    }
    Ok(properties)
}

fn one_or_many(value: &Value, known: &[Field], at: &str) -> Result<Value> {
    match value {
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(number, item)| Ok(Value::Object(members(item, known, &format!("{at}[{number}]"))?))).collect()
        }
        one => members(one, known, at).map(Value::Object),
    }
}

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The role of the stack's that has the ARN.
fn role_id(arn: &Value, draft: &Draft<'_>) -> Option<String> {
    let name = arn.as_str()?.rsplit('/').next()?;
    let is_ours = *arn == draft.place.role_arn(&draft.stack.path(), name);
    draft.ids.get(&Id::new(Kind::Role, name)).filter(|_| is_ours).map(str::to_string)
}

/// CPU units and memory, where the task says them.
fn sizes(properties: &Map<String, Value>) -> Vec<(&'static str, Parameter)> {
    let parameter = |name, description: &str, constraint| {
        let default = match properties.get(name)? {
            Value::Number(number) => number.to_string().into(),
            value => value.clone(),
        };
        let parameter = Parameter {
            subject: Subject::Tasks,
            kind: "String",
            description: description.into(),
            default: Some(default),
            constraints: vec![constraint],
        };
        Some((name, parameter))
    };
    let cpu = parameter("Cpu", "CPU units of a task: 1024 are one vCPU.", ("AllowedValues", CPU.to_vec().into()));
    let memory = parameter(
        "Memory",
        "Memory of a task in MiB, one that Fargate has with so many CPU units.",
        ("AllowedPattern", "^[1-9][0-9]*$".into()),
    );
    cpu.into_iter().chain(memory).collect()
}

fn put_image(container: &mut Map<String, Value>, draft: &mut Draft<'_>) {
    let text = |key: &str| container.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let (name, image) = (text("Name"), text("Image"));
    let image = match symbol::parts(&image).last() {
        None => return,
        Some(Part::Image) => reference(image::PARAMETER),
        Some(_) => {
            let parameter = Parameter {
                subject: Subject::Images,
                kind: "String",
                description: format!("The image of container {name}: a tag or digest of the default's repository."),
                default: Some(image.into()),
                constraints: vec![("MinLength", 1.into())],
            };
            draft.parameters.add(format!("{}Image", pascal(&name)), parameter)
        }
    };
    container.insert("Image".into(), image);
}

/// Log groups and buckets of the stack by their logical ids.
fn put_references(value: &mut Value, draft: &Draft<'_>) {
    match value {
        Value::String(text) => {
            let named = [Kind::LogGroup, Kind::Bucket].map(|kind| Id::new(kind, text.as_str()));
            if let Some(id) = named.iter().find_map(|id| draft.ids.get(id)) {
                *value = reference(id);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| put_references(item, draft)),
        Value::Object(members) => members.values_mut().for_each(|member| put_references(member, draft)),
        _ => {}
    }
}
