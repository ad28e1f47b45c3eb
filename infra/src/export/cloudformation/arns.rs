//! ARNs of what is there already, which is something else in each account: keys, the boundary of the roles' rights, secrets.
use super::ids::pascal;
use crate::{
    Place, Stack,
    export::symbol,
    policy::execution,
    stack::{Registry, Target},
};

/// The name of the parameter, the ARN, and what it is. An ARN can be in it more than once.
pub(super) fn all(stack: &Stack, place: &Place) -> Vec<(String, String, &'static str)> {
    let mut all = keys(stack);
    let boundary = "The policy that bounds the rights of the roles";
    all.extend(stack.permissions_boundary.clone().map(|arn| ("PermissionsBoundaryArn".to_string(), arn, boundary)));
    let (secrets, parameters) = execution::secrets(stack, place);
    let named = secrets.into_iter().chain(parameters).filter(|arn| !symbol::is_in(arn));
    all.extend(named.map(|arn| {
        // arn:aws:ssm:eu-west-1:123456789012:parameter/shop/mode
        let name = pascal(arn.splitn(6, ':').last().unwrap_or_default());
        (format!("{name}Arn"), arn, "What containers are told in secret")
    }));
    all
}

fn keys(stack: &Stack) -> Vec<(String, String, &'static str)> {
    let mut keys = Vec::new();
    let mut add = |name: String, key: &Option<String>, what| keys.extend(key.clone().map(|key| (name, key, what)));
    add("KmsKeyArn".into(), &stack.kms_key, "The key of all that has none of its own");
    if let Registry::Ecr { kms_key } = &stack.registry {
        add("RepositoryKmsKeyArn".into(), kms_key, "The key of the repository");
    }
    for destination in &stack.destinations {
        let name = pascal(&destination.name);
        match &destination.target {
            Target::LogGroup(group) => add(format!("{name}KmsKeyArn"), &group.kms_key, "The key of a log group"),
            Target::DataStream(stream) => add(format!("{name}KmsKeyArn"), &stream.kms_key, "The key of a data stream"),
            Target::Bucket(bucket) => add(format!("{name}KmsKeyArn"), &bucket.kms_key, "The key of a bucket"),
            Target::DeliveryStream(stream) => {
                add(format!("{name}KmsKeyArn"), &stream.kms_key, "The key of a delivery stream");
                add(format!("{name}BucketKmsKeyArn"), &stream.bucket.kms_key, "The key of a bucket");
            }
            Target::Other => {}
        }
    }
    keys
}
