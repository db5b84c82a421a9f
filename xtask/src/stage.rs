//! The binary that tasks run, and the folder where they leave things.

use std::io;
use std::path::PathBuf;

/// Builds the binary and tells where it is.
///
/// # Errors
/// If it does not build.
pub(crate) fn build() -> io::Result<PathBuf> {
    crate::test::cargo(&["build", "--package", "heliogram", "--bin", "heliogram"])?;
    Ok(target_folder()?.join("debug/heliogram"))
}

/// Where cargo puts what it builds.
///
/// # Errors
/// If cargo does not know.
pub(crate) fn target_folder() -> io::Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(crate::workspace())
        .no_deps()
        .exec()
        .map_err(io::Error::other)?;
    Ok(metadata.target_directory.into_std_path_buf())
}
