//! What the provider knows of a resource besides what is written: ids and ARNs, and the data sources' answers.
use super::module::Evaluated;
use firelens_infra::Place;
use serde_json::{Map, Value, json};

/// The ids that AWS would give.
pub const SECURITY_GROUP: &str = "sg-00000000000000001";
pub const VPC: &str = "vpc-00000000000000001";
pub const SUBNETS: [&str; 2] = ["subnet-00000000000000001", "subnet-00000000000000002"];

pub fn task_definition(place: &Place, family: &str) -> String {
    place.arn("ecs", &format!("task-definition/{family}:1"))
}

/// The attributes that are not written, by the type and what is.
pub fn computed(place: &Place, kind: &str, written: &Map<String, Value>) -> Value {
    let text = |key: &str| written[key].as_str().unwrap().to_string();
    let arn = |arn: String| json!({ "arn": arn });
    match kind {
        "aws_cloudwatch_log_group" => arn(place.arn("logs", &format!("log-group:{}", text("name")))),
        "aws_s3_bucket" => arn(place.bucket_arn(&text("bucket"))),
        "aws_kinesis_stream" => arn(place.arn("kinesis", &format!("stream/{}", text("name")))),
        "aws_kinesis_firehose_delivery_stream" => {
            arn(place.arn("firehose", &format!("deliverystream/{}", text("name"))))
        }
        "aws_iam_role" => arn(place.role_arn(&text("path"), &text("name"))),
        "aws_ecr_repository" => json!({
            "arn": place.arn("ecr", &format!("repository/{}", text("name"))),
            "repository_url": format!("{}/{}", place.registry(), text("name")),
        }),
        "aws_security_group" => json!({ "id": SECURITY_GROUP }),
        "aws_ecs_cluster" => arn(place.arn("ecs", &format!("cluster/{}", text("name")))),
        "aws_ecs_task_definition" => arn(task_definition(place, &text("family"))),
        _ => json!({}),
    }
}

/// What a data source answers.
pub fn answer(place: &Place, kind: &str, asked: &Evaluated) -> Value {
    match kind {
        "aws_caller_identity" => json!({ "account_id": place.account }),
        "aws_region" => json!({ "region": place.region }),
        "aws_partition" => json!({ "partition": place.partition, "dns_suffix": place.dns_suffix() }),
        "aws_vpc" => json!({ "id": VPC }),
        "aws_subnets" => json!({ "ids": SUBNETS }),
        "aws_security_group" => json!({ "id": SECURITY_GROUP }),
        "aws_ecs_task_definition" => {
            json!({ "arn": task_definition(place, asked.attributes["task_definition"].as_str().unwrap()) })
        }
        "aws_iam_policy_document" => json!({ "json": document(asked).to_string() }),
        other => panic!("no data source {other}"),
    }
}

/// The document that its blocks describe (the provider's page on aws_iam_policy_document).
fn document(asked: &Evaluated) -> Value {
    let statements: Vec<Value> = asked.blocks("statement").map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn statement(block: &Evaluated) -> Value {
    let written = &block.attributes;
    let mut statement = json!({ "Effect": written.get("effect").cloned().unwrap_or("Allow".into()) });
    for (argument, member) in [("sid", "Sid"), ("actions", "Action"), ("resources", "Resource")] {
        if let Some(value) = written.get(argument) {
            statement[member] = value.clone();
        }
    }
    for principals in block.blocks("principals") {
        let (kind, names) = (principals.attributes["type"].as_str().unwrap(), &principals.attributes["identifiers"]);
        match kind {
            "*" => statement["Principal"] = json!("*"),
            kind => statement["Principal"][kind] = names.clone(),
        }
    }
    for condition in block.blocks("condition") {
        let [test, variable] = ["test", "variable"].map(|key| condition.attributes[key].as_str().unwrap());
        statement["Condition"][test][variable] = condition.attributes["values"].clone();
    }
    statement
}
