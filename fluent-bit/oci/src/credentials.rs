//! The credentials that docker and podman keep: their files, and the helpers that these name.
use super::{Error, RegistryAuth, Result};
use docker_credential::{CredentialRetrievalError as Failed, DockerCredential, get_credential, get_podman_credential};

/// Docker Hub's key in docker's file.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// What `docker login` or `podman login` keeps for a registry; nothing is kept: anonymous.
///
/// # Errors
/// When a helper fails.
pub fn find(registry: &str) -> Result<RegistryAuth> {
    let server = if registry == "docker.io" { DOCKER_HUB } else { registry };
    for look in [get_credential, get_podman_credential] {
        match look(server) {
            Ok(DockerCredential::UsernamePassword(user, password)) => {
                return Ok(RegistryAuth::Login { user, password });
            }
            Ok(DockerCredential::IdentityToken(_)) => {
                let error = Error::new(format!("for {registry} an identity token is kept, which cannot be used here"));
                return Err(
                    error.help(format!("docker login {registry} with a user and a password, or an access token"))
                );
            }
            Err(error) if is_nothing(&error) => {}
            Err(error) => return Err(Error::new(format!("the credentials for {registry}: {}", said(&error)))),
        }
    }
    Ok(RegistryAuth::Anonymous)
}

/// Whether it only means that there are no credentials. Helpers say so in a text (docker-credential-helpers,
/// `credentials/error.go`).
fn is_nothing(error: &Failed) -> bool {
    match error {
        // The last is what a file that is not there gives, too.
        Failed::ConfigNotFound | Failed::NoCredentialConfigured | Failed::ConfigReadError => true,
        Failed::HelperFailure { stdout, stderr, .. } => {
            [stdout, stderr].iter().any(|text| text.contains("credentials not found in native keychain"))
        }
        _ => false,
    }
}

/// What the helper printed on its standard output stays out of it.
fn said(error: &Failed) -> String {
    match error {
        Failed::HelperFailure { helper, stderr, .. } => format!("{helper} failed: {}", stderr.trim()),
        error => error.to_string(),
    }
}
