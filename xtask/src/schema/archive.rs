//! Fetches a package through the client of its registry and opens it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::source::{Package, Registry, Source};

/// An unpacked package; the folder goes when this goes.
pub(super) struct Archive {
    /// Checksum of the archive as it was fetched.
    pub(super) sha256: String,
    folder: PathBuf,
    _scratch: TempDir,
}

impl Archive {
    /// Fetches and unpacks.
    pub(super) fn fetch(package: &Package, source: &Source) -> io::Result<Self> {
        let scratch = TempDir::new()?;
        let file = match source.registry {
            Registry::Cargo => crate_file(package, scratch.path())?,
            Registry::Npm => npm_file(package, scratch.path())?,
            Registry::Pip => sdist_file(package, scratch.path())?,
        };
        let sha256 = hex::encode(Sha256::digest(fs::read(&file)?));
        let unpacked = scratch.path().join("unpacked");
        fs::create_dir(&unpacked)?;
        run(Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&unpacked))?;
        let folder = only_entry(&unpacked, |_| true)?;
        Ok(Self { sha256, folder, _scratch: scratch })
    }

    /// The text of a file of the package.
    pub(super) fn read(&self, path: &str) -> io::Result<String> {
        fs::read_to_string(self.folder.join(path))
            .map_err(|error| io::Error::other(format!("{path}: {error}")))
    }
}

/// Lets cargo resolve a crate of one dependency, and takes the archive from its cache.
fn crate_file(package: &Package, scratch: &Path) -> io::Result<PathBuf> {
    let Package { name, version } = package;
    let manifest = format!(
        "[package]\nname = \"scratch\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         {name} = {{ version = \"={version}\", default-features = false }}\n"
    );
    fs::write(scratch.join("Cargo.toml"), manifest)?;
    fs::create_dir(scratch.join("src"))?;
    fs::write(scratch.join("src/lib.rs"), "")?;
    run(Command::new("cargo").arg("fetch").current_dir(scratch))?;

    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or_else(|| io::Error::other("cargo's home is unknown"))?;
    let wanted = format!("{name}-{version}.crate");
    for registry in fs::read_dir(home.join("registry/cache"))? {
        let file = registry?.path().join(&wanted);
        if file.exists() {
            return Ok(file);
        }
    }
    Err(io::Error::other(format!("{wanted} is not in cargo's cache")))
}

fn npm_file(package: &Package, scratch: &Path) -> io::Result<PathBuf> {
    let spec = format!("{}@{}", package.name, package.version);
    run(Command::new("npm").args(["pack", "--silent", &spec]).current_dir(scratch))?;
    only_entry(scratch, |path| path.extension().is_some_and(|extension| extension == "tgz"))
}

fn sdist_file(package: &Package, scratch: &Path) -> io::Result<PathBuf> {
    let spec = format!("{}=={}", package.name, package.version);
    let download = ["-m", "pip", "download", "--quiet", "--no-deps"];
    run(Command::new("python3")
        .args(download)
        .args(["--no-binary", &package.name, &spec])
        .current_dir(scratch))?;
    only_entry(scratch, |path| path.extension().is_some_and(|extension| extension == "gz"))
}

fn run(command: &mut Command) -> io::Result<()> {
    let status = command.stdout(io::stderr()).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("{:?} failed: {status}", command.get_program())))
    }
}

fn only_entry(folder: &Path, wanted: impl Fn(&Path) -> bool) -> io::Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if wanted(&path) {
            found.push(path);
        }
    }
    match <[PathBuf; 1]>::try_from(found) {
        Ok([path]) => Ok(path),
        Err(found) => {
            Err(io::Error::other(format!("{} entries where one was wanted", found.len())))
        }
    }
}
