//! AWS::EC2::SecurityGroup
use super::SecurityGroup;
use crate::{
    Kind, Result,
    aws::ec2::Rule,
    export::cloudformation::{
        Declaration, Draft,
        attributes::Attributes,
        parameter::{Parameter, Subject},
    },
};
use serde_json::{Value, json};

pub(super) fn declarations(group: &SecurityGroup, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let mut attributes = Attributes::of(group);
    // In words there; by its parts here.
    attributes.take("ingress");
    let ingress: Value = group.ingress.iter().map(rule).collect();
    let resource = Declaration::of(Kind::SecurityGroup)
        .why("Who reaches the app's port.")
        .with("GroupName", group.name.as_str())
        .with("GroupDescription", group.description())
        .with("VpcId", vpc(attributes.take("vpc_id"), draft))
        .with("SecurityGroupIngress", ingress)
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(draft.id_of(group)?, resource)])
}

/// A template cannot ask for the default one.
fn vpc(id: Value, draft: &mut Draft<'_>) -> Value {
    let parameter = Parameter {
        subject: Subject::Network,
        kind: "AWS::EC2::VPC::Id",
        description: "The VPC of the tasks.".into(),
        default: (!id.is_null()).then_some(id),
        constraints: Vec::new(),
    };
    draft.parameters.add("VpcId", parameter)
}

fn rule(rule: &Rule) -> Value {
    let peer = match rule.peer.as_str() {
        peer if peer.starts_with("sg-") => "SourceSecurityGroupId",
        peer if peer.starts_with("pl-") => "SourcePrefixListId",
        peer if peer.contains(':') => "CidrIpv6",
        _ => "CidrIp",
    };
    let mut value = json!({ "IpProtocol": rule.protocol });
    if let Some((first, last)) = rule.ports {
        value["FromPort"] = first.into();
        value["ToPort"] = last.into();
    }
    value[peer] = rule.peer.as_str().into();
    value
}
