//! One row, with all that there is to say about it.
use crate::{problems::utf16, spans::Finder};
use firelens_lines::{
    fields::Names,
    judge::{Fate, Verdict},
    scan::{self, Members},
};
use serde_json::{Value, json};

/// The fields of a record: key and value as they are written, whether the filter made it, and its place in the line, in
/// UTF-16 units.
pub fn fields(verdict: &Verdict, names: &Names) -> Value {
    let line = String::from_utf8_lossy(verdict.line);
    let given: Vec<_> = Members::new(verdict.input).collect();
    let time = names.printed("time");
    let mut finder = Finder::new(&line);
    let mut fields = Vec::new();
    for (key, value) in Members::new(verdict.record) {
        let made = !given.contains(&(key, value));
        let ours = [b"kind".as_slice(), b"route"].contains(&key);
        let text = scan::text(value);
        let place = match made && !ours && !value.starts_with(b"{") && !value.starts_with(b"[") {
            true if key == time => finder.find_time(&text),
            true => finder.find(&text),
            false => None,
        };
        let place = place.map(|place| (utf16(&line[..place.start]), utf16(&line[..place.end])));
        fields.push(json!({
            "key": String::from_utf8_lossy(key),
            "value": String::from_utf8_lossy(value),
            "made": made,
            "place": place,
        }));
    }
    fields.into()
}

/// What became of the record, in a word or a sentence.
pub fn fate(verdict: &Verdict) -> Value {
    match &verdict.fate {
        Fate::Kept => json!({ "fate": "kept" }),
        Fate::Dropped => json!({ "fate": "dropped" }),
        Fate::Lost(loss) => json!({ "fate": "lost", "why": loss.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use firelens_filter::program::{Kind, Program};
    use firelens_lines::fields::Facts;

    #[test]
    fn made_fields_have_their_places() {
        let verdict = Verdict {
            line: "é 200 [22/Nov/2026:07:38:32 +0000]".as_bytes(),
            input: br#"{"source":"stdout","log":"x"}"#,
            record: br#"{"source":"stdout","kind":"access","status":200,"time":"2026-11-22T07:38:32Z","route":"all"}"#,
            facts: Facts { kind: Kind::Access, route: Some(0), status: Some(200) },
            fate: Fate::Kept,
        };
        let fields = fields(&verdict, &Names::new(&Program::default()));
        let places: Vec<_> = fields.as_array().unwrap().iter().map(|field| (&field["made"], &field["place"])).collect();
        let (yes, no, none) = (json!(true), json!(false), Value::Null);
        assert_eq!(
            places,
            [(&no, &none), (&yes, &none), (&yes, &json!([2, 5])), (&yes, &json!([7, 33])), (&yes, &none)]
        );
    }
}
