//! Debian's docker-registry: an OCI registry on this machine.
use crate::counterpart;
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// Users of a registry that does not let everybody in, with passwords, as `htpasswd -B` writes them: `shop` with `geheim`, and
/// ECR's `AWS` with the token that moto gives.
pub const USERS: &str = "shop:$2y$05$QBBvjSssjNfjzHcJPuzY8.p5YizGdgLkVXubJXtMp3X6tf4VyJMMe
AWS:$2y$05$4N.tp2rcPqFqOf3SraZWjuN4l/KX28/rN/ywPmwcgT2fDK7nh5ugS
";

/// A registry, stopped when this goes away.
#[derive(Debug)]
pub struct Registry {
    server: Child,
    pub address: SocketAddr,
}

/// The server's program: `$DOCKER_REGISTRY`, the one that `make counterparts` installs, or the one on the PATH.
pub fn program() -> Option<PathBuf> {
    let installed = "../target/docker-registry/usr/bin/docker-registry";
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(installed);
    let named = env::var_os("DOCKER_REGISTRY").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let path: Vec<PathBuf> = env::split_paths(&path).map(|dir| dir.join("docker-registry")).collect();
    named.into_iter().chain([installed]).chain(path).find(|path| path.is_file())
}

impl Registry {
    /// Starts one on a free port that lets everybody in, and waits until it listens. `folder` is its storage.
    pub fn start(folder: &Path) -> Registry {
        Registry::start_with(folder, "").expect("a registry starts")
    }

    /// The same for [`USERS`] only.
    pub fn guarded(folder: &Path) -> Registry {
        let users = folder.join("htpasswd");
        fs::write(&users, USERS).expect("a file");
        let auth = format!("auth:\n  htpasswd:\n    realm: test\n    path: {}\n", users.display());
        Registry::start_with(folder, &auth).expect("a registry starts")
    }

    fn start_with(folder: &Path, auth: &str) -> io::Result<Registry> {
        let program = program().unwrap_or_else(|| counterpart::missing(counterpart::REGISTRY));
        let settings = folder.join("registry.yml");
        let storage = folder.join("registry");
        let text = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:0\n{auth}",
            storage.display()
        );
        fs::write(&settings, text)?;
        let mut command = Command::new(program);
        command.arg("serve").arg(&settings).env("OTEL_TRACES_EXPORTER", "none");
        let mut server = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(server.stderr.take().expect("it is a pipe")).lines();
        let address = loop {
            let line = lines.next().ok_or_else(|| io::Error::other("the registry said no address"))??;
            if let Some((_, address)) = line.split_once("listening on ") {
                let address = address.split(['"', ' ', ',']).next().unwrap_or_default();
                break address.parse().map_err(io::Error::other)?;
            }
        };
        // Each request is a line; nobody reads them, but the pipe must not fill.
        thread::spawn(move || lines.for_each(drop));
        Ok(Registry { server, address })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
