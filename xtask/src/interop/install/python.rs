//! A virtual environment for each list of requirements.

use std::io;
use std::path::Path;
use std::process::Command;

use super::Installed;
use super::finish::{finish, once};
use crate::interop::stranger::Stranger;

/// The Python that has the stranger installed.
///
/// # Errors
/// If there is no Python, or if pip cannot install every requirement.
pub(super) fn ready(stranger: &Stranger, cache: &Path) -> io::Result<Installed> {
    let requirements = stranger.folder.join("requirements.txt");
    let name = format!("venv-{}", stranger.name);
    let venv = once(cache, &name, std::slice::from_ref(&requirements), |folder| {
        finish(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
        finish(
            Command::new(folder.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
                .arg("--requirement")
                .arg(&requirements),
        )
    })?;
    let folder = stranger.folder.clone();
    let shared = folder.with_file_name("python");
    Ok(Installed::Python { python: venv.join("bin/python"), folder, shared })
}
