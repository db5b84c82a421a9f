//! Where the binary is and where the strangers may leave things.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::voice::Voice;

/// What all runs share.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) heliogram: PathBuf,
    pub(super) folder: PathBuf,
}

impl Stage {
    /// The stage for a binary, or for the one that is built now.
    ///
    /// # Errors
    /// If it is not there or does not build.
    pub(super) fn set(binary: Option<PathBuf>) -> io::Result<Self> {
        let heliogram = match binary {
            Some(binary) => binary.canonicalize()?,
            None => crate::stage::build()?,
        };
        Ok(Self { heliogram, folder: crate::stage::target_folder()?.join("interop") })
    }

    /// An empty folder for what a run leaves behind.
    ///
    /// # Errors
    /// If it cannot be emptied or made.
    pub(super) fn fresh_folder(&self, voice: &Voice) -> io::Result<PathBuf> {
        let folder = self.folder.join(&voice.name);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}
