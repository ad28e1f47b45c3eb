//! The secrets in a configuration, so that they are told and never printed.
use crate::{
    conf::{Section, Span, Text},
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

/// A configuration's text with stars for what looks like a secret, whether the line could be read or not.
pub fn covered(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let secret = in_line(line).unwrap_or(0..0);
        out.push_str(&line[..secret.start]);
        out.push_str(&"*".repeat(secret.len()));
        out.push_str(&line[secret.end..]);
    }
    out
}

/// What stands behind the name of a secret.
fn in_line(line: &str) -> Option<Span> {
    let names = line.split(|c: char| !c.is_alphanumeric() && !"_.-".contains(c)).filter(|name| !name.is_empty());
    names.into_iter().find_map(|name| {
        let end = name.as_ptr() as usize - line.as_ptr() as usize + name.len();
        let value = line[end..].trim_start_matches(['"', '\'', ' ', '\t', ':', '=']);
        let (start, value) = (line.len() - value.len(), value.trim_end());
        let secret = start > end && !value.is_empty() && !value.contains("${") && is_secret(name, value);
        secret.then(|| start..start + value.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_covered_in_any_line() {
        let covers = [
            ("    apikey  s3cr3t é\r\n", "    apikey  *********\r\n"),
            ("apikey\ts3cr3t", "apikey\t******"),
            ("- {name: http, http_passwd: x}", "- {name: http, http_passwd: **"),
            ("Header Authorization Bearer x", "Header **********************"),
            ("@SET password=x\n", "@SET password=*\n"),
        ];
        for (line, shown) in covers {
            assert_eq!(covered(line), shown);
        }
        for line in ["apikey ${KEY}\n", "log_key log", "# the password", "password", "", "http_passwd:"] {
            assert_eq!(covered(line), line);
        }
    }
}
