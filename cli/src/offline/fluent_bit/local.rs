//! The effective configuration, moved into a folder: its socket, module and buffers are there, and each output writes a
//! file.
use firelens_pipeline::conf::{self, Section, SectionKind, Syntax};
use std::path::{Path, PathBuf};

pub(super) fn config(folder: &Path) -> PathBuf {
    folder.join("fluent-bit.conf")
}

pub(super) fn module(folder: &Path) -> PathBuf {
    folder.join("filter.wasm")
}

/// The rules for lines that belong together.
pub(super) fn parsers(folder: &Path) -> PathBuf {
    folder.join("parsers.conf")
}

pub(super) fn socket(folder: &Path) -> PathBuf {
    folder.join("fluent.sock")
}

/// The folder with a file for each destination, named after it.
pub(super) fn received(folder: &Path) -> PathBuf {
    folder.join("received")
}

/// The configuration. Inputs that listen on the network are left out, and so is the HTTP server: there may be another Fluent
/// Bit on this machine.
pub(super) fn configuration(effective: &str, folder: &Path) -> String {
    let document = conf::read(effective, Syntax::Classic, 0);
    document.sections().filter_map(|section| moved(section, folder)).collect()
}

fn moved(section: &Section, folder: &Path) -> Option<String> {
    let entries = section.entries.iter().filter_map(|entry| Some((entry.name.as_str(), entry.text()?.text.clone())));
    let entries: Vec<(&str, String)> = match section.kind {
        SectionKind::Service => entries.map(|(name, value)| (name, in_service(name, value, folder))).collect(),
        SectionKind::Input if section.get("unix_path").is_none() => return None,
        SectionKind::Input => replaced(entries, "unix_path", &socket(folder)),
        SectionKind::Filter => replaced(entries, "wasm_path", &module(folder)),
        SectionKind::Output => to_file(section, folder)?,
        _ => entries.collect(),
    };
    let lines = entries.into_iter().map(|(name, value)| format!("    {name} {value}\n"));
    Some(format!("[{}]\n{}\n", section.title.text, lines.collect::<String>()))
}

fn in_service(name: &str, value: String, folder: &Path) -> String {
    match name {
        "storage.path" => folder.join("storage").display().to_string(),
        "parsers_file" => parsers(folder).display().to_string(),
        "http_server" => "off".to_string(),
        _ => value,
    }
}

fn replaced<'a>(entries: impl Iterator<Item = (&'a str, String)>, name: &str, path: &Path) -> Vec<(&'a str, String)> {
    let path = path.display().to_string();
    entries.map(|(own, value)| (own, if own == name { path.clone() } else { value })).collect()
}

/// A file in place of a destination. FireLens's own output, for its health checks, has no name and stays away.
fn to_file(section: &Section, folder: &Path) -> Option<Vec<(&'static str, String)>> {
    let value = |name: &str| Some(section.get(name)?.text()?.text.clone());
    Some(vec![
        ("name", "file".to_string()),
        ("match_regex", value("match_regex")?),
        ("path", received(folder).display().to_string()),
        ("file", value("alias")?),
        ("format", "plain".to_string()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_the_folder_and_filters_stay() {
        let effective = "\
[INPUT]
    Name forward
    Mem_Buf_Limit 256MB
    unix_path /var/run/fluent.sock

[INPUT]
    Name forward
    Listen 127.0.0.1
    Port 24224

[SERVICE]
    grace        30
    http_server  on
    storage.path /var/lib/firelens-kit

[FILTER]
    name        wasm
    match_regex ^[^.]+-firelens-[^.]+$
    wasm_path   /firelens-kit/filter.wasm

[OUTPUT]
    name            cloudwatch_logs
    alias           cloudwatch
    match_regex     ^(?!x$).+
    log_group_name  /shop
    storage.total_limit_size 100M

[OUTPUT]
    Name null
    Match firelens-healthcheck
";
        let expected = "\
[INPUT]
    name forward
    mem_buf_limit 256MB
    unix_path /t/fluent.sock

[SERVICE]
    grace 30
    http_server off
    storage.path /t/storage

[FILTER]
    name wasm
    match_regex ^[^.]+-firelens-[^.]+$
    wasm_path /t/filter.wasm

[OUTPUT]
    name file
    match_regex ^(?!x$).+
    path /t/received
    file cloudwatch
    format plain

";
        assert_eq!(configuration(effective, Path::new("/t")), expected);
    }
}
