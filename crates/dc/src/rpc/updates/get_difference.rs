//! `updates.getDifference`.

use heliogram_ids::{Pts, Seq};
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::boxes;
use crate::error::{Rpc, RpcError};
use crate::fanout::difference;
use crate::render::{self, Peers};

/// `updates.getDifference`: everything that was logged behind the caller's pts.
///
/// The rows are rendered as they stand now: of a message that was edited since, the newest form; of
/// one that is gone, nothing. A slice never advertises a pts beyond what it holds. Whoever stands
/// where the log has never been, as somebody who saw what a restored backup does not know, is told
/// where it goes on instead, and asks again from there.
///
/// # Errors
/// `PERSISTENT_TIMESTAMP_EMPTY`, `PERSISTENT_TIMESTAMP_INVALID`.
pub(super) fn get_difference(
    cx: &mut Reading<'_>,
    req: tl::updates::GetDifference,
) -> Rpc<tl::updates::Difference> {
    if req.pts == 0 {
        return Err(RpcError::PERSISTENT_TIMESTAMP_EMPTY);
    }
    let after = Pts::new(req.pts).ok_or(RpcError::PERSISTENT_TIMESTAMP_INVALID)?;
    let newest = boxes::state(cx.db, cx.me)?.pts;
    if after == newest {
        return Ok(types::updates::DifferenceEmpty {
            date: cx.now.unix(),
            seq: Seq::CONSTANT.get(),
        }
        .into());
    }
    if let Some(resumed) = difference::resumed_at(cx.db, cx.me, after)? {
        return Ok(types::updates::DifferenceTooLong { pts: resumed.get() }.into());
    }
    if req.pts_total_limit.is_some_and(|limit| newest.get() - after.get() > limit.max(1)) {
        return Ok(types::updates::DifferenceTooLong { pts: newest.get() }.into());
    }

    let most = cx.world.limits().difference_rows_max;
    let asked =
        req.pts_limit.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    let missed =
        difference::since(cx.db, cx.me, after, asked.map_or(most, |asked| asked.min(most)))?;

    let viewer = cx.mine();
    let mut peers = Peers::default();
    let logged = render::log(viewer, &missed.rows, &mut peers)?;
    let (new_messages, other_updates) = logged.into_difference();
    let (users, chats) = peers.render(viewer)?;
    let new_encrypted_messages = Vec::new();
    let tl::updates::State::State(mut state) = render::state(viewer)?;
    if missed.more {
        state.pts = missed.rows.last().map_or(after, |(pts, _)| *pts).get();
        let intermediate_state = state.into();
        return Ok(types::updates::DifferenceSlice {
            new_messages,
            new_encrypted_messages,
            other_updates,
            chats,
            users,
            intermediate_state,
        }
        .into());
    }
    let state = state.into();
    Ok(types::updates::Difference {
        new_messages,
        new_encrypted_messages,
        other_updates,
        chats,
        users,
        state,
    }
    .into())
}
