//! The answer, destination by destination.
use crate::ui::Style;
use crate::ui::{BOLD, DIM, ERROR, GOOD, WARNING};
use firelens_infra::observe::verify::{Answer, Arrival, Mark, Sent, State};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What was asked, and what came of it.
pub struct Report<'a> {
    pub mark: &'a Mark,
    /// Where the request went, and how it was answered; nothing when the user sent it.
    pub sent: Option<(&'a str, Sent)>,
    pub answer: &'a Answer,
    /// The route that was asked for.
    pub route: Option<&'a str>,
    /// Why it may not have arrived.
    pub notes: &'a [String],
}

impl Report<'_> {
    pub fn json(&self) -> String {
        let request =
            self.sent.as_ref().map(|(url, sent)| json!({ "url": url, "time": sent.time, "status": sent.status }));
        let mut all = json!({ "mark": self.mark.as_str(), "request": request });
        let answer = serde_json::to_value(self.answer).expect("an answer is plain data");
        if let (Value::Object(all), Value::Object(answer)) = (&mut all, answer) {
            all.extend(answer);
        }
        format!("{all:#}\n")
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        let routes: Vec<&str> = self.answer.routes.iter().map(String::as_str).collect();
        _ = writeln!(
            text,
            "{BOLD}{}{BOLD:#}{}",
            self.mark,
            match routes[..] {
                [] => String::new(),
                _ => format!(" took the route {}", routes.join(", ")),
            }
        );
        let all = &self.answer.destinations;
        let wide = |of: &dyn Fn(&Arrival) -> usize| all.iter().map(of).max().unwrap_or(0);
        let (name, what) = (wide(&|to| to.destination.len()), wide(&|to| thing(to.kind, &to.name).len()));
        for to in all {
            let ((style, state), thing) = (state(&to.state), thing(to.kind, &to.name));
            _ = writeln!(text, "  {:<name$}  {thing:<what$}  {style}{state}{style:#}", to.destination);
        }
        self.verdict(&mut text, &routes);
        text
    }

    fn verdict(&self, text: &mut String, routes: &[&str]) {
        if self.answer.arrived {
            _ = writeln!(text, "{GOOD}arrived{GOOD:#}");
            return;
        }
        _ = writeln!(text, "{ERROR}not arrived{ERROR:#}: {}", self.why(routes));
        if routes.is_empty() {
            self.notes.iter().for_each(|note| _ = writeln!(text, "  {note}"));
        }
        _ = writeln!(
            text,
            "  `firelens-kit status` says how tasks and router are, `firelens-kit logs --router` what the router says{}",
            match self.answer.destinations.iter().any(|to| to.kind == "delivery_stream" && is_open(to)) {
                true => ",\n  `firelens-kit logs --firehose` what Firehose could not deliver",
                false => "",
            }
        );
    }

    fn why(&self, routes: &[&str]) -> String {
        let open: Vec<&str> =
            self.answer.destinations.iter().filter(|to| is_open(to)).map(|to| to.destination.as_str()).collect();
        match (self.route, open[..].is_empty()) {
            (_, false) => format!("nothing at {}", open.join(", ")),
            (Some(route), true) => format!("it took the route {}, not {route}", routes.join(", ")),
            (None, true) => format!("it took the route {}, which was not to be thought of", routes.join(", ")),
        }
    }
}

fn is_open(to: &Arrival) -> bool {
    matches!(to.state, State::NotArrived { .. } | State::Missing)
}

/// `log group /ecs/shop`
pub fn thing(kind: &str, name: &str) -> String {
    match kind {
        "other" => String::new(),
        kind => format!("{} {name}", kind.replace('_', " ")),
    }
}

/// In words.
pub fn state(state: &State) -> (Style, String) {
    match state {
        State::Arrived { seconds, place } => (GOOD, format!("arrived after {seconds:.1} s in {place}")),
        State::NotArrived { seconds } => (ERROR, format!("not arrived in {seconds:.0} s")),
        State::Missing => (ERROR, "it is not there".to_string()),
        State::NotNamed => (DIM, "its route does not lead there".to_string()),
        State::Unchecked { reason } => (WARNING, format!("not looked at: {reason}")),
    }
}
