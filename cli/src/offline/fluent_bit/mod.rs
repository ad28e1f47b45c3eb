//! The whole rendered pipeline in a real Fluent Bit: FireLens's part and ours, with a file in place of each destination.
//!
//! All records go in at once, over a unix socket as Docker's log driver sends them, each with a number in it. When what
//! has to arrive has arrived, Fluent Bit is stopped; what it wrote until then is read to the end, so that nothing is
//! overlooked that arrived where it should not. The results are then looked up record by record ([`Replay`]).
use super::{
    expect::Case,
    host::{Host, Loss, Returned},
    input::{self, Source},
    join::{Join, Joining},
    judge::tag_for,
    record::Framer,
    setup::Setup,
};
use crate::{Error, Ui};
use batch::Batch;
use forward::Message;
use std::{
    collections::HashMap,
    ops::Range,
    path::Path,
    sync::{Arc, atomic::AtomicU64},
};

mod batch;
pub mod forward;
mod local;
mod oracle;
mod process;
mod receive;

/// Sends the lines of all sources, joined where there are rules, through the Fluent Bit at `program`; the setup then tells what became of them.
///
/// # Errors
/// When a source cannot be read, or Fluent Bit does not do its work.
pub fn send_lines(
    program: &Path,
    setup: &mut Setup,
    sources: &[Source],
    framer: &Framer,
    tag: &str,
    join: Option<&Join>,
    ui: &Ui,
) -> Result<(), Error> {
    let mut batch = Batch::new(setup, process::version(program)?, ui)?;
    let mut buffer = Vec::new();
    for source in sources {
        let mut lines = source.open(&Arc::new(AtomicU64::new(0)))?;
        let (mut joining, mut number) = (Joining::default(), 0);
        let mut add = |line: &[u8]| batch.add(tag, framer.record(line, &mut buffer), Message::of(framer, line));
        let take = |joining: &mut Joining, add: &mut dyn FnMut(&[u8])| {
            let texts = joining.take();
            texts.places.iter().for_each(|(_, place)| add(&texts.bytes[place.clone()]));
        };
        while let Some(piece) = lines.next_piece().map_err(|error| source.read_error(0, &error))? {
            for line in input::lines(&piece) {
                number += 1;
                match join {
                    Some(join) => joining.push(join, number, line),
                    None => add(line),
                }
            }
            take(&mut joining, &mut add);
        }
        joining.end();
        take(&mut joining, &mut add);
    }
    let arrived = batch.run(program, ui)?;
    setup.host = Host::FluentBit(Arc::new(arrived));
    Ok(())
}

/// Sends the records of expectations through the Fluent Bit at `program`; the setup then tells what became of them.
///
/// # Errors
/// When Fluent Bit does not do its work.
pub fn send_cases<'a>(
    program: &Path,
    setup: &mut Setup,
    cases: impl Iterator<Item = &'a Case>,
    ui: &Ui,
) -> Result<(), Error> {
    let mut batch = Batch::new(setup, process::version(program)?, ui)?;
    for case in cases {
        let tag = case.tag.clone().unwrap_or_else(|| tag_for(case.container.as_deref()));
        batch.add(&tag, &case.record, Message::Json(&case.record));
    }
    let arrived = batch.run(program, ui)?;
    setup.host = Host::FluentBit(Arc::new(arrived));
    Ok(())
}

/// What became of records.
#[derive(Debug, Default)]
pub struct Arrived {
    fates: HashMap<Box<[u8]>, Fate>,
}

#[derive(Debug, Clone)]
enum Fate {
    Record(Arc<[u8]>),
    Dropped,
    Lost(Loss),
}

/// Stands in for an instance of the module: says what became of a record.
#[derive(Debug)]
pub struct Replay {
    arrived: Arc<Arrived>,
    key: Vec<u8>,
    text: Arc<[u8]>,
}

impl Replay {
    pub fn new(arrived: Arc<Arrived>) -> Replay {
        Replay { arrived, key: Vec::new(), text: Arc::new([]) }
    }

    /// What became of a record. One that was never sent is lost.
    pub fn call(&mut self, tag: &[u8], record: &[u8]) -> Returned {
        self.key.clear();
        write_key(tag, record, &mut self.key);
        match self.arrived.fates.get(self.key.as_slice()) {
            Some(Fate::Record(text)) => {
                self.text = Arc::clone(text);
                Returned::Record { place: 0..text.len(), unchanged: false }
            }
            Some(Fate::Dropped) => Returned::Dropped,
            Some(Fate::Lost(loss)) => Returned::Lost(loss.clone()),
            None => Returned::Lost(Loss::NotSent("it was not there when the others were sent".into())),
        }
    }

    pub fn text(&self, place: Range<usize>) -> &[u8] {
        &self.text[place]
    }
}

/// The same record under the same tag always has the same fate.
fn write_key(tag: &[u8], record: &[u8], key: &mut Vec<u8>) {
    key.extend_from_slice(tag);
    key.push(0);
    key.extend_from_slice(record);
}
