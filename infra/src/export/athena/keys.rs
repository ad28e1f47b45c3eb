//! The keys of the archive's objects, as those who write them are told: Firehose's prefixes and Fluent Bit's
//! `s3_key_format`.

/// A part of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Text(String),
    /// A part of the time at which the object was begun, in UTC, with the usual number of digits.
    Time(Unit),
    /// The name of the records' route.
    Route,
    /// What differs from object to object, as it was written.
    Unforeseen(String),
}

/// From the largest to the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
}

impl Unit {
    pub const ALL: [Unit; 5] = [Unit::Year, Unit::Month, Unit::Day, Unit::Hour, Unit::Minute];

    /// What a partition by it is called.
    pub fn name(self) -> &'static str {
        ["year", "month", "day", "hour", "minute"][self as usize]
    }

    /// In Java's DateTimeFormatter.
    pub fn java(self) -> &'static str {
        ["yyyy", "MM", "dd", "HH", "mm"][self as usize]
    }

    /// In Trino's date_format, which has MySQL's letters.
    pub fn trino(self) -> &'static str {
        ["%Y", "%m", "%d", "%H", "%i"][self as usize]
    }
}

/// The beginning of the keys of a delivery stream's objects. Source: Data Firehose developer guide, "Understand custom
/// prefixes for Amazon S3 objects".
pub fn of_firehose(prefix: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = prefix;
    while let Some((before, after)) = rest.split_once("!{") {
        push_text(&mut parts, before);
        let (inner, after) = after.split_once('}').unwrap_or((after, ""));
        match inner.split_once(':') {
            Some(("timestamp", format)) => push_java(&mut parts, format),
            Some(("partitionKeyFromQuery", "route")) => parts.push(Part::Route),
            _ => parts.push(Part::Unforeseen(format!("!{{{inner}}}"))),
        }
        rest = after;
    }
    push_text(&mut parts, rest);
    // The object's own name follows.
    folders(parts)
}

/// The pattern letters of DateTimeFormatter, and text in quotes.
fn push_java(parts: &mut Vec<Part>, format: &str) {
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted(rest).len(),
            _ if first.is_ascii_alphabetic() => rest.find(|c| c != first).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (one, after) = rest.split_at(length);
        match one {
            "yyyy" | "uuuu" => parts.push(Part::Time(Unit::Year)),
            "MM" | "LL" => parts.push(Part::Time(Unit::Month)),
            "dd" => parts.push(Part::Time(Unit::Day)),
            "HH" => parts.push(Part::Time(Unit::Hour)),
            "mm" => parts.push(Part::Time(Unit::Minute)),
            "''" => push_text(parts, "'"),
            _ if first == '\'' => push_text(parts, &one.trim_matches('\'').replace("''", "'")),
            _ if first.is_ascii_alphabetic() => parts.push(Part::Unforeseen(format!("!{{timestamp:{one}}}"))),
            _ => push_text(parts, one),
        }
        rest = after;
    }
}

/// From a quote to the one that ends the text; two of them in it are one of the text's.
fn quoted(text: &str) -> &str {
    let mut at = 1;
    loop {
        match text[at..].find('\'') {
            None => return text,
            Some(end) if text[at + end + 1..].starts_with('\'') && at + end > 1 => at += end + 2,
            Some(end) => return &text[..at + end + 1],
        }
    }
}

/// The folders of the keys that Fluent Bit writes. Source: Fluent Bit's manual, "Amazon S3"; dates are in UTC.
pub fn of_fluent_bit(format: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = format.trim_start_matches('/');
    while let Some(at) = rest.find(['%', '$']) {
        push_text(&mut parts, &rest[..at]);
        let length = if rest[at..].starts_with('%') { directive(&rest[at..]) } else { variable(&rest[at..]) };
        let (one, after) = rest[at..].split_at(length);
        match one {
            "%Y" => parts.push(Part::Time(Unit::Year)),
            "%m" => parts.push(Part::Time(Unit::Month)),
            "%d" => parts.push(Part::Time(Unit::Day)),
            "%H" => parts.push(Part::Time(Unit::Hour)),
            "%M" => parts.push(Part::Time(Unit::Minute)),
            "%F" => push_java(&mut parts, "yyyy-MM-dd"),
            "%%" => push_text(&mut parts, "%"),
            _ => parts.push(Part::Unforeseen(one.to_string())),
        }
        rest = after;
    }
    push_text(&mut parts, rest);
    folders(parts)
}

