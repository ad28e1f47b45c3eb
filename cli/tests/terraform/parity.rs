//! What the module makes is what a deploy makes: each resource, read back from the evaluated module in the form in which
//! `plan` compares it, has the attributes that a deploy wants. What is not in the module is in [`LEFT_OUT`], with the reason.
use super::{
    STACKS, deployed, exported, files,
    module::{Evaluated, Module},
    provider,
};
use firelens_infra::{
    Id, Kind, Place, Resource, model,
    policy::meaning::meaning,
    resource::{
        Known, log_group::LogGroup, repository::Repository, role::Role, service::OwnService,
        task_definition::TaskDefinition,
    },
};
use serde_json::{Map, Value, json};

/// Attributes of kinds that the module does not say, and why.
const LEFT_OUT: [(Kind, &str, &str); 4] = [
    (Kind::LogGroup, "class", "STANDARD is the provider's default"),
    (Kind::DataStream, "status", "what AWS is doing, not a setting: the provider waits until it is ACTIVE"),
    (Kind::DeliveryStream, "status", "what AWS is doing, not a setting: the provider waits until it is ACTIVE"),
    (Kind::Service, "rollout_state", "what AWS is doing, not a setting: wait_for_steady_state waits for it"),
];

/// In every partition, as names and endpoints differ.
fn places() -> [Place; 3] {
    ["eu-west-1", "cn-north-1", "us-gov-west-1"].map(|region| Place::of("210987654321", region))
}

/// The module as a place makes it of it. One that is exported for its region is tried there only.
fn modules(stack: &str) -> Vec<(Place, Module)> {
    let folder = exported(stack, &["--import"]);
    let is_bound = super::source(stack).contains("region =");
    let places = places().into_iter().filter(|place| !is_bound || place.region == "eu-west-1");
    let image = |place: &Place| super::image(&super::config(&super::source(stack)), place);
    places.map(|place| (place.clone(), Module::of(&files(&folder), &place, &image(&place)))).collect()
}

#[test]
fn every_attribute_that_a_deploy_wants_is_in_the_module() {
    let mut left_out: Vec<(Kind, String)> = Vec::new();
    for stack in STACKS {
        for (place, module) in modules(stack) {
            let wanted = deployed(stack, &place);
            let known = Known::default();
            known.set(Id::new(Kind::SecurityGroup, wanted.security_group()), provider::SECURITY_GROUP);
            known.set(
                Id::new(Kind::TaskDefinition, wanted.family()),
                provider::task_definition(&place, &wanted.family()),
            );
            for resource in model::resources(&wanted, &place) {
                let (id, mut wanted) = (resource.id(), resource.wanted(&known));
                for (kind, attribute, _) in LEFT_OUT.iter().filter(|(kind, ..)| *kind == id.kind) {
                    assert!(
                        wanted.as_object_mut().unwrap().shift_remove(*attribute).is_some(),
                        "{id} has no {attribute}"
                    );
                    left_out.push((*kind, attribute.to_string()));
                }
                let mut exported = read_back(&*resource, &module);
                // A deploy compares a bucket's policy by its meaning, since S3 gives it back in a form of its own.
                if id.kind == Kind::Bucket
                    && let Some(policy) = exported.get_mut("policy").filter(|policy| policy.is_object())
                {
                    *policy = firelens_infra::policy::meaning::meaning(policy);
                }
                assert_eq!(exported, wanted, "{stack}: {id} in {}", place.region);
            }
        }
    }
    for (kind, attribute, _) in LEFT_OUT {
        assert!(left_out.contains(&(kind, attribute.to_string())), "{kind} {attribute} is never left out");
    }
}

#[test]
fn there_is_nothing_else_in_the_module_and_all_of_it_is_imported() {
    /// Settings and parts of a resource, which are resources of their own to the provider.
    const PARTS: [&str; 9] = [
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_cloudwatch_log_stream",
        "aws_ecr_lifecycle_policy",
        "aws_iam_role_policy",
        "aws_iam_policy_document",
    ];
    for stack in STACKS {
        for (place, module) in modules(stack) {
            let all: Vec<&str> = module.resources().collect();
            let whole = all.iter().filter(|address| !PARTS.contains(&address.split('.').next().unwrap()));
            assert_eq!(whole.count(), model::resources(&deployed(stack, &place), &place).len(), "{stack}: {all:?}");
            let imported: Vec<&str> = module.imports.keys().map(String::as_str).collect();
            assert_eq!(imported, all, "{stack}");
        }
    }
}

