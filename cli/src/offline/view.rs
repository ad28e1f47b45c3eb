//! Which lines are printed, and in what form.
use super::{
    explain::{self, Explainer},
    fields::Names,
    judge::{Fate, Verdict},
    objects::Objects,
    table::Table,
};
use crate::config::Route;
use firelens_filter::program::Kind;
use std::{
    io::{self, Write},
    sync::Arc,
};

/// How results are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: as wide as the terminal
    #[default]
    Table,
    /// One JSON array
    Json,
    /// One JSON object a line
    Ndjson,
}

/// Lines that are printed; the others are only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    Unparsed,
    Dropped,
    Route(usize),
}

/// The form of the output.
pub struct View {
    body: Body,
    /// Empty: all.
    only: Vec<Only>,
}

enum Body {
    Table(Table),
    /// Behind commas, as an array has them, or each on a line.
    Objects {
        objects: Objects,
        array: bool,
    },
}

/// The screen's properties.
#[derive(Debug, Clone, Copy)]
pub struct Screen {
    pub width: usize,
    pub colour: bool,
}

impl View {
    pub fn new(format: Format, only: Vec<Only>, names: Arc<Names>, routes: &[Route], screen: Screen) -> View {
        let body = match format {
            Format::Table => Body::Table(Table::new(names, routes, screen.width, screen.colour)),
            Format::Json | Format::Ndjson => {
                Body::Objects { objects: Objects::new(routes), array: format == Format::Json }
            }
        };
        View { body, only }
    }

    /// This line is printed.
    pub fn wants(&self, verdict: &Verdict) -> bool {
        let fits = |only: &Only| match only {
            Only::Unparsed => verdict.facts.kind == Kind::Unparsed,
            Only::Dropped => verdict.fate == Fate::Dropped,
            Only::Route(route) => verdict.facts.route == Some(*route),
        };
        self.only.is_empty() || self.only.iter().any(fits)
    }

    /// Appends what is printed for the line with this number.
    pub fn write(&self, number: u64, verdict: &Verdict, explainer: Option<&mut Explainer>, out: &mut Vec<u8>) {
        let explanation = explainer.map(|explainer| explainer.explain(verdict));
        match &self.body {
            Body::Objects { objects, array } => {
                if *array {
                    out.extend_from_slice(b",\n");
                }
                objects.write(verdict, explanation.map(|explanation| explanation.to_json()).as_ref(), out);
                if !array {
                    out.push(b'\n');
                }
            }
            Body::Table(table) => {
                table.write(verdict, out);
                if let Some(explanation) = explanation {
                    out.extend_from_slice(explain::text(&explanation, number).as_bytes());
                }
            }
        }
    }

    /// What goes around the lines' output.
    pub fn start(&self) -> Printer<'_> {
        Printer { view: self, begun: false }
    }
}

/// Prints the pieces of output, with what belongs before, between and behind them.
pub struct Printer<'a> {
    view: &'a View,
    begun: bool,
}

impl Printer<'_> {
    /// Prints what [`View::write`] wrote for some lines.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn print(&mut self, text: &[u8], out: &mut dyn Write) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let mut text = text;
        if !std::mem::replace(&mut self.begun, true) {
            match &self.view.body {
                Body::Table(table) => out.write_all(table.header().as_bytes())?,
                Body::Objects { array: true, .. } => {
                    out.write_all(b"[")?;
                    text = text.strip_prefix(b",").unwrap_or(text);
                }
                Body::Objects { .. } => {}
            }
        }
        out.write_all(text)?;
        out.flush()
    }

    /// Prints the end.
    ///
    /// # Errors
    /// When the output cannot be written.
    pub fn finish(self, out: &mut dyn Write) -> io::Result<()> {
        match &self.view.body {
            Body::Objects { array: true, .. } => out.write_all(if self.begun { b"\n]\n" } else { b"[]\n" }),
            _ => Ok(()),
        }
    }
}
