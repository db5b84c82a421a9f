//! A look at fjall's journals before fjall itself recovers from them.
//!
//! Recovery cuts a journal off at the first entry that it cannot read. After a crash that is
//! right: the rest is a batch that was never finished. After damage in the middle it destroys
//! what could still be saved, so a journal that does not end cleanly is copied aside first, and
//! the copy stays if the store then finds that acknowledged data is missing.
//!
//! Recovery also believes the sequence number in the head of each batch, which no checksum
//! covers. A batch whose number shrank would be overruled by older rows without a word, so numbers
//! that do not grow are refused here.
//!
//! And it goes on with the next journal behind one that it cut off, or that is gone. The newest
//! commit is there then, and nothing would ever show that older ones are not. So only the last
//! journal may end raggedly, and commit numbers have to follow each other from journal to journal.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::fjall_batches::{Batch, End, scan};
use crate::{Loss, StoreError};

/// The journals as they were found.
#[derive(Debug)]
pub(crate) struct Journals {
    keep_dir: PathBuf,
    /// Copies of those that recovery is about to cut off.
    copies: Vec<PathBuf>,
    /// The oldest batch of all.
    pub(crate) first: Option<(PathBuf, Batch)>,
    /// Where commits are missing between two journals.
    pub(crate) gaps: Vec<Gap>,
}

/// Commits that are missing before a journal.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    /// The journal behind them.
    pub(crate) path: PathBuf,
    /// The newest commit before them.
    pub(crate) before: u64,
    /// The oldest one behind them.
    pub(crate) after: u64,
}

impl Journals {
    /// Reads all journals in `dir`, and copies those with a ragged end to `keep_dir`.
    ///
    /// `acknowledged` is the newest commit that anybody was told of, as far as that is known.
    pub(crate) fn inspect(
        dir: &Path,
        keep_dir: PathBuf,
        acknowledged: Option<u64>,
        loss: Loss,
    ) -> Result<Self, StoreError> {
        let mut journals = Self { keep_dir, copies: Vec::new(), first: None, gaps: Vec::new() };
        let paths = list(dir)?;
        let mut newest: Option<u64> = None;
        for (at, path) in paths.iter().enumerate() {
            let journal = scan(path).map_err(StoreError::io("read", path))?;
            let is_last = at + 1 == paths.len();
            // A machine that loses power may leave parts of a batch that nobody was told of.
            let known = journal.last.map(|last| last.commit).or(newest).unwrap_or(0);
            let is_torn = is_last && acknowledged.is_some_and(|acknowledged| known >= acknowledged);
            match Self::judge(is_last, &journal.end) {
                None if journal.end == End::Clean => {}
                // Recovery would do the same, but for damage that trips its assertions.
                None => journals.cut(path, journal.good_bytes)?,
                Some(_) if is_torn => journals.cut(path, journal.good_bytes)?,
                Some(what) if loss == Loss::Refused => {
                    return Err(StoreError::damaged_or_accept(path, what));
                }
                Some(what) => {
                    tracing::error!(path = %path.display(), what, "damaged, starting all the same");
                    journals.cut(path, journal.good_bytes)?;
                    // What a person gave up may still be of use to them.
                    journals.copies.clear();
                }
            }
            let Some(first) = journal.first else { continue };
            match newest {
                Some(before) if first.commit > before + 1 => {
                    let path = path.clone();
                    journals.gaps.push(Gap { path, before, after: first.commit });
                }
                _ => {}
            }
            newest = journal.last.map(|last| last.commit);
            journals.first.get_or_insert_with(|| (path.clone(), first));
        }
        Ok(journals)
    }

    /// What is lost by the way in which a journal ends; nothing, if none of it was ever finished.
    fn judge(is_last: bool, end: &End) -> Option<String> {
        match end {
            End::Clean => None,
            End::Ragged if is_last => None,
            End::Ragged => Some(
                "ends in the middle although others follow: what was committed behind that place \
                 is lost"
                    .to_owned(),
            ),
            End::Disordered { before, after } => Some(format!(
                "is damaged: batch {after} follows batch {before}, and what was committed from \
                 there on is lost"
            )),
            End::Damaged => Some(
                "is damaged: a batch does not have its checksum, and what was committed from there \
                 on is lost"
                    .to_owned(),
            ),
        }
    }

    /// Cuts a journal off behind what is good in it, which recovery would not do or not in order.
    fn cut(&mut self, path: &Path, good_bytes: u64) -> Result<(), StoreError> {
        self.copy(path)?;
        let io = |action| StoreError::io(action, path);
        let file = fs::File::options().write(true).open(path).map_err(io("open"))?;
        file.set_len(good_bytes).map_err(io("cut off"))?;
        file.sync_all().map_err(io("sync"))
    }

    fn copy(&mut self, path: &Path) -> Result<(), StoreError> {
        fs::create_dir_all(&self.keep_dir).map_err(StoreError::io("create", &self.keep_dir))?;
        let copy = self.keep_dir.join(path.file_name().unwrap_or_default());
        // An earlier start was refused and left the better copy.
        if copy.exists() {
            return Ok(());
        }
        fs::copy(path, &copy).map_err(StoreError::io("copy", path))?;
        self.copies.push(copy);
        Ok(())
    }

    /// Removes the copies if all is well, and otherwise tells where they are.
    pub(crate) fn settle<T>(self, opened: Result<T, StoreError>) -> Result<T, StoreError> {
        match opened {
            Ok(opened) => {
                self.copies.iter().for_each(|copy| drop(fs::remove_file(copy)));
                // Fails if an earlier start left copies, and is meant to.
                let _ = fs::remove_dir(&self.keep_dir);
                Ok(opened)
            }
            Err(StoreError::DataLost { found, acknowledged, .. }) if self.keep_dir.is_dir() => {
                let kept: Arc<str> =
                    format!("; journals as found are in {}", self.keep_dir.display()).into();
                Err(StoreError::DataLost { found, acknowledged, kept })
            }
            Err(error) => {
                if self.keep_dir.is_dir() {
                    tracing::error!(dir = %self.keep_dir.display(), "journals were kept as found");
                }
                Err(error)
            }
        }
    }
}

/// The journals in order of their numbers; none if there is no database yet.
fn list(dir: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(StoreError::io("list", dir))?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(StoreError::io("list", dir))?.path();
        if path.extension().is_some_and(|extension| extension == "jnl") {
            paths.push(path);
        }
    }
    let number = |path: &PathBuf| path.file_stem()?.to_str()?.parse::<u64>().ok();
    // By number: as text, 10 stands before 9.
    paths.sort_by_key(number);
    Ok(paths)
}
