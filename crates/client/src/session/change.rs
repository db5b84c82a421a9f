//! One change of a session, and its bytes.
//!
//! The codec is written out: what lies on a disk for years must not follow a rename of a field.

use heliogram_ids::{AccessHash, ChannelId, DcId, Peer, Salt, UserId};
use minicbor::decode::{Decoder, Error};
use minicbor::encode::Encoder;

use super::snapshot::{Home, Login, PeerRecord, StoredKey, UpdateState};

/// The unit of writing to a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// The account lives in this data centre.
    Home(Home),
    /// A key was made, or is not to be used again.
    Key {
        /// The data centre that knows the key.
        dc: DcId,
        /// The key, or that there is none.
        key: Option<StoredKey>,
    },
    /// Somebody logged in or out.
    Login(Option<Login>),
    /// The handlers have come this far.
    Updates(Option<UpdateState>),
    /// The handlers have come this far in a channel, or it was left.
    Channel {
        /// The channel.
        id: ChannelId,
        /// The position reached.
        pts: Option<i32>,
    },
    /// A peer was seen for the first time, or has changed.
    Peer(PeerRecord),
}

/// Bytes that are no change of a session, or one of a later version.
#[derive(Debug, thiserror::Error)]
#[error("not a session change: {0}")]
pub struct CodecError(String);

impl Change {
    /// Appends the change to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        self.write(&mut Encoder::new(out)).expect("writing to memory cannot fail");
    }

    /// Reads as many changes as `bytes` hold.
    ///
    /// # Errors
    /// When anything in them is not a change.
    pub fn decode_all(bytes: &[u8]) -> Result<Vec<Self>, CodecError> {
        let mut decoder = Decoder::new(bytes);
        let mut changes = Vec::new();
        while decoder.position() < bytes.len() {
            changes.push(Self::read(&mut decoder).map_err(|error| CodecError(error.to_string()))?);
        }
        Ok(changes)
    }

    fn write(&self, e: &mut Encoder<&mut Vec<u8>>) -> Written {
        match self {
            Self::Home(home) => e.array(3)?.u8(HOME)?.i32(home.dc.get())?.str(&home.address)?,
            Self::Key { dc, key: Some(key) } => {
                e.array(4)?.u8(KEY)?.i32(dc.get())?.bytes(&key.bytes[..])?.i64(key.salt.get())?
            }
            Self::Key { dc, key: None } => e.array(2)?.u8(KEY)?.i32(dc.get())?,
            Self::Login(Some(login)) => {
                e.array(3)?.u8(LOGIN)?.i64(login.user_id.get())?.bool(login.is_bot)?
            }
            Self::Login(None) => e.array(1)?.u8(LOGIN)?,
            Self::Updates(Some(state)) => {
                let numbers = e.array(5)?.u8(UPDATES)?;
                numbers.i32(state.pts)?.i32(state.qts)?.i32(state.date)?.i32(state.seq)?
            }
            Self::Updates(None) => e.array(1)?.u8(UPDATES)?,
            Self::Channel { id, pts: Some(pts) } => {
                e.array(3)?.u8(CHANNEL)?.i64(id.get())?.i32(*pts)?
            }
            Self::Channel { id, pts: None } => e.array(2)?.u8(CHANNEL)?.i64(id.get())?,
            Self::Peer(record) => {
                let entry = e.array(if record.username.is_some() { 4 } else { 3 })?.u8(PEER)?;
                let entry = entry.i64(record.peer.marked())?.i64(record.access_hash.get())?;
                match &record.username {
                    Some(username) => entry.str(username)?,
                    None => entry,
                }
            }
        };
        Ok(())
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Error> {
        let fields = d.array()?.ok_or_else(|| Error::message("a list without its length"))?;
        Ok(match (d.u8()?, fields) {
            (HOME, 3) => Self::Home(Home { dc: dc(d)?, address: d.str()?.into() }),
            (KEY, 4) => Self::Key {
                dc: dc(d)?,
                key: Some(StoredKey { bytes: key_bytes(d)?, salt: Salt(d.i64()?) }),
            },
            (KEY, 2) => Self::Key { dc: dc(d)?, key: None },
            (LOGIN, 3) => Self::Login(Some(Login {
                user_id: known(UserId::new(d.i64()?), "a user id")?,
                is_bot: d.bool()?,
            })),
            (LOGIN, 1) => Self::Login(None),
            (UPDATES, 5) => Self::Updates(Some(UpdateState {
                pts: d.i32()?,
                qts: d.i32()?,
                date: d.i32()?,
                seq: d.i32()?,
            })),
            (UPDATES, 1) => Self::Updates(None),
            (CHANNEL, 3) => Self::Channel { id: channel(d)?, pts: Some(d.i32()?) },
            (CHANNEL, 2) => Self::Channel { id: channel(d)?, pts: None },
            (PEER, 3 | 4) => Self::Peer(PeerRecord {
                peer: known(Peer::from_marked(d.i64()?), "a peer")?,
                access_hash: AccessHash(d.i64()?),
                username: if fields == 4 { Some(d.str()?.into()) } else { None },
            }),
            _ => return Err(Error::message("a change of an unknown kind")),
        })
    }
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

// On disk for ever: never renumber.
const HOME: u8 = 1;
const KEY: u8 = 2;
const LOGIN: u8 = 3;
const UPDATES: u8 = 4;
const CHANNEL: u8 = 5;
const PEER: u8 = 6;

fn dc(d: &mut Decoder<'_>) -> Result<DcId, Error> {
    known(DcId::new(d.i32()?), "a data centre")
}

fn channel(d: &mut Decoder<'_>) -> Result<ChannelId, Error> {
    known(ChannelId::new(d.i64()?), "a channel id")
}

fn key_bytes(d: &mut Decoder<'_>) -> Result<Box<[u8; 256]>, Error> {
    let bytes: Option<[u8; 256]> = d.bytes()?.try_into().ok();
    known(bytes.map(Box::new), "a key of 256 bytes")
}

fn known<T>(value: Option<T>, what: &'static str) -> Result<T, Error> {
    value.ok_or_else(|| Error::message(format!("{what} was wanted")))
}
