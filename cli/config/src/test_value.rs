//! What a match compares a field with: `"5xx"`, `">=warn"`, `"10.0.0.0/8"`, a text.
use crate::{
    problem::{Code, Problem, nearest},
    reader::{Node, Problems, Text, boolean, integer, string, wrong_type},
};
use firelens_compiler::spec::{MemberType, Test};
use firelens_filter::program::{Kind, LEVELS as NAMES, Mask, OTHER_LEVELS, level_rank};
use std::net::IpAddr;
use toml::de::DeValue;

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldType {
    Kind,
    Source,
    Number,
    Level,
    Address,
    Text,
}

/// The severest and the least severe rank.
const LEVELS: (u8, u8) = (0, 15);
/// By rank, from the severest on, and a name of Rails' that is often meant.
impl FieldType {
    pub(crate) fn of(field: &str, types: &[MemberType]) -> FieldType {
        let path = firelens_compiler::path(field);
        match types.iter().find(|known| path.is_some() && firelens_compiler::path(&known.name) == path) {
            Some(known) => FieldType::of_type(known.value_type),
            None => FieldType::of_name(field),
        }
    }

    fn of_type(value_type: firelens_compiler::FieldType) -> FieldType {
        match value_type {
            firelens_compiler::FieldType::Integer | firelens_compiler::FieldType::Decimal => FieldType::Number,
            _ => FieldType::Text,
        }
    }

    fn of_name(field: &str) -> FieldType {
        match field {
            "kind" => FieldType::Kind,
            "source" => FieldType::Source,
            "level" => FieldType::Level,
            _ => FieldType::of_known(field),
        }
    }

    /// As the filter's table of fields has it; other fields are text.
    fn of_known(field: &str) -> FieldType {
        match firelens_compiler::fields().iter().find(|known| known.name == field) {
            Some(known) if known.value_type == firelens_compiler::FieldType::Integer => FieldType::Number,
            Some(known) if known.mask == Mask::Address => FieldType::Address,
            _ => FieldType::Text,
        }
    }
}

/// The test that a plain value stands for.
pub(crate) fn test(field: FieldType, value: Node, problems: &Problems) -> Option<Test> {
    match field {
        FieldType::Kind => kind(&string(value, problems)?, problems),
        FieldType::Source => source(&string(value, problems)?, problems),
        FieldType::Number => number(value, problems),
        FieldType::Level => level(&string(value, problems)?, problems),
        FieldType::Address => network(&string(value, problems)?, problems),
        FieldType::Text => plain(value, problems),
    }
}

fn kind(text: &Text, problems: &Problems) -> Option<Test> {
    let found = Kind::ALL.into_iter().find(|kind| kind.as_str() == text.text);
    if found.is_none() {
        let problem = Problem::error(Code::WrongValue, text.span.clone(), format!("unknown kind `{}`", text.text));
        problems.add(problem.label("no such kind").suggest(&text.text, Kind::ALL.map(Kind::as_str)));
    }
    found.map(Test::Kind)
}

fn source(text: &Text, problems: &Problems) -> Option<Test> {
    let streams = ["stdout", "stderr"];
    if !streams.contains(&text.text.as_str()) {
        let problem = Problem::error(Code::WrongValue, text.span.clone(), format!("unknown source `{}`", text.text));
        problems.add(problem.label("no such source").suggest(&text.text, streams));
        return None;
    }
    Some(Test::Equals(text.text.clone()))
}

/// Text as it is; whole numbers and booleans, as JSON lines have them, by their value.
fn plain(value: Node, problems: &Problems) -> Option<Test> {
    match value.get_ref() {
        DeValue::String(text) => Some(Test::Equals(text.to_string())),
        DeValue::Integer(_) => number(value, problems),
        DeValue::Boolean(_) => boolean(value, problems).map(|value| Test::Equals(value.to_string())),
        _ => wrong_type(value, "a text, a whole number, a list of them, or a table of tests", problems),
    }
}

