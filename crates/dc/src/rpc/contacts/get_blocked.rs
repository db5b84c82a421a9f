//! `contacts.getBlocked`.

use std::cmp::Reverse;

use heliogram_store::{Prefix, Read as _};
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::error::Rpc;
use crate::render::{self, Peers};
use crate::tables::Blocks;

/// `contacts.getBlocked`: whom the caller has blocked, the newest first.
pub(super) fn get_blocked(
    cx: &mut Reading<'_>,
    req: tl::contacts::GetBlocked,
) -> Rpc<tl::contacts::Blocked> {
    let mut all = Vec::new();
    if !req.my_stories_from {
        for row in cx.db.range::<Blocks>(Prefix(cx.me)) {
            let ((_, person), date) = row?;
            all.push((Reverse(date), person));
        }
    }
    all.sort_unstable();
    let count = i32::try_from(all.len()).unwrap_or(i32::MAX);
    let offset = usize::try_from(req.offset).unwrap_or(0);
    let limit = usize::try_from(req.limit).unwrap_or(0).min(cx.world.limits().dialogs_page_max);

    let mut peers = Peers::default();
    let mut blocked = Vec::new();
    for (Reverse(date), person) in all.into_iter().skip(offset).take(limit) {
        peers.mention_user(person);
        blocked.push(types::PeerBlocked { peer_id: render::peer(person.into()), date }.into());
    }
    let (users, chats) = peers.render(cx.mine())?;
    if blocked.len() == usize::try_from(count).unwrap_or(0) {
        return Ok(types::contacts::Blocked { blocked, chats, users }.into());
    }
    Ok(types::contacts::BlockedSlice { count, blocked, chats, users }.into())
}