#[test]
fn imports_name_what_a_deploy_made() {
    let place = Place::of("210987654321", "eu-west-1");
    let module = Module::of(&files(&exported("archive", &["--import"])), &place, "router@sha256:0");
    for (address, id) in [
        ("aws_cloudwatch_log_group.cloudwatch", "/ecs/shop/httpd"),
        ("aws_cloudwatch_log_stream.archive", "/firelens-kit/shop/firehose:shop-archive"),
        ("aws_s3_bucket.archive", "shop-archive-210987654321-eu-west-1"),
        ("aws_s3_bucket_policy.archive", "shop-archive-210987654321-eu-west-1"),
        (
            "aws_kinesis_firehose_delivery_stream.archive",
            "arn:aws:firehose:eu-west-1:210987654321:deliverystream/shop-archive",
        ),
        ("aws_iam_role.task", "shop-task"),
        ("aws_iam_role_policy.task", "shop-task:firelens-kit"),
        ("aws_ecr_repository.log_router", "shop-log-router"),
        ("aws_ecr_lifecycle_policy.log_router", "shop-log-router"),
        ("aws_security_group.app", provider::SECURITY_GROUP),
        ("aws_ecs_cluster.app", "shop"),
        ("aws_ecs_task_definition.app", "arn:aws:ecs:eu-west-1:210987654321:task-definition/shop:1"),
        ("aws_ecs_service.app", "shop/shop"),
    ] {
        assert_eq!(module.imports.get(address).map(String::as_str), Some(id), "{address}");
    }
}

