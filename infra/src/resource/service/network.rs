//! Where the tasks of a service are in the network.
use crate::{Aws, Error, Result};
use aws_sdk_ecs::types::{self, AssignPublicIp, AwsVpcConfiguration, NetworkConfiguration};

#[derive(Debug, Clone)]
pub struct Network {
    /// Without one, the region's default VPC.
    pub vpc: Option<String>,
    /// Without any, those of the VPC.
    pub subnets: Vec<String>,
    pub public_ip: bool,
    /// Besides ours.
    pub security_groups: Vec<String>,
}

/// A service's.
#[derive(Debug, Clone, Default)]
pub struct Attached {
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    pub public_ip: bool,
}

impl Network {
    /// # Errors
    /// When the subnets cannot be told.
    pub async fn configuration(&self, aws: &Aws, security_group: &str) -> Result<NetworkConfiguration> {
        let subnets = match self.subnets.is_empty() {
            true => self.default_subnets(aws).await?,
            false => self.subnets.clone(),
        };
        let public_ip = if self.public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
        let vpc = AwsVpcConfiguration::builder()
            .set_subnets(Some(subnets))
            .set_security_groups(Some(self.all_security_groups(security_group)))
            .assign_public_ip(public_ip)
            .build()
            .map_err(|error| Error::new(error.to_string()))?;
        Ok(NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
    }

    pub fn all_security_groups(&self, ours: &str) -> Vec<String> {
        let mut all = self.security_groups.clone();
        all.push(ours.to_string());
        all.sort();
        all.dedup();
        all
    }

    /// In order; `None` without names.
    pub fn named_subnets(&self) -> Option<Vec<String>> {
        (!self.subnets.is_empty()).then(|| sorted(self.subnets.clone()))
    }

    /// A service's subnets to compare: `None` when none are named, and it is in some of the VPC's.
    ///
    /// # Errors
    /// When EC2 cannot be asked.
    pub async fn subnets_of(&self, aws: &Aws, attached: &Attached) -> Result<Option<Vec<String>>> {
        let subnets = sorted(attached.subnets.clone());
        if !self.subnets.is_empty() {
            return Ok(Some(subnets));
        }
        let defaults = self.default_subnets(aws).await?;
        let as_wanted = !subnets.is_empty() && subnets.iter().all(|subnet| defaults.contains(subnet));
        Ok((!as_wanted).then_some(subnets))
    }

    async fn default_subnets(&self, aws: &Aws) -> Result<Vec<String>> {
        let (vpc, only_default) = match &self.vpc {
            Some(vpc) => (vpc.clone(), false),
            None => (aws.default_vpc().await?, true),
        };
        let subnets = aws.subnets(&vpc, only_default).await?;
        if subnets.is_empty() {
            return Err(Error::new(format!("the VPC {vpc} has no subnets")).help("name the subnets of the service"));
        }
        Ok(sorted(subnets.into_iter().map(|subnet| subnet.id).collect()))
    }
}

impl Attached {
    pub fn of(service: &types::Service) -> Attached {
        let deployment = service.deployments().iter().find_map(|deployment| deployment.network_configuration());
        let network = service.network_configuration().or(deployment);
        let Some(vpc) = network.and_then(NetworkConfiguration::awsvpc_configuration) else {
            return Attached::default();
        };
        Attached {
            subnets: vpc.subnets().to_vec(),
            security_groups: sorted(vpc.security_groups().to_vec()),
            public_ip: vpc.assign_public_ip() == Some(&AssignPublicIp::Enabled),
        }
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}
