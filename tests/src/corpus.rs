//! The corpus in `fixtures/`: lines that httpd itself wrote, with what was true of each.
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

/// What is true of a line, by name.
pub type Truth = Map<String, Value>;

/// A file of the corpus.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The bytes of a file of the corpus.
pub fn read(name: &str) -> Vec<u8> {
    let path = path(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of a file of the corpus, without their ends.
pub fn lines(name: &str) -> Vec<Vec<u8>> {
    let text = read(name);
    let text = text.strip_suffix(b"\n").unwrap_or(&text);
    text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// The rows of a truth file.
pub fn truth(name: &str) -> Vec<Truth> {
    let row = |line: Vec<u8>| serde_json::from_slice(&line).expect("a row of truth is an object");
    lines(name).into_iter().map(row).collect()
}

/// The access formats: name and LogFormat.
pub fn access_formats() -> Vec<(String, String)> {
    let formats: Map<String, Value> = serde_json::from_slice(&read("access/formats.json")).expect("an object");
    let text = |value: Value| value.as_str().expect("a LogFormat is text").to_owned();
    formats.into_iter().map(|(name, format)| (name, text(format))).collect()
}

/// The names of the error logs.
pub const ERROR_LOGS: [&str; 4] = ["event_info", "docker_mixed", "startup_stderr", "style22"];

/// Decoded text as the filter gives it: bytes that are not UTF-8 stay as the `\xhh` that httpd writes for them.
pub fn text_of(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// The bytes that two hexadecimal digits each stand for.
pub fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).expect("hexadecimal")).collect()
}
