//! AWS::ECS::Cluster
use super::Cluster;
use crate::{
    Kind, Result,
    export::cloudformation::{Declaration, Draft, attributes::Attributes},
};

pub(super) fn declarations(cluster: &Cluster, draft: &mut Draft<'_>) -> Result<Vec<(String, Declaration)>> {
    let mut attributes = Attributes::of(cluster);
    let resource = Declaration::of(Kind::Cluster)
        .why("Where the service runs.")
        .with("ClusterName", cluster.name.as_str())
        .with("Tags", attributes.tags());
    attributes.finish()?;
    Ok(vec![(draft.id_of(cluster)?, resource)])
}
