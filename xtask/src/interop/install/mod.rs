//! A stranger from its registry, at pinned versions, once per list of pins. Whoever cannot be
//! installed fails; nobody is skipped.

mod finish;
mod node;
mod python;
mod rust;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::stranger::{Language, Stranger};

/// A stranger that is there.
#[derive(Clone, Debug)]
pub(super) enum Installed {
    /// A Python that has it, and the folders of the scripts.
    Python { python: PathBuf, folder: PathBuf, shared: PathBuf },
    /// A folder with scripts and `node_modules`.
    Node { folder: PathBuf },
    /// A program.
    Rust { program: PathBuf },
}

impl Installed {
    /// A command that runs one of the stranger's scripts.
    pub(super) fn command(&self, script: &str) -> Command {
        match self {
            Self::Python { python, folder, shared } => {
                let mut command = Command::new(python);
                command.arg("-u").arg(folder.join(script));
                command.env("PYTHONPATH", shared).env("PYTHONDONTWRITEBYTECODE", "1");
                command
            }
            Self::Node { folder } => {
                let mut command = Command::new("node");
                command.arg(folder.join(script));
                command
            }
            Self::Rust { program } => Command::new(program),
        }
    }
}

/// Installs a stranger, or finds it installed.
///
/// # Errors
/// If its language is missing here, or if its registry does not give every pinned version.
pub(super) fn ready(stranger: &Stranger, cache: &Path) -> io::Result<Installed> {
    match stranger.client.language {
        Language::Python => python::ready(stranger, cache),
        Language::Node => node::ready(stranger, cache),
        Language::Rust => rust::ready(stranger, cache),
    }
}
