//! `auth.bindTempAuthKey`.

use heliogram_crypto::AuthKey;
use heliogram_ids::AuthKeyId;
use heliogram_mtproto::bind;
use heliogram_store::Read as _;
use heliogram_tl as tl;

use crate::cx::StrangerReading;
use crate::error::{Rpc, RpcError};
use crate::fanout::Effect;
use crate::tables::AuthKeys;

/// `auth.bindTempAuthKey`: the key of this link speaks for a permanent one from now on.
///
/// The proof is a message under the permanent key that names this key, this session and this very
/// request. `ENCRYPTED_MESSAGE_INVALID` makes some clients drop the permanent key, so it means
/// nothing else than that the key or the proof is not good.
///
/// # Errors
/// `TEMP_AUTH_KEY_EMPTY` on a permanent key, `TEMP_AUTH_KEY_ALREADY_BOUND` on one that speaks for
/// another; `EXPIRES_AT_INVALID`, `ENCRYPTED_MESSAGE_INVALID`.
pub(super) fn bind_temp_auth_key(
    cx: &mut StrangerReading<'_>,
    req: tl::auth::BindTempAuthKey,
) -> Rpc<bool> {
    let (temp, perm) = (cx.caller.link_key, AuthKeyId(req.perm_auth_key_id));
    if cx.db.contains::<AuthKeys>(&temp)? {
        return Err(RpcError::TEMP_AUTH_KEY_EMPTY);
    }
    if req.expires_at <= cx.now.unix() {
        return Err(RpcError::EXPIRES_AT_INVALID);
    }
    // Bound already, it acts for the key that it is bound to.
    if cx.caller.auth_key != perm {
        return Err(RpcError::TEMP_AUTH_KEY_ALREADY_BOUND);
    }
    let refused = RpcError::ENCRYPTED_MESSAGE_INVALID;
    let row = cx.db.get::<AuthKeys>(&perm)?.ok_or_else(|| refused.clone())?;
    let bytes = row.key.as_slice().try_into().map_err(|_| RpcError::INTERNAL)?;
    let opened = bind::open(&req.encrypted_message, cx.caller.msg_id, &AuthKey::new(bytes))
        .map_err(|_| refused.clone())?;
    let expected = bind::Binding {
        nonce: req.nonce,
        temp_auth_key_id: temp,
        perm_auth_key_id: perm,
        temp_session_id: cx.caller.session,
        expires_at: req.expires_at,
    };
    if opened != expected {
        return Err(refused);
    }
    cx.outbox.then(Effect::BindTempKey { temp, perm, expires_at: req.expires_at });
    Ok(true)
}
