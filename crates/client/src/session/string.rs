//! A session in one line of text: for environment variables and for moving between machines.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Change, MemorySession, SessionError, Snapshot};

/// A login as text: home, key and account, without peers and positions.
///
/// Whoever has it is logged in, so `Debug` shows nothing and `Display` everything.
#[derive(Clone, Eq, PartialEq)]
pub struct SessionString(Vec<Change>);

impl SessionString {
    /// Takes what a login needs out of `snapshot`.
    pub fn export(snapshot: &Snapshot) -> Self {
        let login = |change: &Change| {
            matches!(change, Change::Home(_) | Change::Key { .. } | Change::Login(_))
        };
        Self(snapshot.changes().into_iter().filter(login).collect())
    }

    /// A session in memory that begins with this login.
    pub fn into_session(self) -> MemorySession {
        let mut snapshot = Snapshot::default();
        self.0.iter().for_each(|change| snapshot.apply(change));
        MemorySession::starting_as(snapshot)
    }
}

impl fmt::Display for SessionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        self.0.iter().for_each(|change| change.encode(&mut bytes));
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
        write!(f, "{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for SessionString {
    type Err = SessionError;

    fn from_str(text: &str) -> Result<Self, SessionError> {
        let refused = SessionError::BadString;
        let text = text.trim().strip_prefix(PREFIX).ok_or_else(|| refused("is of another kind"))?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused("has stray characters"))?;
        let (body, checksum) = bytes.split_last_chunk().ok_or_else(|| refused("is cut"))?;
        if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
            return Err(refused("is cut or mistyped"));
        }
        Change::decode_all(body).map(Self).map_err(|_| refused("is of a later version"))
    }
}

impl fmt::Debug for SessionString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionString(…)")
    }
}

/// Kind and version.
const PREFIX: &str = "heliogram1:";

#[cfg(test)]
mod tests {
    use heliogram_ids::{DcId, Salt, UserId};

    use super::super::{Home, Login, SessionStore, StoredKey, UpdateState};
    use super::*;

    fn snapshot() -> Snapshot {
        let dc = DcId::new(1).expect("in range");
        let key = StoredKey { bytes: Box::new([9; 256]), salt: Salt(4) };
        Snapshot {
            home: Some(Home { dc, address: "dc.example:443".into() }),
            keys: [(dc, key)].into(),
            login: UserId::new(42).map(|user_id| Login { user_id, is_bot: false }),
            updates: Some(UpdateState { pts: 5, ..UpdateState::default() }),
            ..Snapshot::default()
        }
    }

    #[test]
    fn a_login_travels_as_text() {
        let text = SessionString::export(&snapshot()).to_string();
        let loaded = text.parse::<SessionString>().unwrap().into_session().load().unwrap();
        assert_eq!(loaded.keys, snapshot().keys);
        assert_eq!(loaded.login, snapshot().login);
        assert_eq!(loaded.updates, None);
    }

    #[test]
    fn damage_is_noticed() {
        let text = SessionString::export(&snapshot()).to_string();
        for damaged in [&text[1..], &text[..text.len() - 2], "heliogram1:", "heliogram1:!!!!", ""] {
            assert!(damaged.parse::<SessionString>().is_err(), "{damaged}");
        }
    }

    #[test]
    fn a_log_line_does_not_give_the_key_away() {
        assert_eq!(format!("{:?}", SessionString::export(&snapshot())), "SessionString(…)");
    }
}
