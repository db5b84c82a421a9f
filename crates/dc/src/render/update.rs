//! Rows of the update log to `Update`s: the same way for a push and for a difference.

use heliogram_ids::{MessageId, Pts, RandomId, Seq};
use heliogram_store::Read;
use heliogram_tl as tl;
use heliogram_tl::types;

use super::{Peers, Viewer, message, peer};
use crate::domain::messages::post::Posted;
use crate::domain::{boxes, dialogs};
use crate::error::{Rpc, RpcError};
use crate::record::UpdateRow;
use crate::tables::{Messages, Updates};

/// Rendered rows: new messages apart, because a difference wants them so.
#[derive(Debug, Default)]
pub(crate) struct Logged {
    /// What `updateNewMessage` carries, with its pts.
    pub(crate) new_messages: Vec<(Pts, tl::Message)>,
    /// Everything else, with the last pts that it covers.
    pub(crate) other: Vec<(Pts, tl::Update)>,
}

/// Renders rows that follow each other. Messages that are gone again leave nothing; neighbouring
/// deletions, reads of contents and pins become one update with their count.
pub(crate) fn log(viewer: Viewer<'_>, rows: &[(Pts, UpdateRow)], peers: &mut Peers) -> Rpc<Logged> {
    let mut logged = Logged::default();
    let mut index = 0;
    while let Some((pts, row)) = rows.get(index) {
        let run = rows[index..].iter().take_while(|(_, next)| joins(row, next)).count().max(1);
        let last = rows.get(index + run - 1).map_or(*pts, |(pts, _)| *pts);
        let ids = || {
            rows[index..index + run]
                .iter()
                .filter_map(|(_, row)| id_of(row))
                .map(MessageId::get)
                .collect()
        };
        let count = i32::try_from(run).unwrap_or(i32::MAX);
        let update: tl::Update = match row {
            UpdateRow::NewMessage(id) => {
                if let Some(message) = find(viewer, *id, peers)? {
                    logged.new_messages.push((*pts, message));
                }
                index += run;
                continue;
            }
            UpdateRow::EditMessage(id) => {
                let Some(message) = find(viewer, *id, peers)? else {
                    index += run;
                    continue;
                };
                types::UpdateEditMessage { message, pts: last.get(), pts_count: 1 }.into()
            }
            UpdateRow::DeleteMessage(_) => {
                types::UpdateDeleteMessages { messages: ids(), pts: last.get(), pts_count: count }
                    .into()
            }
            UpdateRow::ReadContents(_) => types::UpdateReadMessagesContents {
                messages: ids(),
                pts: last.get(),
                pts_count: count,
                date: None,
            }
            .into(),
            UpdateRow::Pinned { peer: of, pinned, .. } => {
                peers.mention(*of);
                let (pinned, peer) = (*pinned, peer(*of));
                types::UpdatePinnedMessages {
                    pinned,
                    peer,
                    messages: ids(),
                    pts: last.get(),
                    pts_count: count,
                }
                .into()
            }
            UpdateRow::ReadInbox { peer: of, max_id, still_unread } => {
                peers.mention(*of);
                types::UpdateReadHistoryInbox {
                    peer: peer(*of),
                    max_id: max_id.get(),
                    still_unread_count: i32::try_from(*still_unread).unwrap_or(i32::MAX),
                    pts: last.get(),
                    pts_count: 1,
                    ..Default::default()
                }
                .into()
            }
            UpdateRow::ReadOutbox { peer: of, max_id } => {
                peers.mention(*of);
                let (peer, max_id) = (peer(*of), max_id.get());
                types::UpdateReadHistoryOutbox { peer, max_id, pts: last.get(), pts_count: 1 }
                    .into()
            }
        };
        logged.other.push((last, update));
        index += run;
    }
    Ok(logged)
}

impl Logged {
    /// All of it as pushed updates, in the order of the log.
    pub(crate) fn into_updates(self) -> Vec<tl::Update> {
        let new = self.new_messages.into_iter().map(|(pts, message)| {
            (pts, types::UpdateNewMessage { message, pts: pts.get(), pts_count: 1 }.into())
        });
        let mut all: Vec<(Pts, tl::Update)> = new.chain(self.other).collect();
        all.sort_by_key(|(pts, _)| *pts);
        all.into_iter().map(|(_, update)| update).collect()
    }
}

/// The envelope of every push and of most answers. Unordered: pts alone keeps the order.
pub(crate) fn updates(
    viewer: Viewer<'_>,
    updates: Vec<tl::Update>,
    peers: &Peers,
) -> Rpc<tl::Updates> {
    let (users, chats) = peers.render(viewer)?;
    Ok(types::Updates { updates, users, chats, date: viewer.now.unix(), seq: 0 }.into())
}

