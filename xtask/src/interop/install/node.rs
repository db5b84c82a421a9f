//! A folder with `node_modules` for each lock file. Modules are looked for beside the script that
//! imports them, so the scripts are copied there.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::Installed;
use super::finish::{finish, once};
use crate::interop::stranger::Stranger;

/// The folder that has the stranger installed.
///
/// # Errors
/// If there is no Node, or if npm cannot install exactly what is locked.
pub(super) fn ready(stranger: &Stranger, cache: &Path) -> io::Result<Installed> {
    let pins = ["package.json", "package-lock.json"].map(|pin| stranger.folder.join(pin));
    let folder = once(cache, &format!("node-{}", stranger.name), &pins, |folder| {
        for pin in &pins {
            fs::copy(pin, folder.join(pin.file_name().unwrap_or_default()))?;
        }
        finish(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund", "--loglevel", "error"])
                .current_dir(folder),
        )
    })?;
    copy_scripts(&stranger.folder.with_file_name("node"), &folder)?;
    copy_scripts(&stranger.folder, &folder)?;
    Ok(Installed::Node { folder })
}

/// Copies anew each time, since scripts change more often than locks.
fn copy_scripts(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if path.extension().is_some_and(|kind| kind == OsStr::new("mjs")) {
            fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}
