//! Rows of the update log to `Update`s: the same way for a push and for a difference.

use std::collections::BTreeSet;

use heliogram_ids::{MessageId, Pts, RandomId, Seq, UserId};
use heliogram_store::{Read, Within};
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
    /// Messages that came or changed here and are gone by now.
    gone: Vec<(Pts, MessageId)>,
}

/// Renders rows that follow each other. Messages that are gone again leave nothing; neighbouring
/// deletions, reads of contents and pins become one update with their count.
pub(crate) fn log(viewer: Viewer<'_>, rows: &[(Pts, UpdateRow)], peers: &mut Peers) -> Rpc<Logged> {
    let mut logged = Logged::default();
    for run in rows.chunk_by(|(_, row), (_, next)| joins(row, next)) {
        let ([(first, row), ..], [.., (last, _)]) = (run, run) else { continue };
        let messages = run.iter().filter_map(|(_, row)| id_of(row)).map(MessageId::get).collect();
        let (pts, pts_count) = (last.get(), i32::try_from(run.len()).unwrap_or(i32::MAX));
        let update: tl::Update = match row {
            UpdateRow::NewMessage(id) => {
                match find(viewer, *id, peers)? {
                    Some(message) => logged.new_messages.push((*first, message)),
                    None => logged.gone.push((*first, *id)),
                }
                continue;
            }
            UpdateRow::EditMessage(id) => {
                let Some(message) = find(viewer, *id, peers)? else {
                    logged.gone.push((*first, *id));
                    continue;
                };
                types::UpdateEditMessage { message, pts, pts_count }.into()
            }
            UpdateRow::DeleteMessage(_) => {
                types::UpdateDeleteMessages { messages, pts, pts_count }.into()
            }
            UpdateRow::ReadContents(_) => {
                types::UpdateReadMessagesContents { messages, pts, pts_count, date: None }.into()
            }
            UpdateRow::Pinned { peer: of, pinned, .. } => {
                peers.mention(*of);
                let (pinned, peer) = (*pinned, peer(*of));
                types::UpdatePinnedMessages { pinned, peer, messages, pts, pts_count }.into()
            }
            UpdateRow::ReadInbox { peer: of, max_id, still_unread } => {
                peers.mention(*of);
                types::UpdateReadHistoryInbox {
                    peer: peer(*of),
                    max_id: max_id.get(),
                    still_unread_count: i32::try_from(*still_unread).unwrap_or(i32::MAX),
                    pts,
                    pts_count,
                    ..Default::default()
                }
                .into()
            }
            UpdateRow::ReadOutbox { peer: of, max_id } => {
                peers.mention(*of);
                let (peer, max_id) = (peer(*of), max_id.get());
                types::UpdateReadHistoryOutbox { peer, max_id, pts, pts_count }.into()
            }
        };
        logged.other.push((*last, update));
    }
    Ok(logged)
}

impl Logged {
    /// All of it as pushed updates, in the order of the log. Every pts is covered: of a message
    /// that is gone already, its deletion is told early.
    pub(crate) fn into_updates(self) -> Vec<tl::Update> {
        let gone = self.gone.into_iter().map(|(pts, id)| (pts, deletion(pts, id)));
        let new = self.new_messages.into_iter().map(|(pts, message)| {
            (pts, types::UpdateNewMessage { message, pts: pts.get(), pts_count: 1 }.into())
        });
        let mut all: Vec<(Pts, tl::Update)> = new.chain(self.other).chain(gone).collect();
        all.sort_by_key(|(pts, _)| *pts);
        all.into_iter().map(|(_, update)| update).collect()
    }

