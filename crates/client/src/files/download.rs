//! Downloads: parts asked for ahead, handed out in order.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use heliogram_tl as tl;
use heliogram_tl::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::part::{PARTS_AHEAD, Progress, align, ask_len};
use crate::connect::Purpose;
use crate::{Client, InvokeError};

/// Why a download broke off.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The server refused a part; `FILE_REFERENCE_EXPIRED` among others.
    #[error(transparent)]
    Invoke(#[from] InvokeError),
    /// The server sends us to a distributor, which it was told not to do.
    #[error("server refers to a distribution network")]
    Redirected,
    /// The target could not be written.
    #[error("writing the target failed: {0}")]
    Write(#[from] io::Error),
    /// The file ended before the size it was said to have.
    #[error("file ended after {found} bytes, {wanted} were expected")]
    TooShort {
        /// Bytes that came.
        found: u64,
        /// Bytes that were expected.
        wanted: u64,
    },
}

/// A download under way: ask for [`chunk`](Self::chunk) after chunk, or hand it a writer.
pub struct Download {
    client: Client,
    location: tl::InputFileLocation,
    size: Option<u64>,
    /// Where the next request begins.
    next: u64,
    /// Up to where chunks were handed out.
    given: u64,
    /// Bytes of the first part that were not asked for.
    early: usize,
    ended: bool,
    under_way: FuturesOrdered<Asking>,
    asked: VecDeque<usize>,
    progress: Option<Progress>,
}

type Asking = Pin<Box<dyn Future<Output = Result<Bytes, DownloadError>> + Send>>;

impl Client {
    /// Downloads a file. With a known size nothing is asked for beyond its end, and a file that
    /// ends early is an error.
    pub fn download(&self, location: tl::InputFileLocation, size: Option<u64>) -> Download {
        Download {
            client: self.clone(),
            location,
            size,
            next: 0,
            given: 0,
            early: 0,
            ended: false,
            under_way: FuturesOrdered::new(),
            asked: VecDeque::new(),
            progress: None,
        }
    }
}

impl Download {
    /// Begins at this byte of the file. To be called before the first chunk.
    #[must_use]
    pub fn offset(mut self, offset: u64) -> Self {
        (self.next, self.early) = align(offset);
        self.given = offset;
        self
    }

    /// Has `told` called after each chunk with the position reached.
    #[must_use]
    pub fn progress(mut self, told: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.progress = Some(std::sync::Arc::new(told));
        self
    }

    /// The next bytes of the file, up to 512 KiB; none at its end. Dropping the future loses
    /// nothing.
    ///
    /// # Errors
    /// See [`DownloadError`]. The position reached is [`position`](Self::position), from where
    /// another download may go on.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, DownloadError> {
        self.ask_ahead();
        let Some(part) = self.under_way.next().await else {
            return self.end();
        };
        let wanted = self.asked.pop_front().unwrap_or_default();
        let mut part = part?;
        if part.len() < wanted {
            // Spec: upload.getFile. A short part is the end of the file.
            self.ended = true;
            self.under_way = FuturesOrdered::new();
            self.asked.clear();
        }
        let _ = part.split_to(std::mem::take(&mut self.early).min(part.len()));
        if part.is_empty() {
            return self.end();
        }
        self.given += part.len() as u64;
        if let Some(told) = &self.progress {
            told(self.given, self.size);
        }
        Ok(Some(part))
    }

    /// Up to which byte of the file chunks were handed out.
    pub const fn position(&self) -> u64 {
        self.given
    }

    /// Writes everything that is left; returns the bytes written.
    ///
    /// # Errors
    /// See [`DownloadError`].
    pub async fn write_to(
        &mut self,
        target: &mut (impl AsyncWrite + Unpin),
    ) -> Result<u64, DownloadError> {
        let start = self.given;
        while let Some(chunk) = self.chunk().await? {
            target.write_all(&chunk).await?;
        }
        target.flush().await?;
        Ok(self.given - start)
    }

    fn ask_ahead(&mut self) {
        while !self.ended
            && self.under_way.len() < PARTS_AHEAD
            && self.size.is_none_or(|size| self.next < size)
        {
            let len = ask_len(self.next);
            let asking = ask(self.client.clone(), self.location.clone(), self.next, len);
            self.under_way.push_back(Box::pin(asking));
            self.asked.push_back(len);
            self.next += len as u64;
        }
    }

    fn end(&self) -> Result<Option<Bytes>, DownloadError> {
        match self.size {
            Some(wanted) if self.given < wanted => {
                Err(DownloadError::TooShort { found: self.given, wanted })
            }
            _ => Ok(None),
        }
    }
}

async fn ask(
    client: Client,
    location: tl::InputFileLocation,
    offset: u64,
    len: usize,
) -> Result<Bytes, DownloadError> {
    let request = tl::upload::GetFile {
        precise: true,
        cdn_supported: false,
        location,
        offset: i64::try_from(offset).unwrap_or(i64::MAX),
        limit: i32::try_from(len).expect("a part is far below 2 GiB"),
    };
    match client.invoke_on(Purpose::File, &request).await? {
        tl::upload::File::File(file) => Ok(file.bytes),
        tl::upload::File::FileCdnRedirect(_) => Err(DownloadError::Redirected),
    }
}
