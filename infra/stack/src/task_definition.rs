//! What is known of Amazon ECS's task definitions.

/// What `describe-task-definition` adds, and `register-task-definition` refuses: the API reference's
/// TaskDefinition beside RegisterTaskDefinition.
pub const READ_ONLY: [&str; 9] = [
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "deregisteredAt",
    "deleteRequestedAt",
    "registeredBy",
];
