//! Lines that belong together, such as those of a stack trace: the rules that say which, as Fluent Bit's parsers and as a
//! joiner that follows the same rules offline.
mod joiner;
mod languages;
mod rules;

pub use joiner::{Invalid, Joiner, Pattern, Stream};
pub use languages::{LANGUAGES, Language};
pub use rules::{Part, Rules};

/// The least that the filter takes: how long lines wait for the next one, in milliseconds. Its timer does not wait for a
/// pause: it passes on what is held twice a second.
pub const WAIT: u32 = 500;

/// How long the text of a joined record gets, in bytes: what is over it is cut off. As the service's
/// `multiline_buffer_limit` it is `900K`.
pub const LONGEST: usize = 900 << 10;

/// The lines of a container that are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The container's name.
    pub container: String,
    /// Those that it writes to standard output are.
    pub stdout: bool,
    /// Those that it writes to standard error are.
    pub stderr: bool,
    /// Which lines belong together.
    pub rules: Rules,
}

impl Joined {
    /// Whether the lines of this stream are joined.
    pub fn takes(&self, stream: &str) -> bool {
        match stream {
            "stdout" => self.stdout,
            "stderr" => self.stderr,
            _ => false,
        }
    }
}
