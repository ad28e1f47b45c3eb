//! What a resource shall be, read out attribute by attribute: none is left out unseen.
use crate::{
    Error, Result,
    resource::{self, Known},
};
use serde_json::{Map, Value, json};

/// The attributes of a resource that are not written yet.
pub(crate) struct Attributes {
    of: resource::Id,
    left: Map<String, Value>,
}

impl Attributes {
    pub(crate) fn of(resource: &dyn resource::Resource) -> Attributes {
        let left = match resource.wanted(&Known::default()) {
            Value::Object(attributes) => attributes,
            _ => Map::new(),
        };
        Attributes { of: resource.id(), left }
    }

    /// `null` when it is not set.
    pub(crate) fn take(&mut self, name: &str) -> Value {
        self.left.shift_remove(name).unwrap_or_default()
    }

    pub(crate) fn tags(&mut self) -> Value {
        let tags = self.take("tags");
        let tags = tags.as_object().into_iter().flatten();
        tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
    }

    /// # Errors
    /// When an attribute was not taken.
    pub(crate) fn finish(self) -> Result<()> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => Err(Error::new(format!("the template cannot express `{name}` of the {}", self.of))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::cluster::Cluster;

    #[test]
    fn what_nobody_wrote_is_an_error() {
        let cluster = Cluster::left_over("shop", "shop".into());
        let said = Attributes::of(&cluster).finish().unwrap_err().to_string();
        assert!(said.contains("cannot express `tags` of the cluster shop"), "{said}");
        let mut attributes = Attributes::of(&cluster);
        attributes.tags();
        assert_eq!(attributes.finish(), Ok(()));
    }
}
