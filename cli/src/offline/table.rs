//! `--format table`: a row for every line, no wider than the terminal.
use super::{
    cells::Cells,
    fields::Names,
    judge::{Fate, Verdict},
};
use crate::{
    config::Route,
    ui::{self, BOLD, DIM, ERROR, PLAIN, Style, WARNING},
};
use firelens_filter::program::Kind;
use std::{borrow::Cow, sync::Arc};
use unicode_width::UnicodeWidthChar as _;

/// What the column for paths and messages needs before others get their full width.
const ENOUGH: usize = 36;
const BETWEEN: usize = 2;

/// The widths of the columns; 0 for one that is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Widths {
    time: usize,
    kind: usize,
    status: usize,
    method: usize,
    what: usize,
    client: usize,
    route: usize,
    to: usize,
}

/// What is given up, in this order, until there is enough room.
const STEPS: [fn(&mut Widths); 8] = [
    |widths| widths.client = 15,
    |widths| widths.to = widths.to.min(20),
    |widths| widths.method = 0,
    |widths| widths.time = 8,
    |widths| widths.route = widths.route.min(12),
    |widths| widths.to = widths.to.min(9),
    |widths| widths.client = 0,
    |widths| widths.time = 0,
];

impl Widths {
    /// For lines of `total` columns, with the widest route and list of destinations that there are.
    fn fit(total: usize, kind: usize, route: usize, to: usize) -> Widths {
        let mut widths = Widths { time: 19, kind, status: 6, method: 7, what: 0, client: 39, route, to };
        for step in STEPS {
            if total >= widths.others() + ENOUGH {
                break;
            }
            step(&mut widths);
        }
        widths.what = total.saturating_sub(widths.others()).max(10);
        widths
    }

    /// What all columns but the variable one take.
    fn others(&self) -> usize {
        let fixed = [self.time, self.kind, self.status, self.method, self.client, self.route, self.to];
        fixed.iter().filter(|width| **width > 0).map(|width| width + BETWEEN).sum()
    }
}

/// Writes rows.
pub struct Table {
    names: Arc<Names>,
    /// Names and joined destinations of the routes.
    routes: Vec<(String, String)>,
    widths: Widths,
    colour: bool,
}

impl Table {
    /// For a terminal of `width` columns.
    pub fn new(names: Arc<Names>, routes: &[Route], width: usize, colour: bool) -> Table {
        let routes: Vec<_> = routes.iter().map(|route| (route.name.clone(), route.to.join(", "))).collect();
        let widest = |texts: &mut dyn Iterator<Item = &str>| texts.map(|text| text.chars().count()).max().unwrap_or(0);
        let route = widest(&mut routes.iter().map(|(name, _)| name.as_str()));
        let to = widest(&mut routes.iter().map(|(_, to)| to.as_str()));
        let (route, to) = if routes.is_empty() { (0, 0) } else { (route.clamp(5, 24), to.clamp(9, 40)) };
        let widths = Widths::fit(width, names.longest_kind, route, to);
        Table { names, routes, widths, colour }
    }

