//! The bytes of a `file_id` and of a `file_unique_id`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::file_type::{FileClass, FileType};

/// Where a size of a photo comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PhotoSource {
    /// Only in ids of old.
    Legacy { secret: i64 },
    /// A size of a photo, or the thumbnail of a document.
    Thumbnail { file_type: FileType, letter: u8 },
    /// The photo of a chat or user, small or big.
    Dialog { big: bool, dialog_id: i64, access_hash: i64 },
    /// Only in ids of old.
    StickerSet { set_id: i64, access_hash: i64 },
    /// Only in ids of old.
    FullLegacy { volume_id: i64, secret: i64, local_id: i32 },
    /// Only in ids of old.
    DialogLegacy { big: bool, dialog_id: i64, access_hash: i64, volume_id: i64, local_id: i32 },
    /// Only in ids of old.
    StickerSetLegacy { set_id: i64, access_hash: i64, volume_id: i64, local_id: i32 },
    /// The thumbnail of a sticker set.
    StickerSetVersion { set_id: i64, access_hash: i64, version: i32 },
}

/// What an id locates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Location {
    /// A file on the web, fetched through the data centre.
    Web { url: String, access_hash: i64 },
    /// One size of a photo.
    Photo { id: i64, access_hash: i64, source: PhotoSource },
    /// A document.
    Document { id: i64, access_hash: i64 },
}

/// A decoded `file_id`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FileRef {
    /// What it was issued as.
    pub file_type: FileType,
    /// Data centre that keeps the file.
    pub dc_id: i32,
    /// Proof of access that goes stale; may be empty.
    pub file_reference: Vec<u8>,
    /// The file itself.
    pub location: Location,
}

/// Why a text is no `file_id`, in the official words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FileIdError {
    /// A letter outside base64url.
    #[error("Wrong character in the string")]
    Character,
    /// A length no base64 text has.
    #[error("Wrong string length")]
    Length,
    /// Bits left over.
    #[error("Wrong padding")]
    Padding,
    /// The last byte names no format.
    #[error("can't unserialize it. Wrong last symbol")]
    LastSymbol,
    /// The bytes are no location.
    #[error("can't unserialize it")]
    Body,
}

const WEB: i32 = 1 << 24;
const WITH_REFERENCE: i32 = 1 << 25;
const VERSION_OLD: u8 = 2;
const VERSION: u8 = 4;
/// The storage version of the official 10.0 server.
const SUB_VERSION: u8 = 59;
/// From here on photos carry no volume and local id.
const SUB_VERSION_SOURCES: u8 = 32;
const SUB_VERSION_SOURCE_ADDED: u8 = 22;

impl FileRef {
    /// The `file_id`.
    pub fn encode(&self) -> String {
        let mut out = Writer(Vec::new());
        let mut kind = i32::from(self.file_type as u8);
        if matches!(self.location, Location::Web { .. }) {
            kind |= WEB;
        }
        if !self.file_reference.is_empty() {
            kind |= WITH_REFERENCE;
        }
        out.i32(kind);
        out.i32(self.dc_id);
        if !self.file_reference.is_empty() {
            out.bytes(&self.file_reference);
        }
        match &self.location {
            Location::Web { url, access_hash } => {
                out.bytes(url.as_bytes());
                out.i64(*access_hash);
            }
            Location::Document { id, access_hash } => {
                out.i64(*id);
                out.i64(*access_hash);
            }
            Location::Photo { id, access_hash, source } => {
                out.i64(*id);
                out.i64(*access_hash);
                out.source(*source);
            }
        }
        let mut bytes = shrink(&out.0);
        bytes.extend([SUB_VERSION, VERSION]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a `file_id` of any version since 2018.
    ///
    /// # Errors
    /// The text is none.
    pub fn decode(text: &str) -> Result<Self, FileIdError> {
        let bytes = decode_base64(text)?;
        let (version, rest) = bytes.split_last().ok_or(FileIdError::Body)?;
        let (sub_version, body) = match *version {
            VERSION => {
                rest.split_last().map(|(sub, body)| (*sub, body)).ok_or(FileIdError::Body)?
            }
            VERSION_OLD => (0, rest),
            _ => return Err(FileIdError::LastSymbol),
        };
        let plain = unfold(body);
        let mut reader = Reader(&plain);
        let found = reader.file(sub_version).ok_or(FileIdError::Body)?;
        if reader.0.is_empty() { Ok(found) } else { Err(FileIdError::Body) }
    }

    /// The `file_unique_id`: the same for every bot, and of no use for fetching.
    pub fn unique_id(&self) -> String {
        let mut out = Writer(Vec::new());
        let class = match self.file_type.class() {
            FileClass::Photo => 1,
            FileClass::Document => 2,
            FileClass::Secure => 3,
            FileClass::Encrypted => 4,
            FileClass::Temp => 5,
        };
        match &self.location {
            Location::Web { .. } => return String::new(),
            Location::Document { id, .. } => {
                out.i32(class);
                out.i64(*id);
            }
            Location::Photo { id, source, .. } => {
                out.i32(class);
                out.unique_source(*id, *source);
            }
        }
        URL_SAFE_NO_PAD.encode(shrink(&out.0))
    }
}

pub(super) fn decode_base64(text: &str) -> Result<Vec<u8>, FileIdError> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|error| match error {
        base64::DecodeError::InvalidByte(..) => FileIdError::Character,
        base64::DecodeError::InvalidLength(_) => FileIdError::Length,
        _ => FileIdError::Padding,
    })
}

