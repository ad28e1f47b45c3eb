//! From the keys of the objects to a table's partitions, which Athena works out from the query instead of looking them
//! up.
//!
//! Source: Athena user guide, "Use partition projection with Amazon Athena" and "Amazon Data Firehose example".
use super::keys::{Part, Unit};

/// Where a table's objects lie in its bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The folders of all objects, in order; the last part ends with `/`.
    parts: Vec<Part>,
    pub date: Option<Date>,
    /// There is a folder for each route.
    pub by_route: bool,
}

/// The time in the keys. It is one column, whose text sorts as the time does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Date {
    /// The smallest unit: there is a folder for each.
    pub unit: Unit,
    /// The parts from the first unit to the last.
    parts: Vec<Part>,
}

/// The partition that is the route's name.
pub const ROUTE: &str = "route";

impl Layout {
    /// # Errors
    /// Which part of the keys no partition can be made of, and how to mend it.
    pub fn of(parts: &[Part]) -> Result<Layout, String> {
        let kept = foreseen(parts);
        let dated = |parts: &[Part]| parts.iter().any(is_time);
        if dated(parts) && !dated(&kept) {
            let what = first_unforeseen(parts).unwrap_or_default();
            return Err(format!(
                "`{what}` in the keys cannot be foreseen; the date has to be in folders in front of it"
            ));
        }
        let date = Date::of(&kept)?;
        let by_route = kept.contains(&Part::Route);
        Ok(Layout { parts: kept, date, by_route })
    }

    /// The columns that are in the keys.
    pub fn columns(&self) -> Vec<&'static str> {
        let route = self.by_route.then_some(ROUTE);
        route.into_iter().chain(self.date.as_ref().map(Date::column)).collect()
    }

    /// The folder that all objects are in: empty, or with a `/` at its end.
    pub fn root(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text.rsplit_once('/').map_or("", |(folder, _)| &text[..=folder.len()]),
            _ => "",
        }
    }

    /// The folder of a partition, with `${column}` in the place of its values.
    pub fn template(&self) -> String {
        let Some(date) = &self.date else { return self.parts.iter().map(Layout::part).collect() };
        let first = self.parts.iter().position(is_time).unwrap_or_default();
        let (before, from) = self.parts.split_at(first);
        let after = &from[date.parts.len()..];
        let text = |parts: &[Part]| parts.iter().map(Layout::part).collect::<String>();
        format!("{}${{{}}}{}", text(before), date.column(), text(after))
    }

    fn part(part: &Part) -> String {
        match part {
            Part::Text(text) => text.clone(),
            Part::Route => format!("${{{ROUTE}}}"),
            Part::Time(_) | Part::Unforeseen(_) => String::new(),
        }
    }
}

impl Date {
    fn of(parts: &[Part]) -> Result<Option<Date>, String> {
        let Some(first) = parts.iter().position(is_time) else { return Ok(None) };
        let last = parts.iter().rposition(is_time).unwrap_or(first);
        let run = &parts[first..=last];
        if run.contains(&Part::Route) {
            return Err("the route stands between the parts of the date; put it in front of them, or behind".into());
        }
        let units: Vec<Unit> = run.iter().filter_map(unit).collect();
        match Unit::ALL.get(..units.len()) {
            Some(expected) if expected == units => {}
            _ => {
                return Err(
                    "the date in the keys is no year, month, day, hour and minute, or the first of them, each once"
                        .into(),
                );
            }
        }
        Ok(units.last().map(|unit| Date { unit: *unit, parts: run.to_vec() }))
    }

    /// The name of the column.
    pub fn column(&self) -> &'static str {
        self.unit.name()
    }

    /// As Java's DateTimeFormatter takes it, which wants text with letters in quotes.
    pub fn java(&self) -> String {
        self.format(Unit::java, |text| match text.contains(|c: char| c.is_ascii_alphabetic() || "'[]{}#".contains(c)) {
            true => format!("'{}'", text.replace('\'', "''")),
            false => text.to_string(),
        })
    }

    /// As Trino's date_format takes it.
    pub fn trino(&self) -> String {
        self.format(Unit::trino, |text| text.replace('%', "%%"))
    }

    /// The value of the first moment of a day.
    pub fn on(&self, day: jiff::civil::Date) -> String {
        let digits = |unit| match unit {
            Unit::Year => format!("{:04}", day.year()),
            Unit::Month => format!("{:02}", day.month()),
            Unit::Day => format!("{:02}", day.day()),
            Unit::Hour | Unit::Minute => "00".to_string(),
        };
        self.format(digits, str::to_string)
    }

    fn format<T: Into<String>>(&self, of_unit: impl Fn(Unit) -> T, of_text: impl Fn(&str) -> String) -> String {
        let part = |part: &Part| match part {
            Part::Time(unit) => of_unit(*unit).into(),
            Part::Text(text) => of_text(text),
            Part::Route | Part::Unforeseen(_) => String::new(),
        };
        self.parts.iter().map(part).collect()
    }
}

