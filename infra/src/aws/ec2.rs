//! EC2's Query API: the few calls that a service's network needs.
//!
//! Source: Amazon EC2 API reference, version 2016-11-15.
use super::{
    Aws, Error,
    error::Call as _,
    raw::{Request, Service},
};
use crate::Result;
use roxmltree::{Document, Node};
use std::collections::BTreeMap;

const VERSION: &str = "2016-11-15";

pub(super) const EC2: Service = Service { name: "ec2", id: "EC2", failure };

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    pub id: String,
    pub vpc: String,
    pub zone: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    pub id: String,
    pub vpc: String,
    pub name: String,
    pub tags: BTreeMap<String, String>,
    /// What may come in: one entry a peer.
    pub ingress: Vec<Rule>,
}

/// One peer of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// `tcp`, `udp`, `icmp`, `-1` for all, or a protocol's number
    pub protocol: String,
    /// The first and the last.
    pub ports: Option<(u16, u16)>,
    /// A CIDR block, a security group (`sg-…`), or a prefix list (`pl-…`).
    pub peer: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkInterface {
    pub id: String,
    pub status: String,
    pub description: String,
    pub public_ip: Option<String>,
}

impl Aws {
    /// The id of the region's default VPC.
    ///
    /// # Errors
    /// When EC2 refuses, and when there is none.
    pub async fn default_vpc(&self) -> Result<String> {
        let region = &self.place().region;
        let filters = filters(&[("is-default", &["true"])]);
        let answer = self.ec2("ec2:DescribeVpcs", region, "DescribeVpcs", filters).await?;
        answer.items("vpcSet", |vpc| text(vpc, "vpcId"))?.into_iter().next().ok_or_else(|| {
            Error::new("the region has no default VPC")
                .of("ec2:DescribeVpcs", region)
                .help("name a VPC, or make one: `aws ec2 create-default-vpc`")
        })
    }

    /// Of the default VPC, those that AWS made, one in each availability zone; of another, all.
    ///
    /// # Errors
    /// When EC2 refuses.
    pub async fn subnets(&self, vpc: &str, only_default: bool) -> Result<Vec<Subnet>> {
        let mut by = vec![("vpc-id", vec![vpc])];
        if only_default {
            by.push(("default-for-az", vec!["true"]));
        }
        let by: Vec<_> = by.iter().map(|(name, values)| (*name, values.as_slice())).collect();
        let answer = self.ec2("ec2:DescribeSubnets", vpc, "DescribeSubnets", filters(&by)).await?;
        answer.items("subnetSet", |subnet| {
            Some(Subnet {
                id: text(subnet, "subnetId")?,
                vpc: text(subnet, "vpcId")?,
                zone: text(subnet, "availabilityZone").unwrap_or_default(),
            })
        })
    }

    /// The groups of this name, in all VPCs of the region.
    ///
    /// # Errors
    /// When EC2 refuses.
    pub async fn security_groups(&self, name: &str) -> Result<Vec<SecurityGroup>> {
        let by = filters(&[("group-name", &[name])]);
        let answer = self.ec2("ec2:DescribeSecurityGroups", name, "DescribeSecurityGroups", by).await?;
        answer.items("securityGroupInfo", security_group)
    }

