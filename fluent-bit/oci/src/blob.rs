//! A blob: bytes with a digest, which are read when they are needed, from any offset on.
use super::{Error, Reference, Registry, Result, base::layout, digest, plain, retry::Patience, written};
use bytes::{Bytes, BytesMut};
use futures::{
    StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use sha2::{Digest as _, Sha256};
use std::{
    io::SeekFrom,
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};

/// How much of a file is read at a time, in bytes.
const PIECE: u64 = 256 * 1024;

/// Something with a digest: a layer, a configuration, a manifest.
#[derive(Debug, Clone)]
pub struct Blob {
    pub media_type: String,
    /// `sha256:…`
    pub digest: String,
    /// In bytes.
    pub size: u64,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Memory(Bytes),
    /// A part of a file.
    File {
        path: PathBuf,
        start: u64,
    },
    /// A layout's folder.
    Layout(PathBuf),
    Registry {
        registry: Arc<Registry>,
        reference: Reference,
    },
}

/// What a blob's bytes come as.
pub type Stream = BoxStream<'static, Result<Bytes>>;

impl Blob {
    /// These bytes.
    pub fn of(media_type: &str, bytes: impl Into<Bytes>) -> Blob {
        let bytes = bytes.into();
        let size = bytes.len() as u64;
        Blob { media_type: media_type.to_string(), digest: digest(&bytes), size, place: Place::Memory(bytes) }
    }

    /// A part of a file.
    pub fn in_file(media_type: &str, digest: &str, size: u64, path: &Path, start: u64) -> Blob {
        let place = Place::File { path: path.to_path_buf(), start };
        Blob { media_type: media_type.to_string(), digest: digest.to_string(), size, place }
    }

    /// A blob of a layout in this folder.
    pub fn in_layout(media_type: &str, digest: &str, size: u64, folder: &Path) -> Blob {
        let place = Place::Layout(folder.to_path_buf());
        Blob { media_type: media_type.to_string(), digest: digest.to_string(), size, place }
    }

    /// A blob of a registry's repository.
    pub fn in_registry(
        media_type: &str,
        digest: &str,
        size: u64,
        registry: &Arc<Registry>,
        reference: &Reference,
    ) -> Blob {
        let place = Place::Registry { registry: Arc::clone(registry), reference: reference.at(digest) };
        Blob { media_type: media_type.to_string(), digest: digest.to_string(), size, place }
    }

    /// The same bytes under another media type.
    pub fn as_type(&self, media_type: &str) -> Blob {
        Blob { media_type: media_type.to_string(), ..self.clone() }
    }

    /// The repository that it can be mounted from, if it is one of this registry.
    pub fn repository_in(&self, registry: &str) -> Option<&str> {
        match &self.place {
            Place::Registry { reference, .. } => (reference.registry == registry).then_some(&reference.repository),
            _ => None,
        }
    }

    /// Its bytes from this offset on, neither more nor less than it has. Read from the beginning, the last piece comes only
    /// when all of them are what the digest says. What breaks in a passing way goes on where it broke.
    ///
    /// # Errors
    /// All that goes wrong is an error in the stream.
    pub fn read(&self, offset: u64) -> Stream {
        let hash = (offset == 0).then(Sha256::new);
        let reading = Reading {
            blob: self.clone(),
            at: offset,
            source: None,
            hash,
            held: None,
            patience: Patience::default(),
            ended: false,
        };
        stream::try_unfold(
            reading,
            |mut reading| async move { Ok(reading.next().await?.map(|piece| (piece, reading))) },
        )
        .boxed()
    }

    /// Its bytes from this offset on, as they come.
    async fn open(&self, offset: u64) -> Result<Stream> {
        match &self.place {
            Place::Memory(bytes) => {
                let rest = bytes.slice((offset as usize).min(bytes.len())..);
                Ok(stream::once(async { Ok(rest) }).boxed())
            }
            Place::File { path, start } => {
                read_file(plain::open(path)?, path.clone(), start + offset, self.size - offset).await
            }
            Place::Layout(folder) => {
                let (file, path) = layout::open_blob(folder, &self.digest)?;
                read_file(file, path, offset, self.size - offset).await
            }
            Place::Registry { registry, reference } => registry.blob(reference, &self.digest, offset).await,
        }
    }

    /// All its bytes, checked, for what is small.
    ///
    /// # Errors
    /// When it has more than `limit` bytes, cannot be read, or is not what its digest says.
    pub async fn bytes(&self, limit: u64) -> Result<Bytes> {
        if self.size > limit {
            return Err(Error::new(format!("{} has {} bytes, more than {limit}", self.digest, self.size)));
        }
        let mut all = BytesMut::new();
        self.copy(|piece| {
            all.extend_from_slice(piece);
            Ok(())
        })
        .await?;
        Ok(all.freeze())
    }

    /// Hands all its bytes on, a piece at a time, and checks them: see [`Blob::read`].
    ///
    /// # Errors
    /// When it cannot be read, is not what its digest says, or is not taken.
    pub async fn copy(&self, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut pieces = self.read(0);
        while let Some(piece) = pieces.try_next().await? {
            take(&piece)?;
        }
        Ok(())
    }
}

/// A blob that is being read.
struct Reading {
    blob: Blob,
    /// How much has come.
    at: u64,
    source: Option<Stream>,
    /// Of all that has come, if it came from the beginning on.
    hash: Option<Sha256>,
    /// The last piece that came.
    held: Option<Bytes>,
    patience: Patience,
    ended: bool,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        while !self.ended {
            match self.pull().await? {
                Some(piece) => match self.held.replace(piece) {
                    Some(before) => return Ok(Some(before)),
                    None => continue,
                },
                None => self.check()?,
            }
        }
        Ok(self.held.take())
    }

    /// A piece of the source, which is opened again when it breaks.
    async fn pull(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.pull_once().await {
                Ok(piece) => {
                    self.patience.renew();
                    return Ok(piece);
                }
                Err(error) => {
                    self.source = None;
                    self.patience.wait_after(error).await?;
                }
            }
        }
    }

    async fn pull_once(&mut self) -> Result<Option<Bytes>> {
        let Blob { digest, size, .. } = &self.blob;
        loop {
            let source = match &mut self.source {
                Some(source) => source,
                None if self.at == *size => return Ok(None),
                None => self.source.insert(self.blob.open(self.at).await?),
            };
            match source.try_next().await? {
                Some(piece) if piece.is_empty() => {}
                Some(piece) if piece.len() as u64 > size - self.at => {
                    return Err(Error::new(format!("{digest} has more than its {size} bytes")));
                }
                Some(piece) => {
                    self.at += piece.len() as u64;
                    self.hash.iter_mut().for_each(|hash| hash.update(&piece));
                    return Ok(Some(piece));
                }
                None if self.at < *size => {
                    return Err(Error::passing(format!("{digest} ends after {} of {size} bytes", self.at)));
                }
                None => return Ok(None),
            }
        }
    }

    fn check(&mut self) -> Result<()> {
        self.ended = true;
        let Some(hash) = self.hash.take() else { return Ok(()) };
        let found = written(&hash.finalize());
        match found == self.blob.digest {
            true => Ok(()),
            false => Err(Error::new(format!("{} is damaged: its content is {found}", self.blob.digest))),
        }
    }
}

