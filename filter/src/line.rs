//! The line of a record.
/// A line: canonical JSON text inside of a larger buffer (searching is faster with bytes behind the line).
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub text: &'a [u8],
    pub start: usize,
    pub end: usize,
    /// There is no `\\` in it, or the format has none of httpd's escapes, so that no value can hold one.
    pub plain: bool,
}
