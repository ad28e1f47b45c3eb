//! Tags: patterns of those that there are, and what matches them.
//!
//! In a pattern `*` stands for any text. A `Match` is such a pattern (`flb_router_match`); a `Match_Regex` is tried on
//! samples of the pattern.
use fancy_regex::Regex;

/// A `Match` or a `Match_Regex`.
#[derive(Debug, Clone)]
pub enum Matcher {
    Pattern(String),
    /// Nothing is known about one that is none.
    Regex(Option<Box<Regex>>),
    /// With both, one of them is enough (`flb_router_match`).
    Either(Box<Matcher>, Box<Matcher>),
}

/// What stands in for `*` when a regular expression is tried.
const SAMPLES: [&str; 3] = ["web", "0123456789abcdef0123456789abcdef", "a.b"];

impl Matcher {
    /// A `Match_Regex`. Fluent Bit wants it to match at the tag's beginning.
    pub fn regex(text: &str) -> Matcher {
        Matcher::Regex(Regex::new(text).ok().map(Box::new))
    }

    /// It may match a tag of this pattern.
    pub fn overlaps(&self, tag: &str) -> bool {
        match self {
            Matcher::Pattern(own) => overlap(own, tag),
            Matcher::Regex(None) => true,
            Matcher::Regex(Some(_)) if tag == "*" => true,
            Matcher::Regex(Some(regex)) => {
                let named = words(regex.as_str()).into_iter().filter_map(|word| of_container(tag, &word));
                samples(tag).into_iter().chain(named).any(|sample| begins(regex, &sample))
            }
            Matcher::Either(one, other) => one.overlaps(tag) || other.overlaps(tag),
        }
    }

    /// It surely matches every tag of this pattern.
    pub fn covers(&self, tag: &str) -> bool {
        match self {
            Matcher::Pattern(own) => cover(own, tag),
            Matcher::Regex(None) => false,
            Matcher::Regex(Some(regex)) => samples(tag).iter().all(|sample| begins(regex, sample)),
            Matcher::Either(one, other) => one.covers(tag) || other.covers(tag),
        }
    }

    /// The tags of a pattern that it matches, as a pattern that is not wider than both.
    pub fn narrow(&self, tag: &str) -> String {
        match self {
            Matcher::Pattern(own) if !cover(own, tag) => own.clone(),
            _ => tag.to_string(),
        }
    }
}

fn begins(regex: &Regex, sample: &str) -> bool {
    regex.find(sample).ok().flatten().is_some_and(|found| found.start() == 0 && found.end() > 0)
}

/// Tags of a pattern: FireLens's pattern has a container's name and a task's id in it.
fn samples(pattern: &str) -> Vec<String> {
    if !pattern.contains('*') {
        return vec![pattern.to_string()];
    }
    if let Some((before, "-*")) = pattern.rsplit_once("-firelens") {
        return vec![format!("{}-firelens-{}", before.replace('*', SAMPLES[0]), SAMPLES[1])];
    }
    SAMPLES.iter().map(|sample| pattern.replace('*', sample)).collect()
}

/// The tag of a pattern of FireLens's that the container of this name has, if the pattern leaves the name open.
fn of_container(pattern: &str, name: &str) -> Option<String> {
    let after = pattern.strip_prefix("*-firelens-*")?;
    Some(format!("{name}-firelens-{}{}", SAMPLES[1], after.replace('*', SAMPLES[0])))
}

/// What stands in a regular expression as it is, where a container's name can stand.
fn words(regex: &str) -> Vec<String> {
    let plain = regex.replace(r"\-", "-").replace("-firelens-", "\0");
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    plain.split(|c: char| !is_part(c)).filter(|word| !word.is_empty()).map(str::to_string).collect()
}

/// Some tag matches both patterns.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    table(a, b, |a, b| a == b, true)
}

/// Every tag of the second pattern matches the first. Never true when one does not.
fn cover(a: &str, b: &str) -> bool {
    table(a, b, |a, b| a == b && b != b'*', false)
}

