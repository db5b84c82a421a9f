//! A certificate for the cloud's address, which clients are told to trust.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A certificate that signs itself, and its key, as PEM files.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

impl Certificate {
    /// Makes one for this machine's own addresses.
    ///
    /// # Errors
    /// If it cannot be made or written.
    pub(super) fn make(folder: &Path) -> io::Result<Self> {
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let made = rcgen::generate_simple_self_signed(names.to_vec()).map_err(io::Error::other)?;
        let [certificate, key] = ["certificate.pem", "key.pem"].map(|name| folder.join(name));
        fs::write(&certificate, made.cert.pem())?;
        fs::write(&key, made.signing_key.serialize_pem())?;
        Ok(Self { certificate, key })
    }
}
