//! What a store of blobs offers, whether it keeps them on disk or in memory.

use std::fmt;

use heliogram_ids::{FileId, Timestamp, UserId};
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decoder, Encoder};

use crate::cbor::Field;
use crate::{Key, KeyReader, Record, StoreError};

/// Keeps files of any size by the hash of their content, so that equal files are kept once.
///
/// A blob is on disk, synced, before its id is handed out: a row that names it may commit at once.
/// Every call may block on the disk.
pub trait Blobs: Send + Sync {
    /// Opens an upload, unless it is open already.
    ///
    /// # Errors
    /// [`BlobError::TooManyUploads`], or if the disk fails.
    fn start_upload(&self, key: UploadKey, now: Timestamp) -> Result<(), BlobError>;

    /// Keeps one part, in any order and from any thread; a part that comes again replaces itself.
    ///
    /// A part of a finished upload begins that upload anew.
    ///
    /// # Errors
    /// If the part exceeds the limits, there is no such upload, or the disk fails.
    fn write_part(&self, key: UploadKey, number: u32, bytes: &[u8]) -> Result<(), BlobError>;

    /// The parts that have arrived, in order.
    ///
    /// # Errors
    /// [`BlobError::NoUpload`].
    fn parts(&self, key: UploadKey) -> Result<Vec<Part>, BlobError>;

    /// Joins the parts `0..count`. Asked again, it answers the same, until the upload is swept.
    ///
    /// # Errors
    /// [`BlobError::PartMissing`], [`BlobError::NoUpload`], or if the disk fails.
    fn finish(&self, key: UploadKey, count: u32) -> Result<BlobId, BlobError>;

    /// Forgets an upload. A blob that it became stays.
    fn abandon(&self, key: UploadKey);

    /// Forgets the uploads that were started before `before`; returns how many.
    fn sweep(&self, before: Timestamp) -> usize;

    /// Keeps a file that is in memory anyway: a thumbnail, a generated picture.
    ///
    /// # Errors
    /// If the disk fails.
    fn put(&self, bytes: &[u8]) -> Result<BlobId, BlobError>;

    /// Up to `len` bytes from `offset` on; fewer at the end, none beyond.
    ///
    /// # Errors
    /// [`BlobError::NotFound`], or if the disk fails.
    fn read(&self, id: &BlobId, offset: u64, len: usize) -> Result<Vec<u8>, BlobError>;

    /// Whether the blob is here, in its whole length.
    ///
    /// # Errors
    /// If the disk fails.
    fn contains(&self, id: &BlobId) -> Result<bool, BlobError>;

    /// Reads the whole blob, in pieces, and compares its hash.
    ///
    /// # Errors
    /// [`BlobError::Damaged`], [`BlobError::NotFound`], or if the disk fails.
    fn verify(&self, id: &BlobId) -> Result<(), BlobError>;

    /// Removes a blob that no row names any more.
    ///
    /// # Errors
    /// If the disk fails. That there is no such blob is no error.
    fn remove(&self, id: &BlobId) -> Result<(), BlobError>;

    /// How much is kept, uploads under way excepted. May take long when it is first asked.
    ///
    /// # Errors
    /// If the disk fails, or if nobody counts here.
    fn usage(&self) -> Result<BlobUsage, BlobError> {
        Err(StoreError::engine("blobs are not counted here").into())
    }
}

/// How much is kept.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BlobUsage {
    /// Blobs.
    pub count: u64,
    /// Bytes of all of them.
    pub bytes: u64,
}

/// Name of a blob: the SHA-256 of its content, and how much of it there is.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BlobId {
    /// Hash of the content.
    pub sha256: [u8; 32],
    /// Length in bytes.
    pub len: u64,
}

/// Name of an upload: clients choose file ids, and two accounts may choose the same.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UploadKey {
    /// Who uploads.
    pub owner: UserId,
    /// The id that the client chose.
    pub file: FileId,
}

/// A part that has arrived.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Part {
    /// Its place, from zero.
    pub number: u32,
    /// Its length.
    pub len: u32,
}

/// Why a blob or an upload is not to be had.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The upload was never started, or was swept.
    #[error("no such upload")]
    NoUpload,
    /// The upload cannot be finished yet.
    #[error("part {0} has not arrived")]
    PartMissing(u32),
    /// A part is longer than [`crate::Limits::part_bytes_max`], or empty.
    #[error("part of {found} bytes, limit {limit}")]
    PartSize {
        /// Its length.
        found: usize,
        /// What is allowed.
        limit: usize,
    },
    /// A part's number is beyond [`crate::Limits::upload_parts_max`], or no parts were asked for.
    #[error("part number {found}, limit {limit}")]
    PartNumber {
        /// The number.
        found: u32,
        /// The first number that is not allowed.
        limit: u32,
    },
    /// [`crate::Limits::uploads_max`] are open already.
    #[error("{0} uploads are open already")]
    TooManyUploads(usize),
    /// There is no such blob.
    #[error("no blob {0:?}")]
    NotFound(BlobId),
    /// The blob's content is not what its name says.
    #[error("blob {0:?} is damaged")]
    Damaged(BlobId),
    /// The disk failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BlobId {
    /// The hash in hexadecimal digits, as the file is called.
    pub fn hex(&self) -> String {
        use fmt::Write;

        let mut hex = String::with_capacity(64);
        for byte in self.sha256 {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
        }
        hex
    }
}

impl fmt::Debug for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.hex(), self.len)
    }
}

impl Key for BlobId {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.sha256, self.len).encode(out);
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        let (sha256, len) = Key::decode(input)?;
        Ok(Self { sha256, len })
    }
}

impl Record for BlobId {
    fn to_record(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(40);
        Key::encode(self, &mut bytes);
        bytes
    }

    fn from_record(bytes: &[u8]) -> Result<Self, StoreError> {
        crate::key::decode_key(bytes).map_err(StoreError::bad_record::<Self>)
    }
}

impl Field for BlobId {
    fn encode<W: Write>(&self, e: &mut Encoder<W>) -> Result<(), EncodeError<W::Error>> {
        e.array(2)?.bytes(&self.sha256)?.u64(self.len)?.ok()
    }

    fn decode(d: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let shape = || DecodeError::message("not a blob id");
        if d.array()? != Some(2) {
            return Err(shape());
        }
        let sha256 = d.bytes()?.try_into().map_err(|_| shape())?;
        Ok(Self { sha256, len: d.u64()? })
    }
}