async fn read_file(file: std::fs::File, path: PathBuf, start: u64, length: u64) -> Result<Stream> {
    let failed = |error| Error::file("read", &path, &error);
    let mut file = File::from_std(file);
    file.seek(SeekFrom::Start(start)).await.map_err(failed)?;
    let pieces = stream::try_unfold((file, length, path), |(mut file, left, path)| async move {
        let mut piece = BytesMut::zeroed(left.min(PIECE) as usize);
        let count = file.read(&mut piece).await.map_err(|error| Error::file("read", &path, &error))?;
        piece.truncate(count);
        match (left, count) {
            (0, _) => Ok(None),
            (_, 0) => Err(Error::new(format!("{} ends too early: {left} bytes are missing", path.display()))),
            _ => Ok(Some((piece.freeze(), (file, left - count as u64, path)))),
        }
    });
    Ok(pieces.boxed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_of_a_file_is_read_and_checked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("blob");
        std::fs::write(&path, "..content..").unwrap();
        let blob = |digest: &str, size| Blob::in_file("text/plain", digest, size, &path, 2);
        let right = digest(b"content");
        assert_eq!(blob(&right, 7).bytes(7).await.unwrap(), "content");
        let pieces: Vec<Bytes> = blob(&right, 7).read(3).try_collect().await.unwrap();
        assert_eq!(pieces.concat(), b"tent");
        let error = async |blob: Blob| blob.bytes(10).await.unwrap_err().to_string();
        assert!(error(blob(&right, 8)).await.contains("is damaged: its content is sha256:"));
        assert!(error(blob(&right, 10)).await.contains("ends too early: 1 bytes are missing"));
        assert!(error(blob(&right, 11)).await.contains("more than 10"));
    }
}
