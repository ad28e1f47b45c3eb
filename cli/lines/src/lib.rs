//! What becomes of log lines: [`record`] makes the record that Fluent Bit would hand to the filter, [`join`] joins lines that
//! belong together, [`judge`] runs a record through the module and says what became of it, [`explain`] says why, and
//! [`objects`] prints it. No I/O, and no runtime of WebAssembly: whoever hosts the module implements [`host`], so that the
//! command line and the browser give the same bytes.
pub mod explain;
pub mod fields;
pub mod harmless;
pub mod host;
pub mod join;
pub mod judge;
pub mod objects;
pub mod record;
pub mod scan;
#[cfg(test)]
mod tests;
mod words;

/// The lines of a text, without their ends (`\n` or `\r\n`).
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        rest = &rest[end.map_or(rest.len(), |end| end + 1)..];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}
