//! The binary that tasks run, and the folder where they leave things.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    crate::cargo::run(&arguments)?;
    let profile = if is_release { "release" } else { "debug" };
    Ok(target_folder()?.join(profile).join(name))
}

/// Builds a program of the test kit and the server that it exposes to something, if none is given,
/// and tells the one of the other.
///
/// # Errors
/// If something does not build.
pub(crate) fn exposing(tool: &str, binary: Option<&Path>, is_release: bool) -> io::Result<Command> {
    let mut command = Command::new(build_binary("heliogram-testkit", tool, is_release)?);
    let heliogram = match binary {
        Some(binary) => binary.to_owned(),
        None => build_binary("heliogram", "heliogram", is_release)?,
    };
    command.arg("--heliogram").arg(heliogram);
    Ok(command)
}

/// Runs it with those flags that have a value.
///
/// # Errors
/// If it does not run, or is not content.
pub(crate) fn run_with<const N: usize>(
    mut command: Command,
    flags: [(&str, Option<String>); N],
) -> io::Result<()> {
    for (flag, value) in flags {
        if let Some(value) = value {
            command.args([flag, &value]);
        }
    }
    let status = command.status()?;
    if status.success() {
        return Ok(());
    }
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    Err(io::Error::other(format!("{}: {status}", program.display())))
}

/// A number as a flag has it.
pub(crate) fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}
