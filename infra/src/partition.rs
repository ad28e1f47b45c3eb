//! AWS's partitions, and what ECR's registries are called in each. All that depends on the partition is in one table.

/// A partition: regions with accounts, names and domains of their own.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// As in ARNs: `aws-cn`
    pub name: &'static str,
    /// What the names of its regions begin with.
    regions: &'static str,
    /// The domain of its services: `amazonaws.com`
    pub dns_suffix: &'static str,
    /// The domain of those that have IPv6, too: `api.aws`
    dual_stack_suffix: &'static str,
    /// The domain of ECR's registries that have IPv6, too, where they are documented ("Amazon ECR endpoints").
    registries: Option<&'static str>,
}

/// As botocore's `partitions.json` has them. The last one has all other regions.
const PARTITIONS: [Partition; 8] = [
    partition("aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn", Some("on.amazonwebservices.com.cn")),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws", Some("on.aws")),
    partition("aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu", None),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov", None),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud", None),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", None),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov", None),
    partition("aws", "", "amazonaws.com", "api.aws", Some("on.aws")),
];

const fn partition(
    name: &'static str,
    regions: &'static str,
    dns_suffix: &'static str,
    dual_stack_suffix: &'static str,
    registries: Option<&'static str>,
) -> Partition {
    Partition { name, regions, dns_suffix, dual_stack_suffix, registries }
}

impl Partition {
    /// The partition of a region, which the region's name tells.
    pub fn of_region(region: &str) -> &'static Partition {
        let [others @ .., aws] = &PARTITIONS;
        others.iter().find(|partition| region.starts_with(partition.regions)).unwrap_or(aws)
    }

    /// Where a service is in a region, by the rules of its endpoints that AWS's clients share: `AWS_USE_FIPS_ENDPOINT` and
    /// `AWS_USE_DUALSTACK_ENDPOINT` (AWS SDKs and tools reference guide, "FIPS endpoints", "Dual-stack endpoints").
    pub fn endpoint(&self, service: &str, region: &str, fips: bool, dual_stack: bool) -> String {
        // EC2's own rule: all its endpoints of GovCloud are FIPS endpoints.
        let plain = service == "ec2" && self.name == "aws-us-gov" && !dual_stack;
        let fips = if fips && !plain { "-fips" } else { "" };
        let suffix = if dual_stack { self.dual_stack_suffix } else { self.dns_suffix };
        format!("https://{service}{fips}.{region}.{suffix}")
    }

    /// The partition with this name.
    pub fn named(name: &str) -> Option<&'static Partition> {
        PARTITIONS.iter().find(|partition| partition.name == name)
    }
}

/// The host of a private registry of ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrHost<'a> {
    pub account: &'a str,
    pub region: &'a str,
    pub partition: &'static Partition,
}

