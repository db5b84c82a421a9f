//! A second opinion on the newest commit, kept outside the engine.
//!
//! An engine that loses the end of its journal to a damaged byte opens as if nothing had happened:
//! it cannot tell damage from a crash in mid-write. So the number of the newest commit is also
//! written here, after the engine's sync and before anybody is told of the commit. At start an
//! engine that ends below this number has lost what it acknowledged.
//!
//! The write itself is not synced: a killed process leaves it in the kernel, and after a power cut
//! the number may be too low, which raises no false alarm and only weakens the check. Two slots
//! take turns, so that a write cut in half leaves the other one whole.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::key::decode_key;
use crate::{Key, Loss, StoreError};

/// The file, opened for writing.
pub(crate) struct Watermark {
    file: File,
    path: PathBuf,
}

type Slot = (u64, u64, [u8; 8]);

const MAGIC: u64 = 0x4865_6C69_6F53_6571;
const SLOT_BYTES: usize = 24;
/// In pages of their own: the unit in which a file is written back.
const SLOT_OFFSETS: [u64; 2] = [0, 4096];

impl Watermark {
    /// Opens the file at `path` and holds it against the engine's own number.
    ///
    /// Returns the number to continue from: above both, so that none is ever used twice.
    pub(crate) fn open(path: PathBuf, found: u64, loss: Loss) -> Result<(Self, u64), StoreError> {
        let io = |action| StoreError::io(action, &path);
        let exists = path.try_exists().map_err(io("look for"))?;
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(io("open"))?;
        let acknowledged = newest(&file);

        let verdict = match acknowledged {
            Some(acknowledged) if acknowledged > found => {
                Err(StoreError::DataLost { found, acknowledged, kept: "".into() })
            }
            Some(_) => Ok(()),
            None if found == 0 => Ok(()),
            None => {
                let state = if exists { "is damaged" } else { "is missing" };
                Err(StoreError::NoWatermark { path: path.clone(), state, found })
            }
        };
        if let Err(error) = verdict {
            match loss {
                Loss::Refused => {
                    // The next start must find what this one found.
                    if !exists {
                        std::fs::remove_file(&path).map_err(io("remove"))?;
                    }
                    return Err(error);
                }
                Loss::Accepted => tracing::error!(%error, "starting all the same, as told"),
            }
        }

        let seq = found.max(acknowledged.unwrap_or(0));
        let mut watermark = Self { file, path };
        watermark.advance(seq)?;
        watermark.sync()?;
        Ok((watermark, seq))
    }

    /// The number in the file at `path`, if there is one.
    pub(crate) fn peek(path: &Path) -> Option<u64> {
        newest(&File::open(path).ok()?)
    }

    /// Makes the file for a store that begins with commit `seq`.
    pub(crate) fn create(path: PathBuf, seq: u64) -> Result<(), StoreError> {
        let file = File::create_new(&path).map_err(StoreError::io("create", &path))?;
        let mut watermark = Self { file, path };
        watermark.advance(seq)?;
        watermark.sync()
    }

    /// Notes that commit `seq` is durable.
    pub(crate) fn advance(&mut self, seq: u64) -> Result<(), StoreError> {
        let mut slot = Vec::with_capacity(SLOT_BYTES);
        (MAGIC, seq, checksum(seq)).encode(&mut slot);
        let offset = if seq.is_multiple_of(2) { SLOT_OFFSETS[0] } else { SLOT_OFFSETS[1] };
        self.file.write_all_at(&slot, offset).map_err(StoreError::io("write", &self.path))
    }

    fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_all().map_err(StoreError::io("sync", &self.path))?;
        sync_dir_of(&self.path)
    }
}

impl Drop for Watermark {
    fn drop(&mut self) {
        if let Err(error) = self.sync() {
            tracing::warn!(%error, "the newest commit number may not be on disk");
        }
    }
}

/// The greater number of the slots that are whole.
fn newest(file: &File) -> Option<u64> {
    SLOT_OFFSETS
        .iter()
        .filter_map(|&offset| {
            let mut bytes = [0; SLOT_BYTES];
            file.read_exact_at(&mut bytes, offset).ok()?;
            let (magic, seq, sum) = decode_key::<Slot>(&bytes).ok()?;
            (magic == MAGIC && sum == checksum(seq)).then_some(seq)
        })
        .max()
}

fn checksum(seq: u64) -> [u8; 8] {
    let mut bytes = Vec::new();
    (MAGIC, seq).encode(&mut bytes);
    let digest: [u8; 32] = Sha256::digest(&bytes).into();
    *digest.first_chunk().expect("a SHA-256 has more than eight bytes")
}

/// Makes the entry of `path` in its directory durable.
pub(crate) fn sync_dir_of(path: &Path) -> Result<(), StoreError> {
    let dir =
        path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(StoreError::io("sync", dir))
}
