//! The log router in a task definition, and whose it is. It is recognized by what it is: pipelines that register a copy of what runs
//! lose its tags (`aws ecs describe-task-definition` shows them only when asked), and keep its containers.
use crate::{
    Stack,
    names::{LOG_GROUP_ROOT, REPOSITORY_SUFFIX, STACK_TAG},
    partition::EcrHost,
    resource::Owner,
    stack::Registry,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the router of a stack is recognized by.
#[derive(Debug, Clone)]
pub struct Signs {
    pub stack: String,
    /// `host/name` of a registry other than the account's ECR, which several stacks may share.
    pub registry: Option<String>,
}

/// A container that is a log router.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Router<'a> {
    pub container: &'a str,
    /// Which stack it is of. `Nobody`: it was not made by the kit for a stack.
    pub owner: Owner,
}

impl Signs {
    /// Of a stack.
    pub fn of(stack: &Stack) -> Signs {
        let registry = match &stack.registry {
            Registry::Ecr { .. } => None,
            Registry::Other(repository) => Some(repository.clone()),
        };
        Signs { stack: stack.name.clone(), registry }
    }

    /// Of a stack of which only the name is known.
    pub fn named(stack: &str) -> Signs {
        Signs { stack: stack.to_string(), registry: None }
    }

    /// The router in a task definition: the FireLens container, or one that has lost its `firelensConfiguration` and runs our image.
    pub fn router<'a>(&self, definition: &'a Value, tags: &BTreeMap<String, String>) -> Option<Router<'a>> {
        let containers = || definition["containerDefinitions"].as_array().into_iter().flatten();
        let ours = |container: &&Value| stack_of_image(container) == Some(self.stack.as_str());
        let router = containers().find(is_router).or_else(|| containers().find(ours))?;
        Some(Router { container: router["name"].as_str().unwrap_or_default(), owner: self.owner(router, tags) })
    }

    fn owner(&self, router: &Value, tags: &BTreeMap<String, String>) -> Owner {
        let (image, log) = (stack_of_image(router), stack_of_log(router));
        let tag = tags.get(STACK_TAG).map(String::as_str);
        let in_registry = self.registry.as_deref().is_some_and(|own| repository(router) == own);
        let other = || log.or(tag).filter(|stack| *stack != self.stack);
        match image {
            Some(stack) if stack == self.stack => return Owner::Ours,
            // Anybody's repository may have such a name: another sign has to say that it is a stack's.
            Some(stack) if log.is_some() || tag.is_some() => return Owner::Stack(stack.to_string()),
            _ => {}
        }
        match (log, tag) {
            (Some(stack), _) if stack == self.stack => Owner::Ours,
            (None, Some(stack)) if stack == self.stack => Owner::Ours,
            _ if in_registry && other().is_none() => Owner::Ours,
            _ => other().map_or(Owner::Nobody, |stack| Owner::Stack(stack.to_string())),
        }
    }
}

pub(crate) fn is_router(container: &&Value) -> bool {
    !container["firelensConfiguration"].is_null()
}

/// The image's `host/name`, without tag and digest.
pub(crate) fn repository(container: &Value) -> &str {
    let image = container["image"].as_str().unwrap_or_default();
    let image = image.split('@').next().unwrap_or_default();
    match image.rsplit_once(':') {
        // The last `:` may be that of the host's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

/// The repository's name in ECR: `shop-log-router`.
pub(crate) fn ecr_repository(container: &Value) -> Option<&str> {
    let (host, name) = repository(container).split_once('/')?;
    EcrHost::parse(host).map(|_| name)
}

fn stack_of_image(container: &Value) -> Option<&str> {
    ecr_repository(container)?.strip_suffix(REPOSITORY_SUFFIX)
}

/// By the log group of the router's own log: `/firelens-kit/shop/router`.
fn stack_of_log(container: &Value) -> Option<&str> {
    let group = container["logConfiguration"]["options"]["awslogs-group"].as_str()?;
    group.strip_prefix(LOG_GROUP_ROOT)?.strip_suffix("/router")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

    fn owner(signs: &Signs, image: &str, group: &str, tag: Option<&str>) -> Option<Owner> {
        let definition = json!({ "containerDefinitions": [
            { "name": "httpd", "image": "httpd:2.4" },
            {
                "name": "logs", "image": image, "firelensConfiguration": { "type": "fluentbit" },
                "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": group } },
            },
        ]});
        let tags = tag.map(|tag| (STACK_TAG.to_string(), tag.to_string())).into_iter().collect();
        signs.router(&definition, &tags).map(|router| router.owner)
    }

    #[test]
    fn a_router_is_recognized_without_tags() {
        let shop = Signs::named("shop");
        let of = |image: &str, group: &str, tag| owner(&shop, image, group, tag).expect("a router");
        let blog = || Owner::Stack("blog".to_string());
        let (ours, theirs) = (format!("{ECR}/shop-log-router@sha256:0"), format!("{ECR}/blog-log-router:1"));
        assert_eq!(of(&ours, "/ecs/web", None), Owner::Ours);
        // Taken over from another stack, whose log group it kept, and whose tag.
        assert_eq!(of(&ours, "/firelens-kit/blog/router", Some("blog")), Owner::Ours);
        assert_eq!(of(&theirs, "/firelens-kit/shop/router", Some("shop")), blog());
        assert_eq!(of(&theirs, "/firelens-kit/blog/router", None), blog());
        assert_eq!(of(&theirs, "/ecs/web", None), Owner::Nobody);
        // A copy of the image in another registry.
        assert_eq!(of("mirror.example:5000/router:1", "/firelens-kit/shop/router", None), Owner::Ours);
        assert_eq!(of("mirror.example:5000/router:1", "/ecs/web", Some("shop")), Owner::Ours);
        assert_eq!(of("fluent/fluent-bit:5.0", "/ecs/web", None), Owner::Nobody);
    }

    #[test]
    fn a_registry_that_stacks_share_tells_less_than_the_log_group() {
        let registry = Some("mirror.example:5000/router".to_string());
        let shop = Signs { registry, ..Signs::named("shop") };
        let of =
            |group: &str, tag| owner(&shop, "mirror.example:5000/router:7@sha256:0", group, tag).expect("a router");
        assert_eq!(of("/ecs/web", None), Owner::Ours);
        assert_eq!(of("/firelens-kit/blog/router", None), Owner::Stack("blog".to_string()));
        assert_eq!(of("/ecs/web", Some("blog")), Owner::Stack("blog".to_string()));
    }

    #[test]
    fn without_a_router_a_tag_means_nothing() {
        let tags = [(STACK_TAG.to_string(), "shop".to_string())].into();
        let mut definition = json!({ "containerDefinitions": [{ "name": "httpd", "image": "httpd:2.4" }] });
        assert_eq!(Signs::named("shop").router(&definition, &tags), None);
        definition["containerDefinitions"][0]["image"] = format!("{ECR}/shop-log-router:1").into();
        let router = Signs::named("shop").router(&definition, &BTreeMap::new());
        assert_eq!(router, Some(Router { container: "httpd", owner: Owner::Ours }));
    }
}
