//! S3's requests: the operation in method, path and query, the input in these, in headers and in XML.
use super::{Operation, Read, Service, input, shape::Shape};
use crate::fault_proxy::Request;
use percent_encoding::percent_decode_str;
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

/// What signatures, checksums and the SDKs themselves send besides the input.
const OF_THE_TRANSPORT: [&str; 8] = [
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-user-agent",
    "x-amz-trailer",
    "x-amz-decoded-content-length",
    "x-amz-te",
    "x-amz-sdk-checksum-algorithm",
];

pub(super) fn read<'a>(service: &'a Service, request: &Request) -> Read<'a> {
    let line = request.head.lines.first().map_or("", String::as_str);
    let mut words = line.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    query.retain(|(name, _)| name != "x-id");
    let (bucket, key) = labels(path);
    let operation =
        operation(service, method, [&bucket, &key], &query).ok_or_else(|| format!("no operation: {line}"))?;
    let Some(name) = input(operation) else { return Ok((None, Value::Null, Vec::new())) };
    let (_, literal) = operation.http.request_uri.split_once('?').unwrap_or(("", ""));
    query.retain(|(name, _)| !literals(literal).any(|(literal, _)| literal == *name));
    let shape = &service.shapes[name];
    let mut members = Map::new();
    let mut faults = Vec::new();
    for (name, member) in &shape.members {
        let given = member.location_name.as_deref().unwrap_or(name);
        let text = match member.location.as_deref() {
            Some("uri") if given == "Bucket" => bucket.clone(),
            Some("uri") => key.clone(),
            Some("querystring") => {
                let at = query.iter().position(|(name, _)| name == given);
                at.map(|at| query.swap_remove(at).1)
            }
            Some("header") => request.head.header(given).map(str::to_owned),
            _ => None,
        };
        if let Some(text) = text {
            members.insert(name.clone(), scalar(&service.shapes[&member.shape], text));
        }
    }
    faults.extend(query.into_iter().map(|(name, _)| format!("?{name}: there is no such parameter")));
    faults.extend(strange_headers(shape, request));
    if let Some((payload, member)) = shape.payload.as_ref().and_then(|name| shape.members.get_key_value(name)) {
        let value = match service.shapes[&member.shape].kind.as_str() {
            "structure" if request.body.is_empty() => Value::Null,
            "structure" => {
                let text = std::str::from_utf8(&request.body).map_err(|error| error.to_string())?;
                let document = Document::parse(text).map_err(|error| format!("no XML: {error}"))?;
                let root = document.root_element();
                if Some(root.tag_name().name()) != member.location_name.as_deref() {
                    faults.push(format!("the body is a {}, not {:?}", root.tag_name().name(), member.location_name));
                }
                structure(service, &service.shapes[&member.shape], root, payload, &mut faults)
            }
            _ => Value::String(String::from_utf8_lossy(&request.body).into_owned()),
        };
        if !value.is_null() {
            members.insert(payload.clone(), value);
        }
    }
    Ok((Some(name), Value::Object(members), faults))
}

/// Bucket and key of a path.
fn labels(path: &str) -> (Option<String>, Option<String>) {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let some = |text: &str| (!text.is_empty()).then(|| decoded(text));
    (some(bucket), some(key))
}

fn literals(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value))))
}