    /// Makes a group: its id.
    ///
    /// # Errors
    /// When EC2 refuses.
    pub async fn create_security_group(
        &self,
        name: &str,
        description: &str,
        vpc: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<String> {
        let mut parameters = pairs(&[("GroupName", name), ("GroupDescription", description), ("VpcId", vpc)]);
        parameters.push(("TagSpecification.1.ResourceType".into(), "security-group".into()));
        for (at, (key, value)) in tags.iter().enumerate() {
            parameters.push((format!("TagSpecification.1.Tag.{}.Key", at + 1), key.clone()));
            parameters.push((format!("TagSpecification.1.Tag.{}.Value", at + 1), value.clone()));
        }
        let answer = self.ec2("ec2:CreateSecurityGroup", name, "CreateSecurityGroup", parameters).await?;
        answer.value("groupId")
    }

    /// # Errors
    /// When EC2 refuses.
    pub async fn authorize_ingress(&self, group: &str, rules: &[Rule]) -> Result<()> {
        let parameters = ingress(group, rules);
        const CALL: &str = "ec2:AuthorizeSecurityGroupIngress";
        self.ec2(CALL, group, "AuthorizeSecurityGroupIngress", parameters).await.map(drop)
    }

    /// # Errors
    /// When EC2 refuses.
    pub async fn revoke_ingress(&self, group: &str, rules: &[Rule]) -> Result<()> {
        let parameters = ingress(group, rules);
        self.ec2("ec2:RevokeSecurityGroupIngress", group, "RevokeSecurityGroupIngress", parameters).await.map(drop)
    }

    /// # Errors
    /// When EC2 refuses: `DependencyViolation` as long as a network interface has it.
    pub async fn delete_security_group(&self, group: &str) -> Result<()> {
        let parameters = pairs(&[("GroupId", group)]);
        self.ec2("ec2:DeleteSecurityGroup", group, "DeleteSecurityGroup", parameters).await.map(drop)
    }

    /// # Errors
    /// When EC2 refuses.
    pub async fn tag_in_ec2(&self, id: &str, tags: &BTreeMap<String, String>) -> Result<()> {
        let mut parameters = pairs(&[("ResourceId.1", id)]);
        for (at, (key, value)) in tags.iter().enumerate() {
            parameters.push((format!("Tag.{}.Key", at + 1), key.clone()));
            parameters.push((format!("Tag.{}.Value", at + 1), value.clone()));
        }
        self.ec2("ec2:CreateTags", id, "CreateTags", parameters).await.map(drop)
    }

    /// The network interfaces by a filter of DescribeNetworkInterfaces: `group-id`, `network-interface-id`.
    ///
    /// # Errors
    /// When EC2 refuses.
    pub async fn network_interfaces(&self, filter: &str, values: &[&str]) -> Result<Vec<NetworkInterface>> {
        let on = values.join(", ");
        let by = filters(&[(filter, values)]);
        let answer = self.ec2("ec2:DescribeNetworkInterfaces", &on, "DescribeNetworkInterfaces", by).await?;
        answer.items("networkInterfaceSet", |interface| {
            let association = interface.children().find(|node| node.has_tag_name("association"));
            Some(NetworkInterface {
                id: text(interface, "networkInterfaceId")?,
                status: text(interface, "status").unwrap_or_default(),
                description: text(interface, "description").unwrap_or_default(),
                public_ip: association.and_then(|node| text(node, "publicIp")),
            })
        })
    }

    async fn ec2(&self, call: &'static str, on: &str, action: &str, parameters: Parameters) -> Result<Answer> {
        let headers = vec![("content-type", "application/x-www-form-urlencoded".to_string())];
        let request = Request { headers, body: form(action, parameters) };
        let body = self.clients.ec2.send(request).await.call(call, on)?;
        Ok(Answer { body, call, on: on.to_string() })
    }
}

type Parameters = Vec<(String, String)>;

struct Answer {
    body: String,
    call: &'static str,
    on: String,
}

impl Answer {
    /// What is read from each item of a list. Those in which something is missing are left out.
    fn items<T>(&self, set: &str, read: impl Fn(Node<'_, '_>) -> Option<T>) -> Result<Vec<T>> {
        let document = self.parse()?;
        let set = document.root_element().children().find(|node| node.tag_name().name() == set);
        Ok(set.into_iter().flat_map(|set| items(set)).filter_map(read).collect())
    }

    fn value(&self, name: &str) -> Result<String> {
        text(self.parse()?.root_element(), name).ok_or_else(|| self.unreadable(&format!("it has no {name}")))
    }

    fn parse(&self) -> Result<Document<'_>> {
        Document::parse(&self.body).map_err(|error| self.unreadable(&error.to_string()))
    }

