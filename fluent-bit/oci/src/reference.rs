//! Where an image is in a registry.
use super::{Error, Result};
use firelens_pipeline::Image;
use std::fmt;

/// `registry/repository:tag@digest`, with what Docker leaves open filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// A host, with its port if there is one.
    pub registry: String,
    pub repository: String,
    pub tag: Option<String>,
    /// `sha256:…`; it wins over the tag.
    pub digest: Option<String>,
}

const DOCKER_HUB: &str = "docker.io";

impl Reference {
    /// # Errors
    /// When this is no reference to an image.
    pub fn parse(text: &str) -> Result<Reference> {
        let image = Image::parse(text).map_err(|error| Error::new(error.to_string()))?;
        let is_host = |part: &str| part.contains(['.', ':']) || part == "localhost";
        let (registry, repository) = match image.repository.split_once('/') {
            Some((host, rest)) if is_host(host) => (host, rest.to_string()),
            Some(_) => (DOCKER_HUB, image.repository.clone()),
            None => (DOCKER_HUB, format!("library/{}", image.repository)),
        };
        if repository.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b':') {
            let error = Error::new(format!("`{text}` is no reference to an image"));
            return Err(error.help(format!("`{repository}`: the name of a repository has no capitals and no `:`")));
        }
        Ok(Reference { registry: registry.to_string(), repository, tag: image.tag, digest: image.digest })
    }

    /// What stands behind the repository: the digest, or else the tag, or `latest`.
    pub fn target(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or("latest")
    }

    /// The same repository's content with this digest.
    pub fn at(&self, digest: &str) -> Reference {
        Reference { digest: Some(digest.to_string()), ..self.clone() }
    }

    /// The same repository's image with this tag.
    pub fn tagged(&self, tag: &str) -> Reference {
        Reference { tag: Some(tag.to_string()), digest: None, ..self.clone() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        self.tag.iter().try_for_each(|tag| write!(f, ":{tag}"))?;
        self.digest.iter().try_for_each(|digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn what_docker_leaves_open_is_filled_in() {
        let shown = |text: &str| Reference::parse(text).unwrap().to_string();
        assert_eq!(shown("fluent/fluent-bit:5.0.9"), "docker.io/fluent/fluent-bit:5.0.9");
        assert_eq!(shown("fluent-bit"), "docker.io/library/fluent-bit");
        assert_eq!(shown("localhost/a:1"), "localhost/a:1");
        assert_eq!(shown("127.0.0.1:5000/a/b"), "127.0.0.1:5000/a/b");
        assert_eq!(Reference::parse("a/b").unwrap().target(), "latest");
        assert!(Reference::parse("localhost:5000/Team/router").unwrap_err().to_string().contains("capitals"));
    }
}
