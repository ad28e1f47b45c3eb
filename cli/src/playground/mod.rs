//! The playground on this machine: its page, and the server that reads and writes the file that was opened.
pub mod request;
pub mod server;

/// The page, packed with gzip; there unless the command line was built without it (`cli/build.rs`).
#[cfg(playground)]
pub const PAGE: Option<&[u8]> = Some(include_bytes!(env!("FIRELENS_PLAYGROUND")));
#[cfg(not(playground))]
pub const PAGE: Option<&[u8]> = None;