    fn unreadable(&self, why: &str) -> Error {
        Error::new(format!("the answer cannot be read: {why}")).of(self.call, &self.on)
    }
}

fn security_group(group: Node<'_, '_>) -> Option<SecurityGroup> {
    let sets = |name: &'static str| group.children().filter(move |node| node.tag_name().name() == name);
    Some(SecurityGroup {
        id: text(group, "groupId")?,
        vpc: text(group, "vpcId").unwrap_or_default(),
        name: text(group, "groupName")?,
        tags: sets("tagSet")
            .flat_map(items)
            .filter_map(|tag| Some((text(tag, "key")?, text(tag, "value").unwrap_or_default())))
            .collect(),
        ingress: sets("ipPermissions").flat_map(items).flat_map(rules).collect(),
    })
}

/// The lists of peers in a rule, and the name of a peer in each.
const PEERS: [(&str, &str); 4] =
    [("ipRanges", "cidrIp"), ("ipv6Ranges", "cidrIpv6"), ("groups", "groupId"), ("prefixListIds", "prefixListId")];

fn rules(rule: Node<'_, '_>) -> Vec<Rule> {
    let port = |name| text(rule, name).and_then(|port| port.parse().ok());
    let ports = port("fromPort").zip(port("toPort"));
    let protocol = text(rule, "ipProtocol").unwrap_or_default();
    let peers = PEERS.iter().flat_map(|(set, peer)| {
        let sets = rule.children().filter(move |node| node.tag_name().name() == *set);
        sets.flat_map(items).filter_map(move |item| text(item, peer))
    });
    peers.map(|peer| Rule { protocol: protocol.clone(), ports, peer }).collect()
}

fn ingress(group: &str, rules: &[Rule]) -> Parameters {
    let mut parameters = pairs(&[("GroupId", group)]);
    for (at, rule) in rules.iter().enumerate() {
        let name = |rest: &str| format!("IpPermissions.{}.{rest}", at + 1);
        parameters.push((name("IpProtocol"), rule.protocol.clone()));
        if let Some((from, to)) = rule.ports {
            parameters.push((name("FromPort"), from.to_string()));
            parameters.push((name("ToPort"), to.to_string()));
        }
        let peer = match &rule.peer {
            peer if peer.starts_with("sg-") => "Groups.1.GroupId",
            peer if peer.starts_with("pl-") => "PrefixListIds.1.PrefixListId",
            peer if peer.contains(':') => "Ipv6Ranges.1.CidrIpv6",
            _ => "IpRanges.1.CidrIp",
        };
        parameters.push((name(peer), rule.peer.clone()));
    }
    parameters
}

fn form(action: &str, parameters: Parameters) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action).append_pair("Version", VERSION).extend_pairs(parameters);
    form.finish()
}

fn filters(filters: &[(&str, &[&str])]) -> Parameters {
    let mut parameters = Parameters::new();
    for (at, (name, values)) in filters.iter().enumerate() {
        parameters.push((format!("Filter.{}.Name", at + 1), name.to_string()));
        let value =
            |(index, value): (usize, &&str)| (format!("Filter.{}.Value.{}", at + 1, index + 1), value.to_string());
        parameters.extend(values.iter().enumerate().map(value));
    }
    parameters
}

fn pairs(pairs: &[(&str, &str)]) -> Parameters {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn items<'a, 'input>(set: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> + use<'a, 'input> {
    set.children().filter(|node| node.tag_name().name() == "item")
}

/// The text of a child.
fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let child = node.children().find(|child| child.tag_name().name() == name)?;
    child.text().map(|text| text.trim().to_string())
}

/// `<Response><Errors><Error><Code>…</Code><Message>…</Message></Error></Errors></Response>`
fn failure(body: &[u8]) -> Option<(String, String)> {
    let document = Document::parse(std::str::from_utf8(body).ok()?).ok()?;
    let error = document.descendants().find(|node| node.tag_name().name() == "Error")?;
    Some((text(error, "Code")?, text(error, "Message").unwrap_or_default()))
}
