//! `auth.dropTempAuthKeys`.

use heliogram_ids::AuthKeyId;
use heliogram_tl as tl;

use crate::cx::StrangerReading;
use crate::error::Rpc;
use crate::fanout::Effect;

/// `auth.dropTempAuthKeys`: forgets the temporary keys of the caller's permanent key, but for those
/// that are named.
pub(super) fn drop_temp_auth_keys(
    cx: &mut StrangerReading<'_>,
    req: tl::auth::DropTempAuthKeys,
) -> Rpc<bool> {
    let except = req.except_auth_keys.into_iter().map(AuthKeyId).collect();
    cx.outbox.then(Effect::DropTempKeys { perm: cx.caller.auth_key, except });
    Ok(true)
}