/// `404`, `"404"`, `"5xx"`, `">=500"`, `"500..599"`.
pub(crate) fn number(value: Node, problems: &Problems) -> Option<Test> {
    let range = match value.get_ref() {
        DeValue::Integer(_) => Some(integer(value, i64::MIN, i64::MAX, problems).map(|number| (number, number))?),
        DeValue::String(text) => number_range(text),
        _ => return wrong_type(value, "a whole number or a range", problems),
    };
    match range {
        Some((low, high)) if low <= high => Some(Test::Range(low, high)),
        Some(_) => {
            problems
                .add(Problem::error(Code::Number, value.span(), "no number is in this range").label("an empty range"));
            None
        }
        None => {
            let problem = Problem::error(Code::Number, value.span(), "this is neither a number nor a range of numbers");
            problems.add(problem.label("cannot be read").help(r#"write 404, "5xx", ">=500" or "500..599""#));
            None
        }
    }
}

fn number_range(text: &str) -> Option<(i64, i64)> {
    let text = text.trim();
    if let Some(class) = text.strip_suffix("xx") {
        let hundreds: i64 = class.parse().ok().filter(|class| (1..=9).contains(class) && !text.starts_with('+'))?;
        return Some((hundreds * 100, hundreds * 100 + 99));
    }
    if let Some((low, high)) = text.split_once("..") {
        let high = high.strip_prefix('=').unwrap_or(high);
        return Some((low.trim().parse().ok()?, high.trim().parse().ok()?));
    }
    let (operator, number) = operator(text);
    let number: i64 = number.parse().ok()?;
    Some(match operator {
        ">=" => (number, i64::MAX),
        ">" => (number.checked_add(1)?, i64::MAX),
        "<=" => (i64::MIN, number),
        "<" => (i64::MIN, number.checked_sub(1)?),
        _ => (number, number),
    })
}

/// A comparison in front, and the rest.
fn operator(text: &str) -> (&str, &str) {
    let operator = [">=", "<=", ">", "<"].into_iter().find(|operator| text.starts_with(operator)).unwrap_or("");
    (operator, text[operator.len()..].trim())
}

/// `"warn"`, `">=warn"`: at least as severe as a warning.
pub(crate) fn level(text: &Text, problems: &Problems) -> Option<Test> {
    let (operator, name) = operator(text.text.trim());
    let Some(rank) = level_rank(name.as_bytes()) else {
        let problem = Problem::error(Code::Level, text.span.clone(), format!("unknown level `{name}`"));
        let known: Vec<&str> = NAMES.into_iter().chain(OTHER_LEVELS.map(|(name, _)| name)).collect();
        let bare = name.trim_start_matches(['=', '<', '>', '!', ' ']);
        problems.add(problem.label("no such level").help(match nearest(bare, &known) {
            Some(near) if bare == name => format!("did you mean `{operator}{near}`?"),
            Some(near) => format!("write \">={near}\" for {near} and all that is more severe"),
            None => format!("known are: {}", known.join(", ")),
        }));
        return None;
    };
    let (severest, mildest) = LEVELS;
    let range = match operator {
        ">=" => Some((severest, rank)),
        ">" => rank.checked_sub(1).map(|rank| (severest, rank)),
        "<=" => Some((rank, mildest)),
        "<" => (rank < mildest).then_some((rank + 1, mildest)),
        _ => Some((rank, rank)),
    };
    if range.is_none() {
        problems
            .add(Problem::error(Code::Level, text.span.clone(), "no level is in this range").label("an empty range"));
    }
    range.map(|(low, high)| Test::Level(low, high))
}

/// `"10.0.0.0/8"`, `"::1"`.
pub(crate) fn network(text: &Text, problems: &Problems) -> Option<Test> {
    let (address, bits) = match text.text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text.text.as_str(), None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        let message = format!("`{}` is neither an address nor a network", text.text);
        let problem = Problem::error(Code::Network, text.span.clone(), message).label("cannot be read");
        let help = match bits {
            Some(_) => r#"write for example "10.0.0.0/8" or "2001:db8::/32""#.to_string(),
            None => format!("where httpd logs names of hosts, write {{ equals = \"{}\" }}", text.text),
        };
        problems.add(problem.help(help));
        return None;
    };
    let most: u8 = if address.is_ipv4() { 32 } else { 128 };
    let Some(bits) = bits.map_or(Some(most), |bits| parse_bits(bits, most)) else {
        let message = format!("the length of a network has to be from 0 to {most}");
        problems.add(Problem::error(Code::Network, text.span.clone(), message).label("not such a length"));
        return None;
    };
    let network = masked(address, bits);
    if network != address {
        let message = format!("`{}` has bits beyond its length", text.text);
        let problem = Problem::warning(Code::Network, text.span.clone(), message).label("an address within a network");
        problems.add(problem.help(format!("the network is {network}/{bits}")));
    }
    Some(Test::Network { address: network, bits })
}

fn parse_bits(text: &str, most: u8) -> Option<u8> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|bits| digits && *bits <= most)
}

/// The address with all but its first bits zero.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            IpAddr::from((u32::from(v4) & mask).to_be_bytes())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            IpAddr::from((u128::from(v6) & mask).to_be_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_numbers() {
        for (text, range) in [
            ("404", Some((404, 404))),
            ("5xx", Some((500, 599))),
            (">= 500", Some((500, i64::MAX))),
            (">500", Some((501, i64::MAX))),
            ("<400", Some((i64::MIN, 399))),
            ("<=-1", Some((i64::MIN, -1))),
            ("500..599", Some((500, 599))),
            ("500 ..= 599", Some((500, 599))),
            ("", None),
            ("xx", None),
            ("+5xx", None),
            ("55xx", None),
            (">=x", None),
            ("5..", None),
            (">9223372036854775807", None),
        ] {
            assert_eq!(number_range(text), range, "{text}");
        }
    }

    fn text(text: &str) -> Text {
        Text { text: text.to_string(), span: 0..0 }
    }

    #[test]
    fn levels_are_compared_by_severity() {
        let problems = Problems::default();
        let level = |level: &str| super::level(&text(level), &problems);
        assert_eq!(level(">=warn"), Some(Test::Level(0, 4)));
        assert_eq!(level("> warn"), Some(Test::Level(0, 3)));
        assert_eq!(level("<=INFO"), Some(Test::Level(6, 15)));
        assert_eq!(level("error"), Some(Test::Level(3, 3)));
        assert_eq!((level(">emerg"), level("<trace8"), level("warn1")), (None, None, None));
        assert_eq!(problems.into_inner().len(), 3);
    }

    #[test]
    fn networks() {
        let problems = Problems::default();
        let network = |network: &str| match super::network(&text(network), &problems) {
            Some(Test::Network { address, bits }) => format!("{address}/{bits}"),
            _ => "-".to_string(),
        };
        assert_eq!(network("10.0.0.0/8"), "10.0.0.0/8");
        assert_eq!(network("::1"), "::1/128");
        assert_eq!(network("0.0.0.0/0"), "0.0.0.0/0");
        assert!(!problems.errors());
        assert_eq!(network("10.1.2.3/8"), "10.0.0.0/8", "with a warning");
        assert_eq!(network("2001:db8::1/32"), "2001:db8::/32");
        for wrong in ["10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/", "10.0.0/8", "web-1", "::/129"] {
            assert_eq!(network(wrong), "-", "{wrong}");
        }
        assert_eq!(problems.into_inner().len(), 8);
    }
}
