//! One message as its owner sees it.

use heliogram_ids::{MessageId, Peer};
use heliogram_tl as tl;
use heliogram_tl::types;

use super::{Peers, Viewer, entities, markup, media, peer};
use crate::domain::messages::saved;
use crate::error::Rpc;
use crate::record::{Forward, ForwardFrom, MessageRow, Reply, ServiceAction};

/// A `message` or `messageService`; everybody it mentions is noted in `peers`.
pub(crate) fn message(
    viewer: Viewer<'_>,
    id: MessageId,
    row: &MessageRow,
    peers: &mut Peers,
) -> Rpc<tl::Message> {
    peers.mention(row.peer);
    peers.mention(row.from);
    if let Some(action) = &row.action {
        return Ok(service(id, row, action, peers));
    }
    if let Some(bot) = row.via_bot {
        peers.mention_user(bot);
    }
    Ok(types::Message {
        out: row.out,
        media_unread: row.media_unread,
        silent: row.silent,
        edit_hide: row.edit_hide,
        pinned: row.pinned,
        noforwards: row.noforwards,
        invert_media: row.invert_media,
        id: id.get(),
        from_id: from(row),
        peer_id: peer(row.peer),
        saved_peer_id: (row.peer == Peer::User(viewer.me)).then(|| peer(saved::origin(row))),
        fwd_from: row.forward.as_ref().map(|forward| forward_header(forward, peers)),
        via_bot_id: row.via_bot.map(heliogram_ids::UserId::get),
        reply_to: row.reply.as_ref().map(|reply| reply_header(reply, peers)),
        date: row.date,
        message: (&row.text).into(),
        media: match &row.media {
            Some(stored) => Some(media(viewer, stored, peers)?),
            None => None,
        },
        reply_markup: row.markup.as_ref().map(markup),
        entities: entities(&row.entities, peers),
        edit_date: row.edit_date,
        grouped_id: row.grouped_id,
        ..Default::default()
    }
    .into())
}

/// In private chats the sender follows from `out` and `peer_id`, except for one's own messages.
fn from(row: &MessageRow) -> Option<tl::Peer> {
    (row.out || row.from != row.peer).then(|| peer(row.from))
}

fn service(
    id: MessageId,
    row: &MessageRow,
    action: &ServiceAction,
    peers: &mut Peers,
) -> tl::Message {
    types::MessageService {
        out: row.out,
        silent: row.silent,
        id: id.get(),
        from_id: from(row),
        peer_id: peer(row.peer),
        reply_to: row.reply.as_ref().map(|reply| reply_header(reply, peers)),
        date: row.date,
        action: match action {
            ServiceAction::PinMessage => tl::MessageAction::MessageActionPinMessage,
            ServiceAction::HistoryClear => tl::MessageAction::MessageActionHistoryClear,
            ServiceAction::ContactSignUp => tl::MessageAction::MessageActionContactSignUp,
        },
        ..Default::default()
    }
    .into()
}

fn forward_header(forward: &Forward, peers: &mut Peers) -> tl::MessageFwdHeader {
    let (from_id, from_name) = match &forward.from {
        ForwardFrom::Peer(from) => {
            peers.mention(*from);
            (Some(peer(*from)), None)
        }
        ForwardFrom::Name(name) => (None, Some(name.into())),
    };
    if let Some((saved, _)) = forward.saved_from {
        peers.mention(saved);
    }
    types::MessageFwdHeader {
        from_id,
        from_name,
        date: forward.date,
        saved_from_peer: forward.saved_from.map(|(saved, _)| peer(saved)),
        saved_from_msg_id: forward.saved_from.map(|(_, id)| id.get()),
        ..Default::default()
    }
    .into()
}

fn reply_header(reply: &Reply, peers: &mut Peers) -> tl::MessageReplyHeader {
    let quote = reply.quote.as_ref();
    types::MessageReplyHeader {
        quote: quote.is_some(),
        reply_to_msg_id: reply.id.map(MessageId::get),
        reply_to_peer_id: reply.peer.map(|other| {
            peers.mention(other);
            peer(other)
        }),
        quote_text: quote.map(|quote| (&quote.text).into()),
        quote_entities: quote.and_then(|quote| entities(&quote.entities, peers)),
        quote_offset: quote.and_then(|quote| quote.offset),
        ..Default::default()
    }
    .into()
}