/// Runs of zeros become a zero and their length.
pub(super) fn shrink(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if *first != 0 {
            out.push(*first);
            rest = after;
            continue;
        }
        let run = rest.iter().take(250).take_while(|byte| **byte == 0).count();
        out.extend([0, u8::try_from(run).unwrap_or(250)]);
        rest = rest.get(run..).unwrap_or_default();
    }
    out
}

/// The inverse; a last zero without a length stands for itself.
pub(super) fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() * 2);
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        match (*byte, bytes.as_slice().first()) {
            (0, Some(run)) => {
                out.resize(out.len() + usize::from(*run), 0);
                bytes.next();
            }
            (byte, _) => out.push(byte),
        }
    }
    out
}

pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn i32(&mut self, value: i32) {
        self.0.extend(value.to_le_bytes());
    }

    pub(super) fn i64(&mut self, value: i64) {
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        match u8::try_from(bytes.len()) {
            Ok(length) if length < 254 => self.0.push(length),
            _ => {
                let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
                self.0.extend([254, length[0], length[1], length[2]]);
            }
        }
        self.0.extend(bytes);
        while !self.0.len().is_multiple_of(4) {
            self.0.push(0);
        }
    }

    fn source(&mut self, source: PhotoSource) {
        match source {
            PhotoSource::Legacy { secret } => {
                self.i32(0);
                self.i64(secret);
            }
            PhotoSource::Thumbnail { file_type, letter } => {
                self.i32(1);
                self.i32(i32::from(file_type as u8));
                self.i32(i32::from(letter));
            }
            PhotoSource::Dialog { big, dialog_id, access_hash } => {
                self.i32(if big { 3 } else { 2 });
                self.pair(dialog_id, access_hash);
            }
            PhotoSource::StickerSet { set_id, access_hash } => {
                self.i32(4);
                self.pair(set_id, access_hash);
            }
            PhotoSource::FullLegacy { volume_id, secret, local_id } => {
                self.i32(5);
                self.pair(volume_id, secret);
                self.i32(local_id);
            }
            PhotoSource::DialogLegacy { big, dialog_id, access_hash, volume_id, local_id } => {
                self.i32(if big { 7 } else { 6 });
                self.pair(dialog_id, access_hash);
                self.i64(volume_id);
                self.i32(local_id);
            }
            PhotoSource::StickerSetLegacy { set_id, access_hash, volume_id, local_id } => {
                self.i32(8);
                self.pair(set_id, access_hash);
                self.i64(volume_id);
                self.i32(local_id);
            }
            PhotoSource::StickerSetVersion { set_id, access_hash, version } => {
                self.i32(9);
                self.pair(set_id, access_hash);
                self.i32(version);
            }
        }
    }

    pub(super) fn pair(&mut self, first: i64, second: i64) {
        self.i64(first);
        self.i64(second);
    }

    /// What tells one size of a photo from every other file.
    fn unique_source(&mut self, id: i64, source: PhotoSource) {
        match source {
            PhotoSource::Thumbnail { letter, .. } => {
                self.i64(id);
                self.0.push(match letter {
                    b'a' => 0,
                    b'c' => 1,
                    letter => letter.wrapping_add(5),
                });
            }
            PhotoSource::Dialog { big, .. } => {
                self.i64(id);
                self.0.push(u8::from(big));
            }
            PhotoSource::StickerSetVersion { set_id, version, .. } => {
                self.0.push(2);
                self.i64(set_id);
                self.i32(version);
            }
            PhotoSource::FullLegacy { volume_id, local_id, .. }
            | PhotoSource::DialogLegacy { volume_id, local_id, .. }
            | PhotoSource::StickerSetLegacy { volume_id, local_id, .. } => {
                self.i64(volume_id);
                self.i32(local_id);
            }
            PhotoSource::Legacy { .. } | PhotoSource::StickerSet { .. } => self.i64(id),
        }
    }
}

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn i32(&mut self) -> Option<i32> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i32::from_le_bytes(*bytes))
    }

    pub(super) fn i64(&mut self) -> Option<i64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(i64::from_le_bytes(*bytes))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn bytes(&mut self) -> Option<Vec<u8>> {
        let (length, prefix) = match self.take(1)? {
            [254] => match self.take(3)? {
                [a, b, c] => (u32::from_le_bytes([*a, *b, *c, 0]), 4),
                _ => return None,
            },
            [length] => (u32::from(*length), 1),
            _ => return None,
        };
        let length = usize::try_from(length).ok()?;
        let bytes = self.take(length)?.to_vec();
        self.take((4 - (prefix + length) % 4) % 4)?;
        Some(bytes)
    }

    fn file(&mut self, sub_version: u8) -> Option<FileRef> {
        let kind = self.i32()?;
        let file_type = FileType::new(kind & 0xff_ffff & !(WEB | WITH_REFERENCE))?;
        let dc_id = self.i32()?;
        let mut file_reference =
            if kind & WITH_REFERENCE != 0 { self.bytes()? } else { Vec::new() };
        if file_reference == b"#" {
            file_reference.clear();
        }
        let location = if kind & WEB != 0 {
            let url = String::from_utf8(self.bytes()?).ok()?;
            Location::Web { url, access_hash: self.i64()? }
        } else {
            let (id, access_hash) = (self.i64()?, self.i64()?);
            match file_type.class() {
                FileClass::Photo => {
                    Location::Photo { id, access_hash, source: self.photo(sub_version)? }
                }
                _ => Location::Document { id, access_hash },
            }
        };
        Some(FileRef { file_type, dc_id, file_reference, location })
    }

    fn photo(&mut self, sub_version: u8) -> Option<PhotoSource> {
        if sub_version >= SUB_VERSION_SOURCES {
            return self.source();
        }
        let volume_id = self.i64()?;
        if sub_version < SUB_VERSION_SOURCE_ADDED {
            let (secret, local_id) = (self.i64()?, self.i32()?);
            return Some(PhotoSource::FullLegacy { volume_id, secret, local_id });
        }
        let source = self.source()?;
        let local_id = self.i32()?;
        Some(match source {
            PhotoSource::Legacy { secret } => {
                PhotoSource::FullLegacy { volume_id, secret, local_id }
            }
            PhotoSource::Dialog { big, dialog_id, access_hash } => {
                PhotoSource::DialogLegacy { big, dialog_id, access_hash, volume_id, local_id }
            }
            PhotoSource::StickerSet { set_id, access_hash } => {
                PhotoSource::StickerSetLegacy { set_id, access_hash, volume_id, local_id }
            }
            source => source,
        })
    }

    fn source(&mut self) -> Option<PhotoSource> {
        Some(match self.i32()? {
            0 => PhotoSource::Legacy { secret: self.i64()? },
            1 => {
                let file_type = FileType::new(self.i32()?)?;
                PhotoSource::Thumbnail { file_type, letter: u8::try_from(self.i32()?).ok()? }
            }
            tag @ (2 | 3) => PhotoSource::Dialog {
                big: tag == 3,
                dialog_id: self.i64()?,
                access_hash: self.i64()?,
            },
            4 => PhotoSource::StickerSet { set_id: self.i64()?, access_hash: self.i64()? },
            5 => PhotoSource::FullLegacy {
                volume_id: self.i64()?,
                secret: self.i64()?,
                local_id: self.i32()?,
            },
            tag @ (6 | 7) => PhotoSource::DialogLegacy {
                big: tag == 7,
                dialog_id: self.i64()?,
                access_hash: self.i64()?,
                volume_id: self.i64()?,
                local_id: self.i32()?,
            },
            8 => PhotoSource::StickerSetLegacy {
                set_id: self.i64()?,
                access_hash: self.i64()?,
                volume_id: self.i64()?,
                local_id: self.i32()?,
            },
            9 => PhotoSource::StickerSetVersion {
                set_id: self.i64()?,
                access_hash: self.i64()?,
                version: self.i32()?,
            },
            _ => return None,
        })
    }
}