impl EcrHost<'_> {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, with FIPS `.dkr.ecr-fips.`, with IPv6 `ACCOUNT.dkr-ecr.REGION.on.aws`, and
    /// what these are in other partitions. The whole host has to fit: what only begins like this is somebody else's.
    pub fn parse(host: &str) -> Option<EcrHost<'_>> {
        let (account, rest) = host.split_once('.')?;
        let (service, dual_stack) = match rest.strip_prefix("dkr") {
            Some(rest) if rest.starts_with('-') => (&rest[1..], true),
            Some(rest) if rest.starts_with('.') => (&rest[1..], false),
            _ => return None,
        };
        let (service, rest) = service.split_once('.')?;
        let (region, suffix) = rest.split_once('.')?;
        let partition = Partition::of_region(region);
        let wanted = if dual_stack { partition.registries } else { Some(partition.dns_suffix) };
        let fits = matches!(service, "ecr" | "ecr-fips") && is_account(account) && is_region(region);
        (fits && wanted == Some(suffix)).then_some(EcrHost { account, region, partition })
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `eu-central-1`
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [first, .., last] = parts.as_slice() else { return false };
    let fits =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    parts.len() >= 3
        && parts.iter().all(fits)
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && last.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecr::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
    use futures::FutureExt as _;

    const REGIONS: [(&str, &str); 9] = [
        ("aws", "eu-central-1"),
        ("aws", "mx-central-1"),
        ("aws-cn", "cn-north-1"),
        ("aws-us-gov", "us-gov-west-1"),
        ("aws-eusc", "eusc-de-east-1"),
        ("aws-iso", "us-iso-east-1"),
        ("aws-iso-b", "us-isob-east-1"),
        ("aws-iso-e", "eu-isoe-west-1"),
        ("aws-iso-f", "us-isof-south-1"),
    ];

    #[test]
    fn domains_are_those_that_aws_clients_use() {
        for (name, region) in REGIONS {
            let partition = Partition::of_region(region);
            assert_eq!(partition.name, name);
            assert_eq!(Partition::named(name), Some(partition));
            let params = Params::builder().region(region).build().expect("a region is enough");
            let endpoint = DefaultResolver::new().resolve_endpoint(&params).now_or_never().expect("nothing is asked");
            let url = endpoint.expect("a known region").url().to_string();
            assert_eq!(url, format!("https://api.ecr.{region}.{}", partition.dns_suffix), "{region}");
        }
    }

    /// ECS's client knows where ECS is; EC2's rules differ in GovCloud only.
    #[test]
    fn endpoints_are_those_that_aws_clients_use() {
        use aws_sdk_ecs::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
        for (_, region) in REGIONS {
            for (fips, dual_stack) in [(false, false), (true, false), (false, true), (true, true)] {
                let params = Params::builder().region(region).use_fips(fips).use_dual_stack(dual_stack);
                let params = params.build().expect("a region is enough");
                let endpoint =
                    DefaultResolver::new().resolve_endpoint(&params).now_or_never().expect("nothing is asked");
                let url = endpoint.expect("a known region").url().to_string();
                let own = Partition::of_region(region).endpoint("ecs", region, fips, dual_stack);
                assert_eq!(own, url, "{region}, FIPS {fips}, dual-stack {dual_stack}");
            }
        }
        let ec2 = |region, fips, dual| Partition::of_region(region).endpoint("ec2", region, fips, dual);
        assert_eq!(ec2("us-east-1", true, false), "https://ec2-fips.us-east-1.amazonaws.com");
        assert_eq!(ec2("us-gov-west-1", true, false), "https://ec2.us-gov-west-1.amazonaws.com");
        assert_eq!(ec2("us-gov-west-1", true, true), "https://ec2-fips.us-gov-west-1.api.aws");
    }

    #[test]
    fn registries_of_ecr_are_known_by_their_whole_names() {
        let account = "123456789012";
        for (name, region) in REGIONS {
            let suffix = Partition::of_region(region).dns_suffix;
            for service in ["dkr.ecr", "dkr.ecr-fips"] {
                let host = format!("{account}.{service}.{region}.{suffix}");
                let found = EcrHost::parse(&host).unwrap_or_else(|| panic!("{host}"));
                assert_eq!((found.account, found.region, found.partition.name), (account, region, name));
            }
        }
        for host in [
            "123456789012.dkr-ecr.eu-west-1.on.aws",
            "123456789012.dkr-ecr-fips.us-gov-west-1.on.aws",
            "123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn",
        ] {
            assert!(EcrHost::parse(host).is_some(), "{host}");
        }
    }

    #[test]
    fn what_looks_like_a_registry_of_ecr_is_not_taken_for_one() {
        for host in [
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com:443",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.co",
            "123456789012.dkr.ecr.eu-west-1.evil.example",
            "123456789012.dkr.ecr.eu-west-1.on.aws",
            "123456789012.dkr-ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr-ecr.eusc-de-east-1.on.aws",
            "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
            "123456789012.dkr.ecr.us-iso-east-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.evil.amazonaws.com",
            "123456789012.dkr.ecr.evil/eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.amazonaws.com",
            "123456789012.dkr.ecr.eu.amazonaws.com",
            "123456789012.dkr.ecr-evil.eu-west-1.amazonaws.com",
            "123456789012.dkrecr.eu-west-1.amazonaws.com",
            "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
            "1234567890123.dkr.ecr.eu-west-1.amazonaws.com",
            "x23456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "evil.example.dkr.ecr.eu-west-1.amazonaws.com",
            "public.ecr.aws",
            "ghcr.io",
            "127.0.0.1:5000",
            "",
        ] {
            assert_eq!(EcrHost::parse(host), None, "{host}");
        }
    }
}
