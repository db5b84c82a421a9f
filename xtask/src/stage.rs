//! The binary that tasks run, and the folder where they leave things.

use std::io;
use std::path::PathBuf;

/// Builds the binary and tells where it is.
///
/// # Errors
/// If it does not build.
pub(crate) fn build() -> io::Result<PathBuf> {
    build_bin("heliogram", "heliogram", false)?;
    Ok(target_folder()?.join("debug/heliogram"))
}

/// Builds one program of a package, for speed or for looking into it.
///
/// # Errors
/// If it does not build.
pub(crate) fn build_bin(package: &str, bin: &str, is_release: bool) -> io::Result<()> {
    let mut arguments = vec!["build", "--package", package, "--bin", bin];
    if is_release {
        arguments.push("--release");
    }
    crate::test::cargo(&arguments)
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
