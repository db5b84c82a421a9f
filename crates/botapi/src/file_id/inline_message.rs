//! `inline_message_id`: the bare body of the data centre's own id.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::code::{Reader, Writer, decode_base64};

/// A message that was sent through inline mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InlineMessageId {
    /// Where the message needs no owner.
    Short { dc_id: i32, id: i64, access_hash: i64 },
    /// Where the message is named by its owner's box.
    Long { dc_id: i32, owner_id: i64, id: i32, access_hash: i64 },
}

impl InlineMessageId {
    /// The `inline_message_id`.
    pub fn encode(self) -> String {
        let mut out = Writer(Vec::new());
        match self {
            Self::Short { dc_id, id, access_hash } => {
                out.i32(dc_id);
                out.pair(id, access_hash);
            }
            Self::Long { dc_id, owner_id, id, access_hash } => {
                out.i32(dc_id);
                out.i64(owner_id);
                out.i32(id);
                out.i64(access_hash);
            }
        }
        URL_SAFE_NO_PAD.encode(out.0)
    }

    /// Reads an `inline_message_id`; the two forms differ in length.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = decode_base64(text).ok()?;
        let mut reader = Reader(&bytes);
        let dc_id = reader.i32()?;
        match bytes.len() {
            20 => Some(Self::Short { dc_id, id: reader.i64()?, access_hash: reader.i64()? }),
            24 => Some(Self::Long {
                dc_id,
                owner_id: reader.i64()?,
                id: reader.i32()?,
                access_hash: reader.i64()?,
            }),
            _ => None,
        }
    }
}
