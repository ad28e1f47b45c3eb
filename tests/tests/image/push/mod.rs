//! `firelens-kit push`. Each test runs against docker-registry, and against a registry that behaves like ECR.
use crate::base::Base;
use crate::stage::{Run, Stage};
use e2e::ecr::{self, Ecr};
use e2e::fault_proxy::FaultProxy;
use e2e::registry::Registry;
use serde_json::Value;
use std::net::SocketAddr;

mod broken;
mod moved;
mod sign_in;

/// Which registry a test runs against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Docker,
    Ecr,
}

/// A test for each registry, of functions that take its kind.
macro_rules! on_both {
    ($($test:ident)*) => {
        mod docker_registry {
            $(#[test] fn $test() { super::$test($crate::push::Kind::Docker); })*
        }
        mod ecr {
            $(#[test] fn $test() { super::$test($crate::push::Kind::Ecr); })*
        }
    };
}
use on_both;

/// A registry that wants a user and a password.
pub enum Server {
    Docker(Registry),
    Ecr(Ecr),
}

/// The repositories that the tests push to; docker-registry makes them, ECR does not.
const REPOSITORIES: [&str; 4] = ["shop/router", "other/router", "mirror/fluent-bit", "a/b"];

impl Server {
    fn start(kind: Kind, stage: &Stage) -> Server {
        match kind {
            Kind::Docker => Server::Docker(Registry::guarded(stage.folder.path())),
            Kind::Ecr => Server::Ecr(Ecr::start(&REPOSITORIES).expect("a registry starts")),
        }
    }

    pub fn address(&self) -> SocketAddr {
        match self {
            Server::Docker(registry) => registry.address,
            Server::Ecr(registry) => registry.address,
        }
    }

    /// The user and the password that it knows.
    pub fn login(&self) -> (&'static str, &'static str) {
        match self {
            Server::Docker(_) => ("shop", "geheim"),
            Server::Ecr(_) => (ecr::USER, ecr::TOKEN),
        }
    }

    fn ecr(&self) -> Option<&Ecr> {
        match self {
            Server::Docker(_) => None,
            Server::Ecr(registry) => Some(registry),
        }
    }
}

/// A stage, with a registry, and a proxy that counts.
pub struct Push {
    stage: Stage,
    server: Server,
    proxy: FaultProxy,
}

impl Push {
    fn set(kind: Kind, base: &Base) -> Push {
        let stage = Stage::on(base);
        let server = Server::start(kind, &stage);
        let proxy = FaultProxy::plain(server.address()).expect("a proxy");
        let (user, password) = server.login();
        stage.login(&proxy.address.to_string(), user, password);
        Push { stage, server, proxy }
    }

    /// Behind the proxy.
    fn target(&self, name: &str) -> String {
        format!("{}/{name}", self.proxy.address)
    }

    fn push(&self, name: &str, more: &[&str]) -> Run {
        let target = self.target(name);
        let args = ["push", &target, "--base", "oci:base", "--format", "json"];
        self.stage.kit(&[&args[..], more].concat())
    }

    fn credentials(&self, option: &str) -> String {
        let (user, password) = self.server.login();
        format!("--{option}={user}:{password}")
    }

    /// Copies the base into the registry.
    fn mirror(&self, name: &str) {
        let (user, password) = self.server.login();
        self.stage.copy_to("base", self.server.address(), name, &format!("{user}:{password}"));
    }

    /// What skopeo prints of an image in the registry.
    fn inspect(&self, name: &str, more: &[&str]) -> String {
        let image = format!("docker://{}/{name}", self.server.address());
        let credentials = self.credentials("creds");
        let args = ["inspect", "--tls-verify=false", &credentials];
        self.stage.skopeo(&[&args[..], more, &[&image]].concat())
    }

    /// Reads all of an image, whose digests skopeo checks.
    fn copy(&self, name: &str) {
        let image = format!("docker://{}/{name}", self.server.address());
        let credentials = self.credentials("src-creds");
        let args = ["--insecure-policy", "copy", "--quiet", "--all", "--src-tls-verify=false", &credentials];
        self.stage.skopeo(&[&args[..], &[&image, "dir:copy"]].concat());
    }

    /// The bytes of blobs that came through the proxy.
    fn uploaded(&self) -> u64 {
        let uploads = self.proxy.requests_of("/blobs/uploads/");
        uploads.iter().map(|request| request.body.len() as u64).sum()
    }
}

fn number(of: &Value) -> u64 {
    of.as_u64().unwrap_or_else(|| panic!("no number: {of}"))
}

/// The image's name with its tag.
fn tagged(repository: &str, pushed: &Value) -> String {
    format!("{repository}:{}", pushed["tag"].as_str().expect("a tag"))
}
