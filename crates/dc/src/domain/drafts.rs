//! Drafts: what is being written and not yet sent, the same on all devices of one account.

use heliogram_ids::{Peer, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Prefix, Read, StoreError};

use super::dialogs;
use crate::cx::Writing;
use crate::error::Rpc;
use crate::fanout::Notice;
use crate::record::Draft;
use crate::tables::Dialogs;

/// Keeps a draft, or forgets it, and tells the caller's other sessions if it differs.
pub(crate) fn save(cx: &mut Writing<'_>, peer: Peer, draft: Option<Draft>) -> Rpc<()> {
    let before = dialogs::find(cx.db, cx.me, peer)?.and_then(|dialog| dialog.draft);
    let dated = |draft: Option<Draft>| draft.map(|draft| Draft { date: 0, ..draft });
    if dated(before) == dated(draft.clone()) {
        return Ok(());
    }
    dialogs::update(cx.db, cx.me, peer, |dialog| dialog.draft = draft)?;
    cx.outbox.tell(cx.me, Notice::Draft { peer });
    Ok(())
}

/// Forgets all drafts of the caller.
pub(crate) fn clear(cx: &mut Writing<'_>) -> Rpc<()> {
    for (peer, _) in all(cx.db, cx.me)? {
        save(cx, peer, None)?;
    }
    Ok(())
}

/// Every draft of an account.
pub(crate) fn all(db: &dyn View, owner: UserId) -> Result<Vec<(Peer, Draft)>, StoreError> {
    let mut drafts = Vec::new();
    for row in db.range::<Dialogs>(Prefix(owner)) {
        let ((_, peer), dialog) = row?;
        if let Some(draft) = dialog.draft {
            drafts.push((peer, draft));
        }
    }
    Ok(drafts)
}