/// The one whose method, labels and literal parameters the request has, with the most of these.
fn operation<'a>(
    service: &'a Service,
    method: &str,
    labels: [&Option<String>; 2],
    query: &[(String, String)],
) -> Option<&'a Operation> {
    let has = |(name, value): (&str, Option<&str>)| {
        query.iter().any(|(key, given)| key == name && value.is_none_or(|value| value == given))
    };
    let fits = |operation: &&Operation| {
        let (path, literal) = operation.http.request_uri.split_once('?').unwrap_or((&operation.http.request_uri, ""));
        operation.http.method == method
            && path.contains("{Bucket}") == labels[0].is_some()
            && path.contains("{Key+}") == labels[1].is_some()
            && literals(literal).all(has)
    };
    // Of two that differ in required parameters only (GetObject and ListParts), the one that has them.
    let needed = |operation: &'a Operation| {
        let shape = input(operation).map(|shape| &service.shapes[shape]);
        let members =
            shape.into_iter().flat_map(|shape| shape.required.iter().filter_map(|name| shape.members.get(name)));
        members
            .filter(|member| member.location.as_deref() == Some("querystring"))
            .map(|member| (member.location_name.as_deref().unwrap_or_default(), None))
    };
    let literal = |operation: &Operation| {
        literals(operation.http.request_uri.split_once('?').map_or("", |(_, query)| query)).count()
    };
    // What copies has the path of what puts, and a header.
    let copies = |operation: &&Operation| input(operation).is_none_or(|shape| !shape.contains("Copy"));
    let all = service.operations.values().filter(fits).filter(copies).filter(|operation| needed(operation).all(has));
    all.max_by_key(|operation| literal(operation) + needed(operation).count())
}

fn strange_headers<'a>(shape: &'a Shape, request: &'a Request) -> impl Iterator<Item = String> + use<'a> {
    let known = |name: &str| {
        OF_THE_TRANSPORT.contains(&name)
            || name.starts_with("x-amz-checksum-")
            || shape.members.values().any(|member| match (member.location.as_deref(), &member.location_name) {
                (Some("header"), Some(given)) => given.eq_ignore_ascii_case(name),
                (Some("headers"), Some(prefix)) => name.starts_with(&prefix.to_lowercase()),
                _ => false,
            })
    };
    let names = request.head.lines.iter().skip(1).filter_map(|line| line.split_once(':'));
    let names = names.map(|(name, _)| name.to_ascii_lowercase()).filter(|name| name.starts_with("x-amz-"));
    names.filter(move |name| !known(name)).map(|name| format!("{name}: there is no such header"))
}

fn scalar(shape: &Shape, text: String) -> Value {
    let value = match shape.kind.as_str() {
        "integer" | "long" => text.parse::<i64>().ok().map(Value::from),
        "boolean" => text.parse::<bool>().ok().map(Value::from),
        "list" => Some(text.split(',').map(|item| Value::from(item.trim())).collect()),
        _ => None,
    };
    value.unwrap_or(Value::String(text))
}

fn structure(service: &Service, shape: &Shape, node: Node<'_, '_>, path: &str, faults: &mut Vec<String>) -> Value {
    let mut members = Map::new();
    for child in node.children().filter(Node::is_element) {
        let tag = child.tag_name().name();
        let named =
            |(name, member): &(&String, &super::shape::Member)| member.location_name.as_ref().unwrap_or(name) == tag;
        let Some((name, member)) = shape.members.iter().find(named) else {
            faults.push(format!("{path}.{tag}: there is no such element"));
            continue;
        };
        let of = &service.shapes[&member.shape];
        let path = format!("{path}.{name}");
        if of.kind == "list" && of.flattened {
            let item = value(service, of.member.as_ref().map_or("", |member| &member.shape), child, &path, faults);
            let list = members.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().expect("it is a list").push(item);
        } else {
            members.insert(name.clone(), value(service, &member.shape, child, &path, faults));
        }
    }
    Value::Object(members)
}

fn value(service: &Service, name: &str, node: Node<'_, '_>, path: &str, faults: &mut Vec<String>) -> Value {
    let shape = &service.shapes[name];
    match (shape.kind.as_str(), &shape.member) {
        ("structure", _) => structure(service, shape, node, path, faults),
        ("list", Some(member)) => {
            let tag = member.location_name.as_deref().unwrap_or("member");
            let mut items = Vec::new();
            for child in node.children().filter(Node::is_element) {
                match child.tag_name().name() == tag {
                    true => items.push(value(service, &member.shape, child, path, faults)),
                    false => faults.push(format!("{path}.{}: it is no {tag}", child.tag_name().name())),
                }
            }
            Value::Array(items)
        }
        _ => scalar(shape, node.text().unwrap_or_default().to_owned()),
    }
}
