//! Values as AWS's APIs take them: what one of them would refuse only at the deploy is refused here, with its place.
use crate::{
    problem::{Code, Problem, Span},
    reader::{Entry, Problems, Text, as_integer, entries, string, strings, wrong_type},
};
use firelens_stack::RETENTION_DAYS;
use std::{collections::BTreeMap, net::IpAddr};
use toml::de::DeValue;

/// Days unless the file says others: logs that nobody gave a thought to do not cost money for ever.
pub(crate) const USUAL_RETENTION: u32 = 30;

/// A resource has 50 tags at most (AWS General Reference, "Tag naming limits and requirements"); one is ours.
const TAGS: usize = 49;

/// Adds an error about a value.
pub(crate) fn refuse<T>(span: Span, message: impl Into<String>, help: &str, problems: &Problems) -> Option<T> {
    problems.add(Problem::error(Code::WrongValue, span, message).label("not taken by AWS").help(help));
    None
}

/// A number of days that log groups can have, or `"forever"`, which is `Some(None)`.
pub(crate) fn retention(entry: Entry, problems: &Problems) -> Option<Option<u32>> {
    let help = || {
        let days: Vec<String> = RETENTION_DAYS.iter().map(u32::to_string).collect();
        format!("known are: {}, and \"forever\"", days.join(", "))
    };
    let span = entry.value.span();
    if let DeValue::String(text) = entry.value.get_ref() {
        return match text.as_ref() {
            "forever" => Some(None),
            _ => refuse(span, format!("`{text}` is no retention"), &help(), problems),
        };
    }
    if !matches!(entry.value.get_ref(), DeValue::Integer(_)) {
        return wrong_type(entry.value, "a number of days or \"forever\"", problems);
    }
    let days = as_integer(entry.value).and_then(|days| u32::try_from(days).ok());
    match days.filter(|days| RETENTION_DAYS.contains(days)) {
        Some(days) => Some(Some(days)),
        None => refuse(span, "log groups cannot keep logs for so many days", &help(), problems),
    }
}

/// The ARN of a KMS key. An alias does not do: rights are given on the key itself.
pub(crate) fn kms_key(entry: Entry, problems: &Problems) -> Option<String> {
    key(string(entry.value, problems)?, problems)
}

/// One or several of them, each once.
pub(crate) fn kms_keys(entry: Entry, problems: &Problems) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for text in strings(entry.value, problems) {
        match key(text.clone(), problems) {
            Some(key) if keys.contains(&key) => {
                problems
                    .add(Problem::error(Code::Duplicate, text.span, format!("`{key}` is named twice")).label("again"));
            }
            key => keys.extend(key),
        }
    }
    keys
}

fn key(text: Text, problems: &Problems) -> Option<String> {
    match arn(&text.text, "kms").is_some_and(|resource| resource.starts_with("key/")) {
        true => Some(text.text),
        false => refuse(
            text.span,
            format!("`{}` is not the ARN of a KMS key", text.text),
            "\"arn:aws:kms:REGION:ACCOUNT:key/ID\"; the ARN of an alias does not do, since rights are given on keys",
            problems,
        ),
    }
}

/// The ARN of a managed policy, which bounds the rights of roles.
pub(crate) fn policy(entry: Entry, problems: &Problems) -> Option<String> {
    let text = string(entry.value, problems)?;
    match arn(&text.text, "iam").is_some_and(|resource| resource.starts_with("policy/")) {
        true => Some(text.text),
        false => {
            let message = format!("`{}` is not the ARN of a policy", text.text);
            refuse(text.span, message, "\"arn:aws:iam::ACCOUNT:policy/NAME\"", problems)
        }
    }
}

/// The resource in an ARN of this service.
pub(crate) fn arn<'a>(text: &'a str, service: &str) -> Option<&'a str> {
    let mut parts = text.splitn(6, ':');
    let fits = parts.next() == Some("arn")
        && parts.next().is_some_and(|partition| partition.starts_with("aws"))
        && parts.next() == Some(service);
    let resource = parts.nth(2)?;
    (fits && names_one(text) && !resource.ends_with('/')).then_some(resource)
}

/// Whether an ARN names one thing. In a policy, `*` and `?` stand for others as well, and `${…}` is a variable.
pub(crate) fn names_one(arn: &str) -> bool {
    arn.chars().all(|c| c.is_ascii_graphic() && !"*?${}\"'\\".contains(c))
}

/// Tags: characters and lengths as all services take them (AWS General Reference, "Tag naming limits and requirements").
pub(crate) fn tags(entry: Entry, problems: &Problems) -> BTreeMap<String, String> {
    let DeValue::Table(table) = entry.value.get_ref() else {
        let nothing: Option<BTreeMap<_, _>> = wrong_type(entry.value, "a table of tags", problems);
        return nothing.unwrap_or_default();
    };
    if table.len() > TAGS {
        let message = format!("{} tags are too many", table.len());
        problems.add(Problem::error(Code::WrongValue, entry.value.span(), message).label(format!("{TAGS} at most")));
    }
    entries(table).into_iter().filter_map(|entry| tag(entry, problems)).collect()
}

