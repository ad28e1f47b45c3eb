//! The secrets in a configuration, so that they are told and never printed.
use crate::{
    conf::{Section, Text},
    plugin::is_secret,
};

/// The values of a section that are secrets, written out: not a `${VARIABLE}`.
pub fn plain(section: &Section) -> Vec<&Text> {
    let mut found = Vec::new();
    for entry in &section.entries {
        let secret = |text: &&Text| is_secret(&entry.name, &text.text);
        let written = |text: &&Text| !text.text.is_empty() && !text.text.contains("${");
        found.extend(entry.texts().into_iter().filter(secret).filter(written));
    }
    found
}
