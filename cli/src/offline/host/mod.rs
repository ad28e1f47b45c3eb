//! What the records go through: the module alone (`module`), or the whole pipeline in a real Fluent Bit
//! ([`super::fluent_bit`]).
use super::fluent_bit::{Arrived, Replay};
pub use firelens_lines::host::{Host as CanStart, Instance as CanCall, Loss, Returned};
use std::{ops::Range, sync::Arc};

mod module;

/// Runs lines through one of the two.
pub type Judge = firelens_lines::judge::Judge<Host>;

/// One of the two.
pub enum Host {
    Module(module::Host),
    /// The records went through it already.
    FluentBit(Arc<Arrived>),
}

/// One of the two at work.
pub enum Instance {
    Module(module::Instance),
    FluentBit(Replay),
}

impl Host {
    /// Hosts a module.
    ///
    /// # Errors
    /// When it is no module, or one that Fluent Bit could not load.
    pub fn new(wasm: &[u8]) -> Result<Host, String> {
        module::Host::new(wasm).map(Host::Module)
    }
}

impl CanStart for Host {
    type Instance = Instance;

    fn instantiate(&self) -> Result<Instance, String> {
        match self {
            Host::Module(host) => host.instantiate().map(Instance::Module),
            Host::FluentBit(arrived) => Ok(Instance::FluentBit(Replay::new(Arc::clone(arrived)))),
        }
    }
}

impl CanCall for Instance {
    fn call(&mut self, tag: &[u8], record: &[u8]) -> Returned {
        match self {
            Instance::Module(instance) => instance.call(tag, record),
            Instance::FluentBit(replay) => replay.call(tag, record),
        }
    }

    fn text(&self, place: Range<usize>) -> &[u8] {
        match self {
            Instance::Module(instance) => instance.text(place),
            Instance::FluentBit(replay) => replay.text(place),
        }
    }
}
