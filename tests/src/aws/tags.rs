//! moto leaves out the tags that AWS gives with the call that makes a bucket or a data stream.
use crate::fault_proxy::Request;
use crate::http::Head;

/// The request that gives a new bucket or data stream the tags that it was to be made with.
pub(super) fn request(request: &Request) -> Option<(Head, String)> {
    let (line, target, body) = match request.call.as_str() {
        "kinesis:CreateStream" => {
            let wanted = request.json();
            let body = serde_json::json!({"StreamName": wanted["StreamName"], "Tags": wanted.get("Tags")?});
            ("POST / HTTP/1.1".to_owned(), "x-amz-target: Kinesis_20131202.AddTagsToStream", body.to_string())
        }
        call => {
            let bucket = call.strip_prefix("s3:PUT /")?.trim_end_matches('/');
            let text = request.text();
            let tags = text.split_once("<Tags>")?.1.split_once("</Tags>")?.0;
            let body = format!("<Tagging><TagSet>{tags}</TagSet></Tagging>");
            (format!("PUT /{bucket}?tagging HTTP/1.1"), "x-of: the-proxy", body)
        }
    };
    let kept = ["host", "authorization", "content-type"];
    let kept = kept.iter().filter_map(|name| Some(format!("{name}: {}", request.head.header(name)?)));
    let length = format!("content-length: {}", body.len());
    let lines = [line, target.to_owned(), length].into_iter().chain(kept).collect();
    Some((Head { lines, length: body.len() }, body))
}
