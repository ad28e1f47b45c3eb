//! What the calls of `logs` need.
use crate::{
    Kind, Place, Stack,
    policy::deployer::{
        Rights, Verb,
        parts::{Parts, named},
    },
};

/// All of the stack's groups.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let groups = named(Parts::of(stack, place).all(Kind::LogGroup));
    vec![Rights::on("ReadLogs", groups).may(&[Verb::Logs], &["logs:FilterLogEvents"])]
}
