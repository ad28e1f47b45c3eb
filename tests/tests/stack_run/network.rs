//! The security group, and the calls to EC2.
use crate::stage::{self, Stage};
use e2e::fault_proxy::Fault;
use firelens_infra::resource::Owner;
use firelens_infra::stack::{Run, Service};
use firelens_infra::{Kind, Stack};

fn ec2(stage: &Stage, form: &str) -> String {
    stage.query("ec2", &format!("{form}&Version=2016-11-15"))
}

fn with(service: Service) -> Stack {
    Stack { run: Run::Own(service), ..stage::own("shop") }
}

#[tokio::test]
async fn a_security_group_is_made_mended_and_taken_away() {
    let stage = Stage::set().await;
    let group = &*stage.resource(&stage::own("shop"), Kind::SecurityGroup);
    assert_eq!(stage.read(group).await, None);
    stage.create(group).await;
    stage.is_as_wanted(group).await;
    let id = stage.known.get(&group.id()).expect("its id is known");
    assert!(id.starts_with("sg-"), "{id}");
    assert_eq!(
        group.wanted(&stage.known)["ingress"],
        serde_json::json!(["tcp 8080 from 10.0.0.0/8", "tcp 8080 from 2001:db8::/32"])
    );

    let rule = "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort";
    ec2(
        &stage,
        &format!(
            "Action=AuthorizeSecurityGroupIngress&GroupId={id}&{rule}=22&IpPermissions.1.ToPort=22&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0"
        ),
    );
    ec2(
        &stage,
        &format!(
            "Action=RevokeSecurityGroupIngress&GroupId={id}&{rule}=8080&IpPermissions.1.ToPort=8080&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8"
        ),
    );
    ec2(&stage, &format!("Action=CreateTags&ResourceId.1={id}&Tag.1.Key=team&Tag.1.Value=other"));
    let found = stage.read(group).await.expect("it is there");
    assert_eq!(found.attributes["ingress"][0], "tcp 22 from 0.0.0.0/0");
    assert_eq!(stage.mend(group).await, ["ingress", "tags"]);
    stage.is_as_wanted(group).await;

    stage.delete(group).await;
    assert_eq!(stage.read(group).await, None);
    stage.delete(group).await;
}

#[tokio::test]
async fn a_group_of_the_name_that_is_not_ours_is_said_to_be_and_stays() {
    let stage = Stage::set().await;
    let vpc = stage.aws.default_vpc().await.expect("moto has one");
    ec2(&stage, &format!("Action=CreateSecurityGroup&GroupName=shop-app&GroupDescription=x&VpcId={vpc}"));
    let group = &*stage.resource(&stage::own("shop"), Kind::SecurityGroup);
    assert_eq!(stage.read(group).await.expect("it is there").owner, Owner::Nobody);
    stage.delete(group).await;
    assert!(stage.read(group).await.is_some());
}

#[tokio::test]
async fn a_group_in_another_vpc_is_not_moved() {
    let stage = Stage::set().await;
    stage.create(&*stage.resource(&stage::own("shop"), Kind::SecurityGroup)).await;
    let other = ec2(&stage, "Action=CreateVpc&CidrBlock=10.9.0.0/16");
    let other = other.split(['<', '>']).find(|part| part.starts_with("vpc-")).expect("a VPC").to_string();
    let stack = with(Service { vpc: Some(other), ..stage::service() });
    let group = &*stage.resource(&stack, Kind::SecurityGroup);
    assert_eq!(stage.differences(group).await, ["vpc_id"]);
    assert_eq!(group.fixed(), ["vpc_id"]);
}

#[tokio::test]
async fn a_group_whose_making_was_cut_off_is_finished() {
    let stage = Stage::set().await;
    let group = &*stage.resource(&stage::own("shop"), Kind::SecurityGroup);
    stage.proxy.fail("ec2:AuthorizeSecurityGroupIngress", Fault::Denied, 1);
    let error = stage.try_create(group).await.expect_err("it is cut off").to_string();
    assert!(error.contains("the permission `ec2:AuthorizeSecurityGroupIngress` is missing"), "{error}");
    assert_eq!(stage.mend(group).await, ["ingress"]);
    stage.is_as_wanted(group).await;
    stage.delete(group).await;

    stage.proxy.fail("ec2:CreateSecurityGroup", Fault::Lost, 1);
    stage.create(group).await;
    stage.is_as_wanted(group).await;
}

#[tokio::test]
async fn a_group_goes_when_nothing_has_it_any_more() {
    let stage = Stage::set().await;
    let group = &*stage.resource(&stage::own("shop"), Kind::SecurityGroup);
    stage.create(group).await;
    let held = Fault::Error(400, "DependencyViolation", "resource sg-1 has a dependent object");
    stage.proxy.fail("ec2:DeleteSecurityGroup", held, 2);
    stage.delete(group).await;
    assert!(stage.waited_for("network interfaces"));
    assert_eq!(stage.read(group).await, None);
}

#[tokio::test]
async fn a_call_to_ec2_is_made_again_when_it_may_be() {
    let stage = Stage::set().await;
    for fault in [Fault::Throttle, Fault::Internal, Fault::Reset, Fault::Hang] {
        stage.proxy.forget();
        stage.proxy.fail("ec2:DescribeVpcs", fault, 1);
        let vpc = stage.aws.default_vpc().await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert!(vpc.starts_with("vpc-"), "{vpc}");
        assert!(stage.proxy.requests_of("ec2:DescribeVpcs").len() > 1, "{fault:?}");
    }
    let subnets = stage.aws.subnets(&stage.aws.default_vpc().await.expect("one"), true).await.expect("subnets");
    assert!(subnets.len() > 1 && subnets.iter().all(|subnet| subnet.zone.starts_with("eu-central-1")), "{subnets:?}");
    assert!(stage.aws.network_interfaces("group-id", &["sg-none"]).await.expect("none").is_empty());

    stage.proxy.fail("ec2:DescribeVpcs", Fault::Denied, 1);
    stage.proxy.forget();
    let error = stage.aws.default_vpc().await.expect_err("it is denied");
    assert_eq!(stage.proxy.requests().len(), 1, "it is not tried again");
    assert_eq!(error.permission(), Some("ec2:DescribeVpcs"));
    assert_eq!(error.request_id.as_deref(), Some("of-the-proxy"));
    let form = stage.proxy.requests()[0].clone();
    assert!(form.head.header("authorization").is_some_and(|header| header.contains("/eu-central-1/ec2/aws4_request")));
}
