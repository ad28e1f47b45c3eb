//! AWS::ECS::Cluster
use super::{Draft, attributes::Attributes, resource::Resource};
use crate::{Result, resource::cluster::Cluster};

pub fn resources(cluster: &Cluster, draft: &mut Draft<'_>) -> Result<Vec<(String, Resource)>> {
    let mut attributes = Attributes::of(cluster);
    let resource = Resource::new("AWS::ECS::Cluster")
        .why("Where the service runs.")
        .with("ClusterName", cluster.name.as_str())
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(draft.id_of(cluster)?, resource)])
}
