//! What belongs to one state of a backup, and by which checksums it is known.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// One state, in words that last.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// Version of this form.
    pub(super) format: u32,
    /// Which release wrote it.
    pub(super) heliogram: String,
    /// When, in Unix time.
    pub(super) made: i64,
    /// How many rows there are.
    pub(super) rows: u64,
    /// The newest commit among them.
    pub(super) commit: u64,
    /// Every file of the state, the manifest apart.
    pub(super) files: Vec<Entry>,
}

/// One file of a state.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// Its path in the state.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// In hexadecimal digits.
    pub(super) sha256: String,
}

/// The only form there is so far.
pub(super) const FORMAT: u32 = 1;
const NAME: &str = "manifest.json";
const SUM_NAME: &str = "manifest.sha256";

impl Manifest {
    /// Writes it into the state at `dir`, and its own checksum beside it.
    pub(super) fn write(&self, dir: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        let sum = hex(&Sha256::digest(&text));
        create(&dir.join(NAME))?.write_all(&text)?;
        create(&dir.join(SUM_NAME))?.write_all(format!("{sum}  {NAME}\n").as_bytes())
    }

    /// Reads the one of the state at `dir`.
    pub(super) fn read(dir: &Path) -> io::Result<Self> {
        let path = dir.join(NAME);
        let damaged = |what: String| io::Error::other(format!("{} {what}", path.display()));
        let text = fs::read(&path).map_err(|error| damaged(format!("cannot be read: {error}")))?;
        let sum = fs::read_to_string(dir.join(SUM_NAME)).unwrap_or_default();
        if sum.split_whitespace().next() != Some(&hex(&Sha256::digest(&text))) {
            return Err(damaged(format!("does not have the checksum that {SUM_NAME} names")));
        }
        let manifest: Self = serde_json::from_slice(&text)
            .map_err(|error| damaged(format!("is damaged: {error}")))?;
        if manifest.format != FORMAT {
            let found = manifest.format;
            return Err(damaged(format!("has form {found}, this release knows {FORMAT}")));
        }
        Ok(manifest)
    }
}

/// A file that is read or written, with the hash and the length of what passed.
pub(super) struct Hashed<S> {
    inner: S,
    hash: Sha256,
    bytes: u64,
}

impl<S> Hashed<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// The stream, and the entry of what passed.
    pub(super) fn finish(self, path: impl Into<String>) -> (S, Entry) {
        let sha256 = hex(&self.hash.finalize());
        (self.inner, Entry { path: path.into(), bytes: self.bytes, sha256 })
    }
}

impl<S: Read> Read for Hashed<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf)?;
        self.hash.update(buf.get(..read).unwrap_or_default());
        self.bytes += read as u64;
        Ok(read)
    }
}

impl<S: Write> Write for Hashed<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buf)?;
        self.hash.update(buf.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Copies a file and syncs the copy; the entry of what was copied.
pub(super) fn copy(from: &Path, to: &Path, path: &str) -> io::Result<Entry> {
    let at =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", from.display()));
    let mut source = Hashed::new(File::open(from).map_err(at)?);
    if let Some(folder) = to.parent() {
        create_dir(folder)?;
    }
    let mut target = create(to)?;
    io::copy(&mut source, &mut target).map_err(at)?;
    target.sync_all()?;
    Ok(source.finish(path).1)
}

/// Makes a file that nobody else may read: there are keys in a backup.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

/// Makes a folder of that kind, and those above it.
pub(super) fn create_dir(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes what stands in a folder durable.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// The states of a backup folder, oldest first.
pub(super) fn states(target: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = target.join("states");
    let mut states = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && !name.starts_with('.') {
            states.push(path);
        }
    }
    states.sort();
    Ok(states)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
    }
    hex
}
