//! Posting a message: a row in each box that receives it, and an event in each log.

use heliogram_ids::{MessageId, Peer, RandomId, UserId};
use heliogram_store::engine::View;
use heliogram_store::{Read, StoreError, Txn};

use super::read;
use crate::cx::Writing;
use crate::domain::text::Text;
use crate::domain::{boxes, contacts, dialogs, users};
use crate::error::{Rpc, RpcError};
use crate::fanout::Effect;
use crate::record::{
    Forward, Markup, Media, MessageRow, Quote, Reply, Sent, ServiceAction, UpdateRow,
};
use crate::tables::{Copies, History, Messages, SentIds};

/// A message before it is posted, as its sender sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) text: Text,
    pub(crate) media: Option<Media>,
    pub(crate) reply_to: Option<ReplyTo>,
    pub(crate) forward: Option<Forward>,
    pub(crate) markup: Option<Markup>,
    pub(crate) action: Option<ServiceAction>,
    pub(crate) via_bot: Option<UserId>,
    pub(crate) grouped_id: Option<i64>,
    pub(crate) notify: Notify,
    pub(crate) noforwards: bool,
    pub(crate) invert_media: bool,
    pub(crate) no_webpage: bool,
    /// The recipient is expected to listen or watch.
    pub(crate) media_unread: bool,
}

/// What a new message answers, by ids of its sender's box.
#[derive(Clone, Debug)]
pub(crate) struct ReplyTo {
    pub(crate) id: MessageId,
    pub(crate) quote: Option<Quote>,
}

/// Whether the recipient's device makes a sound.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Notify {
    #[default]
    Loud,
    Silent,
}

/// What posting came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Posted {
    /// A new message, with this id in the sender's box.
    New(MessageId),
    /// The same `random_id` had been used: the message of that time.
    Repeated(MessageId),
}

impl Posted {
    pub(crate) const fn id(self) -> MessageId {
        match self {
            Self::New(id) | Self::Repeated(id) => id,
        }
    }
}

/// Posts from the caller, once for each `random_id`.
///
/// # Errors
/// `RANDOM_ID_EMPTY`; `RANDOM_ID_DUPLICATE` if the id was used towards another peer.
pub(crate) fn post_once(
    cx: &mut Writing<'_>,
    peer: Peer,
    random_id: RandomId,
    draft: Draft,
) -> Rpc<Posted> {
    if random_id.get() == 0 {
        return Err(RpcError::RANDOM_ID_EMPTY);
    }
    if let Some(posted) = repeated(cx.db, cx.me, peer, random_id)? {
        return Ok(posted);
    }
    let id = post(cx, cx.me, peer, draft)?;
    cx.db.put::<SentIds>(&(cx.me, random_id), &Sent { peer, id })?;
    Ok(Posted::New(id))
}

/// What the caller has posted under a `random_id`, if anything. Whoever did not hear the answer asks
/// again, and is not refused for what has changed since.
///
/// # Errors
/// `RANDOM_ID_DUPLICATE` if the id was used towards another peer.
pub(crate) fn repeated(
    db: &dyn View,
    me: UserId,
    peer: Peer,
    random_id: RandomId,
) -> Rpc<Option<Posted>> {
    match db.get::<SentIds>(&(me, random_id))? {
        Some(sent) if sent.peer == peer => Ok(Some(Posted::Repeated(sent.id))),
        Some(_) => Err(RpcError::RANDOM_ID_DUPLICATE),
        None => Ok(None),
    }
}

/// Whether the caller has used a `random_id` before.
pub(crate) fn was_sent(db: &dyn View, me: UserId, random_id: RandomId) -> Result<bool, StoreError> {
    db.contains::<SentIds>(&(me, random_id))
}

