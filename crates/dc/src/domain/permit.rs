//! Who may do what.

use heliogram_ids::{Peer, UserId};
use heliogram_store::Read;
use heliogram_store::engine::View;

use super::{contacts, users};
use crate::error::{Rpc, RpcError};
use crate::tables::Dialogs;

/// Whether `sender` may write to `peer`.
///
/// # Errors
/// `PEER_ID_INVALID`, `INPUT_USER_DEACTIVATED`, `YOU_BLOCKED_USER`, `USER_IS_BLOCKED`, `USER_IS_BOT`.
pub(crate) fn post(db: &dyn View, sender: UserId, sender_is_bot: bool, peer: Peer) -> Rpc<()> {
    let Peer::User(recipient) = peer else { return Err(RpcError::PEER_ID_INVALID) };
    if recipient == sender {
        return if sender_is_bot { Err(RpcError::USER_IS_BOT) } else { Ok(()) };
    }
    let user = users::find(db, recipient)?.ok_or(RpcError::PEER_ID_INVALID)?;
    if user.deleted {
        return Err(RpcError::INPUT_USER_DEACTIVATED);
    }
    if contacts::is_blocked(db, sender, recipient)? {
        return Err(RpcError::YOU_BLOCKED_USER);
    }
    if sender_is_bot {
        if user.is_bot() {
            return Err(RpcError::USER_IS_BOT);
        }
        // A bot never speaks first. What it may answer to is a dialog that the person began.
        if !db.contains::<Dialogs>(&(sender, peer))? {
            return Err(RpcError::PEER_ID_INVALID);
        }
        if contacts::is_blocked(db, recipient, sender)? {
            return Err(RpcError::USER_IS_BLOCKED);
        }
    }
    Ok(())
}
