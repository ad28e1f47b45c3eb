//! Where a stack is, and the ARNs that follow from it. Names and tags follow from the stack's name alone:
//! [`firelens_stack::names`].
use crate::{export::symbol, partition::Partition};
pub use firelens_stack::names::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Where a stack is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// `aws`, `aws-cn`, `aws-us-gov`
    pub partition: String,
    pub account: String,
    pub region: String,
    /// The endpoint of S3 is one without TLS: a stand-in for AWS on this machine. What asks for TLS shuts everybody out there.
    #[serde(skip)]
    pub plain_http: bool,
}

/// S3's longest name (Amazon S3 user guide, "General purpose bucket naming rules").
pub(crate) const BUCKET_NAME: usize = 63;

impl Place {
    /// By the region's name, which tells the partition (AWS General Reference, "AWS service endpoints").
    pub fn of(account: &str, region: &str) -> Place {
        let partition = Partition::of_region(region).name;
        Place { partition: partition.into(), account: account.into(), region: region.into(), plain_http: false }
    }

    /// `arn:aws:logs:eu-west-1:123456789012:log-group:/x`
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }

    /// The name of a destination's bucket: the one that it has, or its own.
    pub fn bucket_of(&self, stack: &str, destination: &str, named: Option<&str>) -> String {
        named.map_or_else(|| self.bucket(stack, destination), str::to_string)
    }

    /// IAM is in no region.
    pub(crate) fn iam_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.partition, self.account)
    }

    /// Of a role in a path.
    pub fn role_arn(&self, path: &str, name: &str) -> String {
        self.iam_arn(&format!("role{path}{name}"))
    }

    pub fn bucket_arn(&self, name: &str) -> String {
        format!("arn:{}:s3:::{name}", self.partition)
    }

    /// The bucket of a destination that names none. Names of buckets are the world's, so account and region are in it.
    pub fn bucket(&self, stack: &str, destination: &str) -> String {
        let destination = destination.to_lowercase().replace('_', "-");
        let name = format!("{stack}-{destination}-{}-{}", self.account, self.region);
        if name.len() <= BUCKET_NAME || self.is_symbolic() {
            return name;
        }
        let hash: String = Sha256::digest(&name).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{hash}", name[..BUCKET_NAME - 9].trim_end_matches('-'))
    }

    /// `amazonaws.com`, or that of another partition.
    pub fn dns_suffix(&self) -> &'static str {
        match self.partition.as_str() {
            symbol::PARTITION => symbol::DNS_SUFFIX,
            name => Partition::named(name).unwrap_or_else(|| Partition::of_region(&self.region)).dns_suffix,
        }
    }

    /// Part of it is known only where it is used: see [`symbol`].
    pub fn is_symbolic(&self) -> bool {
        [&self.partition, &self.account, &self.region].into_iter().any(|part| symbol::is_in(part))
    }

    /// ECR's registry of the account.
    pub fn registry(&self) -> String {
        format!("{}.dkr.ecr.{}.{}", self.account, self.region, self.dns_suffix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            partition: "aws".into(),
            account: "123456789012".into(),
            region: "ap-southeast-2".into(),
            plain_http: false,
        }
    }

    #[test]
    fn buckets_have_names_that_fit() {
        assert_eq!(place().bucket("shop", "archive"), "shop-archive-123456789012-ap-southeast-2");
        let long = place().bucket("a-stack-with-thirty-two-letters-", "An_Archive_Of_All");
        assert!(long.len() <= BUCKET_NAME, "{long}");
        assert_ne!(long, place().bucket("a-stack-with-thirty-two-letters-", "An_Archive_Of_Alm"));
        assert!(long.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
    }
}
