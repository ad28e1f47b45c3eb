//! Pipelines that do the same job deliver the same records to the same destinations.
use crate::chain::{self, Chain, DESTINATIONS, Sink};
use crate::{Load, Result, router};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What both pipelines say in the same way. They differ in the time and its place, in what stands for `-`, in the query
/// apart from the path, in `status`, a number or a text, and in requests that are none, which ours leaves whole.
const FIELDS: [&str; 13] = [
    "client",
    "method",
    "protocol",
    "status",
    "bytes",
    "referer",
    "user_agent",
    "container_id",
    "container_name",
    "source",
    "ecs_cluster",
    "ecs_task_arn",
    "ecs_task_definition",
];

/// Sends lines through the pipelines that do the whole job and compares what arrives.
///
/// # Errors
/// When something differs.
pub fn same_records(program: &Path, dir: &Path, chains: &[Chain]) -> Result<()> {
    let load = Load::new(10_000)?;
    let mut first: Option<(&str, Vec<Vec<String>>)> = None;
    for chain in chains.iter().filter(|chain| chain.whole) {
        router::run(program, dir, chain, Sink::File, &load)?;
        let arrived = DESTINATIONS.map(|name| records(dir, name)).into_iter().collect::<Result<Vec<_>>>()?;
        match &first {
            Some((name, records)) => compare(name, records, &chain.name, &arrived)?,
            None => first = Some((&chain.name, arrived)),
        }
    }
    Ok(())
}

/// What has come to a destination, in an order that does not depend on the way.
fn records(dir: &Path, destination: &str) -> Result<Vec<String>> {
    let text = fs::read_to_string(chain::received(dir, destination))?;
    let mut records = text.lines().map(record).collect::<Result<Vec<_>>>()?;
    records.sort_unstable();
    Ok(records)
}

fn record(line: &str) -> Result<String> {
    let record: Value = serde_json::from_str(line)?;
    let request: Vec<&str> = record["request"].as_str().into_iter().flat_map(|request| request.split(' ')).collect();
    let field = |name: &str| match &record[name] {
        Value::Null if name == "method" => request.first().copied().unwrap_or_default().to_string(),
        Value::Null if name == "protocol" => request.last().copied().unwrap_or_default().to_string(),
        Value::String(text) if text == "-" => String::new(),
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    Ok(FIELDS.map(|name| format!("{name}={}", field(name))).join(" "))
}

fn compare(one: &str, ones: &[Vec<String>], other: &str, others: &[Vec<String>]) -> Result<()> {
    for (destination, (ones, others)) in DESTINATIONS.iter().zip(ones.iter().zip(others)) {
        if let Some((left, right)) = ones.iter().zip(others).find(|(left, right)| left != right) {
            return Err(format!("at {destination}, {one} has\n{left}\nand {other}\n{right}").into());
        }
        if ones.len() != others.len() {
            return Err(format!("at {destination}, {one} has {} records, {other} {}", ones.len(), others.len()).into());
        }
    }
    Ok(())
}
