//! OpenSearch: a domain of Amazon OpenSearch Service, a collection of OpenSearch Serverless, or a cluster of one's own.
//!
//! The plugin sends a chunk as one bulk request, and all of it again unless every document was accepted. What follows
//! from that was run on 5.0.9 against a server that rejects a part of the first request:
//! - Documents have ids that follow from their contents (`generate_id`), so that the second request doubles nothing. The
//!   record's time is a part of the contents, and only with nanoseconds does it tell equal lines apart: with milliseconds,
//!   500 of 1,000 records arrived.
//! - The answer has a line for each document. One that is longer than `buffer_size` counts as a failure, and the same
//!   chunk is sent for ever: with 3,000 documents, the plugin's own 512 KB are too little.
//! - The index has the record's day in its name, and not that of the request: an id is unique within one index only.
use super::{Defaults, Description, Destination, Grant, Grants, Refused, Region, Resource, Target};
use crate::value::is_on;

pub(super) const DESCRIPTION: Description = Description {
    target: Some(Target {
        property: "host",
        resource: Resource::Other,
        default: |_, _| None,
        accepts: is_host,
        rule: "the host's name, without https:// and without a path",
    }),
    region: Some(Region { property: "aws_region", default: None, only_with: Some("aws_auth") }),
    needs_rights: &[("aws_role_arn", super::OWN_ROLE)],
    grants: Some(Grants {
        signs,
        services: &[
            Grant {
                service: "es",
                example: "arn:aws:es:REGION:ACCOUNT:domain/NAME",
                resource: "domain/",
                action: "es:ESHttpPost",
                below: "/*",
            },
            Grant {
                service: "aoss",
                example: "arn:aws:aoss:REGION:ACCOUNT:collection/ID",
                resource: "collection/",
                action: "aoss:APIAccessAll",
                below: "",
            },
        ],
    }),
    refuses,
    defaults,
    ..Description::of("opensearch", "opensearch")
};

/// Bytes that an answer can have. A chunk has 2 MB, and a document 300 bytes with FireLens's metadata alone: 7,000 documents
/// with an answer of 1,000 bytes each.
const ANSWER: &str = "10M";

fn defaults(to: &Destination) -> Defaults {
    let text = |name, value: &str| (name, value.to_string());
    let mut defaults = vec![text("port", "443"), text("tls", "on")];
    if signs(to) {
        defaults.extend([text("aws_auth", "on"), text("aws_region", "${AWS_REGION}")]);
        if to.setting("host").is_some_and(|host| host.ends_with(".aoss.amazonaws.com")) {
            defaults.push(text("aws_service_name", "aoss"));
        }
    }
    if !to.sets("index") {
        defaults.extend([text("logstash_format", "on"), ("logstash_prefix", index(&to.name))]);
    }
    // Versions from 2 on reject documents with a type.
    defaults.extend([text("suppress_type_name", "on"), text("time_key", "date"), text("time_key_nanos", "on")]);
    if !to.says("id_key") && to.setting("time_key_nanos").is_none_or(is_on) {
        defaults.push(text("generate_id", "on"));
    }
    defaults.push(text("buffer_size", ANSWER));
    defaults
}

/// Whether it signs its requests with the router's role. The plugin compares the text itself, with `on` alone.
fn signs(to: &Destination) -> bool {
    match to.setting("aws_auth") {
        Some(own) => own.to_lowercase().starts_with("on"),
        None => !to.sets("http_user"),
    }
}

fn refuses(to: &Destination) -> Option<Refused> {
    let own = to.setting("aws_auth")?;
    (is_on(own) && !signs(to)).then_some(Refused {
        property: "aws_auth",
        message: "the output reads this as `off`",
        label: "only `on` switches it on",
        beside: None,
        help: Some("aws_auth = \"on\""),
    })
}

/// Indexes have lower-case letters, and begin with a letter or a digit.
fn index(name: &str) -> String {
    name.trim_start_matches(['-', '_']).to_lowercase()
}

fn is_host(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '@', '?', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::destination::{Setting, Type};

    fn destination(settings: &[(&str, &str)]) -> Destination {
        let setting = |(name, value): &(&str, &str)| Setting { name: name.to_string(), value: value.to_string() };
        Destination {
            name: "_Search".into(),
            kind: Type::Known(&DESCRIPTION),
            settings: settings.iter().map(setting).collect(),
            secrets: vec![],
            load: None,
        }
    }

    /// The defaults beside these settings, as `name value`.
    fn beside(settings: &[(&str, &str)]) -> Vec<String> {
        defaults(&destination(settings)).into_iter().map(|(name, value)| format!("{name} {value}")).collect()
    }

    #[test]
    fn requests_are_signed_unless_there_is_a_user() {
        let signed = beside(&[("host", "search-shop.eu-west-1.es.amazonaws.com")]);
        for line in ["port 443", "tls on", "aws_auth on", "aws_region ${AWS_REGION}", "logstash_prefix search"] {
            assert!(signed.iter().any(|it| it == line), "{line}: {signed:?}");
        }
        assert!(beside(&[("host", "x.eu-west-1.aoss.amazonaws.com")]).contains(&"aws_service_name aoss".into()));
        assert!(!beside(&[("http_user", "shop")]).iter().any(|line| line.starts_with("aws_")));
    }

    #[test]
    fn ids_follow_from_the_contents_where_these_tell_lines_apart() {
        let ids = |settings| beside(settings).iter().any(|line| line == "generate_id on");
        assert!(ids(&[]));
        assert!(!ids(&[("id_key", "log_id")]) && !ids(&[("time_key_nanos", "off")]));
    }

    #[test]
    fn an_index_of_ones_own_has_no_day() {
        assert!(!beside(&[("index", "httpd")]).iter().any(|line| line.starts_with("logstash_")));
    }

    #[test]
    fn a_word_that_the_output_does_not_understand_is_refused() {
        for (word, wrong) in [("on", false), ("off", false), ("true", true), ("yes", true), ("", false)] {
            assert_eq!(refuses(&destination(&[("aws_auth", word)])).is_some(), wrong, "{word}");
        }
    }

    #[test]
    fn a_host_is_no_url() {
        assert!(is_host("search-shop.eu-west-1.es.amazonaws.com") && is_host("${SEARCH_HOST}"));
        assert!(!["https://search", "search/path", "", "shop@search"].into_iter().any(is_host));
    }
}
