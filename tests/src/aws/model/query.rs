//! Requests of the query protocol, and of EC2's own kind of it.
use super::{Read, Service, input};
use crate::fault_proxy::Request;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub(super) fn read<'a>(service: &'a Service, request: &Request, ec2: bool) -> Read<'a> {
    let mut form: BTreeMap<String, String> = form_urlencoded::parse(&request.body).into_owned().collect();
    let operation = form.remove("Action").ok_or("it has no Action")?;
    let version = form.remove("Version").unwrap_or_default();
    if version != service.metadata.api_version {
        return Err(format!("the version is {version}, not {}", service.metadata.api_version));
    }
    let input = input(service.operation(&operation)?);
    let value = match input {
        Some(shape) => unflatten(service, shape, "", &mut form, ec2).unwrap_or_else(|| Value::Object(Map::new())),
        None => Value::Null,
    };
    let faults = form.into_keys().map(|key| format!("{key}: there is no such parameter")).collect();
    Ok((input, value, faults))
}

/// The value of the parameters under a prefix, which are taken out of the form. `None` when there are none.
fn unflatten(
    service: &Service,
    shape: &str,
    prefix: &str,
    form: &mut BTreeMap<String, String>,
    ec2: bool,
) -> Option<Value> {
    let shape = &service.shapes[shape];
    match shape.kind.as_str() {
        "structure" => {
            let dot = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
            let mut members = Map::new();
            for (name, member) in &shape.members {
                let given = member.location_name.as_ref().unwrap_or(name);
                let parameter = match &member.query_name {
                    Some(query_name) if ec2 => query_name.clone(),
                    _ if ec2 => given[..1].to_uppercase() + &given[1..],
                    _ => given.clone(),
                };
                if let Some(value) = unflatten(service, &member.shape, &format!("{dot}{parameter}"), form, ec2) {
                    members.insert(name.clone(), value);
                }
            }
            (!members.is_empty()).then_some(Value::Object(members))
        }
        "list" => {
            let member = shape.member.as_ref()?;
            let base = match ec2 || shape.flattened {
                true => prefix.to_owned(),
                false => format!("{prefix}.{}", member.location_name.as_deref().unwrap_or("member")),
            };
            let items = (1..).map_while(|at| unflatten(service, &member.shape, &format!("{base}.{at}"), form, ec2));
            let items: Vec<Value> = items.collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        kind => {
            let text = form.remove(prefix)?;
            let value = match kind {
                "integer" | "long" => text.parse::<i64>().ok().map(Value::from),
                "float" | "double" => text.parse::<f64>().ok().map(Value::from),
                "boolean" => text.parse::<bool>().ok().map(Value::from),
                _ => None,
            };
            Some(value.unwrap_or(Value::String(text)))
        }
    }
}