/// The whole folders in front of the first part that cannot be foreseen.
fn foreseen(parts: &[Part]) -> Vec<Part> {
    let end = parts.iter().position(|part| matches!(part, Part::Unforeseen(_))).unwrap_or(parts.len());
    let mut kept = parts[..end].to_vec();
    while let Some(last) = kept.pop() {
        if let Part::Text(text) = last
            && let Some((folder, _)) = text.rsplit_once('/')
        {
            kept.push(Part::Text(format!("{folder}/")));
            break;
        }
    }
    kept
}

fn first_unforeseen(parts: &[Part]) -> Option<&str> {
    parts.iter().find_map(|part| match part {
        Part::Unforeseen(what) => Some(what.as_str()),
        _ => None,
    })
}

fn is_time(part: &Part) -> bool {
    unit(part).is_some()
}

fn unit(part: &Part) -> Option<Unit> {
    match part {
        Part::Time(unit) => Some(*unit),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::keys::{of_firehose, of_fluent_bit},
        *,
    };

    fn firehose(prefix: &str) -> Layout {
        Layout::of(&of_firehose(prefix)).unwrap()
    }

    #[track_caller]
    fn refused(parts: &[Part], why: &str) {
        let error = Layout::of(parts).unwrap_err();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn the_date_is_one_column() {
        let layout = firehose("a/b/route=!{partitionKeyFromQuery:route}/!{timestamp:yyyy/MM/dd/HH}/");
        assert_eq!((layout.root(), layout.columns()), ("a/b/", vec!["route", "hour"]));
        assert_eq!(layout.template(), "a/b/route=${route}/${hour}/");
        let date = layout.date.unwrap();
        assert_eq!((date.java().as_str(), date.trino().as_str()), ("yyyy/MM/dd/HH", "%Y/%m/%d/%H"));
        assert_eq!(date.on(jiff::civil::date(2026, 11, 2)), "2026/11/02/00");
    }

    #[test]
    fn text_within_the_date_is_quoted() {
        let layout = firehose("logs-!{timestamp:'y='yyyy'/o''clock 5%/'MM}/x/");
        assert_eq!((layout.root(), layout.template()), ("", "logs-y=${month}/x/".to_string()));
        let date = layout.date.unwrap();
        assert_eq!((date.java().as_str(), date.trino().as_str()), ("yyyy'/o''clock 5%/'MM", "%Y/o'clock 5%%/%m"));
    }

    #[test]
    fn folders_that_cannot_be_foreseen_end_the_partitions() {
        let layout = Layout::of(&of_fluent_bit("/logs/%Y-%m-%d/%H%M/$TAG/$UUID.gz")).unwrap();
        assert_eq!(layout.template(), "logs/${minute}/");
        let layout = firehose("a/!{timestamp:yyyy/MM/dd}/!{firehose:random-string}/!{timestamp:HH}/");
        assert_eq!((layout.template(), layout.columns()), ("a/${day}/".to_string(), vec!["day"]));
    }

    #[test]
    fn keys_without_folders_by_date_have_no_partitions() {
        for (parts, root) in [
            (of_firehose("archive/"), "archive/"),
            (of_firehose(""), ""),
            (of_fluent_bit("/a/b/%Y%m%d-$UUID.json"), "a/b/"),
            (of_fluent_bit("/a/$TAG/$UUID.json"), "a/"),
        ] {
            let layout = Layout::of(&parts).unwrap();
            assert_eq!((layout.root(), layout.template()), (root, root.to_string()));
            assert!(layout.columns().is_empty() && layout.date.is_none());
        }
    }

    #[test]
    fn a_date_that_no_column_can_be_made_of_is_refused() {
        refused(&of_fluent_bit("/$TAG/%Y/x"), "`$TAG` in the keys");
        refused(&of_fluent_bit("/%Y%j/x"), "`%j` in the keys");
        refused(&of_firehose("!{timestamp:YYYY/MM}/"), "`!{timestamp:YYYY}` in the keys");
        refused(&of_firehose("!{timestamp:yyyy/dd}/"), "no year, month, day");
        refused(&of_firehose("!{timestamp:yyyy/yyyy-MM}/"), "each once");
        refused(
            &of_firehose("!{timestamp:yyyy}/!{partitionKeyFromQuery:route}/!{timestamp:MM}/"),
            "the route stands between",
        );
    }
}
