//! Where the binary is and where the strangers may leave things.

use std::io;
use std::path::PathBuf;

use super::claim::Claim;
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

    /// An empty folder for what a run leaves behind, which the run has to itself.
    ///
    /// # Errors
    /// If it cannot be emptied or made.
    pub(super) fn fresh_folder(&self, voice: &Voice) -> io::Result<Claim> {
        let claim = Claim::on(self.folder.join(&voice.name))?;
        claim.clear()?;
        Ok(claim)
    }
}