/// The attributes of a resource, from the module's blocks.
fn read_back(resource: &dyn Resource, module: &Module) -> Value {
    let Id { kind, name } = resource.id();
    let find = |kind: &str, argument: &str, value: &str| {
        let name = module.find(kind, argument, value);
        let name = name.unwrap_or_else(|| panic!("no {kind} with {argument} = {value}"));
        (name.to_string(), module.get(&format!("{kind}.{name}")))
    };
    match kind {
        Kind::LogGroup => {
            let group: &LogGroup = resource.downcast().unwrap();
            let (_, block) = find("aws_cloudwatch_log_group", "name", &group.name);
            assert_eq!(!block.get("skip_destroy").is_null(), group.data);
            renamed(block, &[("retention_in_days", "retention_days"), ("kms_key_id", "kms_key"), ("tags", "tags")])
        }
        Kind::MetricFilter => {
            let (group, name) = name.split_once(':').unwrap();
            let (_, block) = find("aws_cloudwatch_log_metric_filter", "name", name);
            assert_eq!(block.get("log_group_name"), group);
            let metric = block.block("metric_transformation");
            let default: f64 = metric.get("default_value").as_str().unwrap().parse().unwrap();
            let mut all = renamed(metric, &[("namespace", "namespace"), ("name", "name"), ("value", "value")]);
            all["default_value"] = json!(default);
            json!({ "pattern": block.get("pattern"), "metric": all })
        }
        Kind::Bucket => {
            let (local, block) = find("aws_s3_bucket", "bucket", &name);
            let policy = module.get(&format!("aws_s3_bucket_policy.{local}")).get("policy");
            let setting = |kind: &str| module.get(&format!("aws_s3_bucket_{kind}.{local}"));
            json!({
                "encryption": encryption(setting("server_side_encryption_configuration").block("rule")),
                "public_access_block": renamed(setting("public_access_block"), &[
                    ("block_public_acls", "block_public_acls"),
                    ("ignore_public_acls", "ignore_public_acls"),
                    ("block_public_policy", "block_public_policy"),
                    ("restrict_public_buckets", "restrict_public_buckets"),
                ]),
                "object_ownership": setting("ownership_controls").block("rule").get("object_ownership"),
                "policy": parsed(&policy),
                "lifecycle": setting("lifecycle_configuration").blocks("rule").map(rule).collect::<Map<_, _>>(),
                "tags": block.get("tags"),
            })
        }
        Kind::DataStream => {
            let (_, block) = find("aws_kinesis_stream", "name", &name);
            assert_eq!(block.get("encryption_type"), "KMS");
            let mut all = renamed(
                block,
                &[
                    ("shard_count", "shards"),
                    ("retention_period", "retention_hours"),
                    ("kms_key_id", "kms_key"),
                    ("tags", "tags"),
                ],
            );
            all["mode"] = block.block("stream_mode_details").get("stream_mode");
            all
        }
        Kind::DeliveryStream => delivery_stream(find("aws_kinesis_firehose_delivery_stream", "name", &name).1),
        Kind::Role => {
            let role: &Role = resource.downcast().unwrap();
            let (name, block) = find("aws_iam_role", "name", &role.name);
            assert_eq!(block.get("description"), role.description);
            let policy = (!role.policy.is_empty()).then(|| {
                let policy = module.get(&format!("aws_iam_role_policy.{name}"));
                assert_eq!([policy.get("name"), policy.get("role")], ["firelens-kit", &role.name]);
                meaning(&parsed(&policy.get("policy")))
            });
            json!({
                "path": block.get("path"),
                "trust": meaning(&parsed(&block.get("assume_role_policy"))),
                "policy": policy,
                "permissions_boundary": block.get("permissions_boundary"),
                "tags": block.get("tags"),
            })
        }
        Kind::Repository => {
            let repository: &Repository = resource.downcast().unwrap();
            let (name, block) = find("aws_ecr_repository", "name", &repository.name);
            let encryption = block.block("encryption_configuration");
            assert_eq!(encryption.get("encryption_type"), if repository.kms_key.is_some() { "KMS" } else { "AES256" });
            let policy = module.get(&format!("aws_ecr_lifecycle_policy.{name}"));
            json!({
                "image_tag_mutability": block.get("image_tag_mutability"),
                "scan_on_push": block.block("image_scanning_configuration").get("scan_on_push"),
                "kms_key": encryption.get("kms_key"),
                "lifecycle_policy": parsed(&policy.get("policy")),
                "tags": block.get("tags"),
            })
        }
        Kind::SecurityGroup => {
            let (_, block) = find("aws_security_group", "name", &name);
            let vpc = Some(block.get("vpc_id")).filter(|vpc| vpc != provider::VPC);
            let mut ingress: Vec<String> = block.blocks("ingress").flat_map(rules).collect();
            ingress.sort();
            json!({ "vpc_id": vpc, "ingress": ingress, "tags": block.get("tags") })
        }
        Kind::Cluster => renamed(find("aws_ecs_cluster", "name", &name).1, &[("tags", "tags")]),
        Kind::TaskDefinition => {
            let definition: &TaskDefinition = resource.downcast().unwrap();
            task_definition(definition, find("aws_ecs_task_definition", "family", &definition.family).1)
        }
        Kind::Service => {
            let service: &OwnService = resource.downcast().unwrap();
            let (_, block) = find("aws_ecs_service", "name", &service.name);
            let network = block.block("network_configuration");
            let sorted = |list: Value| {
                let mut texts: Vec<String> = serde_json::from_value(list).unwrap();
                texts.sort();
                texts
            };
            let subnets = Some(sorted(network.get("subnets"))).filter(|subnets| *subnets != provider::SUBNETS);
            let breaker = block.block("deployment_circuit_breaker");
            assert_eq!([block.get("launch_type"), block.get("wait_for_steady_state")], [json!("FARGATE"), json!(true)]);
            assert_eq!(block.get("enable_ecs_managed_tags"), true);
            json!({
                "task_definition": block.get("task_definition"),
                "desired_count": service.desired_count.map(|_| block.get("desired_count")),
                "subnets": subnets,
                "security_groups": sorted(network.get("security_groups")),
                "assign_public_ip": network.get("assign_public_ip"),
                "platform_version": block.get("platform_version"),
                "deployment_configuration": {
                    "circuit_breaker": breaker.get("enable"),
                    "rollback": breaker.get("rollback"),
                    "minimum_healthy_percent": block.get("deployment_minimum_healthy_percent"),
                    "maximum_percent": block.get("deployment_maximum_percent"),
                },
                "propagate_tags": block.get("propagate_tags"),
                "tags": block.get("tags"),
            })
        }
        Kind::RolePolicy | Kind::Image => panic!("not in a module"),
    }
}

/// Arguments under the names of the attributes, in their order.
fn renamed(block: &Evaluated, names: &[(&str, &str)]) -> Value {
    Value::Object(names.iter().map(|(argument, name)| (name.to_string(), block.get(argument))).collect())
}

fn parsed(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap()).unwrap()
}

fn encryption(rule: &Evaluated) -> Value {
    let by_default = rule.block("apply_server_side_encryption_by_default");
    let algorithm = by_default.get("sse_algorithm");
    match by_default.get("kms_master_key_id") {
        Value::Null => json!({ "algorithm": algorithm }),
        key => json!({ "algorithm": algorithm, "kms_key": key, "bucket_key": rule.get("bucket_key_enabled") }),
    }
}

