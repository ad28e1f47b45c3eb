//! `--fix`: the edits of the findings, applied to the texts.
use super::{Edit, Finding};

/// A file's new text, and what was done to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    pub file: usize,
    pub text: String,
    pub done: Vec<String>,
}

/// Applies all mends that do not get in each other's way; what is left is found again in the new text. Edits of one mend
/// are all done or none of them.
pub fn apply(texts: &[&str], findings: &[Finding]) -> Vec<Fixed> {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut done: Vec<(usize, &str)> = Vec::new();
    for fix in findings.iter().filter_map(|finding| finding.fix.as_ref()) {
        let new: Vec<&Edit> = fix.edits.iter().filter(|edit| !edits.contains(edit)).collect();
        if new.iter().all(|edit| edits.iter().all(|other| apart(edit, other))) {
            edits.extend(new);
            done.extend(fix.edits.first().map(|edit| (edit.place.file, fix.title.as_str())));
        }
    }
    texts.iter().enumerate().filter_map(|(file, text)| one(file, text, &edits, &done)).collect()
}

/// Insertions at one place come one after the other.
fn apart(a: &Edit, b: &Edit) -> bool {
    let (x, y) = (&a.place, &b.place);
    x.file != y.file || x.end <= y.start || y.end <= x.start
}

fn one(file: usize, text: &str, edits: &[&Edit], done: &[(usize, &str)]) -> Option<Fixed> {
    let mut own: Vec<&&Edit> = edits.iter().filter(|edit| edit.place.file == file).collect();
    own.sort_by_key(|edit| (edit.place.start, edit.place.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in own {
        out.push_str(text.get(at..edit.place.start)?);
        out.push_str(&edit.text);
        at = edit.place.end;
    }
    out.push_str(text.get(at..)?);
    let done = done.iter().filter(|(of, _)| *of == file).map(|(_, title)| title.to_string()).collect();
    (out != text).then_some(Fixed { file, text: out, done })
}
