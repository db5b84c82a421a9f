//! `contacts.resolveUsername` and `contacts.resolvePhone`.

use heliogram_ids::Peer;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::{names, privacy, users};
use crate::error::{Rpc, RpcError};
use crate::record::PrivacyKey;
use crate::render::{self, Peers};

/// `contacts.resolveUsername`: who has a username, with everything needed to write to them.
///
/// # Errors
/// `USERNAME_INVALID`, `USERNAME_NOT_OCCUPIED`.
pub(super) fn resolve_username(
    cx: &mut Reading<'_>,
    req: tl::contacts::ResolveUsername,
) -> Rpc<tl::contacts::ResolvedPeer> {
    let username = req.username.trim_start_matches('@');
    let plausible = (1..=32).contains(&username.len())
        && username.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !plausible {
        return Err(RpcError::USERNAME_INVALID);
    }
    let peer = users::by_username(cx.db, username)?.ok_or(RpcError::USERNAME_NOT_OCCUPIED)?;
    resolved(cx, peer)
}

/// `contacts.resolvePhone`: who has a phone number and lets the caller find them by it.
///
/// # Errors
/// `PHONE_NOT_OCCUPIED`, whatever the reason.
pub(super) fn resolve_phone(
    cx: &mut Reading<'_>,
    req: tl::contacts::ResolvePhone,
) -> Rpc<tl::contacts::ResolvedPeer> {
    let hidden = RpcError::PHONE_NOT_OCCUPIED;
    let phone = names::parse_phone(&req.phone).map_err(|_| hidden.clone())?;
    let user = users::by_phone(cx.db, &phone)?.ok_or_else(|| hidden.clone())?;
    if !privacy::allows(cx.db, user, PrivacyKey::AddedByPhone, cx.me)? {
        return Err(hidden);
    }
    resolved(cx, Peer::User(user))
}

fn resolved(cx: &Reading<'_>, peer: Peer) -> Rpc<tl::contacts::ResolvedPeer> {
    let mut peers = Peers::default();
    peers.mention(peer);
    let (users, chats) = peers.render(cx.mine())?;
    Ok(types::contacts::ResolvedPeer { peer: render::peer(peer), chats, users }.into())
}
