//! `--format json` and `ndjson`: one object for every line.
use crate::judge::{Fate, Verdict};
use firelens_config::Route;
use serde_json::json;

/// Writes the objects. What does not depend on the record is made once.
pub struct Objects {
    /// Behind the record of each route, and in the end of no route: `,"route":…,"to":…,"dropped":false`.
    kept: Vec<Vec<u8>>,
    dropped: Vec<Vec<u8>>,
}

impl Objects {
    pub fn new(routes: &[Route]) -> Objects {
        let mut objects = Objects { kept: Vec::new(), dropped: Vec::new() };
        let routes = routes.iter().map(|route| (Some(&route.name), &route.to[..]));
        for (name, to) in routes.chain([(None, &[][..])]) {
            objects.kept.push(format!(r#","route":{},"to":{},"dropped":false"#, json!(name), json!(to)).into());
            objects.dropped.push(format!(r#","route":{},"to":[],"dropped":true"#, json!(name)).into());
        }
        objects
    }

    /// Appends the object for a line, without a newline. The record is copied as the module returned it.
    pub fn write(&self, verdict: &Verdict, explanation: Option<&serde_json::Value>, out: &mut Vec<u8>) {
        let route = verdict.facts.route.unwrap_or(self.kept.len() - 1);
        out.extend_from_slice(b"{\"record\":");
        match &verdict.fate {
            Fate::Kept => {
                out.extend_from_slice(verdict.record);
                out.extend_from_slice(&self.kept[route]);
            }
            Fate::Dropped => {
                out.extend_from_slice(b"null");
                out.extend_from_slice(&self.dropped[route]);
            }
            Fate::Lost(loss) => {
                out.extend_from_slice(b"null");
                out.extend_from_slice(&self.kept[self.kept.len() - 1]);
                out.extend_from_slice(format!(",\"lost\":{}", json!(loss.to_string())).as_bytes());
            }
        }
        if let Some(explanation) = explanation {
            out.extend_from_slice(format!(",\"explain\":{explanation}").as_bytes());
        }
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fields::Facts, host::Loss};
    use firelens_filter::program::Kind;

    #[track_caller]
    fn assert_object(route: Option<usize>, fate: Fate, expected: &str) {
        let to = vec!["s3".to_string(), "cloud\"watch".to_string()];
        let objects = Objects::new(&[Route { name: "fail\"ures".into(), to }]);
        let facts = Facts { kind: Kind::Access, route, status: None };
        let verdict = Verdict { line: b"", input: b"", record: br#"{"a":1.10}"#, facts, fate };
        let mut out = Vec::new();
        objects.write(&verdict, None, &mut out);
        assert_eq!(String::from_utf8(out.clone()).unwrap(), expected);
        serde_json::from_slice::<serde_json::Value>(&out).unwrap();
    }

    #[test]
    fn a_kept_record_is_copied_byte_for_byte() {
        assert_object(
            Some(0),
            Fate::Kept,
            r#"{"record":{"a":1.10},"route":"fail\"ures","to":["s3","cloud\"watch"],"dropped":false}"#,
        );
        assert_object(None, Fate::Kept, r#"{"record":{"a":1.10},"route":null,"to":[],"dropped":false}"#);
    }

    #[test]
    fn a_dropped_line_has_its_object_too() {
        assert_object(Some(0), Fate::Dropped, r#"{"record":null,"route":"fail\"ures","to":[],"dropped":true}"#);
    }

    #[test]
    fn a_lost_record_says_why() {
        assert_object(
            None,
            Fate::Lost(Loss::Null),
            r#"{"record":null,"route":null,"to":[],"dropped":false,"lost":"the module returned NULL"}"#,
        );
    }
}
