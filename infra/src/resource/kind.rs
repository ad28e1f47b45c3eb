//! The kinds of resources. Each has one [`Row`], which stands in the resource's own file: whatever treats kinds differently reads
//! it from there.
use super::{Found, Id, Kind, Resource};
use crate::{Place, Stack, plan::taken::Taken, policy::deployer::Rights};
use serde::{Serialize, Serializer};
use std::{fmt, sync::Arc};

/// What is to be known about a kind.
pub(crate) struct Row {
    /// In words: `log group`. JSON has them with `_`, a template's logical ids as one word.
    pub words: &'static str,
    /// The order of creation: a kind depends on kinds of lower ranks only.
    pub rank: u8,
    /// A stack has one at most, so that a template's logical id is the kind alone.
    pub single: bool,
    /// The type in Terraform, where a module can have it.
    pub terraform: Option<Terraform>,
    /// The type in CloudFormation, where a template can have it.
    pub cloudformation: Option<CloudFormation>,
    /// The service in its ARNs, and what stands before the name there. A security group has
    /// its id there, a task definition also its revision.
    pub arn: Option<(&'static str, &'static str)>,
    /// What no configuration names any more has to be found by its tag.
    pub by_tag: bool,
    /// The names that follow from the stack's: these are looked up, too.
    pub named: fn(&Stack) -> Vec<String>,
    /// A resource as far as deleting it needs it, from the names of the stack and of the resource. `None`: it goes with another
    /// one.
    pub left_over: Option<LeftOver>,
    /// The modules that call AWS, by their paths, and the rights that these calls need.
    pub rooms: &'static [Room],
    /// It works with a role's rights until it is deleted or rolled out.
    pub uses_rights: bool,
    /// How a service of the account can use it.
    pub used: Use,
    /// What is said when something that is not the stack's has the name.
    pub taken: fn(&Id, &Found) -> Taken,
}

/// Makes a resource from the names of the stack and of the resource.
pub(crate) type LeftOver = fn(&str, &str) -> Arc<dyn Resource>;

/// A module that calls AWS, and the rights that its calls need.
pub(crate) type Room = (&'static str, fn(&Stack, &Place) -> Vec<Rights>);

/// A kind in Terraform.
pub(crate) struct Terraform {
    /// `aws_cloudwatch_log_group`
    pub kind: &'static str,
    /// Its local name, unless it is a destination's or has one of the kit's own.
    pub local: &'static str,
    /// Names, descriptions, and the attributes whose values they are. Of a kind that is not single, maps.
    pub outputs: &'static [(&'static str, &'static str, &'static str)],
}

/// A kind in CloudFormation.
pub(crate) struct CloudFormation {
    /// `AWS::Logs::LogGroup`
    pub kind: &'static str,
    /// The end of the name, a description, and the attribute; `None` is what `Ref` gives.
    pub outputs: &'static [(&'static str, &'static str, Option<&'static str>)],
}

/// How a service of the account can use a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Never,
    /// Its containers have an image of the repository.
    Image,
    /// Its tasks have the role.
    Role,
    /// Its tasks have the role that the policy is in.
    RolePolicy,
    /// Its containers name it, or its router writes to it.
    Destination,
}

/// No name follows from the stack's.
pub(crate) fn no_names(_: &Stack) -> Vec<String> {
    Vec::new()
}

/// Makes the type of the kinds from the list of their rows.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $row:path,)+) => {
        /// A kind of resource. Its words are for people; JSON has them in snake case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: &[Kind] = &[$(Kind::$kind,)+];

            /// What is to be known about it.
            pub(crate) fn row(self) -> &'static kind::Row {
                match self {
                    $(Kind::$kind => &$row,)+
                }
            }
        }
    };
}

pub(super) use kinds;

impl Kind {
    /// The ARN of the resource with this name.
    ///
    /// # Panics
    /// Of a kind that has none, or of roles, whose path is in it: [`Place::role_arn`].
    pub(crate) fn arn(self, place: &Place, name: &str) -> String {
        let (service, before) = self.row().arn.unwrap_or_else(|| panic!("a {self} has no ARN of this form"));
        match service {
            // Its names are the world's, and so no account and no region is in them.
            "s3" => place.bucket_arn(name),
            _ => place.arn(service, &format!("{before}{name}")),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.row().words)
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.row().words.replace(' ', "_"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn rows_tell_kinds_apart() {
        let words: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.row().words).collect();
        assert_eq!(words.len(), Kind::ALL.len());
        let types = |of: fn(&Row) -> Option<&str>| {
            let types: Vec<&str> = Kind::ALL.iter().filter_map(|kind| of(kind.row())).collect();
            let once: BTreeSet<&str> = types.iter().copied().collect();
            assert_eq!(once.len(), types.len(), "{types:?}");
            types.len()
        };
        let terraform = types(|row| row.terraform.as_ref().map(|of| of.kind));
        let cloudformation = types(|row| row.cloudformation.as_ref().map(|of| of.kind));
        assert_eq!(terraform, cloudformation, "a kind that one language has and the other has not");
        assert_eq!(serde_json::to_value(Kind::TaskDefinition).unwrap(), "task_definition");
    }

    #[test]
    fn what_is_left_over_has_the_kind_and_the_name_that_it_was_found_by() {
        for kind in Kind::ALL {
            let id = Id::new(*kind, "one/two:three");
            let left_over = super::super::of_id("shop", &id);
            assert_eq!(left_over.map(|resource| resource.id()), kind.row().left_over.map(|_| id));
        }
    }
}
