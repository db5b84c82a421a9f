//! grammers, built with its actor in a target folder of its own. The library has its keys compiled
//! in, so one of its crates is replaced by a copy that also looks at the stage's key: of what the
//! registry gives, everything else is as it came. The key itself is read when the actor runs, so one
//! build does for every cloud.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use cargo_metadata::MetadataCommand;

use super::Installed;
use super::finish::{finish, once};
use crate::cargo;
use crate::interop::stranger::Stranger;

/// The crate that knows the keys.
const KEYED: &str = "grammers-mtproto";
/// What is added to it; it lies beside the actor's manifest.
const ADDED: &str = "stage_key.rs";

/// The program that has the stranger built in; it is called like the stranger's folder.
///
/// # Errors
/// If it does not build with exactly what is locked.
pub(super) fn ready(stranger: &Stranger, cache: &Path) -> io::Result<Installed> {
    let keyed = keyed(stranger, cache)?;
    let home = cache.join(format!("cargo-{}", stranger.name));
    let project = home.join("project");
    // Cargo writes into the lock that one crate comes from elsewhere, so it gets a copy of it.
    mirror(&stranger.folder.join("src"), &project.join("src"))?;
    for pin in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(stranger.folder.join(pin), project.join(pin))?;
    }
    let target = home.join("target");
    finish(
        cargo::command()
            .args(["build", "--quiet", "--offline"])
            .arg("--config")
            .arg(format!("patch.crates-io.{KEYED}.path={:?}", keyed.display().to_string()))
            .arg("--target-dir")
            .arg(&target)
            .current_dir(&project),
    )?;
    Ok(Installed::Rust { program: target.join("debug").join(&stranger.name) })
}

/// The copy of the crate that knows the keys.
fn keyed(stranger: &Stranger, cache: &Path) -> io::Result<PathBuf> {
    let pins = ["Cargo.lock", ADDED].map(|pin| stranger.folder.join(pin));
    let folder = once(cache, &format!("patch-{}", stranger.name), &pins, |folder| {
        let original = original(&stranger.folder)?;
        let copy = folder.join(KEYED);
        mirror(&original, &copy)?;
        fs::copy(stranger.folder.join(ADDED), copy.join("src").join(ADDED))?;
        for (file, found, wanted) in CHANGES {
            let path = copy.join("src").join(file);
            fs::write(&path, changed(&fs::read_to_string(&path)?, found, wanted)?)?;
        }
        Ok(())
    })?;
    Ok(folder.join(KEYED))
}

/// What is changed in the copy: a file, what is there, what takes its place.
const CHANGES: [(&str, &str, &str); 2] = [
    (
        "authentication.rs",
        "_ => return None\n",
        "_ => return crate::stage_key::find(fingerprint),\n",
    ),
    ("lib.rs", "pub mod authentication;\n", "pub mod authentication;\nmod stage_key;\n"),
];

fn changed(text: &str, found: &str, wanted: &str) -> io::Result<String> {
    match text.matches(found).count() {
        1 => Ok(text.replace(found, wanted)),
        times => Err(io::Error::other(format!("{found:?} is there {times} times, not once"))),
    }
}

/// Where cargo keeps the crate as it came, once it has fetched exactly what is locked.
fn original(project: &Path) -> io::Result<PathBuf> {
    let metadata = MetadataCommand::new()
        .current_dir(project)
        .other_options(["--locked".to_owned()])
        .exec()
        .map_err(io::Error::other)?;
    let crate_found = metadata.packages.iter().find(|package| package.name.as_str() == KEYED);
    let folder = crate_found.and_then(|package| package.manifest_path.parent());
    folder
        .map(|folder| folder.as_std_path().to_owned())
        .ok_or_else(|| io::Error::other(format!("{KEYED} is not in the lock")))
}

/// Copies a folder. What is the same already stays as it is: for cargo, younger is different.
fn mirror(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (near, far) = entry.map(|entry| (entry.path(), to.join(entry.file_name())))?;
        if near.is_dir() {
            mirror(&near, &far)?;
        } else if fs::read(&far).ok() != Some(fs::read(&near)?) {
            fs::copy(&near, &far)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_exactly_once_is_not_changed() {
        assert_eq!(changed("a b c", "b", "d").unwrap(), "a d c");
        assert!(changed("a b b", "b", "d").is_err());
        assert!(changed("a c", "b", "d").is_err());
    }
}
