//! What became of all lines: counts by kind, route and status.
use super::{
    fields::Facts,
    judge::{Fate, Verdict},
};
use crate::{
    config::Route,
    ui::{BOLD, DIM, ERROR, PLAIN, Style, WARNING},
};
use firelens_filter::program::Kind;
use firelens_infra::words::{self, grouped};
use std::{collections::BTreeMap, fmt::Write as _};

/// How many places of unparsed or lost lines are named.
const PLACES: usize = 5;
/// How many statuses have a row of their own.
const STATUSES: usize = 12;
const KINDS: [Kind; 6] = Kind::ALL;

/// Counts of lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub lines: u64,
    pub dropped: u64,
    pub lost: u64,
    kinds: [u64; KINDS.len()],
    /// By route.
    routes: Vec<u64>,
    statuses: BTreeMap<u32, u64>,
    /// The first unparsed lines' numbers, and the first lost ones' with the reasons.
    unparsed_at: Vec<u64>,
    lost_at: Vec<(u64, String)>,
}

impl Counts {
    /// Counts the line with this number.
    pub fn add(&mut self, line: u64, verdict: &Verdict) {
        self.lines += 1;
        match &verdict.fate {
            Fate::Kept => {}
            Fate::Dropped => self.dropped += 1,
            Fate::Lost(loss) => {
                self.lost += 1;
                if self.lost_at.len() < PLACES {
                    self.lost_at.push((line, loss.to_string()));
                }
                return;
            }
        }
        self.add_facts(line, verdict.facts);
    }

    fn add_facts(&mut self, line: u64, facts: Facts) {
        self.kinds[facts.kind as usize] += 1;
        if facts.kind == Kind::Unparsed && self.unparsed_at.len() < PLACES {
            self.unparsed_at.push(line);
        }
        if let Some(route) = facts.route {
            if self.routes.len() <= route {
                self.routes.resize(route + 1, 0);
            }
            self.routes[route] += 1;
        }
        if let Some(status) = facts.status {
            *self.statuses.entry(status).or_default() += 1;
        }
    }
}

/// The counts of several files.
#[derive(Debug, Default)]
pub struct Summary {
    all: Counts,
    /// The first unparsed lines: a file, and numbers.
    unparsed: Vec<(String, Vec<u64>)>,
    lost: Vec<String>,
}

impl Summary {
    /// Some line fits no format.
    pub fn any_unparsed(&self) -> bool {
        !self.unparsed.is_empty()
    }

    /// Adds what was counted in (a part of) a file of this name.
    pub fn add(&mut self, name: &str, counts: &Counts) {
        let all = &mut self.all;
        all.lines += counts.lines;
        all.dropped += counts.dropped;
        all.lost += counts.lost;
        for (sum, count) in all.kinds.iter_mut().zip(&counts.kinds) {
            *sum += count;
        }
        all.routes.resize(all.routes.len().max(counts.routes.len()), 0);
        for (sum, count) in all.routes.iter_mut().zip(&counts.routes) {
            *sum += count;
        }
        for (status, count) in &counts.statuses {
            *all.statuses.entry(*status).or_default() += count;
        }
        let room = PLACES - self.unparsed.iter().map(|(_, lines)| lines.len()).sum::<usize>();
        for line in counts.unparsed_at.iter().take(room) {
            match self.unparsed.last_mut().filter(|(last, _)| last == name) {
                Some((_, lines)) => lines.push(*line),
                None => self.unparsed.push((name.to_owned(), vec![*line])),
            }
        }
        let room = PLACES - self.lost.len();
        self.lost.extend(counts.lost_at.iter().take(room).map(|(line, why)| format!("{name}:{line}: {why}")));
    }

    pub fn lines(&self) -> u64 {
        self.all.lines
    }

    pub fn lost(&self) -> u64 {
        self.all.lost
    }

    /// What is to be said about records that were lost: by the module alone, or in a real Fluent Bit.
    pub fn lost_report(&self, in_fluent_bit: bool) -> String {
        let (lost, lines, places) = (grouped(self.all.lost), grouped(self.all.lines), self.lost.join("\n  "));
        let what = match in_fluent_bit {
            false => "the filter lost {lost} of {lines} records, and would lose them in Fluent Bit too",
            true => "{lost} of {lines} records were lost in Fluent Bit",
        };
        let what = what.replace("{lost}", &lost).replace("{lines}", &lines);
        format!("{what}. This is a defect of firelens-kit: please report it with such a line\n  {places}")
    }

    /// The summary as text with colours.
    pub fn render(&self, routes: &[Route], seconds: f64) -> String {
        let mut text = format!("{BOLD}{}{BOLD:#}", words::count(self.all.lines, "line"));
        if self.all.dropped > 0 {
            let _ = write!(text, ", {} dropped", grouped(self.all.dropped));
        }
        if seconds >= 1.0 {
            let speed = (self.all.lines as f64 / seconds) as u64;
            let _ = write!(text, " in {seconds:.1} s ({} a second)", grouped(speed));
        }
        text.push('\n');
        self.section(&mut text, "kind", self.kind_rows());
        self.section(&mut text, "route", self.route_rows(routes));
        self.section(&mut text, "status", self.status_rows());
        text
    }

    fn kind_rows(&self) -> Vec<Row> {
        let used = KINDS.into_iter().filter(|kind| self.all.kinds[*kind as usize] > 0);
        let rows = used.map(|kind| {
            let row = Row::new(kind.as_str(), self.all.kinds[kind as usize]);
            if kind != Kind::Unparsed {
                return row;
            }
            Row { style: WARNING, note: self.first_unparsed(), ..row }
        });
        let lost = Row { style: ERROR, ..Row::new("lost", self.all.lost) };
        rows.chain(Some(lost).filter(|lost| lost.count > 0)).collect()
    }

