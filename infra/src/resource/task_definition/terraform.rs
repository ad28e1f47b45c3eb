//! In Terraform.
use super::TaskDefinition;
use crate::{
    Id, Kind, Resource as _,
    export::{
        Unsupported, symbol,
        terraform::{Module, hcl, names::DEPLOYED},
    },
};
use hcl_edit::{
    expr::Expression,
    structure::{Block, Structure},
};
use serde_json::Value;

/// # Errors
/// What is in it that the provider's resource has no argument for.
pub(super) fn block(module: &Module, definition: &TaskDefinition) -> Result<Block, Unsupported> {
    let (mut arguments, mut blocks) = (Vec::new(), Vec::new());
    for (key, value) in definition.input.as_object().into_iter().flatten() {
        let text = || hcl::text(value.as_str().unwrap_or_default());
        match key.as_str() {
            "family" => {}
            "networkMode" => arguments.push(hcl::attribute("network_mode", text())),
            "cpu" => arguments.push(hcl::attribute("cpu", text())),
            "memory" => arguments.push(hcl::attribute("memory", text())),
            "requiresCompatibilities" => {
                arguments.push(hcl::attribute("requires_compatibilities", hcl::json(value, &|_, _| None)));
            }
            "taskRoleArn" => arguments.push(hcl::attribute("task_role_arn", role(module, value))),
            "executionRoleArn" => arguments.push(hcl::attribute("execution_role_arn", role(module, value))),
            "runtimePlatform" => blocks.push(hcl::nested(
                "runtime_platform",
                members(
                    value,
                    &[("operatingSystemFamily", "operating_system_family"), ("cpuArchitecture", "cpu_architecture")],
                )?,
            )),
            "ephemeralStorage" => {
                blocks.push(hcl::nested("ephemeral_storage", members(value, &[("sizeInGiB", "size_in_gib")])?));
            }
            "volumes" => {
                for volume in value.as_array().into_iter().flatten() {
                    blocks.push(hcl::nested("volume", members(volume, &[("name", "name")])?));
                }
            }
            "containerDefinitions" => {}
            other => return Err(unknown(other)),
        }
    }
    let containers = &definition.input["containerDefinitions"];
    let containers = hcl::json(containers, &|path, value| reference(module, path, value));
    let family = hcl::attribute("family", hcl::text(&definition.family));
    let containers = hcl::attribute("container_definitions", hcl::call("jsonencode", [containers]));
    // Older revisions stay, so that a deployment can go back to them.
    let tail = [containers, hcl::attribute("skip_destroy", true), hcl::tags()];
    let body = [family].into_iter().chain(arguments).chain(tail).chain(blocks);
    Ok(hcl::resource("aws_ecs_task_definition", module.names.local(&definition.id()), body))
}

fn unknown(key: &str) -> Unsupported {
    let message = format!("the task definition's `{key}` has no place in aws_ecs_task_definition");
    Unsupported::new(message, "this is a defect of firelens-kit: please report it")
}

/// All members of an object, under other names.
fn members(value: &Value, names: &[(&str, &str)]) -> Result<Vec<Structure>, Unsupported> {
    let members = value.as_object().into_iter().flatten();
    let renamed = members.map(|(key, value)| {
        let (_, name) = names.iter().find(|(known, _)| known == key).ok_or_else(|| unknown(key))?;
        Ok(hcl::attribute(name, hcl::json(value, &|_, _| None)))
    });
    renamed.collect()
}

/// By its ARN, which ends with its name.
fn role(module: &Module, arn: &Value) -> Expression {
    let arn = arn.as_str().unwrap_or_default();
    let name = arn.rsplit('/').next().unwrap_or_default();
    module.names.known(&Id::new(Kind::Role, name), "arn").unwrap_or_else(|| hcl::text(arn))
}

/// Log groups and buckets of the module, and the router's image, in whichever repository it is.
fn reference(module: &Module, path: &[&str], value: &Value) -> Option<Expression> {
    let name = value.as_str()?;
    match path {
        [.., "image"] if name.ends_with(symbol::IMAGE) => Some(hcl::path("var.router_image")),
        [.., "options", "awslogs-group"] => module.names.known(&Id::new(Kind::LogGroup, name), "name"),
        [.., "environment", "value"] => module.names.known(&Id::new(Kind::Bucket, name), "bucket"),
        _ => None,
    }
}

/// Its newest revision.
pub(super) fn imports(module: &Module, definition: &TaskDefinition) -> Vec<Block> {
    let family = [hcl::attribute("task_definition", hcl::text(&definition.family))];
    let arn = hcl::path(&format!("data.aws_ecs_task_definition.{DEPLOYED}.arn"));
    vec![
        hcl::data_source("aws_ecs_task_definition", DEPLOYED, family),
        hcl::import(module.address(&definition.id()), arn),
    ]
}
