//! The binary that tasks run, and the folder where they leave things.

use std::io;
use std::path::PathBuf;

/// Builds the binary and tells where it is.
///
/// # Errors
/// If it does not build.
pub(crate) fn build() -> io::Result<PathBuf> {
    build_binary("heliogram", "heliogram", false)
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

/// Builds a binary of a package, in the profile of debugging or of release, and tells where it is.
///
/// # Errors
/// If it does not build.
pub(crate) fn build_binary(package: &str, name: &str, is_release: bool) -> io::Result<PathBuf> {
    let mut arguments = vec!["build", "--package", package, "--bin", name];
    if is_release {
        arguments.push("--release");
    }
    crate::test::cargo(&arguments)?;
    let profile = if is_release { "release" } else { "debug" };
    Ok(target_folder()?.join(profile).join(name))
}
