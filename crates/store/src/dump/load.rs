//! From a dump to a store.

use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;

use super::frame::{self, HEADER, damaged};
use super::take::Dumped;
use crate::engine::{Engine as _, FjallEngine, Writes};
use crate::lock::DirLock;
use crate::meta::{self, Meta};
use crate::range::row_key;
use crate::watermark::Watermark;
use crate::{Options, Record as _, StoreError};

/// Makes a store in `dir` with the rows of a dump. There must be none.
///
/// Its first commit will have a higher number than any that the dump knows.
///
/// # Errors
/// If the dump is not whole, if there is a store already, or if the disk fails. What was loaded by
/// then is of no use.
pub fn load(dir: &Path, input: &mut dyn Read) -> io::Result<Dumped> {
    let _lock = DirLock::acquire(dir).map_err(io::Error::other)?;
    let rows = dir.join("rows");
    if rows.try_exists()? {
        return Err(io::Error::other(format!("there is a store in {} already", dir.display())));
    }
    let engine =
        FjallEngine::open(&rows, Options::DEFAULT.cache_bytes).map_err(io::Error::other)?;
    let dumped = fill(&engine, input)?;
    Watermark::create(dir.join("commit.seq"), dumped.commit + 1).map_err(io::Error::other)?;
    Ok(dumped)
}

fn fill(engine: &FjallEngine, input: &mut dyn Read) -> io::Result<Dumped> {
    let mut header = [0; HEADER.len()];
    input.read_exact(&mut header)?;
    if header != HEADER {
        return Err(damaged("this is no dump of rows"));
    }
    let mut rows = 0;
    loop {
        let mut content = Bytes::from(frame::read(input)?);
        if content.is_empty() {
            break;
        }
        let mut writes = Writes::default();
        while !content.is_empty() {
            let (key, value) = frame::pop(&mut content)?;
            rows += 1;
            // A batch with this row counts as a commit; these are none.
            if key != meta::commit_seq_key() {
                writes.set(key, Some(value));
            }
        }
        commit(engine, &writes).map_err(io::Error::other)?;
    }
    let end = frame::read(input)?;
    let numbers =
        end.split_first_chunk().and_then(|(rows, rest)| Some((rows, rest.try_into().ok()?)));
    let Some((named, commit_seq)) = numbers else { return Err(damaged("the end is missing")) };
    let dumped =
        Dumped { rows: u64::from_le_bytes(*named), commit: u64::from_le_bytes(commit_seq) };
    if dumped.rows != rows {
        return Err(damaged("rows are missing"));
    }
    let mut writes = Writes::default();
    for name in [meta::COMMIT_SEQ, meta::GAP_ACCEPTED] {
        let key = row_key::<Meta>(&name.to_owned());
        writes.set(key.into(), Some((dumped.commit + 1).to_record().into()));
    }
    commit(engine, &writes).map_err(io::Error::other)?;
    Ok(dumped)
}

fn commit(engine: &FjallEngine, writes: &Writes) -> Result<(), StoreError> {
    engine.begin()?.commit(writes).map(drop)
}
