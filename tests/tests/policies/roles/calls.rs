//! The calls of router, ECS agent and Firehose, in two stacks, and calls that none of them may make.

/// A call that a role makes. In the resource, the name stands in braces: `arn:aws:s3:::{bucket}/key`.
pub struct Call {
    pub action: &'static str,
    pub resource: &'static str,
    pub context: &'static [(&'static str, &'static str)],
}

const fn call(action: &'static str, resource: &'static str) -> Call {
    Call { action, resource, context: &[] }
}

pub const ROUTER_OF_SHOP: [Call; 3] = [
    call(
        "logs:CreateLogStream",
        "arn:aws:logs:eu-west-1:123456789012:log-group:{/ecs/shop/httpd}:log-stream:ecs/httpd",
    ),
    call("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:{/ecs/shop/httpd}:log-stream:ecs/httpd"),
    call("firehose:PutRecordBatch", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/{shop-archive}"),
];

pub const AGENT_OF_SHOP: [Call; 10] = [
    call("ecr:GetAuthorizationToken", "*"),
    call("ecr:BatchGetImage", "arn:aws:ecr:eu-west-1:123456789012:repository/{shop-log-router}"),
    call("ecr:GetDownloadUrlForLayer", "arn:aws:ecr:eu-west-1:123456789012:repository/{shop-log-router}"),
    call("ecr:BatchCheckLayerAvailability", "arn:aws:ecr:eu-west-1:123456789012:repository/{shop-log-router}"),
    call("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:210987654321:repository/{team/httpd}"),
    call("ecr:GetDownloadUrlForLayer", "arn:aws:ecr:us-east-1:210987654321:repository/{team/httpd}"),
    call(
        "logs:CreateLogStream",
        "arn:aws:logs:eu-west-1:123456789012:log-group:{/firelens-kit/shop/router}:log-stream:ecs/log_router/1",
    ),
    call(
        "logs:PutLogEvents",
        "arn:aws:logs:eu-west-1:123456789012:log-group:{/firelens-kit/shop/router}:log-stream:ecs/log_router/1",
    ),
    call("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{shop/token-AbCdEf}"),
    call("ssm:GetParameters", "arn:aws:ssm:eu-west-1:123456789012:parameter/{shop/mode}"),
];

pub const FIREHOSE_OF_SHOP: [Call; 8] = [
    call("s3:GetBucketLocation", "arn:aws:s3:::{shop-archive-123456789012-eu-west-1}"),
    call("s3:ListBucket", "arn:aws:s3:::{shop-archive-123456789012-eu-west-1}"),
    call("s3:ListBucketMultipartUploads", "arn:aws:s3:::{shop-archive-123456789012-eu-west-1}"),
    call("s3:PutObject", "arn:aws:s3:::{shop-archive-123456789012-eu-west-1}/logs/failures/2026/11/25/a.gz"),
    call("s3:GetObject", "arn:aws:s3:::{shop-archive-123456789012-eu-west-1}/logs/failures/2026/11/25/a.gz"),
    call("s3:AbortMultipartUpload", "arn:aws:s3:::{shop-archive-123456789012-eu-west-1}/logs/rest/2026/11/25/a.gz"),
    call("s3:PutObject", "arn:aws:s3:::{shop-archive-123456789012-eu-west-1}/errors/processing-failed/a"),
    call(
        "logs:PutLogEvents",
        "arn:aws:logs:eu-west-1:123456789012:log-group:{/firelens-kit/shop/firehose}:log-stream:shop-archive",
    ),
];

pub const ROUTER_OF_KEYS: [Call; 7] = [
    call("logs:PutLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:{/keys/httpd}:log-stream:x"),
    call("firehose:PutRecordBatch", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/{keys-archive}"),
    call("kinesis:PutRecords", "arn:aws:kinesis:eu-west-1:123456789012:stream/{keys-events}"),
    call("s3:PutObject", "arn:aws:s3:::{keys-objects}/objects/2026/11/25/06/a.json"),
    Call {
        action: "kms:GenerateDataKey",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{events}",
        context: &[
            ("kms:ViaService", "kinesis.eu-west-1.amazonaws.com"),
            ("kms:EncryptionContext:aws:kinesis:arn", "arn:aws:kinesis:eu-west-1:123456789012:stream/keys-events"),
        ],
    },
    Call {
        action: "kms:GenerateDataKey",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{stack}",
        context: &[
            ("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
            ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::keys-objects"),
        ],
    },
    Call {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{stack}",
        context: &[
            ("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
            ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::keys-objects/objects/2026/11/25/06/a.json"),
        ],
    },
];

/// A secret is encrypted with the stack's key, or with one of its own.
pub const AGENT_OF_KEYS: [Call; 4] = [
    Call {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{stack}",
        context: &[
            ("kms:ViaService", "secretsmanager.eu-west-1.amazonaws.com"),
            (
                "kms:EncryptionContext:SecretARN",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/token-AbCdEf",
            ),
        ],
    },
    Call {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{stack}",
        context: &[
            ("kms:ViaService", "ssm.eu-west-1.amazonaws.com"),
            ("kms:EncryptionContext:PARAMETER_ARN", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/mode"),
        ],
    },
    Call {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{secrets}",
        context: &[
            ("kms:ViaService", "secretsmanager.eu-west-1.amazonaws.com"),
            (
                "kms:EncryptionContext:SecretARN",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/token-AbCdEf",
            ),
        ],
    },
    Call {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{secrets}",
        context: &[
            ("kms:ViaService", "ssm.eu-west-1.amazonaws.com"),
            ("kms:EncryptionContext:PARAMETER_ARN", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/mode"),
        ],
    },
];

pub const FIREHOSE_OF_KEYS: [Call; 3] = [
    call("s3:PutObject", "arn:aws:s3:::{keys-by-route-123456789012-eu-west-1}/logs/rest/a.gz"),
    Call {
        action: "kms:GenerateDataKey",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{bucket}",
        context: &[
            ("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
            ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::keys-archive-123456789012-eu-west-1"),
        ],
    },
    Call {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:eu-west-1:123456789012:key/{stack}",
        context: &[
            ("kms:ViaService", "s3.eu-west-1.amazonaws.com"),
            ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::keys-by-route-123456789012-eu-west-1/logs/rest/a.gz"),
        ],
    },
];

/// What none of the roles may do, on the stack's own resources either.
pub const DANGEROUS: [(&str, &str); 34] = [
    ("iam:CreateRole", "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task"),
    ("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task"),
    ("iam:AttachRolePolicy", "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task"),
    ("iam:UpdateAssumeRolePolicy", "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task"),
    ("iam:PassRole", "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-task"),
    ("iam:CreateUser", "arn:aws:iam::123456789012:user/x"),
    ("iam:CreateAccessKey", "arn:aws:iam::123456789012:user/x"),
    ("sts:AssumeRole", "arn:aws:iam::123456789012:role/firelens-kit/shop/shop-execution"),
    ("s3:DeleteObject", "arn:aws:s3:::shop-archive-123456789012-eu-west-1/logs/a.gz"),
    ("s3:DeleteBucket", "arn:aws:s3:::shop-archive-123456789012-eu-west-1"),
    ("s3:PutBucketPolicy", "arn:aws:s3:::shop-archive-123456789012-eu-west-1"),
    ("s3:PutBucketPublicAccessBlock", "arn:aws:s3:::shop-archive-123456789012-eu-west-1"),
    ("s3:PutObject", "arn:aws:s3:::shop-archive-123456789012-eu-west-1/elsewhere/a.gz"),
    ("s3:PutObjectAcl", "arn:aws:s3:::shop-archive-123456789012-eu-west-1/logs/a.gz"),
    ("logs:CreateLogGroup", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop/httpd"),
    ("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop/httpd"),
    ("logs:PutRetentionPolicy", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop/httpd"),
    ("logs:FilterLogEvents", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop/httpd"),
    ("logs:DeleteLogStream", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/shop/httpd:log-stream:x"),
    ("firehose:DeleteDeliveryStream", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/shop-archive"),
    ("firehose:UpdateDestination", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/shop-archive"),
    ("kinesis:DeleteStream", "arn:aws:kinesis:eu-west-1:123456789012:stream/keys-events"),
    ("kinesis:GetRecords", "arn:aws:kinesis:eu-west-1:123456789012:stream/keys-events"),
    ("kms:ScheduleKeyDeletion", "arn:aws:kms:eu-west-1:123456789012:key/stack"),
    ("kms:PutKeyPolicy", "arn:aws:kms:eu-west-1:123456789012:key/stack"),
    ("kms:CreateGrant", "arn:aws:kms:eu-west-1:123456789012:key/stack"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:123456789012:key/stack"),
    ("ecr:PutImage", "arn:aws:ecr:eu-west-1:123456789012:repository/shop-log-router"),
    ("ecr:BatchDeleteImage", "arn:aws:ecr:eu-west-1:123456789012:repository/shop-log-router"),
    ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/other-AbCdEf"),
    ("secretsmanager:PutSecretValue", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/token-AbCdEf"),
    ("ssm:PutParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/mode"),
    ("ecs:UpdateService", "arn:aws:ecs:eu-west-1:123456789012:service/shop/shop"),
    ("ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/i-0123456789abcdef0"),
];
