//! Which of the module's functions a program needs: what can be called from its exports, without what the program never asks
//! for ([`OPTIONAL`](firelens_filter::border::OPTIONAL)). The others stay in their places, without a body.
use std::collections::BTreeSet;
use wasmparser::{BinaryReaderError, ElementItems, ExternalKind, FunctionBody, Operator, Parser, Payload};

/// The functions and what they call, by index. (The module has no imports.)
#[derive(Default)]
pub(crate) struct Calls {
    calls: Vec<Vec<u32>>,
    /// Functions that can be called by an address, which no call names.
    addressed: Vec<u32>,
    exported: Vec<(String, u32)>,
}

impl Calls {
    /// Reads a module.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn read(raw: &[u8]) -> Result<Calls, BinaryReaderError> {
        let mut calls = Calls::default();
        for payload in Parser::new(0).parse_all(raw) {
            match payload? {
                Payload::CodeSectionEntry(body) => calls.calls.push(called(&body)?),
                Payload::ElementSection(section) => {
                    for element in section {
                        let ElementItems::Functions(functions) = element?.items else { continue };
                        for function in functions {
                            calls.addressed.push(function?);
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            calls.exported.push((export.name.to_string(), export.index));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(calls)
    }

    /// The functions that can be called, where the exports of these names never are.
    pub(crate) fn needed(&self, unused: &[&str]) -> BTreeSet<u32> {
        let is_unused = |name: &String| unused.contains(&name.as_str());
        let (never, mut next): (Vec<_>, Vec<_>) = self.exported.iter().partition(|(name, _)| is_unused(name));
        let mut next: Vec<u32> =
            next.drain(..).map(|(_, index)| *index).chain(self.addressed.iter().copied()).collect();
        let mut needed = BTreeSet::new();
        while let Some(index) = next.pop() {
            if never.iter().all(|(_, never)| *never != index) && needed.insert(index) {
                next.extend(self.calls.get(index as usize).into_iter().flatten());
            }
        }
        needed
    }
}

/// The functions that a function names.
fn called(body: &FunctionBody) -> Result<Vec<u32>, BinaryReaderError> {
    let mut called = Vec::new();
    for operator in body.get_operators_reader()? {
        if let Operator::Call { function_index } | Operator::RefFunc { function_index } = operator? {
            called.push(function_index);
        }
    }
    Ok(called)
}
