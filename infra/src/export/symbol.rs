//! Account, region and partition are known only where an exported stack is made, and so is the router's image. Marks stand
//! for them in a [`Place`], and so in all names, ARNs and policies that follow from it; each language puts its own
//! expressions in place of the marks.
//!
//! The marks are characters of Unicode's private use area, which no name on AWS can have: whatever the user wrote, with
//! `${` or without, is never taken for one.
use crate::Place;

pub const ACCOUNT: &str = "\u{e000}";
pub const REGION: &str = "\u{e001}";
/// `aws`
pub const PARTITION: &str = "\u{e002}";
/// `amazonaws.com`
pub const DNS_SUFFIX: &str = "\u{e003}";
/// The router's image, `registry/repository@sha256:…`
pub const IMAGE: &str = "\u{e004}";

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    Text(&'a str),
    Account,
    Region,
    Partition,
    DnsSuffix,
    Image,
}

/// What is not said is a mark. The region tells the partition.
pub fn place(account: Option<&str>, region: Option<&str>) -> Place {
    let account = account.unwrap_or(ACCOUNT);
    match region {
        Some(region) => Place::of(account, region),
        None => Place { partition: PARTITION.to_string(), ..Place::of(account, REGION) },
    }
}

/// The text's pieces, in order. None is empty.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_mark) {
        let (before, from) = rest.split_at(at);
        let (mark, after) = from.split_at(ACCOUNT.len());
        parts.extend((!before.is_empty()).then_some(Part::Text(before)));
        parts.push(part(mark));
        rest = after;
    }
    parts.extend((!rest.is_empty()).then_some(Part::Text(rest)));
    parts
}

/// Whether any mark is in it.
pub fn is_in(text: &str) -> bool {
    text.contains(is_mark)
}

fn is_mark(character: char) -> bool {
    [ACCOUNT, REGION, PARTITION, DNS_SUFFIX, IMAGE].iter().any(|mark| mark.starts_with(character))
}

fn part(mark: &str) -> Part<'_> {
    match mark {
        ACCOUNT => Part::Account,
        REGION => Part::Region,
        PARTITION => Part::Partition,
        DNS_SUFFIX => Part::DnsSuffix,
        IMAGE => Part::Image,
        text => Part::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_falls_into_its_parts() {
        let arn = place(None, None).arn("logs", "log-group:/${x}");
        let text = Part::Text;
        let (partition, region, account) = (Part::Partition, Part::Region, Part::Account);
        assert_eq!(
            parts(&arn),
            [text("arn:"), partition, text(":logs:"), region, text(":"), account, text(":log-group:/${x}")]
        );
        assert_eq!(parts("é"), [text("é")]);
        assert!(parts("").is_empty());
    }

    #[test]
    fn what_is_said_is_no_mark() {
        let said = place(Some("123456789012"), Some("cn-north-1"));
        assert!(!said.is_symbolic());
        assert_eq!(said.arn("logs", "x"), "arn:aws-cn:logs:cn-north-1:123456789012:x");
        assert_eq!(parts(place(None, None).dns_suffix()), [Part::DnsSuffix]);
    }
}
