//! Images with Fluent Bit inside, and which release a reference to one means.
use crate::{Version, plugin::Kind};
use std::fmt;

/// A reference to an image, taken apart: `registry/repository:tag@digest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// As it was written.
    pub reference: String,
    /// Its registry and repository, without tag and digest.
    pub repository: String,
    pub tag: Option<String>,
    /// `sha256:…`
    pub digest: Option<String>,
    /// The Fluent Bit inside, if that is known. With [`Image::exact`] false, it is at least this one.
    pub version: Option<Version>,
    /// Whether `version` is the very release, or only the oldest one that it can be.
    pub exact: bool,
    /// Whether the reference can mean another image tomorrow: it has no digest, and a tag such as `latest`, or none.
    pub floating: bool,
}

/// What is no reference to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoImage(pub String);

impl fmt::Display for NoImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no reference to an image", self.0)
    }
}

impl std::error::Error for NoImage {}

/// aws-for-fluent-bit: from which of its releases on which Fluent Bit is inside, by the release notes of its repository.
/// An image between two of these has at least the former's.
const AWS: &[(&str, Version)] = &[
    ("2.29.0", Version::new(1, 9, 10)),
    ("3.0.0", Version::new(4, 1, 0)),
    ("3.0.1", Version::new(4, 1, 1)),
    ("3.1.0", Version::new(4, 2, 0)),
    ("3.2.1", Version::new(4, 2, 2)),
    ("3.4.2", Version::new(5, 0, 5)),
    ("3.4.4", Version::new(5, 0, 7)),
    ("3.4.8", Version::new(5, 0, 7)),
    ("3.4.10", Version::new(5, 0, 9)),
    ("3.4.15", Version::new(5, 0, 9)),
    ("3.5.0", Version::new(5, 1, 0)),
    ("3.5.8", Version::new(5, 1, 5)),
    ("3.5.10", Version::new(5, 1, 5)),
];

/// What aws-for-fluent-bit 2.x has beyond the Fluent Bit 1.9.10 inside: since which of its releases, the plugin, and the
/// properties. From CHANGELOG.md and AWS_FLB_CHERRY_PICKS of its repository; the names are those of the commits that
/// these name.
const BACKPORTS: &[(&[u32], Kind, &str, &[&str])] = &[
    (&[2, 30, 0], Kind::Output, "opensearch", &["aws_service_name"]),
    (&[2, 30, 0], Kind::Output, "es", &["aws_service_name"]),
    (
        &[2, 32, 0],
        Kind::Output,
        "prometheus_remote_write",
        &[
            "aws_auth",
            "aws_region",
            "aws_service",
            "aws_role_arn",
            "aws_external_id",
            "aws_sts_endpoint",
            "aws_profile",
            "profile",
        ],
    ),
    (&[2, 32, 3], Kind::Output, "cloudwatch_logs", &["add_entity"]),
    (&[2, 32, 3], Kind::Filter, "aws", &["enable_entity"]),
    (
        &[2, 32, 3],
        Kind::Filter,
        "kubernetes",
        &[
            "use_pod_association",
            "aws_use_pod_association",
            "aws_pod_association_endpoint",
            "aws_pod_association_host",
            "aws_pod_association_host_client_cert_file",
            "aws_pod_association_host_client_key_file",
            "aws_pod_association_host_server_ca_file",
            "aws_pod_association_host_tls_debug",
            "aws_pod_association_host_tls_verify",
            "aws_pod_association_port",
        ],
    ),
];

/// Since which aws-for-fluent-bit 2.x a property is there, though Fluent Bit 1.9.10 does not have it.
pub fn backported(kind: Kind, plugin: &str, property: &str) -> Option<String> {
    let known = BACKPORTS.iter().find(|(_, of, name, _)| *of == kind && name.eq_ignore_ascii_case(plugin));
    let since = known.filter(|(.., properties)| properties.iter().any(|it| it.eq_ignore_ascii_case(property)))?.0;
    Some(since.iter().map(u32::to_string).collect::<Vec<_>>().join("."))
}

/// Tags that move, of aws-for-fluent-bit and of most others. `latest` and `stable` of aws-for-fluent-bit are 2.x.
const FLOATING: [&str; 4] = ["latest", "stable", "init-latest", "debug-latest"];

impl Image {
    /// The image that a router is built from unless the user names one.
    pub const DEFAULT: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.4.15";

