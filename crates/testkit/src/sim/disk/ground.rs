//! The real files of a world's machine, and what of them outlives it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::journal::Outage;
use crate::sim::dice::Dice;

/// A folder that is copied when the machine dies: whatever the dead process still does, it does to
/// the old one.
#[derive(Debug)]
pub(in crate::sim) struct Ground {
    root: TempDir,
    life: u32,
    /// The watermark as it was when it was last known to be on the disk.
    synced: Vec<u8>,
}

/// Files by their paths below a folder.
pub(in crate::sim) type Files = Vec<(PathBuf, Vec<u8>)>;

impl Ground {
    /// A machine with these files.
    pub(in crate::sim) fn with(files: &Files) -> io::Result<Self> {
        let root = match Path::new(IN_MEMORY) {
            memory if memory.is_dir() => tempfile::tempdir_in(memory)?,
            _ => tempfile::tempdir()?,
        };
        let ground = Self { root, life: 0, synced: Vec::new() };
        fs::create_dir_all(ground.folder())?;
        write(&ground.folder(), files)?;
        Ok(ground)
    }

    /// The number of the newest commit, outside the engine.
    pub(in crate::sim) fn watermark(&self) -> PathBuf {
        self.folder().join("commit.seq")
    }

    /// Where files lie.
    pub(in crate::sim) fn blobs(&self) -> PathBuf {
        self.folder().join("blobs")
    }

    /// Where the Bot API server works.
    pub(in crate::sim) fn bots(&self) -> PathBuf {
        self.folder().join("bots")
    }

    /// Everything that is there.
    pub(in crate::sim) fn files(&self) -> io::Result<Files> {
        let mut files = Files::new();
        read(&self.folder(), Path::new(""), &mut files)?;
        files.sort();
        Ok(files)
    }

    /// The store was opened, which syncs the watermark.
    pub(in crate::sim) fn note_opened(&mut self) -> io::Result<()> {
        self.synced = fs::read(self.watermark())?;
        Ok(())
    }

    /// The machine dies: from now on there is another folder, with what outlives it.
    pub(in crate::sim) fn die(&mut self, outage: Outage, dice: &mut Dice) -> io::Result<()> {
        let mut files = self.files()?;
        if outage == Outage::Power {
            self.lose(&mut files, dice);
        }
        self.life += 1;
        fs::create_dir_all(self.folder())?;
        write(&self.folder(), &files)?;
        Ok(())
    }

    /// What was never synced: the newest of the watermark, parts of files on their way up.
    fn lose(&self, files: &mut Files, dice: &mut Dice) {
        let parts = Path::new("blobs").join("tmp");
        for (path, bytes) in files.iter_mut() {
            if path == Path::new("commit.seq") && dice.permille(300) {
                bytes.clone_from(&self.synced);
            }
            if path.starts_with(&parts) && dice.permille(500) && !bytes.is_empty() {
                let kept = dice.place(bytes.len());
                bytes[kept..].fill(0);
            }
        }
        files.retain(|(path, _)| !path.starts_with(&parts) || !dice.permille(150));
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join(self.life.to_string())
    }
}

/// Where files cost no disk, on systems that have it.
const IN_MEMORY: &str = "/dev/shm";

fn write(folder: &Path, files: &Files) -> io::Result<()> {
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn read(folder: &Path, below: &Path, files: &mut Files) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            read(folder, &path, files)?;
        } else {
            files.push((path.clone(), fs::read(folder.join(path))?));
        }
    }
    Ok(())
}
