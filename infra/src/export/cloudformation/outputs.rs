//! Outputs: names and ARNs, for those who write to the resources or read from them.
use super::{
    expression::{attribute, reference},
    ids::Ids,
};
use crate::Id;
use serde_json::{Map, Value, json};

/// Of what is declared under a condition, under the same one. `resources` is the template's section.
pub(super) fn all(all: &[Id], ids: &Ids, resources: &Map<String, Value>) -> Value {
    let mut outputs = Map::new();
    for of in all {
        let (Some(id), Some(kind)) = (ids.get(of), &of.kind.row().cloudformation) else { continue };
        for (name, what, from) in kind.outputs {
            let value = from.map_or_else(|| reference(id), |from| attribute(id, from));
            let mut output = json!({ "Description": what, "Value": value });
            if let Some(condition) = resources[id].get("Condition") {
                output["Condition"] = condition.clone();
            }
            outputs.insert(format!("{id}{name}"), output);
        }
    }
    outputs.into()
}
