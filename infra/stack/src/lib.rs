//! What is wanted, as plain data. Everything that a deploy creates follows from it.
//!
//! ```
//! let stack = firelens_stack::Stack::named("shop");
//! assert_eq!(stack.task_role(), "shop-task");
//! assert_eq!(stack.router_log_group(), "/firelens-kit/shop/router");
//! ```
#![warn(unreachable_pub)]
pub mod names;
pub mod task_definition;

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A stack: destinations, the rights to write to them, the router's image, and the service that runs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// 1 to 32 lower-case letters, digits and `-`; the beginning of all names.
    pub name: String,
    /// The user's own tags, for everything.
    pub tags: BTreeMap<String, String>,
    /// How long the logs of router and Firehose, and the record of deploys, are kept.
    pub log_retention_days: u32,
    /// The errors in the router's own log are counted, as a metric of CloudWatch.
    pub error_metric: bool,
    /// The ARN of the key that everything is encrypted with which does not name its own. Without one, AWS's own keys.
    pub kms_key: Option<String>,
    /// The ARN of the policy that bounds the roles' rights.
    pub permissions_boundary: Option<String>,
    /// The destinations that a route leads to.
    pub destinations: Vec<Destination>,
    /// ARNs of the secrets (Secrets Manager) and parameters (Parameter Store) that become environment variables.
    pub secrets: Vec<String>,
    /// ARNs of the keys that secrets and parameters are encrypted with, besides the stack's.
    pub secret_keys: Vec<String>,
    /// What else the router may do: its rights on destinations that no stack makes.
    pub grants: Vec<Grant>,
    pub registry: Registry,
    pub run: Run,
}

/// A right on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// `es:ESHttpPost`
    pub action: String,
    /// The ARN of what it is about, as a policy names it.
    pub resource: String,
}

impl Stack {
    /// A stack of which only the name is known, and so what its tag is on.
    pub fn named(name: &str) -> Stack {
        Stack {
            name: name.to_string(),
            tags: BTreeMap::new(),
            log_retention_days: DEPLOYS_RETENTION_DAYS,
            error_metric: false,
            kms_key: None,
            permissions_boundary: None,
            destinations: Vec::new(),
            secrets: Vec::new(),
            secret_keys: Vec::new(),
            grants: Vec::new(),
            registry: Registry::Ecr { kms_key: None },
            run: Run::None,
        }
    }
}

/// Of the record of deploys of a stack of which only the name is known.
const DEPLOYS_RETENTION_DAYS: u32 = 30;

/// Where a route's records go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its name in `firelens.toml`.
    pub name: String,
    pub target: Target,
    /// The AWS resource is there already, and stays as it is: it is only written to.
    pub existing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    LogGroup(LogGroup),
    DeliveryStream(DeliveryStream),
    DataStream(DataStream),
    Bucket(Bucket),
    /// Nothing on AWS.
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    pub name: String,
    /// One of the numbers that PutRetentionPolicy takes. `None`: for ever.
    pub retention_days: Option<u32>,
    pub kms_key: Option<String>,
}

/// What PutRetentionPolicy takes.
pub const RETENTION_DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// An S3 bucket: private, encrypted, over TLS only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Without one, it follows from the stack's and the destination's names: `Place::bucket`.
    pub name: Option<String>,
    /// The ARN of a key; without one, SSE-S3.
    pub kms_key: Option<String>,
    pub lifecycle: Lifecycle,
}

/// What becomes of objects with time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lifecycle {
    /// To STANDARD_IA; 30 days at least.
    pub infrequent_access_days: Option<u32>,
    /// To GLACIER (flexible retrieval).
    pub glacier_days: Option<u32>,
    /// Deleted.
    pub expire_days: Option<u32>,
}

/// A Firehose stream that writes to S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryStream {
    pub name: String,
    pub bucket: Bucket,
    /// The bucket is there already, and stays as it is.
    pub existing_bucket: bool,
    /// With `!{timestamp:…}`; ends with `/`.
    pub prefix: String,
    pub error_prefix: String,
    pub compression: Compression,
    /// 1 to 128; 64 at least with `partition_by_route`.
    pub buffer_mib: u32,
    /// 0 to 900; 60 at least with `partition_by_route`.
    pub buffer_seconds: u32,
    /// Objects of a prefix for each route: `!{partitionKeyFromQuery:route}` can stand in the prefix then.
    pub partition_by_route: bool,
    /// Server-side encryption of the stream.
    pub kms_key: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    Uncompressed,
    Gzip,
    Zip,
    Snappy,
}

/// A Kinesis data stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataStream {
    pub name: String,
    /// `None`: on demand.
    pub shards: Option<u32>,
    /// 24 to 8760.
    pub retention_hours: u32,
    pub kms_key: Option<String>,
}

/// Where the router's image is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registry {
    /// A repository of ours in ECR.
    Ecr { kms_key: Option<String> },
    /// `host/name`, which has to be there.
    Other(String),
}

/// What runs the router.
#[derive(Debug, Clone, PartialEq)]
pub enum Run {
    /// A service of ours.
    Own(Service),
    /// A service that is there: only the sidecar, the roles' statements and the destinations are ours.
    Existing(Existing),
    /// None: the destinations, the rights and the image only.
    None,
}

/// A service on Fargate, with its cluster, roles and security group.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Without one, the region's default VPC.
    pub vpc: Option<String>,
    /// Without any, the VPC's default subnets.
    pub subnets: Vec<String>,
    pub public_ip: bool,
    /// Security groups besides ours.
    pub security_groups: Vec<String>,
    /// `None`: one task when the service is made; from then on the count is somebody else's (Application Auto Scaling's).
    pub desired_count: Option<u32>,
    /// The app's port, which is open to `ingress`.
    pub port: Option<u16>,
    /// Who reaches the port: CIDR blocks, security groups (`sg-…`), prefix lists (`pl-…`).
    pub ingress: Vec<String>,
    /// What RegisterTaskDefinition takes: the app's containers and the router. Roles, family and tags are filled in.
    pub task_definition: Value,
}

/// A service that is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Existing {
    pub cluster: String,
    pub service: String,
    /// The service's task definition with the router in it. Tags, and roles where it names none, are filled in.
    pub task_definition: Value,
    /// What is to be known about the task definition, for its plan.
    pub notes: Vec<String>,
    /// The service's task definition as it was read.
    pub from: Value,
    /// The task's size as far as the stack sets it: `cpu`, `memory`, `ephemeralStorage`.
    pub size: Map<String, Value>,
    /// The router of another stack may be replaced.
    pub replace_router: bool,
    /// The names of the roles in it, which get a policy of ours each. Where it names none, the task gets a role of ours.
    pub task_role: Option<String>,
    pub execution_role: Option<String>,
}