    /// The line above the rows.
    pub fn header(&self) -> String {
        let Widths { time, kind, status, method, what, client, route, to } = self.widths;
        let title = if method == 0 { "request or message" } else { "path or message" };
        let titles = [
            (time, "time"),
            (kind, "kind"),
            (status, "status"),
            (method, "method"),
            (what, title),
            (client, "client"),
            (route, "route"),
            (to, "to"),
        ];
        let mut out = Vec::new();
        let cells = titles.map(|(width, title)| (width, Cow::Borrowed(title), BOLD));
        self.row(&cells, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    /// Appends the row of a line.
    pub fn write(&self, verdict: &Verdict, out: &mut Vec<u8>) {
        let cells = Cells::of(&self.names, verdict.record);
        let Widths { time, kind, status, method, what, client, route, to } = self.widths;
        let plain = PLAIN;
        let (status_text, status_style) = cells.status();
        let (route_text, to_text) = self.destination(verdict);
        let (kind_text, kind_style) = match &verdict.fate {
            Fate::Lost(_) => ("lost", ERROR),
            _ => (verdict.facts.kind.as_str(), if verdict.facts.kind == Kind::Unparsed { WARNING } else { plain }),
        };
        let mut row = [
            (time, short_time(&cells.time, time), DIM),
            (kind, kind_text.into(), kind_style),
            (status, status_text, status_style),
            (method, cells.method.clone(), plain),
            (what, what_of(verdict, &cells, method == 0), plain),
            (client, cells.client.clone(), plain),
            (route, route_text.into(), plain),
            (to, to_text.into(), plain),
        ];
        if verdict.fate == Fate::Dropped {
            row.iter_mut().for_each(|(_, _, style)| *style = DIM);
        }
        self.row(&row, out);
    }

    fn destination(&self, verdict: &Verdict) -> (&str, &str) {
        let (route, to) = verdict.facts.route.map_or(("", ""), |route| {
            let (name, to) = &self.routes[route];
            (name.as_str(), to.as_str())
        });
        (route, if verdict.fate == Fate::Dropped { "(dropped)" } else { to })
    }

    fn row(&self, cells: &[(usize, Cow<'_, str>, Style)], out: &mut Vec<u8>) {
        let mut pending = 0;
        for (width, text, style) in cells.iter().filter(|(width, _, _)| *width > 0) {
            out.extend(std::iter::repeat_n(b' ', pending));
            let (text, used) = fit(text, *width);
            pending = width - used + BETWEEN;
            if !self.colour || used == 0 {
                out.extend_from_slice(text.as_bytes());
            } else {
                out.extend_from_slice(format!("{style}{text}{style:#}").as_bytes());
            }
        }
        out.push(b'\n');
    }
}

fn what_of<'a>(verdict: &'a Verdict, cells: &Cells<'a>, with_method: bool) -> Cow<'a, str> {
    if let Fate::Lost(loss) = &verdict.fate {
        return loss.to_string().into();
    }
    cells.what(with_method).unwrap_or_else(|| String::from_utf8_lossy(verdict.line))
}

/// `2026-11-22T07:38:32.123Z` as `2026-11-22 07:38:32` or `07:38:32`.
fn short_time<'a>(time: &'a str, width: usize) -> Cow<'a, str> {
    match (time.get(..10), time.get(10..11), time.get(11..19)) {
        (Some(date), Some("T"), Some(clock)) if width >= 19 => format!("{date} {clock}").into(),
        (Some(_), Some("T"), Some(clock)) => clock.into(),
        _ => time.into(),
    }
}

/// The text in at most `width` columns, with its width. Nothing in it can steer the terminal.
fn fit(text: &str, width: usize) -> (String, usize) {
    let (mut fitted, mut used) = (String::new(), 0);
    let mut whole = (0, 0);
    for character in text.chars() {
        let before = fitted.len();
        match ui::is_harmless(character) {
            true => fitted.push(character),
            false => fitted.extend(character.escape_default()),
        }
        let columns: usize = fitted[before..].chars().map(|shown| shown.width().unwrap_or(0)).sum();
        if used + columns > width {
            fitted.truncate(whole.0);
            fitted.push('…');
            return (fitted, whole.1 + 1);
        }
        used += columns;
        if used < width {
            whole = (fitted.len(), used);
        }
    }
    (fitted, used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::fields::Facts;
    use firelens_filter::Program;

    const RECORD: &[u8] = br#"{"client":"192.0.2.1","time":"2026-11-22T07:38:32.5Z","method":"GET","path":"/shop/a-rather-long-path/with/parts","query":"a=1","status":503,"kind":"access","route":"failures"}"#;

    fn table(width: usize, colour: bool) -> Table {
        let to = vec!["cloudwatch".to_string(), "archive".to_string()];
        let routes = [Route { name: "failures".into(), to }, Route { name: "health-checks".into(), to: Vec::new() }];
        Table::new(Arc::new(Names::new(&Program::default())), &routes, width, colour)
    }

    fn verdict(record: &'static [u8], kind: Kind, route: usize, fate: Fate) -> Verdict<'static> {
        Verdict { line: b"the line", input: b"", record, facts: Facts { kind, route: Some(route), status: None }, fate }
    }

    fn row(table: &Table, verdict: &Verdict) -> String {
        let mut out = Vec::new();
        table.write(verdict, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_wide_table_has_all_columns() {
        let table = table(145, false);
        assert_eq!(
            table.header() + &row(&table, &verdict(RECORD, Kind::Access, 0, Fate::Kept)),
            "\
time                 kind      status  method   path or message                               client           \
route          to
2026-11-22 07:38:32  access    503     GET      /shop/a-rather-long-path/with/parts?a=1       192.0.2.1        \
failures       cloudwatch, archive
"
        );
    }

    #[test]
    fn rows_are_never_wider_than_the_terminal() {
        for width in [60, 80, 100, 120, 200] {
            let table = table(width, false);
            for verdict in
                [verdict(RECORD, Kind::Access, 0, Fate::Kept), verdict(RECORD, Kind::Access, 1, Fate::Dropped)]
            {
                let row = row(&table, &verdict);
                assert!(row.trim_end().chars().count() <= width, "{width}: {row}");
            }
            assert!(table.header().trim_end().chars().count() <= width);
        }
    }

    #[test]
    fn a_narrow_table_keeps_status_path_and_route() {
        let row = row(&table(60, false), &verdict(RECORD, Kind::Access, 0, Fate::Kept));
        assert!(
            row.contains("503") && row.contains("GET /shop") && row.contains('…') && row.contains("failures"),
            "{row}"
        );
    }

    #[test]
    fn dropped_and_unparsed_lines_have_rows() {
        let dropped = row(&table(120, false), &verdict(RECORD, Kind::Access, 1, Fate::Dropped));
        assert!(dropped.contains("health-checks") && dropped.contains("(dropped)"), "{dropped}");
        let unparsed = row(&table(120, false), &verdict(br#"{"log":"some text"}"#, Kind::Unparsed, 0, Fate::Kept));
        assert!(unparsed.contains("unparsed") && unparsed.contains("some text"));
        let bare = row(&table(120, false), &verdict(b"{}", Kind::Json, 0, Fate::Kept));
        assert!(bare.contains("the line"));
    }

    #[test]
    fn colours_only_when_asked_for() {
        let verdict = verdict(RECORD, Kind::Access, 0, Fate::Kept);
        let (coloured, plain) = (row(&table(120, true), &verdict), row(&table(120, false), &verdict));
        assert_ne!(coloured, plain);
        assert_eq!(ui::plain(&coloured), plain);
        assert!(!plain.contains('\x1b'));
    }

    #[test]
    fn text_is_cut_by_columns_and_cannot_steer_the_terminal() {
        assert_eq!(fit("abc", 3), ("abc".into(), 3));
        assert_eq!(fit("abcd", 3), ("ab…".into(), 3));
        assert_eq!(fit("日本語", 4), ("日…".into(), 3));
        assert_eq!(fit("a\x1b[2Jb\n", 20), ("a\\u{1b}[2Jb\\n".into(), 13));
        assert_eq!(fit("\u{202e}x", 20).0, "\\u{202e}x");
    }
}
