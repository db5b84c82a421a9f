//! The RSA key by which clients know a cloud: made once, and never exchanged behind anybody's back.
//!
//! Clients carry the public half; to a cloud with another key not one of them can connect. So the
//! rows remember which key it is, and a start without that key is refused.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use heliogram_crypto::rsa::PrivateKey;
use heliogram_net::OsRandom;
use heliogram_store::{Loss, Read as _, Store};

use crate::server::StartError;
use crate::tables::Settings;

/// The key of a directory, made at the first start. The public half is written beside it each time,
/// so that it is there to be copied.
///
/// # Errors
/// If the key is gone, damaged or another one, and if its files cannot be written.
pub(crate) fn key_in(dir: &Path, store: &Store, loss: Loss) -> Result<PrivateKey, StartError> {
    let path = dir.join("server.key.pem");
    let known = store.snapshot()?.get::<Settings>(&KNOWN_KEY.to_owned())?;
    let lost = |state: &'static str| {
        let error = StartError::LostKey { path: path.clone(), state };
        match loss {
            Loss::Refused => Err(error),
            Loss::Accepted => {
                tracing::error!(%error, "starting all the same, as told");
                Ok(())
            }
        }
    };
    let found = read(&path)?;
    match (&found, &known) {
        (None, Some(_)) => lost("is missing")?,
        (Some(key), Some(known)) if print(key) != *known => lost("is another key")?,
        _ => {}
    }
    let key = match found {
        Some(key) => key,
        None => {
            let key = PrivateKey::generate(&mut OsRandom);
            write(&path, key.to_pem().as_bytes(), 0o600)?;
            key
        }
    };
    write(&dir.join("server.pub.pem"), key.public().to_pem().as_bytes(), 0o644)?;
    let print = print(&key);
    if known.as_ref() != Some(&print) {
        let put = store.write(move |txn| txn.put::<Settings>(&KNOWN_KEY.to_owned(), &print));
        put.wait()?;
    }
    Ok(key)
}

/// What the rows remember of the key.
fn print(key: &PrivateKey) -> Vec<u8> {
    heliogram_crypto::sha256(&[key.public().to_pem().as_bytes()]).to_vec()
}

fn read(path: &Path) -> Result<Option<PrivateKey>, StartError> {
    let text = match fs::read(path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let path = path.to_owned();
            return Err(StartError::KeyFile { action: "read", path, source });
        }
    };
    let bad = |reason: String| StartError::BadKey { path: path.to_owned(), reason };
    PrivateKey::from_pem(&text).map(Some).map_err(|error| bad(error.to_string()))
}

fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), StartError> {
    if fs::read(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    let write = || {
        let new = path.with_extension("new");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), |dir| fs::File::open(dir)?.sync_all())
    };
    write().map_err(|source| StartError::KeyFile { action: "write", path: path.to_owned(), source })
}

const KNOWN_KEY: &str = "server_key";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cloud_is_not_opened_with_another_key_behind_anybodys_back() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::memory();
        let first = key_in(dir.path(), &store, Loss::Refused).expect("a key is made");
        let again = key_in(dir.path(), &store, Loss::Refused).expect("it is found");
        assert_eq!(again.public(), first.public());

        let other = PrivateKey::generate(&mut OsRandom);
        let path = dir.path().join("server.key.pem");
        fs::write(&path, other.to_pem().as_bytes()).expect("a file");
        let refused = key_in(dir.path(), &store, Loss::Refused);
        assert!(matches!(refused, Err(StartError::LostKey { state: "is another key", .. })));
        fs::remove_file(&path).expect("a file");
        let refused = key_in(dir.path(), &store, Loss::Refused);
        assert!(matches!(refused, Err(StartError::LostKey { state: "is missing", .. })));
        assert!(!path.exists(), "a refusal makes no key");

        let accepted = key_in(dir.path(), &store, Loss::Accepted).expect("a new key is made");
        let again = key_in(dir.path(), &store, Loss::Refused).expect("and is the key from now on");
        assert_eq!(again.public(), accepted.public());
        let public = fs::read_to_string(dir.path().join("server.pub.pem")).expect("it is there");
        assert_eq!(public, accepted.public().to_pem());
    }
}
