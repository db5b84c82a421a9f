//! Forwarding: copies with a word on where they come from.

use std::collections::BTreeMap;

use heliogram_ids::{MessageId, Peer, RandomId};
use heliogram_store::Read;

use crate::cx::Writing;
use crate::domain::messages::post::{self, Draft, Notify, Posted};
use crate::domain::text::Text;
use crate::error::{Rpc, RpcError};
use crate::record::{Forward, ForwardFrom, MessageRow};
use crate::tables::Messages;

/// How messages are forwarded.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// Copies that do not tell where they come from.
    pub(crate) drop_author: bool,
    /// Media without the text below it.
    pub(crate) drop_captions: bool,
    pub(crate) notify: Notify,
    pub(crate) noforwards: bool,
}

/// Forwards messages of one dialog of the caller's into another, in the order in which they are
/// named, each one once for its `random_id`. Ids that are not there and service messages are passed
/// over.
///
/// # Errors
/// `MESSAGE_ID_INVALID` if nothing is left to forward, `CHAT_FORWARDS_RESTRICTED`,
/// `RANDOM_ID_EMPTY`, `RANDOM_ID_DUPLICATE`.
pub(crate) fn messages(
    cx: &mut Writing<'_>,
    from: Peer,
    to: Peer,
    ids: &[(MessageId, RandomId)],
    manner: Manner,
) -> Rpc<Vec<(Posted, RandomId)>> {
    let mut albums = BTreeMap::new();
    let mut posted = Vec::with_capacity(ids.len());
    for (id, random_id) in ids {
        let found = cx.db.get::<Messages>(&(cx.me, *id))?.filter(|message| message.peer == from);
        let Some(message) = found.filter(|message| message.action.is_none()) else { continue };
        if message.noforwards {
            return Err(RpcError::CHAT_FORWARDS_RESTRICTED);
        }
        // An album stays one, but it is another than that which it was copied from.
        let rng = &mut *cx.rng;
        let mut album = |old: i64| *albums.entry(old).or_insert_with(|| rng.i64());
        let grouped_id = message.grouped_id.map(&mut album);
        let draft = Draft { grouped_id, ..draft(*id, message, to == Peer::User(cx.me), manner) };
        posted.push((post::post_once(cx, to, *random_id, draft)?, *random_id));
    }
    if posted.is_empty() { Err(RpcError::MESSAGE_ID_INVALID) } else { Ok(posted) }
}

fn draft(id: MessageId, message: MessageRow, into_saved: bool, manner: Manner) -> Draft {
    let forward = (!manner.drop_author).then(|| header(id, &message, into_saved));
    let bare = manner.drop_captions && message.media.is_some();
    Draft {
        text: if bare { Text::default() } else { Text::formatted(message.text, message.entities) },
        media: message.media,
        forward,
        via_bot: message.via_bot,
        notify: manner.notify,
        noforwards: manner.noforwards,
        invert_media: message.invert_media,
        no_webpage: message.no_webpage.unwrap_or(false),
        ..Draft::default()
    }
}

/// Where a message comes from: its first author, however often it was forwarded since.
fn header(id: MessageId, message: &MessageRow, into_saved: bool) -> Forward {
    let saved_from = into_saved.then_some((message.peer, id));
    match &message.forward {
        Some(first) => Forward { from: first.from.clone(), date: first.date, saved_from },
        None => Forward { from: ForwardFrom::Peer(message.from), date: message.date, saved_from },
    }
}
