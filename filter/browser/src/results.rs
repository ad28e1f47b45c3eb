//! What became of each line, kept in a few arenas: 100,000 lines are looked through in milliseconds.
use firelens_config::Route;
use firelens_filter::program::Kind;
use firelens_lines::{
    fields::{Facts, Names},
    host::Loss,
    judge::{Fate, Verdict},
    scan::Members,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, ops::Range};

/// The kinds, as the filter writes them.
const KINDS: [Kind; 6] = [Kind::Access, Kind::Error, Kind::Rails, Kind::Json, Kind::Exception, Kind::Unparsed];

/// What became of some lines.
pub struct Results {
    routes: Vec<Route>,
    /// All destinations of all routes, each once.
    destinations: Vec<String>,
    /// Lines and records, one behind the other.
    texts: Vec<u8>,
    /// The fields of each record, by their index in `names`.
    keys: Vec<u16>,
    rows: Vec<Row>,
    names: Vec<String>,
    ids: HashMap<Vec<u8>, u16>,
    losses: HashMap<usize, Loss>,
}

/// A line, or lines that were joined.
struct Row {
    number: u64,
    line: Range<usize>,
    /// As the module returned it; of a dropped line, as it would be.
    record: Range<usize>,
    keys: Range<usize>,
    facts: Facts,
    dropped: bool,
}

/// Which lines are shown. Within a list, any may hold; an empty list holds for all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    pub kinds: Vec<String>,
    /// Names of routes; `""` is no route.
    pub routes: Vec<String>,
    /// Names of destinations; `""` is none: dropped, or no destination.
    pub destinations: Vec<String>,
    /// The record has all of these.
    pub fields: Vec<String>,
}

/// Rows that a filter let through, and how many there are of everything beside it.
#[derive(Debug, Default)]
pub struct Found {
    pub rows: Vec<u32>,
    /// For each list of the filter, the rows that all other lists let through, by name.
    pub counts: Value,
}

impl Results {
    /// None yet.
    pub fn new(routes: Vec<Route>) -> Results {
        let mut destinations: Vec<String> = Vec::new();
        for to in routes.iter().flat_map(|route| &route.to) {
            if !destinations.contains(to) {
                destinations.push(to.clone());
            }
        }
        Results {
            routes,
            destinations,
            texts: Vec::new(),
            keys: Vec::new(),
            rows: Vec::new(),
            names: Vec::new(),
            ids: HashMap::new(),
            losses: HashMap::new(),
        }
    }

    /// Adds what became of the line with this number.
    pub fn add(&mut self, number: u64, verdict: &Verdict) {
        let first_key = self.keys.len();
        for (key, _) in Members::new(verdict.record) {
            let id = self.id(key);
            if let Some(id) = id.filter(|id| !self.keys[first_key..].contains(id)) {
                self.keys.push(id);
            }
        }
        let (line, record) = (self.push(verdict.line), self.push(verdict.record));
        if let Fate::Lost(loss) = &verdict.fate {
            self.losses.insert(self.rows.len(), loss.clone());
        }
        self.rows.push(Row {
            number,
            line,
            record,
            keys: first_key..self.keys.len(),
            facts: verdict.facts,
            dropped: verdict.fate == Fate::Dropped,
        });
    }

    fn push(&mut self, text: &[u8]) -> Range<usize> {
        let start = self.texts.len();
        self.texts.extend_from_slice(text);
        start..self.texts.len()
    }

