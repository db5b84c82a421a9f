//! The bots' part of a state: what each knows of the data centre, and what waits for it.

use std::fs;
use std::io;
use std::path::Path;

use super::manifest::{Entry, copy};

/// Files of a bot, in the order in which they have to be copied while it runs: a queue that is newer
/// than the session tells an update twice, an older one loses it.
const FILES: [&str; 5] = ["webhook.json", "webhook.kept", "cert.pem", "session", "updates.log"];

/// Copies them for every bot of the folder `bots` into `state`.
pub(super) fn copy_all(bots: &Path, state: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let folders = match fs::read_dir(bots) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(entries),
        folders => folders?,
    };
    for folder in folders {
        let folder = folder?.path();
        let Some(name) = folder.file_name().and_then(|name| name.to_str()) else { continue };
        for file in FILES.iter().filter(|file| folder.join(file).is_file()) {
            let path = format!("bots/{name}/{file}");
            entries.push(copy(&folder.join(file), &state.join(&path), &path)?);
        }
    }
    Ok(entries)
}
