//! Uploads: a reader in, an input file out, and never more than a few parts in memory.

use std::io;
use std::path::Path;

use heliogram_crypto::Random;
use heliogram_tl as tl;
use heliogram_tl::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::task::JoinSet;

use super::part::{BIG_BYTES, PART_BYTES, PARTS_AT_ONCE, PARTS_MAX, Progress};
use crate::connect::Purpose;
use crate::{Client, InvokeError};

/// Why a file was not uploaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The source could not be read.
    #[error("reading the source failed: {0}")]
    Read(#[from] io::Error),
    /// The server refused a part.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// There is nothing to upload.
    #[error("file is empty")]
    Empty,
    /// The file is longer than the server keeps, or than was announced.
    #[error("file is longer than {0} bytes")]
    TooLong(u64),
    /// The source ended early.
    #[error("source ended after {found} bytes, {wanted} were announced")]
    TooShort {
        /// Bytes that came.
        found: u64,
        /// Bytes that were announced.
        wanted: u64,
    },
}

/// An upload about to begin.
pub struct Upload<R> {
    client: Client,
    source: R,
    name: String,
    size: Option<u64>,
    progress: Option<Progress>,
}

impl Client {
    /// Uploads what `source` yields. With a known size the server learns it from the first part;
    /// without one the source is streamed all the same.
    pub fn upload<R: AsyncRead + Unpin + Send>(
        &self,
        source: R,
        size: Option<u64>,
        name: impl Into<String>,
    ) -> Upload<R> {
        Upload { client: self.clone(), source, name: name.into(), size, progress: None }
    }

    /// Uploads a file of the disk under its own name.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn upload_file(&self, path: impl AsRef<Path>) -> io::Result<Upload<tokio::fs::File>> {
        let path = path.as_ref();
        let file = tokio::fs::File::open(path).await?;
        let size = file.metadata().await?.len();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(self.upload(file, Some(size), name.unwrap_or_default()))
    }
}

impl<R: AsyncRead + Unpin + Send> Upload<R> {
    /// Has `told` called after each part with the bytes that are through.
    #[must_use]
    pub fn progress(mut self, told: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.progress = Some(std::sync::Arc::new(told));
        self
    }

    /// Uploads everything; the result goes into an `InputMedia`.
    ///
    /// # Errors
    /// See [`UploadError`]. What was uploaded so far is forgotten by the server after a while.
    pub async fn run(mut self) -> Result<tl::InputFile, UploadError> {
        let mut plan = Plan::new(self.size, self.client.entropy().i64());
        // Tasks, so that parts travel while a slow source is read; dropped, they are aborted.
        let mut under_way = JoinSet::new();
        let mut next = self.read_part().await?;
        let mut read = 0;
        let mut through = 0;
        while let Some(bytes) = next {
            read += bytes.len() as u64;
            // Only a look ahead tells which part is the last.
            next = self.read_part().await?;
            let part = plan.part(bytes.len(), next.is_none())?;
            if under_way.len() >= PARTS_AT_ONCE {
                through += joined(&mut under_way).await?.unwrap_or_default();
                self.told(through);
            }
            under_way.spawn(send(self.client.clone(), part, bytes));
        }
        while let Some(sent) = joined(&mut under_way).await? {
            through += sent;
            self.told(through);
        }
        match self.size {
            _ if read == 0 => Err(UploadError::Empty),
            Some(wanted) if read < wanted => Err(UploadError::TooShort { found: read, wanted }),
            _ => Ok(plan.file(self.name.as_str())),
        }
    }

    async fn read_part(&mut self) -> io::Result<Option<Bytes>> {
        let mut part = Vec::new();
        // A short source does not pay for a whole part.
        (&mut self.source).take(PART_BYTES as u64).read_to_end(&mut part).await?;
        Ok((!part.is_empty()).then(|| part.into()))
    }

    fn told(&self, through: u64) {
        if let Some(told) = &self.progress {
            told(through, self.size);
        }
    }
}

