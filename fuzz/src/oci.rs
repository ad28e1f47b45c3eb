//! Images as inputs of the fuzz targets. An input has parts with `%%` between them; `@2@` in a part stands for the digest of
//! the part with this number, and `#2#` for its length. So a changed configuration still is the one that its manifest names.
use firelens_oci::{Base, Error, Image, Options, RegistryAuth, Source, digest};
use firelens_oci::{File, Platform};
use firelens_pipeline::Version;

/// The parts, with digests and lengths in them. A part can name those behind it.
pub fn parts(input: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(input);
    let mut parts: Vec<Vec<u8>> = text.split("%%").take(8).map(|part| part.as_bytes().to_vec()).collect();
    for at in (0..parts.len()).rev() {
        let mut text = String::from_utf8_lossy(&parts[at]).into_owned();
        for (number, other) in parts.iter().enumerate().skip(at + 1) {
            text = text.replace(&format!("@{number}@"), &digest(content(other)));
            text = text.replace(&format!("#{number}#"), &content(other).len().to_string());
        }
        parts[at] = text.into_bytes();
    }
    parts
}

/// What stands behind an empty line, or all.
fn content(part: &[u8]) -> &[u8] {
    part.windows(2).position(|two| two == b"\n\n").map_or(part, |at| &part[at + 2..])
}

/// Reads an image as `build` does, down to the bytes of its layers, and puts the router's on top.
pub async fn build(source: &Source, auth: RegistryAuth) {
    let base = match Base::open(source, &Platform::usual(), auth, None).await {
        Ok(base) => base,
        Err(error) => return check(&error),
    };
    let fluent_bit = match base.fluent_bit() {
        Ok(found) => found.unwrap_or(Version::new(5, 0, 9)),
        Err(error) => return check(&error),
    };
    let files = [File { path: "/firelens-kit/pipeline.conf".to_string(), bytes: b"[SERVICE]".to_vec() }];
    let image = match Image::assemble(&base, &files, &Options { title: "fuzz".to_string(), fluent_bit, volume: None }) {
        Ok(image) => image,
        Err(error) => return check(&error),
    };
    for blob in image.blobs() {
        match blob.bytes(1 << 20).await {
            Ok(bytes) => assert_eq!(digest(&bytes), blob.digest, "a blob is not its digest's"),
            Err(error) => check(&error),
        }
    }
}

/// Nothing that is said moves a cursor.
fn check(error: &Error) {
    let text = error.to_string();
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{text:?}");
}
