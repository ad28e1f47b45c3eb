//! Whose a name in a record is: the filter's, of what stands around the line, or free for the line's own fields.

/// What firelens-kit's fields are called in every record; nothing else may be.
pub const OURS: [&str; 2] = ["kind", "route"];

/// Who gives a record a member beside the line's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Giver {
    /// Docker's log driver, to every record.
    Docker,
    /// FireLens, to every record, unless `enable-ecs-log-metadata` is `false`.
    FireLens,
    /// FireLens, on EC2 only.
    FireLensOnEc2,
    /// Docker's log driver, to each piece of a line over 16 KiB.
    DockerForPieces,
}

/// A member that a record has beside the line's fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given {
    /// Its key.
    pub name: &'static str,
    /// Who puts it there.
    pub by: Giver,
    /// What it says, for AWS Glue.
    pub description: &'static str,
}

/// All members that records have beside the line's fields.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/firelens-taskdef.html>,
/// <https://docs.docker.com/engine/logging/drivers/fluentd/>
pub const GIVEN: [Given; 12] = [
    given("log", Giver::Docker, "The line, where the fields do not hold all of it"),
    given("container_name", Giver::Docker, "The name of the container, from Docker"),
    given("container_id", Giver::Docker, "The id of the container, from Docker"),
    given("source", Giver::Docker, "stdout or stderr, from Docker"),
    given("ecs_cluster", Giver::FireLens, "The ECS cluster, from FireLens"),
    given("ecs_task_arn", Giver::FireLens, "The ECS task, from FireLens"),
    given("ecs_task_definition", Giver::FireLens, "The ECS task definition, from FireLens"),
    given("ec2_instance_id", Giver::FireLensOnEc2, "The EC2 instance, from FireLens"),
    given("partial_message", Giver::DockerForPieces, "true for a piece of a long line, from Docker"),
    given("partial_id", Giver::DockerForPieces, "Which line the piece is of, from Docker"),
    given("partial_ordinal", Giver::DockerForPieces, "Which piece of its line it is, from Docker"),
    given("partial_last", Giver::DockerForPieces, "true for the last piece of a line, from Docker"),
];

const fn given(name: &'static str, by: Giver, description: &'static str) -> Given {
    Given { name, by, description }
}

/// The names of what some give.
pub fn given_by(givers: &[Giver]) -> impl Iterator<Item = &'static str> {
    GIVEN.iter().filter(|given| givers.contains(&given.by)).map(|given| given.name)
}

/// Whether only the filter, Docker and FireLens give this name: a line that brings it gets `log_` in front.
pub fn is_reserved(name: &[u8]) -> bool {
    matches!(name, b"kind" | b"route" | b"log" | b"source")
        || name.starts_with(b"container_")
        || name.starts_with(b"ecs_")
}

#[inline(always)]
pub(crate) fn is_ours(name: &[u8]) -> bool {
    matches!(name, b"kind" | b"route")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_record_has_is_reserved() {
        let always = given_by(&[Giver::Docker, Giver::FireLens]);
        assert!(always.chain(OURS).all(|name| is_reserved(name.as_bytes())));
        assert!(OURS.iter().all(|name| is_ours(name.as_bytes())));
        assert!(["status", "message", "containers", "ours"].iter().all(|name| !is_reserved(name.as_bytes())));
    }
}