/// The answer to whoever posted: which id the message got, then the message itself.
///
/// A message that was posted before is shown with the present pts and a count of zero, which
/// clients know to be nothing new.
///
/// # Errors
/// `MESSAGE_ID_INVALID` if a repeated message was deleted since.
pub(crate) fn own_post(
    viewer: Viewer<'_>,
    posts: &[(MessageId, RandomId, Repeated)],
) -> Rpc<tl::Updates> {
    let mut peers = Peers::default();
    let mut out: Vec<tl::Update> = Vec::with_capacity(posts.len() * 2);
    for (id, random_id, _) in posts {
        out.push(types::UpdateMessageId { id: id.get(), random_id: random_id.get() }.into());
    }
    let state = boxes::state(viewer.db, viewer.me)?;
    for (id, _, repeated) in posts {
        let message = find(viewer, *id, &mut peers)?.ok_or(RpcError::MESSAGE_ID_INVALID)?;
        let (pts, pts_count) = match repeated {
            Repeated::No => (pts_of(viewer, *id, state.pts)?, 1),
            Repeated::Yes => (state.pts, 0),
        };
        out.push(types::UpdateNewMessage { message, pts: pts.get(), pts_count }.into());
    }
    updates(viewer, out, &peers)
}

/// Whether a post was made now or by an earlier request with the same `random_id`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Repeated {
    No,
    Yes,
}

impl Repeated {
    pub(crate) const fn of(posted: Posted) -> Self {
        match posted {
            Posted::New(_) => Self::No,
            Posted::Repeated(_) => Self::Yes,
        }
    }
}

/// `messages.affectedMessages` after `count` events.
pub(crate) fn affected(viewer: Viewer<'_>, count: usize) -> Rpc<tl::messages::AffectedMessages> {
    let pts = boxes::state(viewer.db, viewer.me)?.pts.get();
    let pts_count = i32::try_from(count).unwrap_or(i32::MAX);
    Ok(types::messages::AffectedMessages { pts, pts_count }.into())
}

/// Where in the log a message was posted: just now, so the search is short.
fn pts_of(viewer: Viewer<'_>, id: MessageId, newest: Pts) -> Rpc<Pts> {
    for row in viewer.db.range_rev::<Updates>(..=(viewer.me, newest)) {
        let ((owner, pts), event) = row?;
        if owner != viewer.me {
            break;
        }
        if event == UpdateRow::NewMessage(id) {
            return Ok(pts);
        }
    }
    Err(RpcError::INTERNAL)
}

fn find(viewer: Viewer<'_>, id: MessageId, peers: &mut Peers) -> Rpc<Option<tl::Message>> {
    match viewer.db.get::<Messages>(&(viewer.me, id))? {
        Some(row) => message(viewer, id, &row, peers).map(Some),
        None => Ok(None),
    }
}

/// Whether `next` can be told together with `first`.
fn joins(first: &UpdateRow, next: &UpdateRow) -> bool {
    match (first, next) {
        (UpdateRow::DeleteMessage(_), UpdateRow::DeleteMessage(_))
        | (UpdateRow::ReadContents(_), UpdateRow::ReadContents(_)) => true,
        (
            UpdateRow::Pinned { peer: a, pinned: x, .. },
            UpdateRow::Pinned { peer: b, pinned: y, .. },
        ) => a == b && x == y,
        _ => false,
    }
}

fn id_of(row: &UpdateRow) -> Option<MessageId> {
    match row {
        UpdateRow::NewMessage(id)
        | UpdateRow::EditMessage(id)
        | UpdateRow::DeleteMessage(id)
        | UpdateRow::ReadContents(id)
        | UpdateRow::Pinned { id, .. } => Some(*id),
        UpdateRow::ReadInbox { .. } | UpdateRow::ReadOutbox { .. } => None,
    }
}

/// The state of the viewer's box, as `updates.getState` answers.
pub(crate) fn state(viewer: Viewer<'_>) -> Rpc<tl::updates::State> {
    let state = boxes::state(viewer.db, viewer.me)?;
    let unread = dialogs::unread_dialogs(viewer.db, viewer.me)?;
    Ok(types::updates::State {
        pts: state.pts.get(),
        qts: state.qts.get(),
        date: viewer.now.unix(),
        seq: Seq::CONSTANT.get(),
        unread_count: unread,
    }
    .into())
}