/// A `%` and its letter.
fn directive(text: &str) -> usize {
    text.char_indices().nth(2).map_or(text.len(), |(at, _)| at)
}

/// `$TAG`, `$TAG[1]`, `$UUID`, `$INDEX`, `${VARIABLE}`
fn variable(text: &str) -> usize {
    if text.starts_with("${") {
        return text.find('}').map_or(text.len(), |end| end + 1);
    }
    let word = text[1..].find(|c: char| !c.is_ascii_uppercase()).map_or(text.len(), |end| end + 1);
    match text[word..].starts_with('[') {
        true => text[word..].find(']').map_or(text.len(), |end| word + end + 1),
        false => word,
    }
}

/// What stands in front of the last `/`, with it.
fn folders(mut parts: Vec<Part>) -> Vec<Part> {
    while let Some(last) = parts.pop() {
        if let Part::Text(text) = last
            && let Some((folder, _)) = text.rsplit_once('/')
        {
            parts.push(Part::Text(format!("{folder}/")));
            return parts;
        }
    }
    parts
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(text),
        _ => parts.push(Part::Text(text.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Units as their patterns in braces.
    fn show(parts: &[Part]) -> String {
        let show = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Time(unit) => format!("<{}>", unit.name()),
            Part::Route => "<route>".to_string(),
            Part::Unforeseen(text) => format!("<?{text}>"),
        };
        parts.iter().map(show).collect()
    }

    #[track_caller]
    fn firehose(prefix: &str, expected: &str) {
        assert_eq!(show(&of_firehose(prefix)), expected);
    }

    #[track_caller]
    fn fluent_bit(format: &str, expected: &str) {
        assert_eq!(show(&of_fluent_bit(format)), expected);
    }

    #[test]
    fn prefixes_of_firehose() {
        firehose("archive/!{timestamp:yyyy/MM/dd/HH}/", "archive/<year>/<month>/<day>/<hour>/");
        firehose(
            "a/route=!{partitionKeyFromQuery:route}/!{timestamp:yyyy}-!{timestamp:MM}/",
            "a/route=<route>/<year>-<month>/",
        );
        firehose("!{timestamp:'year='yyyy'/o''clock='HH''mm}/", "year=<year>/o'clock=<hour>'<minute>/");
        firehose(
            "a/!{firehose:random-string}/!{timestamp:YYYY}/b",
            "a/<?!{firehose:random-string}>/<?!{timestamp:YYYY}>/",
        );
        firehose("", "");
        firehose("!{timestamp:yyyy", "");
    }

    #[test]
    fn whatever_stands_there_is_read_to_the_end() {
        let pieces = ["'", "!{", "}", "timestamp:", "yyyy", "é", "%", "$", "{", "[", "]", "/", "TAG", "y"];
        let count = pieces.len();
        for number in 0..count.pow(4) {
            let text: String = (0..4).map(|digit| pieces[number / count.pow(digit) % count]).collect();
            for parts in [of_firehose(&text), of_firehose(&format!("!{{timestamp:{text}}}/")), of_fluent_bit(&text)] {
                let merged = parts.windows(2).all(|pair| !pair.iter().all(|part| matches!(part, Part::Text(_))));
                assert!(
                    merged && parts.last().is_none_or(|last| matches!(last, Part::Text(text) if text.ends_with('/')))
                );
            }
        }
    }

    #[test]
    fn keys_of_fluent_bit() {
        fluent_bit("/files/%Y/%m/%d/%H/$TAG-%M%S-$UUID.json", "files/<year>/<month>/<day>/<hour>/");
        fluent_bit(
            "/a/%F/$TAG[1]/100%%/${AWS_REGION}/%j/x",
            "a/<year>-<month>-<day>/<?$TAG[1]>/100%/<?${AWS_REGION}>/<?%j>/",
        );
        fluent_bit("/$TAG", "");
        fluent_bit("/a/%", "a/");
        fluent_bit("/a/$é/%é/b", "a/<?$>é/<?%é>/");
    }
}