fn rule(block: &Evaluated) -> (String, Value) {
    let mut rule = json!({ "enabled": block.get("status") == "Enabled" });
    let parts = [
        ("expiration", "days", "expire_days"),
        ("expiration", "expired_object_delete_marker", "expired_object_delete_marker"),
        ("noncurrent_version_expiration", "noncurrent_days", "noncurrent_days"),
        ("abort_incomplete_multipart_upload", "days_after_initiation", "abort_incomplete_multipart_upload_days"),
    ];
    for (part, argument, name) in parts {
        for value in block.blocks(part).map(|part| part.get(argument)).filter(|value| !value.is_null()) {
            rule[name] = value;
        }
    }
    for transition in block.blocks("transition") {
        let class = transition.get("storage_class").as_str().unwrap().to_lowercase();
        rule[format!("{class}_days")] = transition.get("days");
    }
    assert!(block.block("filter").attributes.is_empty());
    (block.get("id").as_str().unwrap().to_string(), rule)
}

fn delivery_stream(block: &Evaluated) -> Value {
    let s3 = block.block("extended_s3_configuration");
    let (encryption, log) = (block.block("server_side_encryption"), s3.block("cloudwatch_logging_options"));
    assert_eq!([block.get("destination"), encryption.get("enabled")], [json!("extended_s3"), json!(true)]);
    let partitions = s3.blocks("dynamic_partitioning_configuration").any(|one| one.get("enabled") == true);
    if partitions {
        let processor = s3.block("processing_configuration").block("processors");
        let parameters: Vec<Value> = processor.blocks("parameters").map(|one| one.get("parameter_value")).collect();
        assert_eq!(parameters, ["{route:.route}", "JQ-1.6"]);
    }
    let key = encryption.get("key_arn");
    json!({
        "role": s3.get("role_arn"),
        "bucket": s3.get("bucket_arn"),
        "prefix": s3.get("prefix"),
        "error_prefix": s3.get("error_output_prefix"),
        "compression": s3.get("compression_format"),
        "buffer_mib": s3.get("buffering_size"),
        "buffer_seconds": s3.get("buffering_interval"),
        "partition_by_route": partitions,
        "object_encryption": null,
        "encryption": match key {
            Value::Null => json!({ "key_type": encryption.get("key_type") }),
            key => json!({ "key_type": encryption.get("key_type"), "key": key }),
        },
        "error_log": {
            "enabled": log.get("enabled"),
            "log_group": log.get("log_group_name"),
            "log_stream": log.get("log_stream_name"),
        },
        "tags": block.get("tags"),
    })
}

/// `tcp 80 from 10.0.0.0/8`
fn rules(block: &Evaluated) -> Vec<String> {
    let port = block.get("from_port");
    assert_eq!(port, block.get("to_port"));
    let kinds = ["cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids"];
    let peers = kinds.into_iter().filter_map(|kind| block.get(kind).as_array().cloned()).flatten();
    let protocol = block.get("protocol");
    let protocol = protocol.as_str().unwrap();
    peers.map(|peer| format!("{protocol} {port} from {}", peer.as_str().unwrap())).collect()
}

/// Compared as ECS understands it.
fn task_definition(of: &TaskDefinition, block: &Evaluated) -> Value {
    assert_eq!(block.get("skip_destroy"), true);
    let mut input = json!({
        "networkMode": block.get("network_mode"),
        "requiresCompatibilities": block.get("requires_compatibilities"),
        "cpu": block.get("cpu"),
        "memory": block.get("memory"),
        "taskRoleArn": block.get("task_role_arn"),
        "executionRoleArn": block.get("execution_role_arn"),
        "containerDefinitions": parsed(&block.get("container_definitions")),
        "volumes": block.blocks("volume").map(|volume| json!({ "name": volume.get("name") })).collect::<Vec<_>>(),
    });
    for platform in block.blocks("runtime_platform") {
        input["runtimePlatform"] = renamed(
            platform,
            &[("operating_system_family", "operatingSystemFamily"), ("cpu_architecture", "cpuArchitecture")],
        );
    }
    for storage in block.blocks("ephemeral_storage") {
        input["ephemeralStorage"] = renamed(storage, &[("size_in_gib", "sizeInGiB")]);
    }
    let tags = serde_json::from_value(block.get("tags")).unwrap();
    TaskDefinition { input, tags, ..of.clone() }.wanted(&Known::default())
}
