//! Adds fields to a record, as if they had come with it: routes, masks and what a line brings see no difference.
use crate::json::{self, Member, flags};
use crate::program::{Ecs, Program, added_value_at};
use crate::record::{self, Record};
use alloc::vec::Vec;

impl<'a> Record<'a> {
    /// Adds what the program adds to records of this container. A member that the record has already stays as it is. The
    /// new text is written to `room`. (Packaging leaves this out of modules that add nothing.)
    #[inline(never)]
    #[cfg_attr(firelens_module, unsafe(export_name = "firelens_add"))]
    pub(crate) fn add(&mut self, program: &Program, tag: &[u8], room: &'a mut Vec<u8>) {
        // A record that does not say where it is from gets what all records get.
        let known = program.containers.iter().filter(|_| self.container_name().is_some());
        let container = known.into_iter().find(|container| self.is_from(&container.name));
        let members = container.map_or(&program.added, |container| &container.added);
        let Some(end) = self.text.iter().rposition(|byte| *byte == b'}') else { return };
        room.reserve(self.text.len() + 512);
        room.extend_from_slice(self.text.get(..end).unwrap_or_default());
        for member in members {
            let at = added_value_at(member);
            let (member, value) = (member.as_bytes(), member.as_bytes().get(at..).unwrap_or_default());
            let name = member.get(1..at.saturating_sub(2)).unwrap_or_default();
            if self.has(name) {
                continue;
            }
            let start = room.len();
            room.extend_from_slice(if self.members.is_empty() { b"" } else { b"," });
            let key = room.len();
            let from = key + at;
            room.extend_from_slice(member);
            if let Some(ecs) = Ecs::of(value) {
                room.truncate(from);
                if !self.push_ecs(ecs, tag, room) {
                    room.truncate(start);
                    continue;
                }
            }
            let written = room.get(from..).unwrap_or_default();
            let mut info = if written.starts_with(b"\"") { flags::STRING } else { 0 };
            if written.contains(&b'\\') {
                info |= flags::ESCAPED | flags::BACKSLASH;
            }
            self.bits |= record::bit(name);
            self.members.push(Member {
                start: key as u32,
                key_end: from as u32 - 2,
                value: from as u32,
                end: room.len() as u32,
                flags: info,
            });
        }
        room.push(b'}');
        self.text = room;
    }

    /// Writes what ECS knows; says whether it is known.
    fn push_ecs(&self, ecs: Ecs, tag: &[u8], out: &mut Vec<u8>) -> bool {
        let of_member = |name: &[u8]| self.value(name).unwrap_or_default();
        let cluster = of_member(b"ecs_cluster");
        let task = of_member(b"ecs_task_arn");
        let definition = of_member(b"ecs_task_definition");
        let (family, revision) = last_part(&definition, b':');
        let text = match ecs {
            Ecs::Cluster => last_part(&cluster, b'/').1,
            // What the pipeline appends to a tag follows a dot.
            Ecs::TaskId if task.is_empty() => {
                let rest = record::mark_of_tag(tag).and_then(|mark| tag.get(mark + record::MARK.len()..));
                rest.unwrap_or_default().split(|byte| *byte == b'.').next().unwrap_or_default()
            }
            Ecs::TaskId => last_part(&task, b'/').1,
            Ecs::Family => family,
            Ecs::Revision => {
                out.extend_from_slice(revision);
                return json::number_end(revision, 0) == Some(revision.len());
            }
            Ecs::Container => self.readable_name(family, revision),
        };
        out.push(b'"');
        json::push_text(out, text);
        out.push(b'"');
        !text.is_empty()
    }

    /// The container's name in the task definition, where it can be told: on EC2, Docker has it as
    /// `ecs-<family>-<revision>-<name>-<hash>`.
    fn readable_name(&self, family: &[u8], revision: &[u8]) -> &[u8] {
        let whole = self.container_name().unwrap_or_default();
        let front = [b"ecs", family, revision];
        let name = front.into_iter().try_fold(whole, |rest, part| rest.strip_prefix(part)?.strip_prefix(b"-"));
        name.map_or(whole, |rest| last_part(rest, b'-').0)
    }
}

/// What is in front of the last such byte, and what is behind it: all of it without one.
fn last_part(text: &[u8], mark: u8) -> (&[u8], &[u8]) {
    let at = text.iter().rposition(|byte| *byte == mark);
    let front = at.and_then(|at| text.get(..at)).unwrap_or_default();
    (front, text.get(at.map_or(0, |at| at + 1)..).unwrap_or_default())
}
