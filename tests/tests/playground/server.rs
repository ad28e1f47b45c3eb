//! `firelens-kit playground`: what it serves, to whom, and the one file that it writes.
use crate::cases;
use e2e::kit;
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};
use tempfile::TempDir;

/// A server with a file of its own, which ends with the test.
struct Served {
    child: Child,
    folder: TempDir,
    /// `127.0.0.1:PORT`.
    address: String,
    token: String,
}

const CONFIG: &str = "[[container]]\nname = \"web\"\nstdout = \"combined\"\n";
const CHANGED: &str = "[[container]]\nname = \"web\"\nstdout = \"common\"\n";

impl Drop for Served {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).unwrap();
    }
}

impl Served {
    fn start() -> Served {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("firelens.toml"), CONFIG).unwrap();
        Served::of(folder)
    }

    fn of(folder: TempDir) -> Served {
        let mut command = kit::command();
        command.args(["playground", "--no-open"]).current_dir(folder.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        let rest = url.trim().strip_prefix("http://").unwrap_or_else(|| panic!("no URL: {url:?}"));
        let (address, token) = rest.trim_end_matches('/').split_once('/').unwrap();
        assert!(address.starts_with("127.0.0.1:") && token.len() == 32, "{url}");
        Served { address: address.into(), token: token.into(), child, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("firelens.toml")
    }

    /// The status and the whole answer to a request with these headers.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            head.push_str(&format!("Host: {}\r\n", self.address));
        }
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_else(|_| panic!("{text}"));
        (status, text)
    }

    fn status(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
        self.ask(method, path, headers, CHANGED).0
    }

    fn path(&self, name: &str) -> String {
        format!("/{}/{name}", self.token)
    }

    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The file is as it was, and nothing is beside it.
    #[track_caller]
    fn assert_untouched(&self) {
        assert_eq!(fs::read_to_string(self.file()).unwrap(), CONFIG);
        assert_eq!(fs::read_dir(self.folder.path()).unwrap().count(), 1);
    }
}

const TOML: (&str, &str) = ("Content-Type", "application/toml");

#[test]
fn a_name_that_leads_here_is_another_site() {
    let served = Served::start();
    let port = served.address.split(':').next_back().unwrap();
    for host in ["rebound.example", &format!("rebound.example:{port}"), &format!("localhost:{port}"), "127.0.0.1", ""] {
        for path in [served.path(""), served.path("file")] {
            assert_eq!(served.status("GET", &path, &[("Host", host)]), 403, "{host} {path}");
        }
        let own = ("Origin", &*served.origin());
        assert_eq!(served.status("PUT", &served.path("file"), &[("Host", host), own, TOML]), 403, "{host}");
    }
    let twice = [("Host", &*served.address), ("Host", "rebound.example")];
    assert_eq!(served.status("GET", &served.path("file"), &twice), 403);
    served.assert_untouched();
}

#[test]
fn another_site_can_neither_read_nor_write() {
    let served = Served::start();
    let (file, own) = (served.path("file"), served.origin());
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1", &own.replace("http:", "https:"), ""] {
        for method in ["GET", "POST", "PUT", "OPTIONS", "DELETE"] {
            let (status, text) = served.ask(method, &file, &[("Origin", origin), TOML], CHANGED);
            assert_eq!(status, 403, "{method} from {origin}");
            assert!(!text.to_lowercase().contains("access-control"), "{text}");
        }
    }
    // What a form sends, or a link, by the types that it has.
    for kind in ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"] {
        assert_eq!(served.status("POST", &file, &[("Origin", &own), ("Content-Type", kind)]), 403);
        assert_eq!(served.status("PUT", &file, &[("Origin", &own), ("Content-Type", kind)]), 403);
    }
    assert_eq!(served.status("PUT", &file, &[TOML]), 403, "without an origin");
    assert_eq!(served.status("POST", &file, &[("Origin", &own), TOML]), 405);
    for site in ["cross-site", "same-site"] {
        assert_eq!(served.status("GET", &file, &[("Sec-Fetch-Site", site)]), 403);
        assert_eq!(served.status("PUT", &file, &[("Sec-Fetch-Site", site), ("Origin", &own), TOML]), 403);
    }
    served.assert_untouched();
}

#[test]
fn without_the_token_there_is_nothing() {
    let served = Served::start();
    let own = ("Origin", &*served.origin());
    let wrong = "0".repeat(32);
    let short = &served.token[..31];
    for path in
        ["/", "/file", &format!("/{wrong}/"), &format!("/{wrong}/file"), &format!("/{short}/file"), "/favicon.ico"]
    {
        assert_eq!(served.status("GET", path, &[]), 404, "{path}");
        assert_eq!(served.status("PUT", path, &[own, TOML]), 404, "{path}");
    }
    served.assert_untouched();
}

#[test]
fn the_file_that_was_opened_is_written_and_no_other() {
    let served = Served::start();
    let own = ("Origin", &*served.origin());
    let outside = served.folder.path().parent().unwrap().join("outside.toml");
    for name in ["../outside.toml", "file/../other.toml", "other.toml", "file?x", "%2e%2e/outside.toml", "/etc/passwd"]
    {
        assert_eq!(served.status("PUT", &served.path(name), &[own, TOML]), 404, "{name}");
        assert_eq!(served.status("GET", &served.path(name), &[]), 404, "{name}");
    }
    assert!(!outside.exists());
    served.assert_untouched();

    let (status, text) = served.ask("GET", &served.path("file"), &[], "");
    assert!(status == 200 && text.contains("Cache-Control: no-store") && text.contains("combined"), "{text}");
    assert_eq!(served.status("PUT", &served.path("file"), &[own, TOML]), 200);
    assert_eq!(fs::read_to_string(served.file()).unwrap(), CHANGED);
    // Somebody else wrote it meanwhile.
    fs::write(served.file(), CONFIG).unwrap();
    assert_eq!(served.status("PUT", &served.path("file"), &[own, TOML]), 409);
    served.assert_untouched();
    assert_eq!(served.status("GET", &served.path("file"), &[]), 200);
    assert_eq!(served.status("PUT", &served.path("file"), &[own, TOML]), 200);
    let long = "#".repeat((1 << 20) + 1);
    assert_eq!(served.ask("PUT", &served.path("file"), &[own, TOML], &long).0, 413);
    assert_eq!(fs::read_to_string(served.file()).unwrap(), CHANGED);
}

#[test]
fn a_file_that_is_not_there_is_made() {
    let served = Served::of(TempDir::new().unwrap());
    let (status, text) = served.ask("GET", &served.path("file"), &[], "");
    assert!(status == 200 && text.contains("\"text\":null"), "{text}");
    assert_eq!(served.status("PUT", &served.path("file"), &[("Origin", &served.origin()), TOML]), 200);
    assert_eq!(fs::read_to_string(served.file()).unwrap(), CHANGED);
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let output = kit::command().args(["playground", "--no-open", "-c", "nowhere.toml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.toml"), "{output:?}");
}

#[test]
fn the_page_opens_edits_and_saves_it() {
    let served = Served::start();
    let url = format!("{}/{}/", served.origin(), served.token);
    cases::node("served.mjs", &[Path::new(&url), &cases::built("page/playground.html"), &served.file()]);
    let saved = fs::read_to_string(served.file()).unwrap();
    assert_eq!(saved, CHANGED);
}