/// Posts from any account; returns the id in the sender's box.
///
/// # Errors
/// `PEER_ID_INVALID` for what is not a user.
pub(crate) fn post(
    cx: &mut Writing<'_>,
    sender: UserId,
    peer: Peer,
    draft: Draft,
) -> Rpc<MessageId> {
    let Peer::User(recipient) = peer else { return Err(RpcError::PEER_ID_INVALID) };
    let reply_to = draft.reply_to.clone();
    let row = row(cx, sender, draft);

    let own_reply = reply_in(cx.db, sender, sender, reply_to.as_ref())?;
    // The author sees that nobody has listened yet; what one sends to oneself is known.
    let media_unread = row.media_unread && recipient != sender;
    let own = MessageRow { peer, out: true, reply: own_reply, media_unread, ..row.clone() };
    let before = dialogs::find(cx.db, sender, peer)?.unwrap_or_default();
    let id = deliver(cx, sender, &own)?;
    // Behind the message, so that whatever the post appended to this log begins with it.
    read::by_writing(cx, sender, peer, &before, id)?;

    let blocked = contacts::is_blocked(cx.db, recipient, sender)?;
    if recipient != sender && !blocked {
        let reply = reply_in(cx.db, sender, recipient, reply_to.as_ref())?;
        let theirs = MessageRow { peer: Peer::User(sender), out: false, reply, ..row };
        deliver(cx, recipient, &theirs)?;
    }
    if recipient == users::BOT_FATHER && sender != recipient {
        cx.outbox.then(Effect::AskBotFather { person: sender, text: own.text });
    }
    Ok(id)
}

/// Puts one message into one box: the row, its indexes, its dialog and its event.
fn deliver(cx: &mut Writing<'_>, owner: UserId, message: &MessageRow) -> Rpc<MessageId> {
    let id = boxes::next_message(cx.db, owner)?;
    store(cx.db, owner, id, message)?;
    dialogs::on_message(cx.db, owner, id, message)?;
    boxes::append(cx.db, cx.outbox, owner, &UpdateRow::NewMessage(id))?;
    Ok(id)
}

fn store(
    txn: &mut Txn,
    owner: UserId,
    id: MessageId,
    message: &MessageRow,
) -> Result<(), StoreError> {
    txn.put::<Messages>(&(owner, id), message)?;
    txn.put::<History>(&(owner, message.peer, id), &())?;
    txn.put::<Copies>(&(message.copy, owner), &id)
}

/// The parts that all copies share.
fn row(cx: &mut Writing<'_>, sender: UserId, draft: Draft) -> MessageRow {
    let (text, entities) = draft.text.into_parts();
    MessageRow {
        peer: Peer::User(sender),
        from: Peer::User(sender),
        copy: cx.rng.i64(),
        date: cx.now.unix(),
        out: true,
        text,
        entities,
        media: draft.media,
        reply: None,
        forward: draft.forward,
        markup: draft.markup,
        edit_date: None,
        edit_hide: false,
        silent: draft.notify == Notify::Silent,
        pinned: false,
        noforwards: draft.noforwards,
        media_unread: draft.media_unread,
        invert_media: draft.invert_media,
        grouped_id: draft.grouped_id,
        via_bot: draft.via_bot,
        action: draft.action,
        no_webpage: draft.no_webpage.then_some(true),
    }
}

/// The answered message as `owner` knows it: everybody has an id of their own for it.
fn reply_in(
    db: &dyn View,
    sender: UserId,
    owner: UserId,
    reply_to: Option<&ReplyTo>,
) -> Rpc<Option<Reply>> {
    let Some(reply_to) = reply_to else { return Ok(None) };
    let id = id_in(db, sender, reply_to.id, owner)?;
    if id.is_none() && reply_to.quote.is_none() {
        return Ok(None);
    }
    Ok(Some(Reply { id, peer: None, quote: reply_to.quote.clone() }))
}

/// The id that `owner` has for the message that is `id` in `holder`'s box.
pub(crate) fn id_in(
    db: &dyn View,
    holder: UserId,
    id: MessageId,
    owner: UserId,
) -> Rpc<Option<MessageId>> {
    if holder == owner {
        return Ok(Some(id));
    }
    match db.get::<Messages>(&(holder, id))? {
        Some(message) => Ok(db.get::<Copies>(&(message.copy, owner))?),
        None => Ok(None),
    }
}
