//! `account.updateStatus`.

use heliogram_tl as tl;

use crate::cx::Reading;
use crate::domain::presence::Seen;
use crate::domain::{contacts, privacy};
use crate::error::Rpc;
use crate::fanout::{Effect, Notice};

/// `account.updateStatus`: the caller is there, or leaves.
///
/// Being there lasts until a time that `help.getConfig` names; clients repeat it before.
pub(super) fn update_status(cx: &mut Reading<'_>, req: tl::account::UpdateStatus) -> Rpc<bool> {
    let seen = if req.offline {
        Seen::OfflineSince(cx.now)
    } else {
        Seen::OnlineUntil(cx.now + cx.world.limits().online_timeout)
    };
    cx.outbox.then(Effect::Seen { user: cx.me, seen });
    let limit = cx.world.limits().acquaintances_max;
    for viewer in contacts::acquaintances(cx.db, cx.me, limit)? {
        if privacy::shows_status(cx.db, cx.me, viewer)? {
            cx.outbox.tell(viewer, Notice::Status { of: cx.me, seen });
        }
    }
    Ok(true)
}