/// Whether the ends of both patterns are reached. `both`: a `*` in `b` may be left out or take anything as well.
fn table(a: &str, b: &str, same: fn(u8, u8) -> bool, both: bool) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut reached = vec![vec![false; b.len() + 1]; a.len() + 1];
    reached[0][0] = true;
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if !reached[i][j] {
                continue;
            }
            let (star_a, star_b) = (a.get(i) == Some(&b'*'), both && b.get(j) == Some(&b'*'));
            if star_a || (star_b && i < a.len()) {
                reached[i + 1][j] = true;
            }
            if star_b || (star_a && j < b.len()) {
                reached[i][j + 1] = true;
            }
            if i < a.len() && j < b.len() && same(a[i], b[j]) {
                reached[i + 1][j + 1] = true;
            }
        }
    }
    reached[a.len()][b.len()]
}

/// The tags that a `rewrite_tag` rule's third part can make: `$TAG`, `$field` and `$0` are any text.
pub(super) fn rewritten(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        out.push('*');
        let end = variable_end(after);
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

/// `TAG`, `TAG[1]`, `kubernetes['a']['b']`, `0`; also `{VARIABLE}`.
fn variable_end(text: &str) -> usize {
    if text.starts_with('{') {
        return text.find('}').map_or(text.len(), |end| end + 1);
    }
    let mut end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    while text[end..].starts_with('[') {
        end += text[end..].find(']').map_or(text.len() - end, |close| close + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_overlap() {
        for (a, b) in [("*", ""), ("httpd-firelens*", "*-firelens-*"), ("a*c", "*b*"), ("abc", "abc"), ("*", "*")] {
            assert!(overlap(a, b) && overlap(b, a), "{a} {b}");
        }
        for (a, b) in [("a*", "b*"), ("abc", "abd"), ("route.*", "web-firelens*"), ("", "a")] {
            assert!(!overlap(a, b) && !overlap(b, a), "{a} {b}");
        }
    }

    #[test]
    fn patterns_cover() {
        let pairs = [("*", "a*b"), ("httpd-firelens*", "httpd-firelens-*"), ("*firelens*", "*-firelens-*"), ("a", "a")];
        for (a, b) in pairs {
            assert!(cover(a, b), "{a} {b}");
        }
        for (a, b) in [("a*", "*"), ("a", "*"), ("httpd-firelens-*", "*-firelens-*"), ("a*b", "a*")] {
            assert!(!cover(a, b), "{a} {b}");
        }
    }

    #[test]
    fn regular_expressions_match_samples() {
        let plain = Matcher::regex(r"^[^.]+-firelens-[^.]+$");
        assert!(plain.covers("*-firelens-*") && !plain.overlaps("firelens-healthcheck"));
        assert!(!plain.overlaps("moved.web-firelens-*") && !plain.overlaps("*-firelens-*.in"));
        let named = Matcher::regex(r"^(?:php\-fpm|worker)-firelens-[^.]+\.stderr$");
        assert!(named.overlaps("*-firelens-*.stderr") && !named.overlaps("*-firelens-*.stdout"));
        assert!(!named.overlaps("*-firelens-*") && !named.overlaps("web-firelens-*.stderr"));
        assert!(!named.covers("*-firelens-*.stderr"));
        assert!(Matcher::regex("^(?!firelens-healthcheck$).+").covers("x.*-firelens-*"));
        assert!(
            !Matcher::regex("b").overlaps("ab")
                && Matcher::regex("(").overlaps("x")
                && !Matcher::regex("(").covers("x")
        );
    }

    #[test]
    fn a_rule_makes_tags() {
        let made = ["route.$route.$TAG", "x", "$TAG[1].a", "${X}.$kubernetes['a']['b'].c", "$0"].map(rewritten);
        assert_eq!(made, ["route.*.*", "x", "*.a", "*.*.c", "*"]);
    }
}
