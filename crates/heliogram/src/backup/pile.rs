//! The files that states share, by the hash of their content.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};

use heliogram_dc::Image;
use heliogram_store::BlobId;
use sha2::{Digest as _, Sha256};

use super::manifest::{create, create_dir, hex, sync_dir};

/// How a state calls its list of files: a line for each, hash and length.
pub(super) const LIST: &str = "blobs.list";

/// A file that a state names.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Named {
    pub(super) sha256: String,
    pub(super) bytes: u64,
}

impl Named {
    /// Where it lies in the folder `pile`.
    pub(super) fn path(&self, pile: &Path) -> PathBuf {
        let (folder, name) = self.sha256.split_at(2);
        pile.join(folder).join(name)
    }
}

/// Adds what an image names and the pile does not have; how many files and bytes that were.
///
/// What is there in its length is believed: `heliogram restore` compares hashes.
pub(super) fn add(
    image: &Image,
    blobs: &BTreeSet<BlobId>,
    pile: &Path,
) -> io::Result<(usize, u64)> {
    let (mut files, mut bytes) = (0, 0);
    let mut folders = BTreeSet::new();
    for blob in blobs {
        let path = Named { sha256: blob.hex(), bytes: blob.len }.path(pile);
        if fs::metadata(&path).is_ok_and(|found| found.len() == blob.len) {
            continue;
        }
        let folder = path.parent().unwrap_or(pile).to_owned();
        create_dir(&folder)?;
        let new = pile.join("new");
        remove(&new)?;
        let mut file = create(&new)?;
        image.read_blob(blob, |piece| file.write_all(piece))?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        folders.insert(folder);
        files += 1;
        bytes += blob.len;
    }
    folders.iter().try_for_each(|folder| sync_dir(folder))?;
    Ok((files, bytes))
}

/// Reads a state's list.
pub(super) fn read_list(state: &Path) -> io::Result<Vec<Named>> {
    let mut named = Vec::new();
    for line in BufReader::new(File::open(state.join(LIST))?).lines() {
        let line = line?;
        let fields = line.split_once(' ').and_then(|(sha256, bytes)| {
            let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
            is_hash.then_some(Named { sha256: sha256.to_owned(), bytes: bytes.parse().ok()? })
        });
        named.push(fields.ok_or_else(|| io::Error::other(format!("{LIST}: what is {line:?}?")))?);
    }
    Ok(named)
}

/// Copies a file of the pile to where a cloud keeps it, and compares its hash on the way.
pub(super) fn bring_back(named: &Named, pile: &Path, blobs: &Path) -> io::Result<()> {
    let (from, to) = (named.path(pile), named.path(blobs));
    let mut source = File::open(&from)?;
    create_dir(to.parent().unwrap_or(blobs))?;
    let mut target = create(&to)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; 256 << 10];
    loop {
        let read = source.read(&mut piece)?;
        if read == 0 {
            break;
        }
        let piece = piece.get(..read).unwrap_or_default();
        hash.update(piece);
        target.write_all(piece)?;
    }
    target.sync_all()?;
    if hex(&hash.finalize()) == named.sha256 {
        return Ok(());
    }
    fs::remove_file(&to)?;
    Err(io::Error::other("its content is not what its name says"))
}

/// Removes what no state names any more; how many files that were.
pub(super) fn prune(states: &[PathBuf], pile: &Path) -> io::Result<usize> {
    let mut wanted = BTreeSet::new();
    for state in states {
        wanted.extend(read_list(state)?.iter().map(|named| named.path(pile)));
    }
    let mut pruned = 0;
    for folder in fs::read_dir(pile)? {
        let folder = folder?.path();
        if !folder.is_dir() {
            continue;
        }
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            if !wanted.contains(&path) {
                remove(&path)?;
                pruned += 1;
            }
        }
    }
    Ok(pruned)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
