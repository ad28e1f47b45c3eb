//! A plan on standard output.
use crate::{
    Error, Ui,
    ui::{self, Style},
};
use firelens_infra::{
    Plan,
    plan::text::{self, Mark},
};
use serde_json::{Value, json};

/// The plan before it is applied: as text, or as the first line of JSON.
///
/// # Errors
/// When it cannot be written.
pub fn plan(plan: &Plan, json: bool, ui: &Ui) -> Result<(), Error> {
    if !json {
        return text(plan, ui);
    }
    Ok(ui.json(&format!("{}\n", json!({ "event": "plan", "plan": self::json(plan) })))?)
}

/// The plan as JSON.
pub fn json(plan: &Plan) -> Value {
    serde_json::to_value(plan).expect("a plan is plain data")
}

/// The plan as text.
///
/// # Errors
/// When it cannot be written.
pub fn text(plan: &Plan, ui: &Ui) -> Result<(), Error> {
    let mut out = String::new();
    for (mark, piece) in text::pieces(plan) {
        let style = style(mark);
        // The style ends before the line does.
        let (line, end) = piece.strip_suffix('\n').map_or((piece.as_str(), ""), |line| (line, "\n"));
        out.push_str(&format!("{style}{line}{style:#}{end}"));
    }
    Ok(ui.print(&out)?)
}

fn style(mark: Mark) -> Style {
    match mark {
        Mark::Plain => ui::PLAIN,
        Mark::Created => ui::ADDED,
        Mark::Changed => ui::WARNING,
        Mark::Deleted => ui::REMOVED,
        Mark::Faint => ui::DIM,
        Mark::Wrong => ui::ERROR,
    }
}