    /// None: there are too many names to count them all.
    fn id(&mut self, key: &[u8]) -> Option<u16> {
        if let Some(id) = self.ids.get(key) {
            return Some(*id);
        }
        let id = u16::try_from(self.names.len()).ok()?;
        self.names.push(String::from_utf8_lossy(key).into_owned());
        self.ids.insert(key.to_vec(), id);
        Some(id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of a row's first line.
    pub fn number(&self, row: usize) -> Option<u64> {
        self.rows.get(row).map(|row| row.number)
    }

    /// The row's route.
    pub fn route(&self, row: usize) -> Option<&Route> {
        self.routes.get(self.rows.get(row)?.facts.route?)
    }

    /// What became of a row, with the record that went in.
    pub fn verdict<'a>(&'a self, row: usize, input: &'a [u8]) -> Option<Verdict<'a>> {
        let found = self.rows.get(row)?;
        let fate = match self.losses.get(&row) {
            Some(loss) => Fate::Lost(loss.clone()),
            None if found.dropped => Fate::Dropped,
            None => Fate::Kept,
        };
        Some(Verdict {
            line: &self.texts[found.line.clone()],
            input,
            record: &self.texts[found.record.clone()],
            facts: found.facts,
            fate,
        })
    }

    /// The line of a row.
    pub fn line(&self, row: usize) -> &[u8] {
        self.rows.get(row).map_or(b"", |row| &self.texts[row.line.clone()])
    }

    /// The rows that a filter lets through, and the counts beside it.
    pub fn find(&self, filter: &Filter) -> Found {
        let wanted = Wanted::new(self, filter);
        let mut found = Found::default();
        let mut kinds = [0u32; KINDS.len()];
        let mut routes = vec![0u32; self.routes.len() + 1];
        let mut destinations = vec![0u32; self.destinations.len() + 1];
        let mut fields = vec![0u32; self.names.len()];
        for (index, row) in self.rows.iter().enumerate() {
            let (kind, route) = (kind_index(row.facts.kind), row.facts.route.unwrap_or(self.routes.len()));
            let to = self.destinations_of(row);
            let holds = wanted.holds(self, row, kind, route, &to);
            let but = |list: usize| (0..holds.len()).all(|other| other == list || holds[other]);
            kinds[kind] += u32::from(but(0));
            routes[route] += u32::from(but(1));
            if but(2) {
                to.iter().for_each(|to| destinations[*to] += 1);
            }
            // All fields have to be there, so that each counts among what is shown.
            if but(usize::MAX) {
                found.rows.push(index as u32);
                self.keys[row.keys.clone()].iter().for_each(|key| fields[usize::from(*key)] += 1);
            }
        }
        let route_names = self.routes.iter().map(|route| route.name.as_str()).chain([""]);
        let destination_names = self.destinations.iter().map(String::as_str).chain([""]);
        found.counts = json!({
            "kinds": counts(KINDS.map(Kind::as_str), &kinds),
            "routes": counts(route_names, &routes),
            "destinations": counts(destination_names, &destinations),
            "fields": counts(self.names.iter().map(String::as_str), &fields),
        });
        found
    }

    /// Indices of a row's destinations; the one behind the last one is none.
    fn destinations_of(&self, row: &Row) -> Vec<usize> {
        let to = row.facts.route.filter(|_| !row.dropped).map_or(&[][..], |route| &self.routes[route].to);
        let none = [self.destinations.len()];
        let known = to.iter().filter_map(|to| self.destinations.iter().position(|known| known == to));
        known.chain(none.into_iter().filter(|_| to.is_empty())).collect()
    }

    /// What a table shows of a row; `names` are those of the program.
    pub fn summary(&self, row: usize, names: &Names) -> Option<Value> {
        let found = self.rows.get(row)?;
        let line = shortened(&self.texts[found.line.clone()]);
        let route = self.route(row);
        Some(json!({
            "row": row,
            "number": found.number,
            "line": line,
            "kind": found.facts.kind.as_str(),
            "status": found.facts.status,
            "level": self.level(found, names),
            "route": route.map(|route| &route.name),
            "to": route.filter(|_| !found.dropped).map_or(&[][..], |route| &route.to),
            "dropped": found.dropped,
            "lost": self.losses.contains_key(&row),
        }))
    }

    fn level(&self, row: &Row, names: &Names) -> Option<String> {
        let key = names.printed("level");
        let (_, value) = Members::new(&self.texts[row.record.clone()]).find(|(name, _)| *name == key)?;
        (row.facts.kind != Kind::Unparsed).then(|| firelens_lines::scan::text(value).into_owned())
    }
}

/// How much of a line a table shows, in characters.
const SHOWN: usize = 400;

/// The beginning of a line, without what would not be one line.
fn shortened(line: &[u8]) -> String {
    let start = &line[..line.len().min(4 * SHOWN)];
    let text = String::from_utf8_lossy(start);
    let mut shown: String = text.chars().take(SHOWN).map(|c| if c == '\n' { '⏎' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() || start.len() < line.len() {
        shown.push('…');
    }
    shown
}

fn kind_index(kind: Kind) -> usize {
    KINDS.iter().position(|known| *known == kind).unwrap_or(KINDS.len() - 1)
}

fn counts<'a>(names: impl IntoIterator<Item = &'a str>, counts: &[u32]) -> Value {
    let counted = names.into_iter().zip(counts).filter(|(_, count)| **count > 0);
    counted.map(|(name, count)| (name.to_string(), json!(count))).collect::<Map<_, _>>().into()
}

/// A filter's names, looked up. None: all.
struct Wanted {
    kinds: Option<Vec<usize>>,
    routes: Option<Vec<usize>>,
    destinations: Option<Vec<usize>>,
    /// `None` in it is a name that no record has.
    fields: Vec<Option<u16>>,
}

impl Wanted {
    fn new(results: &Results, filter: &Filter) -> Wanted {
        let some = |names: &[String], find: &dyn Fn(&str) -> Option<usize>| {
            (!names.is_empty()).then(|| names.iter().filter_map(|name| find(name)).collect())
        };
        let known = |all: &[&str], name: &str| match name {
            "" => Some(all.len()),
            _ => all.iter().position(|known| *known == name),
        };
        let routes: Vec<&str> = results.routes.iter().map(|route| route.name.as_str()).collect();
        let destinations: Vec<&str> = results.destinations.iter().map(String::as_str).collect();
        Wanted {
            kinds: some(&filter.kinds, &|name| KINDS.iter().position(|kind| kind.as_str() == name)),
            routes: some(&filter.routes, &|name| known(&routes, name)),
            destinations: some(&filter.destinations, &|name| known(&destinations, name)),
            fields: filter.fields.iter().map(|name| results.ids.get(name.as_bytes()).copied()).collect(),
        }
    }

    /// Whether each list of the filter lets a row through.
    fn holds(&self, results: &Results, row: &Row, kind: usize, route: usize, to: &[usize]) -> [bool; 4] {
        let any = |wanted: &Option<Vec<usize>>, of: &[usize]| {
            wanted.as_ref().is_none_or(|wanted| of.iter().any(|one| wanted.contains(one)))
        };
        let keys = &results.keys[row.keys.clone()];
        let has = |field: &Option<u16>| field.is_some_and(|field| keys.contains(&field));
        [
            any(&self.kinds, &[kind]),
            any(&self.routes, &[route]),
            any(&self.destinations, to),
            self.fields.iter().all(has),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Results {
        let route =
            |name: &str, to: &[&str]| Route { name: name.into(), to: to.iter().map(ToString::to_string).collect() };
        let mut results = Results::new(vec![route("drop", &[]), route("all", &["a", "b"])]);
        let lines = [
            (Kind::Access, Some(0), Fate::Dropped, r#"{"kind":"access","status":200}"#),
            (Kind::Access, Some(1), Fate::Kept, r#"{"kind":"access","status":503,"x":1,"x":2}"#),
            (Kind::Unparsed, Some(1), Fate::Kept, r#"{"log":"?","kind":"unparsed"}"#),
            (Kind::Unparsed, None, Fate::Lost(Loss::Null), ""),
        ];
        for (number, (kind, route, fate, record)) in (1..).zip(lines) {
            let facts = Facts { kind, route, status: None };
            let verdict = Verdict { line: b"line", input: b"", record: record.as_bytes(), facts, fate };
            results.add(number, &verdict);
        }
        results
    }

    #[track_caller]
    fn assert_found(filter: Value, rows: &[u32], counts: Value) {
        let found = results().find(&serde_json::from_value(filter).unwrap());
        assert_eq!((found.rows.as_slice(), found.counts), (rows, counts));
    }

    #[test]
    fn without_a_filter_everything_is_counted() {
        assert_found(
            json!({}),
            &[0, 1, 2, 3],
            json!({
                "kinds": { "access": 2, "unparsed": 2 },
                "routes": { "drop": 1, "all": 2, "": 1 },
                "destinations": { "a": 2, "b": 2, "": 2 },
                "fields": { "kind": 3, "status": 2, "x": 1, "log": 1 },
            }),
        );
    }

    #[test]
    fn a_list_counts_what_the_other_lists_let_through() {
        assert_found(
            json!({ "kinds": ["access"], "destinations": ["a"] }),
            &[1],
            json!({
                "kinds": { "access": 1, "unparsed": 1 },
                "routes": { "all": 1 },
                "destinations": { "a": 1, "b": 1, "": 1 },
                "fields": { "kind": 1, "status": 1, "x": 1 },
            }),
        );
        assert_eq!(results().find(&Filter { routes: vec![String::new()], ..Filter::default() }).rows, [3]);
        let fields =
            |names: &[&str]| Filter { fields: names.iter().map(ToString::to_string).collect(), ..Filter::default() };
        assert_eq!(results().find(&fields(&["kind", "status"])).rows, [0, 1]);
        assert!(results().find(&fields(&["kind", "nothing"])).rows.is_empty());
    }

    #[test]
    fn a_row_is_what_it_was() {
        let results = results();
        let kept = results.verdict(1, b"in").unwrap();
        assert_eq!((kept.line, kept.input, kept.fate), (&b"line"[..], &b"in"[..], Fate::Kept));
        assert_eq!(results.verdict(0, b"").unwrap().fate, Fate::Dropped);
        assert_eq!(results.verdict(3, b"").unwrap().fate, Fate::Lost(Loss::Null));
        assert!(results.verdict(4, b"").is_none());
        let names = Names::new(&firelens_filter::Program::default());
        let summary = results.summary(0, &names).unwrap();
        assert_eq!(
            (&summary["route"], &summary["to"], &summary["dropped"]),
            (&json!("drop"), &json!([]), &json!(true))
        );
    }

    #[test]
    fn a_table_shows_the_beginning_of_a_line() {
        assert_eq!(shortened(b"a\nb"), "a⏎b");
        let long = "é".repeat(SHOWN + 1);
        assert_eq!(shortened(long.as_bytes()), "é".repeat(SHOWN) + "…");
        assert_eq!(shortened("é".repeat(SHOWN).as_bytes()), "é".repeat(SHOWN));
    }
}
