//! What the kit takes for FireLens's own configuration is that of the ECS agent's generator, byte for byte.
//!
//! `FIRELENS_GENERATOR=/path/to/program cargo test --workspace --test generator`. The program writes a configuration with
//! `awslabs/go-config-generator-for-fluentd-and-fluentbit`, as `agent/taskresource/firelens/firelensconfig_unix.go` of
//! `aws/amazon-ecs-agent` calls it, to its standard output. Its standard input is one JSON object:
//!
//! ```json
//! {"memory_mib": 100, "network": "awsvpc", "include": "/extra.conf",
//!  "metadata": {"cluster": "…", "task_arn": "…", "task_definition": "…", "ec2_instance_id": "…"},
//!  "containers": [{"name": "web", "options": {"Name": "firehose"}}]}
//! ```
use firelens_pipeline::firelens::Firelens;
use firelens_pipeline::task_definition;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

const INCLUDE: &str = "/firelens-kit/pipeline.conf";

/// What the generator makes of this.
fn generated(input: &Value) -> String {
    let program = std::env::var_os("FIRELENS_GENERATOR").expect("FIRELENS_GENERATOR names the program");
    let mut command = Command::new(program);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the generator starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.to_string().as_bytes()).expect("the generator reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the generator ends");
    assert!(output.status.success(), "the generator failed for {input}");
    String::from_utf8(output.stdout).expect("a configuration is text")
}

/// A task of such a router, and containers with these log options.
fn task(router: &Value, network: &str, launch: &str, apps: &[(&str, Value)]) -> String {
    let app = |(name, options): &(&str, Value)| {
        json!({"name": name, "image": "httpd:2.4.65",
               "logConfiguration": {"logDriver": "awsfirelens", "options": options}})
    };
    let containers: Vec<Value> = [router.clone()].into_iter().chain(apps.iter().map(app)).collect();
    json!({"family": "shop", "networkMode": network, "requiresCompatibilities": [launch], "containerDefinitions": containers})
        .to_string()
}

fn router(memory: Value, options: Value) -> Value {
    let mut router = json!({"name": "log_router", "image": "router", "essential": true,
                            "firelensConfiguration": {"type": "fluentbit", "options": options}});
    router.as_object_mut().expect("an object").extend(memory.as_object().expect("an object").clone());
    router
}

#[test]
fn the_agent_writes_the_same() {
    let plain = router(json!({"memoryReservation": 101}), json!({}));
    let outputs = json!({"Name": "cloudwatch_logs", "region": "eu-central-1", "log_group_name": "/ecs/shop",
                         "log_stream_prefix": "web-", "auto_create_group": "true", "Retry_Limit": "5"});
    let patterns = json!({"Name": "firehose", "include-pattern": "GET .*", "exclude-pattern": "^.*[aeiou]$"});
    let cases = [
        ("a container without options", task(&plain, "awsvpc", "FARGATE", &[("web", json!({}))])),
        ("an output", task(&plain, "awsvpc", "FARGATE", &[("web", outputs.clone())])),
        ("patterns", task(&plain, "awsvpc", "FARGATE", &[("web", patterns.clone())])),
        ("patterns without an output", task(&plain, "awsvpc", "FARGATE", &[("web", json!({"exclude-pattern": "x"}))])),
        (
            "several containers",
            task(&plain, "awsvpc", "FARGATE", &[("web", patterns), ("worker", outputs), ("cron", json!({}))]),
        ),
        ("the network of the host", task(&plain, "host", "EC2", &[("web", json!({"Name": "firehose"}))])),
        ("a bridge", task(&plain, "bridge", "EC2", &[("web", json!({"Name": "firehose"}))])),
        (
            "no metadata, a limit of memory",
            task(
                &router(json!({"memory": 512}), json!({"enable-ecs-log-metadata": "false"})),
                "awsvpc",
                "FARGATE",
                &[("web", json!({"Name": "kinesis_streams", "stream": "s"}))],
            ),
        ),
        ("no memory", task(&router(json!({}), json!({})), "awsvpc", "FARGATE", &[("web", json!({"Name": "stdout"}))])),
    ];
    for (name, text) in cases {
        let (read, problems) = task_definition::read(&text);
        let firelens = Firelens::of(&read.unwrap_or_else(|| panic!("{name}: {problems:?}"))).expect("a router");
        let given: Value = serde_json::from_str(&text).expect("JSON");
        let containers = given["containerDefinitions"].as_array().expect("a list");
        let apps: Vec<Value> = containers[1..]
            .iter()
            .map(|app| json!({"name": app["name"], "options": app["logConfiguration"]["options"]}))
            .collect();
        let metadata = firelens.metadata.as_ref().map(|metadata| {
            json!({"cluster": metadata.cluster, "task_arn": metadata.task_arn,
                   "task_definition": metadata.task_definition, "ec2_instance_id": metadata.ec2_instance_id})
        });
        let memory = [&containers[0]["memoryReservation"], &containers[0]["memory"]];
        let memory = memory.into_iter().find_map(Value::as_u64).unwrap_or(0);
        let input = json!({"memory_mib": memory, "network": given["networkMode"], "include": INCLUDE,
                           "metadata": metadata, "containers": apps});
        assert_eq!(firelens.generated(Some(INCLUDE)), generated(&input), "{name}");
    }
}
