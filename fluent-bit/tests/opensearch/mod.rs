//! The defaults of `opensearch`, in the real Fluent Bit, against a server that answers bulk requests as OpenSearch does: a
//! document with an id that is there already is a conflict, and of the first request every second document is rejected.
use firelens_pipeline::{
    Pipeline, Version,
    destination::{Description, Destination, Setting, Type},
    pipeline::Router,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

/// Lines in one chunk, two and two of them equal. The answer about them is longer than the plugin's own `buffer_size`.
const LINES: usize = 3_000;

/// The rest of what OpenSearch says about a document.
const PADDING: usize = 300;

/// What is left for a chunk that is sent a second and a third time.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the server has.
#[derive(Debug, Default)]
struct Index {
    documents: HashMap<(String, String), Value>,
    requests: usize,
    /// Documents without an id, each of which would be another one when it is sent again.
    nameless: usize,
}

impl Index {
    /// Takes a bulk request and answers it.
    fn bulk(&mut self, body: &str) -> Value {
        self.requests += 1;
        let lines: Vec<&str> = body.lines().collect();
        let items: Vec<Value> =
            lines.chunks(2).enumerate().map(|(number, pair)| self.item(number, pair[0], pair[1])).collect();
        let errors = items.iter().any(|item| item["create"]["status"] != 201);
        json!({ "took": 1, "errors": errors, "items": items })
    }

    fn item(&mut self, number: usize, action: &str, document: &str) -> Value {
        let action: Value = serde_json::from_str(action).unwrap();
        let text = |key: &str| action["create"][key].as_str().unwrap_or_default().to_string();
        let key = (text("_index"), text("_id"));
        self.nameless += usize::from(key.1.is_empty());
        let status = match self.documents.contains_key(&key) {
            true => 409,
            false if self.requests == 1 && number % 2 == 1 => 429,
            false => {
                self.documents.insert(key, serde_json::from_str(document).unwrap());
                201
            }
        };
        json!({ "create": { "status": status, "result": "x".repeat(PADDING) } })
    }
}

/// Answers the requests of one connection until it ends.
fn serve(stream: TcpStream, index: &Mutex<Index>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = index.lock().unwrap().bulk(std::str::from_utf8(&body).unwrap()).to_string();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", answer.len());
        if reader.get_mut().write_all((head + &answer).as_bytes()).is_err() {
            return;
        }
    }
}

/// A server on a port of its own.
fn server() -> (u16, Arc<Mutex<Index>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, index) = (listener.local_addr().unwrap().port(), Arc::new(Mutex::default()));
    let shared = Arc::clone(&index);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let index = Arc::clone(&shared);
            thread::spawn(move || serve(stream, &index));
        }
    });
    (port, index)
}

/// The section of a destination that says no more than where its server is.
fn section(version: Version, port: u16) -> String {
    let settings = [("host", "127.0.0.1"), ("port", &port.to_string()), ("tls", "off"), ("aws_auth", "off")];
    let setting = |(name, value): (&str, &str)| Setting { name: name.to_string(), value: value.to_string() };
    let search = Destination {
        name: "search".into(),
        kind: Type::Known(Description::of_word("opensearch").unwrap()),
        settings: settings.map(setting).to_vec(),
        secrets: vec![],
        load: None,
    };
    let (destinations, router) = (vec![search.clone()], Router::default());
    let pipeline = Pipeline { version, containers: vec![], joined: vec![], routes: vec![], destinations, router };
    let properties = search.properties(&pipeline).into_iter().map(|(name, value)| format!("    {name} {value}\n"));
    format!("[OUTPUT]\n    name opensearch\n    match *\n{}", properties.collect::<String>())
}

/// All lines arrive, each once, and the chunk is not sent for ever.
pub fn takes_every_line_once(fluent_bit: &Path, version: Version) {
    let (port, index) = server();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let lines = (0..LINES).map(|number| format!("{{\"log\":\"line\",\"number\":{}}}\n", number / 2));
    fs::write(path("lines.log"), lines.collect::<String>()).unwrap();
    fs::write(path("parsers.conf"), "[PARSER]\n    name json\n    format json\n").unwrap();
    let service = "[SERVICE]\n    flush 1\n    grace 1\n    scheduler.base 1\n    scheduler.cap 2\n    parsers_file parsers.conf\n";
    let input = "[INPUT]\n    name tail\n    path lines.log\n    parser json\n    read_from_head on\n    tag x\n";
    fs::write(path("main.conf"), [service, input, &section(version, port)].concat()).unwrap();
    let log = fs::File::create(path("log")).unwrap();
    let mut process = Command::new(fluent_bit)
        .args(["-c", "main.conf"])
        .current_dir(folder.path())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap();
    let requests = || index.lock().unwrap().requests;
    let begin = Instant::now();
    while index.lock().unwrap().documents.len() < LINES && begin.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(100));
    }
    // Nothing is sent once all of it is accepted: retries come after two seconds here.
    let mut quiet = (requests(), Instant::now());
    while quiet.1.elapsed() < Duration::from_secs(8) && begin.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(100));
        if requests() != quiet.0 {
            quiet = (requests(), Instant::now());
        }
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let said = fs::read_to_string(path("log")).unwrap();
    let index = index.lock().unwrap();
    assert_eq!((index.documents.len(), index.nameless), (LINES, 0), "{version}: {said}");
    assert!(quiet.1.elapsed() >= Duration::from_secs(8), "{version}: {} requests: {said}", index.requests);
    let day = index.documents.keys().all(|(name, _)| name.starts_with("search-20"));
    assert!(day && index.documents.values().all(|document| document["date"].is_string()), "{version}");
}
