//! Lines on standard error that change while something is going on. What they say goes through [`settle`] as well.
#![expect(clippy::disallowed_types, reason = "what is printed through them is settled here")]
use super::{Ui, style::settle};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{borrow::Cow, time::Duration};

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// The bars that are drawn together; none where standard error is no terminal.
#[derive(Debug, Clone)]
pub struct Bars {
    all: MultiProgress,
    colour: bool,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Bar(ProgressBar);

impl Bars {
    pub fn new(ui: &Ui) -> Bars {
        let target = if ui.stderr_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Bars { all: MultiProgress::with_draw_target(target), colour: ui.stderr_color }
    }

    /// One that fills up to `total`.
    pub fn bar(&self, total: u64, template: &str) -> Bar {
        let bar = ProgressBar::new(total);
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Bar(self.all.add(bar))
    }

    /// One that turns.
    pub fn spinner(&self, template: &str) -> Bar {
        let bar = ProgressBar::new_spinner();
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()));
        Bar(self.all.add(bar))
    }

    /// A line above them. Where they cannot be drawn, that is no reason to stop.
    pub fn print(&self, line: &str) {
        _ = self.all.println(settle(line, self.colour));
    }

    /// Prints something else while they are not there.
    pub fn suspend(&self, print: impl FnOnce()) {
        self.all.suspend(print);
    }

    /// Takes one away.
    pub fn remove(&self, bar: &Bar) {
        bar.finish();
        self.all.remove(&bar.0);
    }

    /// Takes them all away.
    pub fn clear(&self) {
        _ = self.all.clear();
    }
}

impl Bar {
    /// Turns on its own.
    pub fn turn(&self) {
        self.0.enable_steady_tick(TICK);
    }

    pub fn set_prefix(&self, text: &str) {
        self.0.set_prefix(line(text).into_owned());
    }

    pub fn set_message(&self, text: &str) {
        self.0.set_message(line(text).into_owned());
    }

    pub fn set_position(&self, at: u64) {
        self.0.set_position(at);
    }

    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

/// What a bar says: one line, without styles.
fn line(text: &str) -> Cow<'_, str> {
    super::harmless(text)
}
