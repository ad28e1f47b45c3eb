//! A blob: bytes with a digest, which are read when they are needed, from any offset on.
use super::{Error, Kind, Reference, Registry, Result, digest, retry::Patience, written};
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
    File { path: PathBuf, start: u64 },
    Registry { registry: Arc<Registry>, reference: Reference },
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

    /// Its bytes from this offset on. They are not checked against the digest.
    ///
    /// # Errors
    /// When they cannot be read. What goes wrong later is an error in the stream.
    pub async fn read(&self, offset: u64) -> Result<Stream> {
        match &self.place {
            Place::Memory(bytes) => {
                let rest = bytes.slice((offset as usize).min(bytes.len())..);
                Ok(stream::once(async { Ok(rest) }).boxed())
            }
            Place::File { path, start } => read_file(path.clone(), start + offset, self.size - offset).await,
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

    /// Hands all its bytes on, a piece at a time, and checks them. What breaks in a passing way goes on where it broke.
    ///
    /// # Errors
    /// When it cannot be read, is not what its digest says, or is not taken.
    pub async fn copy(&self, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let (mut hash, mut done) = (Sha256::new(), 0u64);
        let mut patience = Patience::default();
        while let Err(error) = self.copy_from(&mut done, &mut hash, &mut take, &mut patience).await {
            patience.wait_after(error).await?;
        }
        let found = written(&hash.finalize());
        if found != self.digest {
            return Err(Error::new(format!("{} is damaged: its content is {found}", self.digest)));
        }
        Ok(())
    }

    async fn copy_from(
        &self,
        done: &mut u64,
        hash: &mut Sha256,
        take: &mut impl FnMut(&[u8]) -> Result<()>,
        patience: &mut Patience,
    ) -> Result<()> {
        let mut pieces = self.read(*done).await?;
        while let Some(piece) = pieces.try_next().await? {
            *done += piece.len() as u64;
            if *done > self.size {
                return Err(Error::new(format!("{} has more than its {} bytes", self.digest, self.size)));
            }
            hash.update(&piece);
            take(&piece)?;
            patience.renew();
        }
        match *done < self.size {
            true => Err(Error::of(Kind::Passing, format!("{} ends after {done} of {} bytes", self.digest, self.size))),
            false => Ok(()),
        }
    }
}

async fn read_file(path: PathBuf, start: u64, length: u64) -> Result<Stream> {
    let failed = |error| Error::file("read", &path, &error);
    let mut file = File::open(&path).await.map_err(failed)?;
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
        let pieces: Vec<Bytes> = blob(&right, 7).read(3).await.unwrap().try_collect().await.unwrap();
        assert_eq!(pieces.concat(), b"tent");
        let error = async |blob: Blob| blob.bytes(10).await.unwrap_err().to_string();
        assert!(error(blob(&right, 8)).await.contains("is damaged: its content is sha256:"));
        assert!(error(blob(&right, 10)).await.contains("ends too early: 1 bytes are missing"));
        assert!(error(blob(&right, 11)).await.contains("more than 10"));
    }
}
