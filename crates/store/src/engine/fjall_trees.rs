//! A look at fjall's trees before fjall opens them.
//!
//! Opening tidies up: tables that the manifest does not list are deleted, and so is a whole tree
//! without a manifest. With a damaged manifest that destroys what it should have listed, and no
//! checksum of the manifest is ever looked at. So it is compared here first, and every table that it
//! lists has to be there with a readable end. What stands inside the tables carries checksums, which
//! the engine compares when it reads.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3Default;

use crate::StoreError;

/// A table that a manifest lists.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) path: PathBuf,
    /// Of the whole file.
    checksum: u128,
}

/// The tables of all trees of the database in `rows`; none if there is no database yet.
///
/// # Errors
/// [`StoreError::Damaged`] for what is missing, unreadable, or not what it was.
pub(crate) fn survey(rows: &Path) -> Result<Vec<Listed>, StoreError> {
    if !rows.try_exists().map_err(StoreError::io("look for", rows))? {
        return Ok(Vec::new());
    }
    let marker = rows.join("version");
    match fs::read(&marker) {
        Ok(bytes) if bytes == MARKER => {}
        Ok(_) => return Err(StoreError::damaged(&marker, "is not what it was")),
        Err(error) => return Err(missing(&marker, error)),
    }
    let trees = trees(&rows.join("keyspaces"))?;
    let mut tables = Vec::new();
    for tree in &trees {
        tables.extend(manifest(tree)?);
    }
    tables.iter().try_for_each(has_end)?;
    Ok(tables)
}

/// Reads a whole table and compares its checksum.
///
/// # Errors
/// [`StoreError::Damaged`] if it is not what it was.
pub(crate) fn verify(table: &Listed) -> Result<(), StoreError> {
    let checksum = checksum(&table.path).map_err(|error| missing(&table.path, error))?;
    if checksum == table.checksum {
        return Ok(());
    }
    Err(StoreError::damaged(&table.path, "is damaged: rows in it are lost"))
}

/// The folder of every tree: that of the engine's own, and at least ours.
fn trees(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let mut trees = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| missing(folder, error))? {
        let path = entry.map_err(StoreError::io("list", folder))?.path();
        if path.is_dir() {
            trees.push(path);
        }
    }
    trees.sort();
    match trees.as_slice() {
        [own, _, ..] if own.ends_with("0") => Ok(trees),
        _ => Err(StoreError::damaged(folder, "is incomplete: a tree of the database is missing")),
    }
}

/// The tables of one tree, by its current manifest.
// Seen: lsm-tree 3.1.10. `current` holds the number of the manifest and its checksum.
fn manifest(tree: &Path) -> Result<Vec<Listed>, StoreError> {
    let current = tree.join("current");
    let bytes = fs::read(&current).map_err(|error| missing(&current, error))?;
    let Some((number, checksum)) = pointer(&bytes) else {
        return Err(StoreError::damaged(&current, "is damaged: no manifest can be found by it"));
    };
    let path = tree.join(format!("v{number}"));
    let found = self::checksum(&path).map_err(|error| missing(&path, error))?;
    if found != checksum {
        let what = format!("does not have the checksum that {} names", current.display());
        return Err(StoreError::damaged(&path, what));
    }
    let tables = listed(&path, &tree.join("tables"));
    tables.map_err(|error| StoreError::damaged(&path, format!("cannot be read: {error}")))
}

fn pointer(bytes: &[u8]) -> Option<(u64, u128)> {
    let (number, rest) = bytes.split_first_chunk()?;
    let (checksum, kind) = rest.split_first_chunk()?;
    (kind == [XXH3]).then_some((u64::from_le_bytes(*number), u128::from_le_bytes(*checksum)))
}

fn listed(manifest: &Path, tables: &Path) -> io::Result<Vec<Listed>> {
    let archive = sfa::Reader::new(manifest).map_err(io::Error::other)?;
    let section = archive.toc().section(b"tables").ok_or(ErrorKind::InvalidData)?;
    let mut section = section.buf_reader(manifest)?;
    let mut found = Vec::new();
    let [levels] = take(&mut section)?;
    for _ in 0..levels {
        let [runs] = take(&mut section)?;
        for _ in 0..runs {
            for _ in 0..u32::from_le_bytes(take(&mut section)?) {
                let number = u64::from_le_bytes(take(&mut section)?);
                let [_kind] = take(&mut section)?;
                let checksum = u128::from_le_bytes(take(&mut section)?);
                let _seqno: [u8; 8] = take(&mut section)?;
                found.push(Listed { path: tables.join(number.to_string()), checksum });
            }
        }
    }
    Ok(found)
}

/// The table of contents stands at a table's end, with a checksum of its own.
fn has_end(table: &Listed) -> Result<(), StoreError> {
    let path = &table.path;
    fs::metadata(path).map_err(|error| missing(path, error))?;
    match sfa::Reader::new(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(StoreError::damaged(path, format!("has no readable end: {error:?}"))),
    }
}

fn checksum(path: &Path) -> io::Result<u128> {
    let mut file = File::open(path)?;
    let mut hash = Xxh3Default::new();
    let mut piece = vec![0; 256 << 10];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.digest128()),
            read => hash.update(piece.get(..read).unwrap_or_default()),
        }
    }
}

fn take<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn missing(path: &Path, error: io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::NotFound => StoreError::damaged(path, "is missing"),
        _ => StoreError::io("read", path)(error),
    }
}

/// What the engine writes into its marker: the database's format, version 3.
const MARKER: &[u8] = b"FJL\x03";
/// The only kind of checksum there is.
const XXH3: u8 = 0;
