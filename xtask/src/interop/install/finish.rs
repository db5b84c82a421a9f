//! Commands that have to succeed, and folders that are complete or not there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::interop::claim::Claim;

/// Runs a command to its good end.
///
/// # Errors
/// If it is missing or fails.
pub(super) fn finish(command: &mut Command) -> io::Result<()> {
    let name = command.get_program().display().to_string();
    let status = command.status().map_err(|error| io::Error::other(format!("{name}: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{name}: {status}")))
}

/// A folder that depends on the contents of some files: found complete, or made anew by `fill`.
///
/// # Errors
/// If a file cannot be read, and what `fill` says.
pub(super) fn once(
    cache: &Path,
    name: &str,
    pins: &[PathBuf],
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<PathBuf> {
    let mut digest = Sha256::new();
    for pin in pins {
        digest.update(fs::read(pin)?);
    }
    let folder = cache.join(format!("{name}-{}", &hex::encode(digest.finalize())[..12]));
    let claim = Claim::on(folder.clone())?;
    let complete = folder.join("complete");
    if !complete.is_file() {
        claim.clear()?;
        fill(&folder)?;
        fs::write(complete, [])?;
    }
    Ok(folder)
}