    /// `first: a.log line 3, 7; b.log line 1`.
    fn first_unparsed(&self) -> String {
        let files = self.unparsed.iter().map(|(name, lines)| {
            let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
            format!("{name} line {}", lines.join(", "))
        });
        format!("first: {}", files.collect::<Vec<_>>().join("; "))
    }

    fn route_rows(&self, routes: &[Route]) -> Vec<Row> {
        let rows = routes.iter().enumerate().map(|(index, Route { name, to })| Row {
            note: if to.is_empty() { String::new() } else { format!("→ {}", to.join(", ")) },
            ..Row::new(name, self.all.routes.get(index).copied().unwrap_or(0))
        });
        rows.collect()
    }

    fn status_rows(&self) -> Vec<Row> {
        let mut by_count: Vec<_> = self.all.statuses.iter().map(|(status, count)| (*count, *status)).collect();
        by_count.sort_unstable_by(|left, right| right.cmp(left));
        let others: u64 = by_count.iter().skip(STATUSES).map(|(count, _)| count).sum();
        by_count.truncate(STATUSES);
        by_count.sort_unstable_by_key(|(_, status)| *status);
        let rows = by_count.into_iter().map(|(count, status)| Row::new(&status.to_string(), count));
        rows.chain(Some(Row::new("others", others)).filter(|row| row.count > 0)).collect()
    }

    fn section(&self, text: &mut String, title: &str, rows: Vec<Row>) {
        if rows.is_empty() {
            return;
        }
        let name_width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0).max(title.len());
        let count_width = rows.iter().map(|row| grouped(row.count).len()).max().unwrap_or(0).max("lines".len());
        let _ = writeln!(text, "\n{DIM}{title:name_width$}  {:>count_width$}    share{DIM:#}", "lines");
        for Row { name, count, style, note } in rows {
            let share = 100.0 * count as f64 / self.all.lines.max(1) as f64;
            let count = grouped(count);
            let line = format!("{name:name_width$}  {count:>count_width$}  {share:>5.1} %");
            let _ = writeln!(text, "{style}{line}{style:#}{}{note}", if note.is_empty() { "" } else { "  " });
        }
    }
}

struct Row {
    name: String,
    count: u64,
    style: Style,
    note: String,
}

impl Row {
    fn new(name: &str, count: u64) -> Row {
        Row { name: name.to_owned(), count, style: PLAIN, note: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::host::Loss;

    fn verdict(kind: Kind, route: usize, status: Option<u32>, fate: Fate) -> Verdict<'static> {
        Verdict { line: b"", input: b"", record: b"", facts: Facts { kind, route: Some(route), status }, fate }
    }

    fn summary() -> Summary {
        let mut counts = Counts::default();
        for line in 1..=1200 {
            counts.add(line, &verdict(Kind::Access, 1, Some(200 + (line % 2) as u32 * 100), Fate::Kept));
        }
        let mut more = Counts::default();
        more.add(7, &verdict(Kind::Unparsed, 1, None, Fate::Kept));
        more.add(8, &verdict(Kind::Access, 0, Some(200), Fate::Dropped));
        more.add(9, &verdict(Kind::Unparsed, 0, None, Fate::Lost(Loss::Null)));
        let mut summary = Summary::default();
        summary.add("a.log", &counts);
        summary.add("b.log", &more);
        summary
    }

    #[test]
    fn the_summary_as_it_is_printed() {
        let route = |name: &str, to| Route { name: name.into(), to };
        let routes = [route("health", Vec::new()), route("rest", vec!["archive".into()])];
        let text = summary().render(&routes, 0.1);
        let expected = "\
1,203 lines, 1 dropped

kind      lines    share
access    1,201   99.8 %
unparsed      1    0.1 %  first: b.log line 7
lost          1    0.1 %

route   lines    share
health      1    0.1 %
rest    1,201   99.8 %  → archive

status  lines    share
200       601   50.0 %
300       600   49.9 %
";
        assert_eq!(crate::ui::plain(&text), expected);
    }

    #[test]
    fn long_runs_tell_their_speed() {
        let text = summary().render(&[], 2.0);
        assert!(crate::ui::plain(&text).contains("1 dropped in 2.0 s (601 a second)"));
    }

    #[test]
    fn lost_records_are_reported_with_their_places() {
        let report = summary().lost_report(false);
        assert!(report.contains("lost 1 of 1,203 records") && report.contains("b.log:9: the module returned NULL"));
    }

    #[test]
    fn the_first_unparsed_lines_are_named_by_file() {
        let mut counts = Counts::default();
        (1..=3).for_each(|line| counts.add(line, &verdict(Kind::Unparsed, 0, None, Fate::Kept)));
        let mut summary = Summary::default();
        for name in ["a", "a", "b"] {
            summary.add(name, &counts);
        }
        assert_eq!(summary.first_unparsed(), "first: a line 1, 2, 3, 1, 2");
        let mut summary = Summary::default();
        for name in ["a", "b"] {
            summary.add(name, &counts);
        }
        assert_eq!(summary.first_unparsed(), "first: a line 1, 2, 3; b line 1, 2");
    }

    #[test]
    fn rare_statuses_are_put_together() {
        let mut counts = Counts::default();
        for line in 0..100 {
            counts.add(line, &verdict(Kind::Access, 0, Some(200 + line.min(20) as u32), Fate::Kept));
        }
        let mut summary = Summary::default();
        summary.add("a", &counts);
        let rows = summary.status_rows();
        assert_eq!(rows.len(), STATUSES + 1);
        assert_eq!(rows.iter().map(|row| row.count).sum::<u64>(), 100);
    }
}
