//! A stranger from its registry, at pinned versions, in a virtual environment that is made once per
//! list of requirements.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::stranger::Stranger;

/// The Python that has the stranger installed.
///
/// # Errors
/// If there is no Python, or if pip cannot install every requirement.
pub(super) fn ready(stranger: &Stranger, cache: &Path) -> io::Result<PathBuf> {
    let requirements = stranger.folder.join("requirements.txt");
    let digest = Sha256::digest(fs::read(&requirements)?);
    let folder = cache.join(format!("venv-{}-{}", stranger.name, &hex::encode(digest)[..12]));
    let python = folder.join("bin/python");
    let complete = folder.join("complete");
    if complete.is_file() {
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(cache)?;
    finish(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    finish(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(&requirements),
    )?;
    fs::write(complete, [])?;
    Ok(python)
}

fn finish(command: &mut Command) -> io::Result<()> {
    let status = command.status().map_err(|error| {
        io::Error::other(format!("{}: {error}", command.get_program().display()))
    })?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{}: {status}", command.get_program().display())))
}