/// Waits for one of the parts; none, if all are through.
async fn joined(
    under_way: &mut JoinSet<Result<u64, InvokeError>>,
) -> Result<Option<u64>, InvokeError> {
    match under_way.join_next().await {
        Some(Ok(sent)) => sent.map(Some),
        // Only the runtime's end cancels one of them.
        Some(Err(_)) => Err(InvokeError::Closed),
        None => Ok(None),
    }
}

/// Where a part belongs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Part {
    file: i64,
    number: i32,
    /// How many there are; −1 while that is unknown. None for a small file, which need not say.
    total: Option<i32>,
}

/// Numbers the parts of one file.
#[derive(Debug)]
struct Plan {
    file: i64,
    size: Option<u64>,
    parts: i32,
    bytes: u64,
}

impl Plan {
    const fn new(size: Option<u64>, file: i64) -> Self {
        Self { file, size, parts: 0, bytes: 0 }
    }

    fn part(&mut self, len: usize, last: bool) -> Result<Part, UploadError> {
        let number = self.parts;
        self.parts += 1;
        self.bytes += len as u64;
        let longest = self.size.unwrap_or(PARTS_MAX as u64 * PART_BYTES as u64);
        if self.bytes > longest || self.parts > PARTS_MAX {
            return Err(UploadError::TooLong(longest));
        }
        let total = match self.size {
            Some(size) => parts_of(size),
            None if last => self.parts,
            None => -1,
        };
        Ok(Part { file: self.file, number, total: self.is_big().then_some(total) })
    }

    // A stream of unknown length has to be announced as a big one from its first part.
    fn is_big(&self) -> bool {
        self.size.is_none_or(|size| size > BIG_BYTES)
    }

    fn file(&self, name: &str) -> tl::InputFile {
        let (id, parts, name) = (self.file, self.parts, tl::Str::from(name));
        if self.is_big() {
            tl::types::InputFileBig { id, parts, name }.into()
        } else {
            tl::types::InputFile { id, parts, name, md5_checksum: tl::Str::new() }.into()
        }
    }
}

async fn send(client: Client, part: Part, bytes: Bytes) -> Result<u64, InvokeError> {
    let len = bytes.len() as u64;
    let Part { file: file_id, number: file_part, total } = part;
    // One small part is not worth a connection of its own.
    let purpose = if bytes.len() <= SMALL_BYTES { Purpose::Home } else { Purpose::File };
    match total {
        Some(file_total_parts) => {
            let request =
                tl::upload::SaveBigFilePart { file_id, file_part, file_total_parts, bytes };
            client.invoke_on(purpose, &request).await?
        }
        None => {
            let request = tl::upload::SaveFilePart { file_id, file_part, bytes };
            client.invoke_on(purpose, &request).await?
        }
    };
    Ok(len)
}

fn parts_of(size: u64) -> i32 {
    i32::try_from(size.div_ceil(PART_BYTES as u64)).unwrap_or(i32::MAX)
}

/// Parts up to this length share the home line.
const SMALL_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a file of `len` bytes: the totals they announce.
    fn totals(size: Option<u64>, len: u64) -> Vec<Option<i32>> {
        let mut plan = Plan::new(size, 1);
        let mut left = len;
        let mut totals = Vec::new();
        while left > 0 {
            let part = left.min(PART_BYTES as u64);
            left -= part;
            totals.push(plan.part(part as usize, left == 0).unwrap().total);
        }
        totals
    }

    #[test]
    fn a_file_of_ten_mebibytes_is_still_small() {
        assert_eq!(totals(Some(BIG_BYTES), BIG_BYTES), vec![None; 20]);
    }

    #[test]
    fn a_big_file_announces_its_parts() {
        assert_eq!(totals(Some(BIG_BYTES + 1), BIG_BYTES + 1), vec![Some(21); 21]);
    }

    #[test]
    fn a_stream_announces_its_parts_with_the_last() {
        let part = PART_BYTES as u64;
        assert_eq!(totals(None, part * 2 + 1), [Some(-1), Some(-1), Some(3)]);
        assert_eq!(totals(None, 5), [Some(1)]);
    }

    #[test]
    fn more_than_was_announced_is_refused() {
        let mut plan = Plan::new(Some(10), 1);
        assert!(matches!(plan.part(11, true), Err(UploadError::TooLong(10))));
    }
}
