//! The raw module: what packaging has to know of it.
use crate::code::Addresses;
use firelens_filter::border::{
    CHECK, CLOCK, FILTER, GENERAL, HASH, HEAP_BASE, MASK, PROGRAM, START, STATE, SURROUNDINGS,
};
use std::collections::HashMap;
use wasmparser::{ConstExpr, ExternalKind, Operator, Parser, Payload};

/// What packaging has to know of the raw module.
pub(crate) struct Layout {
    /// The address of the pointer to the program.
    pub program: u32,
    /// The index of the filter function.
    pub filter: u32,
    /// That of the start function.
    pub start: u32,
    pub addresses: Addresses,
}

impl Layout {
    /// Reads a module.
    ///
    /// # Errors
    /// What it lacks to be the filter.
    pub(crate) fn read(raw: &[u8]) -> Result<Layout, String> {
        let (mut globals, mut exports, mut functions, mut data) = (Vec::new(), HashMap::new(), HashMap::new(), false);
        for payload in Parser::new(0).parse_all(raw) {
            match payload.map_err(|error| error.to_string())? {
                Payload::GlobalSection(section) => {
                    for global in section {
                        globals.push(constant(&global.map_err(|error| error.to_string())?.init_expr));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section.into_iter().flatten() {
                        match export.kind {
                            ExternalKind::Global => exports.insert(export.name, export.index),
                            _ => functions.insert(export.name, export.index),
                        };
                    }
                }
                Payload::ImportSection(section) if section.count() > 0 => return Err("it has imports".to_string()),
                Payload::DataSection(_) => data = true,
                _ => {}
            }
        }
        let global = |name: &str| {
            let value = exports.get(name).and_then(|index| globals.get(*index as usize).copied().flatten());
            value.ok_or_else(|| format!("it does not export `{name}`"))
        };
        if !data {
            return Err("it has no data".to_string());
        }
        let function = |name: &str| {
            functions.get(name).copied().ok_or_else(|| format!("it does not export the function `{name}`"))
        };
        let addresses = Addresses {
            free: global(HEAP_BASE)?,
            state: global(STATE)?,
            frames: global(SURROUNDINGS)?,
            general: function(GENERAL)?,
            clock: function(CLOCK)?,
            check: function(CHECK)?,
            hash: function(HASH)?,
            mask: function(MASK)?,
        };
        Ok(Layout { program: global(PROGRAM)?, filter: function(FILTER)?, start: function(START)?, addresses })
    }
}

/// The value of `i32.const`.
fn constant(init: &ConstExpr) -> Option<u32> {
    match init.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => Some(value as u32),
        _ => None,
    }
}
