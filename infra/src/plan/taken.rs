//! A name that is taken by something that is not the stack's: what it is, and how to go on.
use super::Problem;
use crate::{
    Id,
    names::STACK_TAG,
    resource::{Found, Owner},
};

/// What is said of it.
pub(crate) struct Taken {
    /// What can be told of it besides its kind and its name.
    what: String,
    /// Another name, and what else helps.
    help: String,
}

impl Taken {
    /// Of what has a name that follows from the stack's: the stack gets another one, `instead` says what else helps. `tag` is the command that gives
    /// back the tag of what the stack made: with it, it is the stack's again.
    pub(crate) fn of_stack(instead: &str, tag: Option<&str>) -> Taken {
        let tag = tag.map_or(String::new(), |tag| {
            format!("; if the stack made it and its tag {STACK_TAG} is lost, tag it again: {tag}")
        });
        Taken { what: String::new(), help: format!("give the stack another `name` in firelens.toml; {instead}{tag}") }
    }

    /// Of what a destination names.
    pub(crate) fn of_destination() -> Taken {
        let help = "give it another name, or write `existing = true` in its destination to use it as it is";
        Taken { what: String::new(), help: help.to_string() }
    }

    /// With more about it.
    pub(crate) fn that(self, what: String) -> Taken {
        Taken { what, ..self }
    }
}

pub(super) fn problem(id: Id, found: &Found) -> Problem {
    let (message, help) = match &found.owner {
        Owner::Stack(other) => (
            format!("belongs to the stack `{other}`"),
            "give it another name here; what carries another stack's tag is never changed".to_string(),
        ),
        Owner::Region(region) => (
            format!("belongs to the stack of this name in {region}: roles are the same for all regions"),
            format!("to change that stack, use --region {region}; to make a second one, give it another `name`"),
        ),
        Owner::Ours | Owner::Nobody => {
            let Taken { what, help } = (id.kind.row().taken)(&id, found);
            (format!("is there already, and was not made by this stack{what}"), help)
        }
    };
    Problem { id, message, help }
}