    /// The first aws-for-fluent-bit with a WASM filter.
    pub const FIRST_WITH_WASM: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:3.0.0";

    /// Takes a reference apart, as Docker does.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(reference: &str) -> Result<Image, NoImage> {
        let wrong = || NoImage(reference.to_string());
        let (name, digest) = match reference.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (reference, None),
        };
        let (repository, tag) = match name.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
            _ => (name, None),
        };
        if !is_repository(repository) || !tag.is_none_or(is_tag) || !digest.is_none_or(is_digest) {
            return Err(wrong());
        }
        let (version, exact) = version_of(repository, tag).unzip();
        Ok(Image {
            reference: reference.to_string(),
            repository: repository.to_string(),
            tag: tag.map(str::to_string),
            digest: digest.map(str::to_string),
            version,
            exact: exact.unwrap_or(false),
            floating: digest.is_none() && tag.is_none_or(is_floating),
        })
    }

    /// Whether this is AWS's image, which has the Go plugins `cloudwatch`, `firehose` and `kinesis` beside Fluent Bit's own.
    pub fn is_aws(&self) -> bool {
        is_aws(&self.repository)
    }

    /// Whether AWS put this property into the image, though its Fluent Bit does not have it.
    pub fn adds(&self, kind: Kind, plugin: &str, property: &str) -> bool {
        if !self.is_aws() || self.version != Some(Version::OLDEST) {
            return false;
        }
        // A tag that moves is the newest image of its line.
        let own = self.tag.as_deref().filter(|tag| !is_floating(tag)).and_then(numbers);
        backported(kind, plugin, property).is_some_and(|since| own.is_none_or(|own| Some(own) >= numbers(&since)))
    }
}

fn is_aws(repository: &str) -> bool {
    repository.rsplit('/').next() == Some("aws-for-fluent-bit")
}

fn is_repository(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-/:".contains(&byte);
    !text.is_empty() && text.bytes().all(fits) && !text.split('/').any(str::is_empty)
}

fn is_tag(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !text.is_empty() && text.len() <= 128 && text.bytes().all(fits)
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A tag with all parts of a version in it stays what it is; `3.4` and `latest` move.
fn is_floating(tag: &str) -> bool {
    FLOATING.contains(&tag) || numbers(tag).is_none_or(|numbers| numbers.len() < 3)
}

/// `3.4.5`, `init-3.4.5`, `v5.0.9-debug`: its numbers.
pub fn numbers(tag: &str) -> Option<Vec<u32>> {
    let tag = tag.split('-').find(|part| part.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()))?;
    tag.trim_start_matches('v').split('.').map(|part| part.parse().ok()).collect()
}

/// A release of AWS's images came before another one.
pub fn is_before(own: &[u32], other: &[u32]) -> bool {
    own.len() >= 3 && own < other
}

/// The release inside, and whether it is exactly that.
fn version_of(repository: &str, tag: Option<&str>) -> Option<(Version, bool)> {
    let tag = tag.unwrap_or("latest");
    if is_aws(repository) {
        return match FLOATING.contains(&tag) {
            true => Some((Version::OLDEST, false)),
            false => aws_version(&numbers(tag)?),
        };
    }
    let numbers = (repository.ends_with("fluent/fluent-bit") || repository == "fluent-bit").then(|| numbers(tag))??;
    let number = |at: usize| numbers.get(at).copied().unwrap_or(0).try_into().ok();
    Some((Version::new(number(0)?, number(1)?, number(2)?), numbers.len() >= 3))
}

