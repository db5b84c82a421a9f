//! From a state of a backup to a directory that a cloud can run on.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

use heliogram_net::Clock;

use super::manifest::{Entry, Hashed, Manifest, copy, create, create_dir, states, sync_dir};
use super::pile;

/// What was brought back.
#[derive(Debug)]
pub(crate) struct Restored {
    /// The name of the state.
    pub(crate) state: String,
    /// When it was made, in Unix time.
    pub(crate) made: i64,
    pub(crate) rows: u64,
    pub(crate) files: usize,
    /// Files that the backup does not have any more, in words; only where that was accepted.
    pub(crate) lost: Vec<String>,
    /// Boxes of accounts, which go on behind what clients may have seen.
    pub(crate) boxes: usize,
}

/// Restores a state of the backup in `target`, the newest if none is named, to `data`.
///
/// # Errors
/// If `data` holds anything, and if the backup is damaged; then `data` is of no use. A damaged file
/// of somebody's is an error too, unless `accept_loss`.
pub(crate) fn restore(
    target: &Path,
    state: Option<&str>,
    data: &Path,
    accept_loss: bool,
) -> io::Result<Restored> {
    let state = choose(target, state)?;
    let manifest = Manifest::read(&state)?;
    refuse_occupied(data)?;
    create_dir(data)?;
    let unfinished = data.join(heliogram_dc::UNFINISHED);
    create(&unfinished)?.sync_all()?;
    sync_dir(data)?;

    for entry in &manifest.files {
        match entry.path.as_str() {
            "rows" => load(&state, data, entry)?,
            pile::LIST => verify(&state, entry)?,
            _ => bring_back(&state, data, entry)?,
        }
    }
    let named = pile::read_list(&state)?;
    let mut lost = Vec::new();
    let (from, to) = (target.join("blobs"), data.join("blobs"));
    create_dir(&to)?;
    for blob in &named {
        if let Err(error) = pile::bring_back(blob, &from, &to) {
            let error = format!("{}: {error}", blob.path(&from).display());
            if !accept_loss {
                return Err(io::Error::other(error));
            }
            lost.push(error);
        }
    }
    let boxes = heliogram_dc::after_restore(data).map_err(io::Error::other)?;
    heliogram_botapi::after_restore(&data.join("bots"), Clock::start().now())?;
    fs::remove_file(&unfinished)?;
    sync_dir(data)?;
    let state = state.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files = named.len() - lost.len();
    Ok(Restored { state, made: manifest.made, rows: manifest.rows, files, lost, boxes })
}

fn choose(target: &Path, name: Option<&str>) -> io::Result<PathBuf> {
    let states = states(target)
        .map_err(|error| io::Error::other(format!("no backup in {}: {error}", target.display())))?;
    let found = match name {
        Some(name) => states.iter().find(|state| state.ends_with(name)),
        None => states.last(),
    };
    found.cloned().ok_or_else(|| {
        let names = states.iter().filter_map(|state| state.file_name()?.to_str());
        let names: Vec<&str> = names.collect();
        let wanted = name.unwrap_or("any");
        let there = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        io::Error::other(format!("no state {wanted} in {}, but {there}", target.display()))
    })
}

fn refuse_occupied(data: &Path) -> io::Result<()> {
    match fs::read_dir(data) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => {
                let place = data.display();
                Err(io::Error::other(format!("{place} is not empty: nothing is ever overwritten")))
            }
        },
    }
}

fn load(state: &Path, data: &Path, entry: &Entry) -> io::Result<()> {
    let path = state.join(&entry.path);
    let mut input = Hashed::new(BufReader::with_capacity(1 << 20, open(&path)?));
    let loaded = heliogram_store::load(data, &mut input);
    loaded.map_err(|error| io::Error::other(format!("{}: {error}", path.display())))?;
    same(&path, entry, &input.finish(entry.path.as_str()).1)
}

fn verify(state: &Path, entry: &Entry) -> io::Result<()> {
    let path = state.join(&entry.path);
    let mut input = Hashed::new(open(&path)?);
    io::copy(&mut input, &mut io::sink())?;
    same(&path, entry, &input.finish(entry.path.as_str()).1)
}

fn bring_back(state: &Path, data: &Path, entry: &Entry) -> io::Result<()> {
    let path = Path::new(&entry.path);
    let is_inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if !is_inside {
        return Err(io::Error::other(format!("the manifest leads to {}", entry.path)));
    }
    let found = copy(&state.join(path), &data.join(path), &entry.path)?;
    same(&state.join(path), entry, &found)
}

fn open(path: &Path) -> io::Result<File> {
    File::open(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn same(path: &Path, named: &Entry, found: &Entry) -> io::Result<()> {
    if (named.bytes, &named.sha256) == (found.bytes, &found.sha256) {
        return Ok(());
    }
    Err(io::Error::other(format!("{} is not what the manifest names", path.display())))
}
