//! outputs.tf: what other modules need to know.
use super::{Module, hcl};
use crate::{Id, Kind, Resource};
use hcl_edit::{expr::Expression, structure::Block};
use std::sync::Arc;

/// Those of which there can be several first.
pub(super) fn blocks(module: &Module, resources: &[Arc<dyn Resource>]) -> Vec<Block> {
    let of = |single: bool| {
        let kinds = Kind::ALL.iter().filter(move |kind| kind.row().single == single);
        kinds.flat_map(|kind| outputs_of(module, resources, *kind))
    };
    of(false).chain(of(true)).collect()
}

/// None, where the module has no such resource.
fn outputs_of(module: &Module<'_>, resources: &[Arc<dyn Resource>], kind: Kind) -> Vec<Block> {
    let ids: Vec<Id> = resources.iter().map(|resource| resource.id()).filter(|id| id.kind == kind).collect();
    let Some(first) = ids.first() else { return Vec::new() };
    let outputs = kind.row().terraform.as_ref().map_or(&[][..], |of| of.outputs);
    let value = |attribute: &str| match kind.row().single {
        true => module.names.reference(first, attribute),
        false => hcl::object(ids.iter().map(|id| (module.names.local(id), module.names.reference(id, attribute)))),
    };
    outputs.iter().map(|(name, description, attribute)| output(name, description, value(attribute))).collect()
}

fn output(name: &str, description: &str, value: Expression) -> Block {
    hcl::block("output", &[name], [hcl::attribute("description", description), hcl::attribute("value", value)])
}
