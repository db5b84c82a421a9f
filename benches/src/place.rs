//! Where the benches may put things: beside the build, on a disk that keeps what it is given. The
//! system's directory for temporary files may be memory.

use std::io;
use std::path::PathBuf;

use tempfile::TempDir;

/// The target folder: the program lies in `release/` of it.
///
/// # Errors
/// If the system does not know where the program lies.
pub(crate) fn target() -> io::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program.parent().and_then(|release| release.parent());
    target.map(PathBuf::from).ok_or_else(|| io::Error::other("the program lies in no folder"))
}

/// A directory there that is gone afterwards.
///
/// # Errors
/// If it cannot be made.
pub(crate) fn scratch() -> io::Result<TempDir> {
    tempfile::tempdir_in(target()?)
}

/// A file of the benches' sources.
pub(crate) fn source(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
