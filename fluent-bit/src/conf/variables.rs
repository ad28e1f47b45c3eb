//! `${NAME}` and `${NAME:-default}`, as `flb_env_var_translate` replaces them.
use std::collections::HashMap;

/// The variables that the configuration itself sets. Those of the process are not known here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(HashMap<String, String>);

/// A value with its variables replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    Known(String),
    /// It holds a variable that only the running container knows.
    Unknown,
}

impl Resolved {
    /// The text, where it is known.
    pub fn known(self) -> Option<String> {
        match self {
            Resolved::Known(text) => Some(text),
            Resolved::Unknown => None,
        }
    }
}

impl Variables {
    /// A later value replaces an earlier one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_string(), value.to_string());
    }

    /// Those of another file, which is read later.
    pub fn add(&mut self, later: &Variables) {
        self.0.extend(later.0.clone());
    }

    /// The configuration sets it.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Replaces them all. A default stands for a variable of the process, which may have another value.
    pub fn resolve(&self, text: &str) -> Resolved {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, tail)) = after.split_once('}').filter(|(name, _)| !name.is_empty()) else { break };
            let (name, default) = name.split_once(":-").map_or((name, None), |(name, default)| (name, Some(default)));
            let value = self.0.get(name).filter(|value| default.is_none() || !value.is_empty());
            let Some(value) = value.map(String::as_str).or(default) else { return Resolved::Unknown };
            out.push_str(before);
            out.push_str(value);
            rest = tail;
        }
        out.push_str(rest);
        Resolved::Known(out)
    }
}

/// The names that a text refers to.
pub fn names(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split("${").skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(name, _)| name.split_once(":-").map_or(name, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced() {
        let mut variables = Variables::default();
        variables.set("a", "1");
        variables.set("empty", "");
        let known = |text: &str| variables.resolve(text).known();
        assert_eq!(known("x${a}y${a}"), Some("x1y1".into()));
        assert_eq!(known("${b:-2} ${empty:-3} ${empty}"), Some("2 3 ".into()));
        assert_eq!(known("${b}"), None);
        assert_eq!(known("no ${end, ${"), Some("no ${end, ${".into()));
        assert_eq!(known("${}"), Some("${}".into()));
        assert_eq!(names("${a} ${b:-c}").collect::<Vec<_>>(), ["a", "b"]);
    }
}