fn aws_version(wanted: &[u32]) -> Option<(Version, bool)> {
    let known: Vec<(Vec<u32>, Version)> =
        AWS.iter().filter_map(|(tag, version)| Some((numbers(tag)?, *version))).collect();
    let complete = wanted.len() >= 3;
    if wanted.first() == Some(&2) {
        return Some((Version::OLDEST, complete));
    }
    let next = known.partition_point(|(tag, _)| tag.as_slice() <= wanted);
    let (tag, version) = known.get(next.checked_sub(1)?)?;
    let between = known.get(next).is_some_and(|(_, after)| after == version);
    Some((*version, complete && (tag.as_slice() == wanted || between)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(reference: &str) -> Image {
        Image::parse(reference).unwrap()
    }

    fn version(reference: &str) -> String {
        let image = parse(reference);
        let version = image.version.map_or("?".to_string(), |version| version.to_string());
        if image.exact || image.version.is_none() { version } else { format!("{version} or later") }
    }

    #[test]
    fn the_release_inside_is_known() {
        let aws = |tag: &str| version(&format!("public.ecr.aws/aws-observability/aws-for-fluent-bit:{tag}"));
        assert_eq!(aws("2.32.3"), "1.9.10");
        assert_eq!(aws("2.34.3.20260730"), "1.9.10");
        assert_eq!(aws("latest"), "1.9.10 or later");
        assert_eq!([aws("3.0.0"), aws("3.0.1"), aws("3.2.1")], ["4.1.0", "4.1.1", "4.2.2"]);
        assert_eq!([aws("3.4.5"), aws("init-3.4.12"), aws("3.4.9")], ["5.0.7", "5.0.9", "5.0.7 or later"]);
        assert_eq!([aws("3.5.0"), aws("3.5.9"), aws("3.6.0")], ["5.1.0", "5.1.5", "5.1.5 or later"]);
        assert_eq!(version("fluent/fluent-bit:5.0.9-debug"), "5.0.9");
        assert_eq!(version("cr.fluentbit.io/fluent/fluent-bit:v4.2.7"), "4.2.7");
        assert_eq!(version("fluent/fluent-bit:5.0"), "5.0.0 or later");
        assert_eq!(version("123456789012.dkr.ecr.eu-central-1.amazonaws.com/router:7"), "?");
    }

    #[test]
    fn what_can_move_is_floating() {
        let aws = "public.ecr.aws/aws-observability/aws-for-fluent-bit";
        for tag in ["", ":latest", ":stable", ":3", ":3.4", ":init-latest"] {
            assert!(parse(&format!("{aws}{tag}")).floating, "{tag}");
        }
        let digest = format!("@sha256:{}", "0a".repeat(32));
        for tag in [":3.4.5", ":init-3.4.5", ":2.34.3.20260730", &digest, &format!(":latest{digest}")] {
            assert!(!parse(&format!("{aws}{tag}")).floating, "{tag}");
        }
    }

    #[test]
    fn references_are_taken_apart() {
        let image = parse("localhost:5000/team/router:1.2.3");
        assert_eq!((image.repository.as_str(), image.tag.as_deref()), ("localhost:5000/team/router", Some("1.2.3")));
        assert!(parse("localhost:5000/aws-for-fluent-bit").is_aws());
        for wrong in ["", "a b", "x:", "x@sha256:12", "/x", "x:a/b c", "x@", "a//b"] {
            assert_eq!(Image::parse(wrong), Err(NoImage(wrong.to_string())), "{wrong}");
        }
    }

    #[test]
    fn images_of_aws_have_more_than_their_fluent_bit() {
        let adds = |tag: &str, plugin: &str, property: &str| {
            let image = parse(&format!("public.ecr.aws/aws-observability/aws-for-fluent-bit:{tag}"));
            image.adds(Kind::Output, plugin, property)
        };
        let service = ["2.29.1", "2.30.0", "init-2.32.4", "2.34.3.20260730", "stable", "latest", "2"];
        let found = service.map(|tag| adds(tag, "OpenSearch", "AWS_Service_Name"));
        assert_eq!(found, [false, true, true, true, true, true, true]);
        assert!(!adds("2.32.2", "cloudwatch_logs", "add_entity") && adds("2.32.3", "cloudwatch_logs", "add_entity"));
        assert!(!adds("2.31.12", "prometheus_remote_write", "aws_auth") && !adds("2.32.4", "s3", "aws_auth"));
        assert!(!parse("fluent/fluent-bit:1.9.10").adds(Kind::Output, "opensearch", "aws_service_name"));
    }

    /// aws-for-fluent-bit can have a release that is not in the tables yet. It counts as unknown then, which is a warning, and
    /// is treated like the newest one of the tables.
    #[test]
    fn releases_in_images_are_known_but_for_the_newest_ones() {
        let unknown = AWS.iter().filter(|(_, version)| !version.is_known());
        let unknown: Vec<&str> = unknown.map(|(tag, _)| *tag).collect();
        assert_eq!(unknown, ["3.5.8", "3.5.10"], "run scripts/plugin-tables on a clone with these releases");
    }

    #[test]
    fn the_default_image_has_the_default_release() {
        let image = parse(Image::DEFAULT);
        assert_eq!((image.version, image.exact, image.floating), (Some(Version::DEFAULT), true, false));
        assert!(parse(Image::FIRST_WITH_WASM).version.unwrap().has_wasm_filter());
    }
}