fn tag(entry: Entry, problems: &Problems) -> Option<(String, String)> {
    let key = entry.name();
    let value = string(entry.value, problems)?;
    let taken = ["aws:", "firelens-kit:"].into_iter().find(|prefix| key.to_lowercase().starts_with(prefix));
    if let Some(taken) = taken {
        let owner = if taken == "aws:" { "AWS" } else { "firelens-kit" };
        let message = format!("tags that begin with `{taken}` are {owner}'s own");
        return refuse(entry.key.span(), message, "give it another name", problems);
    }
    let fits = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c));
    let help = "letters, digits, blanks and _ . : / = + - @";
    if key.is_empty() || key.chars().count() > 128 || !fits(key) {
        return refuse(entry.key.span(), "a tag's key has 1 to 128 characters of some sorts", help, problems);
    }
    if value.text.chars().count() > 256 || !fits(&value.text) {
        return refuse(value.span, "a tag's value has up to 256 characters of some sorts", help, problems);
    }
    Some((key.to_string(), value.text))
}

/// `vpc-…`, `subnet-…`, `sg-…`: eight or seventeen hexadecimal digits.
pub(crate) fn id(text: Text, prefix: &str, problems: &Problems) -> Option<String> {
    let digits = text.text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    let fits = |digits: &str| [8, 17].contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    match digits.is_some_and(fits) {
        true => Some(text.text),
        false => {
            let message = format!("`{}` is no id of that sort", text.text);
            refuse(text.span, message, &format!("`{prefix}-` and 8 or 17 hexadecimal digits"), problems)
        }
    }
}

/// A CIDR block whose host bits are zero: EC2 clears them, so that every later plan would show a change.
pub(crate) fn cidr(text: Text, problems: &Problems) -> Option<String> {
    let help = "a CIDR block such as \"10.0.0.0/8\" or \"2001:db8::/32\", or the id of a security group (sg-…) or of a \
                prefix list (pl-…)";
    let parsed = text.text.split_once('/').and_then(|(address, bits)| {
        let address: IpAddr = address.parse().ok()?;
        Some((address, bits.parse::<u32>().ok()?, if address.is_ipv4() { 32 } else { 128 }))
    });
    let Some((address, bits, all)) = parsed.filter(|(_, bits, all)| bits <= all) else {
        return refuse(text.span, format!("`{}` is no network", text.text), help, problems);
    };
    let right = network(address, all - bits);
    match format!("{right}/{bits}") {
        right if right == text.text => Some(right),
        right => {
            refuse(text.span, format!("`{}` is not how EC2 writes it", text.text), &format!("\"{right}\""), problems)
        }
    }
}

fn network(address: IpAddr, host_bits: u32) -> IpAddr {
    match address {
        IpAddr::V4(address) => (address.to_bits() & u32::MAX.checked_shl(host_bits).unwrap_or(0)).to_be_bytes().into(),
        IpAddr::V6(address) => (address.to_bits() & u128::MAX.checked_shl(host_bits).unwrap_or(0)).to_be_bytes().into(),
    }
}

/// A region: `eu-west-1`, `us-gov-east-1`.
pub(crate) fn region(text: Text, problems: &Problems) -> Option<String> {
    let parts: Vec<&str> = text.text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let fits = parts.len() >= 3
        && parts[..parts.len() - 1].iter().all(letters)
        && parts.last().is_some_and(|last| last.len() == 1 && last.bytes().all(|b| b.is_ascii_digit()));
    match fits {
        true => Some(text.text),
        false => refuse(text.span, format!("`{}` is no region", text.text), "such as \"eu-west-1\"", problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text { text: text.into(), span: 0..0 }
    }

    #[test]
    fn arns_are_of_a_service() {
        assert_eq!(arn("arn:aws:kms:eu-west-1:123456789012:key/a", "kms"), Some("key/a"));
        assert_eq!(arn("arn:aws-cn:iam::123456789012:policy/a:b", "iam"), Some("policy/a:b"));
        for wrong in
            ["arn:aws:kms", "key/a", "arn:aws:kms:eu-west-1:1:key/*", "arn:aws:s3:::key/a", "arn:aws:kms:::key/"]
        {
            assert_eq!(arn(wrong, "kms"), None, "{wrong}");
        }
    }

    #[test]
    fn networks_are_written_as_ec2_does() {
        for right in ["0.0.0.0/0", "10.0.0.0/8", "192.0.2.7/32", "::/0", "2001:db8::/32"] {
            assert_eq!(cidr(text(right), &Problems::default()).as_deref(), Some(right));
        }
        for wrong in ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "::/129", "2001:DB8::/32", "any", "10.0.0.0/08"] {
            let problems = Problems::default();
            assert_eq!((cidr(text(wrong), &problems), problems.count()), (None, 1), "{wrong}");
        }
    }

    #[test]
    fn regions_and_ids_have_a_form() {
        let is_region = |name: &str| region(text(name), &Problems::default()).is_some();
        assert!(["eu-west-1", "us-gov-east-1", "ap-southeast-5"].into_iter().all(is_region));
        assert!(!["eu-west", "eu-west-1a", "Frankfurt", "eu_west_1", ""].into_iter().any(is_region));
        let is_vpc = |name: &str| id(text(name), "vpc", &Problems::default()).is_some();
        assert!(is_vpc("vpc-0123abcd") && is_vpc("vpc-0123456789abcdef0"));
        assert!(!is_vpc("subnet-0123abcd") && !is_vpc("vpc-123") && !is_vpc("vpc-0123abcg"));
    }
}
