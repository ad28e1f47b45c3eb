//! What in a task definition may be a secret: it is compared, but not shown.

/// Parts of the names of what is not for everybody.
const WORDS: [&str; 12] =
    ["pass", "pwd", "secret", "token", "key", "cred", "auth", "dsn", "url", "uri", "conn", "private"];

/// Whether a field's value may be a secret, by the name of the variable or option that it stands in:
/// `containerDefinitions[app].environment[DB_PASSWORD].value`.
pub(crate) fn may_be_secret(field: &str) -> bool {
    const LISTS: [&str; 2] = ["containerDefinitions", "environment"];
    let last = field.rsplit('.').next().unwrap_or_default();
    if LISTS.contains(&last) {
        return true;
    }
    let within = |part: &str| field.split_once(part).map(|(_, name)| name.to_lowercase());
    let name = [".environment[", ".options.", ".dockerLabels."].iter().find_map(|part| within(part));
    name.is_some_and(|name| WORDS.iter().any(|word| name.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::may_be_secret;

    #[test]
    fn names_tell() {
        let variable = |name: &str| may_be_secret(&format!("containerDefinitions[app].environment[{name}].value"));
        assert!(variable("DB_PASSWORD") && variable("DATABASE_URL") && variable("apiKey"));
        assert!(!variable("LOG_LEVEL"));
        assert!(may_be_secret("containerDefinitions[app].logConfiguration.options.splunk-token"));
        assert!(!may_be_secret("containerDefinitions[app].logConfiguration.options.Name"));
        assert!(!may_be_secret("containerDefinitions[app].image"));
        assert!(may_be_secret("containerDefinitions[app].environment"));
    }
}