    /// All of it for a difference, which covers its range as a whole: of each message only the
    /// newest form, of those that are gone nothing.
    ///
    /// One row alone is always told, even of a message that is gone.
    // Seen: TDLib repairs a gap by asking for one row and expects one update.
    pub(crate) fn into_difference(self) -> (Vec<tl::Message>, Vec<tl::Update>) {
        let mut told: BTreeSet<i32> =
            self.new_messages.iter().map(|(_, message)| id_of_message(message)).collect();
        let mut other = Vec::with_capacity(self.other.len());
        for (_, update) in self.other.into_iter().rev() {
            let is_old = match &update {
                tl::Update::UpdateEditMessage(edit) => !told.insert(id_of_message(&edit.message)),
                _ => false,
            };
            if !is_old {
                other.push(update);
            }
        }
        other.reverse();
        if self.new_messages.is_empty() && other.is_empty() {
            other.extend(self.gone.into_iter().map(|(pts, id)| deletion(pts, id)));
        }
        (self.new_messages.into_iter().map(|(_, message)| message).collect(), other)
    }
}

fn deletion(pts: Pts, id: MessageId) -> tl::Update {
    types::UpdateDeleteMessages { messages: vec![id.get()], pts: pts.get(), pts_count: 1 }.into()
}

fn id_of_message(message: &tl::Message) -> i32 {
    match message {
        tl::Message::Message(message) => message.id,
        tl::Message::MessageService(message) => message.id,
        tl::Message::MessageEmpty(message) => message.id,
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

/// The answer to whoever posted: which id each message got, then everything that the posts appended
/// to the log, which begins with the first of the new messages.
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
    if let Some((first, ..)) = posts.iter().find(|(_, _, repeated)| *repeated == Repeated::No) {
        let rows = rows_from(viewer, pts_of(viewer, *first, state.pts)?)?;
        out.extend(log(viewer, &rows, &mut peers)?.into_updates());
    }
    for (id, ..) in posts.iter().filter(|(_, _, repeated)| *repeated == Repeated::Yes) {
        let message = find(viewer, *id, &mut peers)?.ok_or(RpcError::MESSAGE_ID_INVALID)?;
        let pts = state.pts.get();
        out.push(types::UpdateNewMessage { message, pts, pts_count: 0 }.into());
    }
    updates(viewer, out, &peers)
}

/// The answer to whoever changed something: the rows that the request appended to the own log.
pub(crate) fn own_log(viewer: Viewer<'_>, logged: &[(UserId, Pts)]) -> Rpc<tl::Updates> {
    let mut rows = Vec::new();
    for (_, pts) in logged.iter().filter(|(owner, _)| *owner == viewer.me) {
        if let Some(row) = viewer.db.get::<Updates>(&(viewer.me, *pts))? {
            rows.push((*pts, row));
        }
    }
    let mut peers = Peers::default();
    let out = log(viewer, &rows, &mut peers)?.into_updates();
    updates(viewer, out, &peers)
}

fn rows_from(viewer: Viewer<'_>, first: Pts) -> Rpc<Vec<(Pts, UpdateRow)>> {
    let rows = viewer.db.range::<Updates>(Within(viewer.me, first..));
    rows.map(|row| Ok(row.map(|((_, pts), event)| (pts, event))?)).collect()
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

/// `messages.affectedMessages`: how far the request moved the own log.
pub(crate) fn affected(
    viewer: Viewer<'_>,
    logged: &[(UserId, Pts)],
) -> Rpc<tl::messages::AffectedMessages> {
    let (pts, pts_count) = moved(viewer, logged)?;
    Ok(types::messages::AffectedMessages { pts, pts_count }.into())
}

/// `messages.affectedHistory`: the same, and how much is left to do by asking again.
pub(crate) fn affected_history(
    viewer: Viewer<'_>,
    logged: &[(UserId, Pts)],
    left: usize,
) -> Rpc<tl::messages::AffectedHistory> {
    let (pts, pts_count) = moved(viewer, logged)?;
    let offset = i32::try_from(left).unwrap_or(i32::MAX);
    Ok(types::messages::AffectedHistory { pts, pts_count, offset }.into())
}

fn moved(viewer: Viewer<'_>, logged: &[(UserId, Pts)]) -> Rpc<(i32, i32)> {
    let pts = boxes::state(viewer.db, viewer.me)?.pts.get();
    let count = logged.iter().filter(|(owner, _)| *owner == viewer.me).count();
    Ok((pts, i32::try_from(count).unwrap_or(i32::MAX)))
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
        unread_count: i32::try_from(unread).unwrap_or(i32::MAX),
    }
    .into())
}
