//! Dialogs, drafts and notification settings to TL.

use heliogram_ids::{MessageId, Peer};
use heliogram_store::Read;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::{Peers, Viewer, entities, peer};
use crate::error::Rpc;
use crate::record::{DialogRow, Draft, NotifyScope, NotifySettings};
use crate::tables::Notify;

/// A `dialog`; its peer is noted in `peers`.
pub(crate) fn dialog(
    viewer: Viewer<'_>,
    of: Peer,
    row: &DialogRow,
    peers: &mut Peers,
) -> Rpc<tl::Dialog> {
    peers.mention(of);
    Ok(types::Dialog {
        pinned: row.pinned.is_some(),
        unread_mark: row.unread_mark,
        peer: peer(of),
        top_message: id(row.top_message),
        read_inbox_max_id: id(row.read_inbox_max),
        read_outbox_max_id: id(row.read_outbox_max),
        unread_count: i32::try_from(row.unread_count).unwrap_or(i32::MAX),
        notify_settings: notify_settings(viewer, NotifyScope::Peer(of))?,
        draft: row.draft.as_ref().map(|row| draft(row, peers)),
        folder_id: row.folder,
        ..Default::default()
    }
    .into())
}

/// A `draftMessage`.
pub(crate) fn draft(row: &Draft, peers: &mut Peers) -> tl::DraftMessage {
    types::DraftMessage {
        no_webpage: row.no_webpage,
        reply_to: row.reply_to.map(|id| {
            types::InputReplyToMessage { reply_to_msg_id: id.get(), ..Default::default() }.into()
        }),
        message: (&row.text).into(),
        entities: entities(&row.entities, peers),
        date: row.date,
        ..Default::default()
    }
    .into()
}

/// The `peerNotifySettings` of one scope; what is absent is inherited.
pub(crate) fn notify_settings(
    viewer: Viewer<'_>,
    scope: NotifyScope,
) -> Rpc<tl::PeerNotifySettings> {
    let row = viewer.db.get::<Notify>(&(viewer.me, scope.key()))?.unwrap_or_default();
    Ok(settings(&row))
}

fn settings(row: &NotifySettings) -> tl::PeerNotifySettings {
    types::PeerNotifySettings {
        show_previews: row.show_previews,
        silent: row.silent,
        mute_until: row.mute_until,
        ..Default::default()
    }
    .into()
}

fn id(id: Option<MessageId>) -> i32 {
    id.map_or(0, MessageId::get)
}
