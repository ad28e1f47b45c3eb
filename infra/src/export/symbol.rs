//! Account, region and partition are known only where an exported stack is made, and so is the router's image. Marks stand
//! for them in a [`Place`], and so in all names, ARNs and policies that follow from it; each language puts its own
//! expressions in place of the marks.
//!
//! The marks are characters of Unicode's private use area, which no name on AWS can have: whatever the user wrote, with
//! `${` or without, is never taken for one.
use super::Unsupported;
use crate::{Place, Stack, stack::Target};

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

/// The names of buckets, which follow from the place, have to fit wherever that is: S3 takes 63 characters. With a place that is
/// known they are cut, and nothing is wrong.
///
/// # Errors
/// One that may not fit.
pub fn check_buckets(stack: &Stack, place: &Place) -> Result<(), Unsupported> {
    const LONGEST: usize = 63;
    for destination in &stack.destinations {
        let bucket = match &destination.target {
            Target::Bucket(bucket) => bucket,
            Target::DeliveryStream(stream) => &stream.bucket,
            Target::LogGroup(_) | Target::DataStream(_) | Target::Other => continue,
        };
        let name = place.bucket(&stack.name, &destination.name);
        let length: usize = parts(&name).into_iter().map(longest).sum();
        if bucket.name.is_none() && length > LONGEST {
            let message = format!("the bucket of `{}` has no name that fits in every region", destination.name);
            let help = "give it one with `bucket`, or name account and region: --account NUMBER --region REGION";
            return Err(Unsupported::new(message, help).of(&destination.name));
        }
    }
    Ok(())
}

/// The most characters that may come of it: regions have names like `ap-southeast-1`.
fn longest(part: Part) -> usize {
    match part {
        Part::Text(text) => text.len(),
        Part::Account => "123456789012".len(),
        Part::Region => "ap-southeast-1".len(),
        Part::Partition | Part::DnsSuffix | Part::Image => 0,
    }
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
    fn a_bucket_whose_name_may_not_fit_is_named() {
        let bucket = crate::stack::Bucket { name: None, kms_key: None, lifecycle: Default::default() };
        let stack = |destination: &str| Stack {
            destinations: vec![crate::stack::Destination {
                name: destination.into(),
                target: Target::Bucket(bucket.clone()),
                existing: false,
            }],
            ..Stack::named("a-stack-with-thirty-two-letters-")
        };
        assert_eq!(check_buckets(&stack("x"), &place(None, None)), Ok(()));
        let error = check_buckets(&stack("archives"), &place(None, None)).unwrap_err();
        assert_eq!(error.destination.as_deref(), Some("archives"));
        assert_eq!(check_buckets(&stack("archives"), &place(Some("123456789012"), Some("eu-west-1"))), Ok(()));
    }

    #[test]
    fn what_is_said_is_no_mark() {
        let said = place(Some("123456789012"), Some("cn-north-1"));
        assert!(!said.is_symbolic());
        assert_eq!(said.arn("logs", "x"), "arn:aws-cn:logs:cn-north-1:123456789012:x");
        assert_eq!(parts(place(None, None).dns_suffix()), [Part::DnsSuffix]);
    }
}
