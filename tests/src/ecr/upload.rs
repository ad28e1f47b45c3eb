//! How blobs come.
use super::{Answer, State, digest};
use crate::http::Head;
use std::sync::Arc;

/// An upload that was begun.
#[derive(Default)]
pub struct Upload {
    bytes: Vec<u8>,
    /// What the answers to chunks say.
    range: Option<usize>,
}

pub fn answer(
    state: &mut State,
    method: &str,
    repository: &str,
    id: &str,
    query: &str,
    head: &Head,
    body: Vec<u8>,
) -> Answer {
    let place = |id: &str| format!("/v2/{repository}/blobs/uploads/{id}");
    if method == "POST" {
        state.begun += 1;
        let id = format!("upload-{}", state.begun);
        state.uploads.insert(id.clone(), Upload::default());
        let begun = Answer::new("202 Accepted").with("Location", place(&id));
        return begun.with("Docker-Upload-UUID", id).with("Range", "0-0");
    }
    let Some(upload) = state.uploads.get_mut(id) else {
        return Answer::error("404 Not Found", "BLOB_UPLOAD_UNKNOWN", "The upload could not be found.");
    };
    let start = head.header("content-range").map(|range| range.split('-').next()?.parse::<usize>().ok());
    match method {
        "PATCH" => {
            let told = upload.range.unwrap_or_default();
            if start.is_some_and(|start| start != Some(upload.bytes.len())) {
                let wrong = Answer::new("416 Requested Range Not Satisfiable").with("Location", place(id));
                return wrong.with("Range", format!("0-{told}"));
            }
            upload.bytes.extend_from_slice(&body);
            let told = *upload.range.get_or_insert(upload.bytes.len().saturating_sub(1));
            let taken = Answer::new("201 Created").with("Location", place(id)).with("Docker-Upload-UUID", id);
            taken.with("Range", format!("0-{told}"))
        }
        "PUT" => {
            if upload.bytes.is_empty() && start.is_some() {
                return Answer::error("400 Bad Request", "SIZE_INVALID", "The chunk size is not valid.");
            }
            let wanted = query.split('&').find_map(|pair| pair.strip_prefix("digest=")).unwrap_or_default();
            let wanted = wanted.replace("%3A", ":");
            upload.bytes.extend_from_slice(&body);
            if digest(&upload.bytes) != wanted {
                let said = "The uploaded blob's digest is not the one that was said";
                return Answer::error("400 Bad Request", "DIGEST_INVALID", said);
            }
            let upload = state.uploads.remove(id).unwrap_or_default();
            state.blobs.insert((repository.to_owned(), wanted.clone()), Arc::new(upload.bytes));
            let kept = Answer::new("201 Created").with("Location", format!("/v2/{repository}/blobs/{wanted}"));
            kept.with("Docker-Content-Digest", wanted)
        }
        _ => Answer::error("405 Method Not Allowed", "UNSUPPORTED", "The operation is unsupported."),
    }
}
