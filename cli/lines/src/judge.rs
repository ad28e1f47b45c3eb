//! One line at a time, through the module.
use crate::{
    fields::{Facts, Names},
    host::{Host, Instance as _, Loss, Returned},
    record::Framer,
};
use firelens_filter::{
    Filter, Outcome, Program,
    program::{Action, Kind},
};
use firelens_pipeline::firelens;
use std::sync::Arc;

/// The tag of records that are said to come from no container.
const NO_CONTAINER: &str = "firelens-kit";

/// The tag that FireLens gives to a container's records.
pub fn tag_for(container: Option<&str>) -> String {
    match container {
        Some(name) => firelens::tag(name, "0123456789abcdef0123456789abcdef"),
        None => NO_CONTAINER.into(),
    }
}

/// Runs lines through an instance of the module.
pub struct Judge<H: Host> {
    host: Arc<H>,
    instance: H::Instance,
    /// The same program natively, but it keeps all: the module says of a dropped record no more than that.
    keeper: Filter,
    names: Arc<Names>,
    framer: Framer,
    tag: Vec<u8>,
    record: Vec<u8>,
    kept: Vec<u8>,
}

/// What became of a line.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// The line as it was read.
    pub line: &'a [u8],
    /// The record that the module was given.
    pub input: &'a [u8],
    /// The record as the filter made it; of a dropped line, as it would be if nothing were dropped.
    pub record: &'a [u8],
    pub facts: Facts,
    pub fate: Fate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Kept,
    Dropped,
    Lost(Loss),
}

impl<H: Host> Judge<H> {
    /// # Errors
    /// When the module cannot be started.
    pub fn new(
        host: Arc<H>,
        program: &Program,
        names: Arc<Names>,
        framer: Framer,
        tag: &str,
    ) -> Result<Judge<H>, String> {
        let instance = host.instantiate()?;
        let mut program = program.clone();
        for route in &mut program.routes {
            route.action = Action::Keep;
        }
        let keeper = Filter::new(program);
        Ok(Judge { host, instance, keeper, names, framer, tag: tag.into(), record: Vec::new(), kept: Vec::new() })
    }

    /// Runs a line.
    ///
    /// # Errors
    /// When the module trapped and cannot be started again.
    pub fn judge<'a>(&'a mut self, line: &'a [u8]) -> Result<Verdict<'a>, String> {
        let input = self.framer.record(line, &mut self.record);
        let unparsed = Facts { kind: Kind::Unparsed, route: None, status: None };
        match self.instance.call(&self.tag, input) {
            Returned::Record { place, unchanged } => {
                let record = self.instance.text(place);
                let facts = if unchanged { unparsed } else { self.names.facts(record) };
                Ok(Verdict { line, input, record, facts, fate: Fate::Kept })
            }
            Returned::Dropped => {
                let record = match self.keeper.filter(&self.tag, input, &mut self.kept) {
                    Outcome::Changed => &self.kept,
                    Outcome::Unchanged | Outcome::Dropped => input,
                };
                let facts = Facts { route: self.keeper.last_route(), ..self.names.facts(record) };
                Ok(Verdict { line, input, record, facts, fate: Fate::Dropped })
            }
            Returned::Lost(loss) => {
                self.instance = self.host.instantiate()?;
                Ok(Verdict { line, input, record: b"", facts: unparsed, fate: Fate::Lost(loss) })
            }
        }
    }
}
