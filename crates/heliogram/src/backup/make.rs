//! Making a state: while the cloud runs, from one moment of its rows.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use heliogram_dc::Server;
use heliogram_ids::Timestamp;
use heliogram_net::Clock;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};

use super::manifest::{FORMAT, Hashed, Manifest, copy, create, create_dir, states, sync_dir};
use super::{bots, pile};

/// What a backup has made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Made {
    /// The name of the state.
    pub(crate) state: String,
    pub(crate) rows: u64,
    /// Files that the state names.
    pub(crate) files: usize,
    /// Those of them that were not in the folder yet, and their bytes.
    pub(crate) copied: usize,
    pub(crate) copied_bytes: u64,
    /// Older states that were removed.
    pub(crate) removed: usize,
}

/// Backs up the cloud that runs on `data` into the folder `target`; of all states there, the newest
/// `keep` stay.
///
/// # Errors
/// If something cannot be read or written, and if another backup writes there.
pub(crate) fn make(
    server: &Server,
    data: &Path,
    target: &Path,
    keep: Option<usize>,
) -> io::Result<Made> {
    let (all, pile) = (target.join("states"), target.join("blobs"));
    create_dir(&all)?;
    create_dir(&pile)?;
    let _lock = lock(target)?;
    let now = Clock::start().now();
    let new = all.join(".new");
    match fs::remove_dir_all(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => create_dir(&new)?,
    }

    // Bots first: a session that is behind the rows catches up, one that is ahead could not.
    let mut files = bots::copy_all(&data.join("bots"), &new)?;
    for key in ["server.key.pem", "server.pub.pem"] {
        files.push(copy(&data.join(key), &new.join(key), key)?);
    }
    let image = server.image().map_err(io::Error::other)?;
    let mut out = Hashed::new(BufWriter::new(create(&new.join("rows"))?));
    let dumped = image.write_rows(&mut out)?;
    let (out, entry) = out.finish("rows");
    out.into_inner()?.sync_all()?;
    files.push(entry);

    let blobs = image.blobs().map_err(io::Error::other)?;
    let mut list = Hashed::new(BufWriter::new(create(&new.join(pile::LIST))?));
    for blob in &blobs {
        writeln!(list, "{} {}", blob.hex(), blob.len)?;
    }
    let (list, entry) = list.finish(pile::LIST);
    list.into_inner()?.sync_all()?;
    files.push(entry);
    let (copied, copied_bytes) = pile::add(&image, &blobs, &pile)?;

    let heliogram = env!("CARGO_PKG_VERSION").to_owned();
    let (rows, commit, made) = (dumped.rows, dumped.commit, i64::from(now.unix()));
    Manifest { format: FORMAT, heliogram, made, rows, commit, files }.write(&new)?;
    sync_dir(&new)?;
    let state = free_name(&all, now);
    fs::rename(&new, all.join(&state))?;
    sync_dir(&all)?;
    let removed = keep.map_or(Ok(0), |keep| thin_out(target, keep.max(1)))?;
    Ok(Made { state, rows, files: blobs.len(), copied, copied_bytes, removed })
}

/// One backup at a time writes into a folder.
fn lock(target: &Path) -> io::Result<File> {
    let path = target.join("lock");
    let file = File::options().write(true).create(true).truncate(false).open(&path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        io::Error::other(format!("another backup is being written into {}", target.display()))
    })?;
    Ok(file)
}

/// A name that sorts by time, and is not taken yet.
fn free_name(all: &Path, now: Timestamp) -> String {
    let name = calendar(now);
    let more = (2..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.clone()).chain(more);
    names.find(|name| !all.join(name).exists()).unwrap_or_default()
}

/// Removes all states but the newest `keep`, and the files that only those named.
fn thin_out(target: &Path, keep: usize) -> io::Result<usize> {
    let states = states(target)?;
    let (old, kept) = states.split_at(states.len().saturating_sub(keep));
    for state in old {
        fs::remove_dir_all(state)?;
    }
    if !old.is_empty() {
        pile::prune(kept, &target.join("blobs"))?;
    }
    Ok(old.len())
}

/// The time in UTC as `20261130T101500Z`.
fn calendar(now: Timestamp) -> String {
    let seconds = i64::from(now.unix());
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Years that begin in March have their odd day at the end.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_called_by_their_time() {
        let check = |seconds, expected| {
            assert_eq!(calendar(Timestamp::from_secs(seconds)), expected);
        };
        check(0, "19700101T000000Z");
        check(951_782_400, "20000229T000000Z");
        check(1_795_947_296, "20261129T101456Z");
        check(2_147_483_647, "20380119T031407Z");
    }
}
