//! outputs.tf: what other modules need to know.
use super::{Module, hcl};
use crate::{Kind, Resource};
use hcl_edit::{expr::Expression, structure::Block};
use std::sync::Arc;

/// Those of which there can be several first.
pub(super) fn blocks(module: &Module, resources: &[Arc<dyn Resource>]) -> Vec<Block> {
    let of = |single: bool| {
        let kinds = Kind::ALL.iter().filter(move |kind| kind.row().single == single);
        kinds.filter_map(|kind| output_of(module, resources, *kind))
    };
    of(false).chain(of(true)).collect()
}

/// Nothing, where the module has no such resource.
fn output_of(module: &Module, resources: &[Arc<dyn Resource>], kind: Kind) -> Option<Block> {
    let (name, description, attribute) = kind.row().terraform.as_ref()?.output;
    let ids = resources.iter().map(|resource| resource.id()).filter(|id| id.kind == kind);
    let values: Vec<(String, Expression)> =
        ids.map(|id| (module.names.local(&id).to_string(), module.names.reference(&id, attribute))).collect();
    let (_, first) = values.first()?;
    let value = match kind.row().single {
        true => first.clone(),
        false => hcl::object(values.iter().map(|(name, value)| (name.as_str(), value.clone()))),
    };
    Some(output(name, description, value))
}

fn output(name: &str, description: &str, value: Expression) -> Block {
    hcl::block("output", &[name], [hcl::attribute("description", description), hcl::attribute("value", value)])
}
