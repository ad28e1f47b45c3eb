//! Fields that the configuration adds to records.
use super::Program;
use alloc::string::String;

/// What ECS knows of a record's task. In a member that is added, the control character of this number stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Ecs {
    /// The name of the cluster.
    Cluster = 1,
    /// The id of the task.
    TaskId = 2,
    /// The family of the task definition.
    Family = 3,
    /// The revision of the task definition, a number.
    Revision = 4,
    /// The container's name in the task definition.
    Container = 5,
}

impl Ecs {
    /// All of it.
    pub const ALL: [Ecs; 5] = [Ecs::Cluster, Ecs::TaskId, Ecs::Family, Ecs::Revision, Ecs::Container];

    /// What a member's value stands for, if it is not JSON text.
    pub(crate) fn of(value: &[u8]) -> Option<Ecs> {
        Ecs::ALL.into_iter().find(|ecs| value == [*ecs as u8])
    }
}

impl Program {
    /// Whether anything is added to records.
    pub fn adds(&self) -> bool {
        !self.added.is_empty() || self.containers.iter().any(|container| !container.added.is_empty())
    }

    /// Whether the tag decides about anything: the container, or what is added.
    pub fn reads_tag(&self) -> bool {
        !self.containers.is_empty() || self.adds()
    }
}

/// Where the value begins in a member that is added, whose name is written without escapes.
pub fn added_value_at(member: &str) -> usize {
    let quotes = member.bytes().enumerate().filter(|(_, byte)| *byte == b'"');
    quotes.map(|(at, _)| at + 2).nth(1).unwrap_or(member.len())
}

/// A member that is added, with what ECS knows.
pub fn added_from_ecs(name: &str, ecs: Ecs) -> String {
    let mut member = String::from("\"");
    member.push_str(name);
    member.push_str("\":");
    member.push(char::from(ecs as u8));
    member
}
