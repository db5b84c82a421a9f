//! Abbreviated containers spelt out.

use heliogram_ids::UserId;
use heliogram_tl as tl;

/// The update behind an `updateShortMessage`: a text of a private chat.
pub(super) fn private_message(me: UserId, short: tl::types::UpdateShortMessage) -> tl::Update {
    let from = if short.out { me.get() } else { short.user_id };
    let message = tl::types::Message {
        out: short.out,
        mentioned: short.mentioned,
        media_unread: short.media_unread,
        silent: short.silent,
        id: short.id,
        from_id: Some(tl::types::PeerUser { user_id: from }.into()),
        peer_id: tl::types::PeerUser { user_id: short.user_id }.into(),
        fwd_from: short.fwd_from,
        via_bot_id: short.via_bot_id,
        reply_to: short.reply_to,
        date: short.date,
        message: short.message,
        entities: short.entities,
        ttl_period: short.ttl_period,
        ..tl::types::Message::default()
    };
    new_message(message, short.pts, short.pts_count)
}

/// The update behind an `updateShortChatMessage`: a text in a basic group.
pub(super) fn group_message(short: tl::types::UpdateShortChatMessage) -> tl::Update {
    let message = tl::types::Message {
        out: short.out,
        mentioned: short.mentioned,
        media_unread: short.media_unread,
        silent: short.silent,
        id: short.id,
        from_id: Some(tl::types::PeerUser { user_id: short.from_id }.into()),
        peer_id: tl::types::PeerChat { chat_id: short.chat_id }.into(),
        fwd_from: short.fwd_from,
        via_bot_id: short.via_bot_id,
        reply_to: short.reply_to,
        date: short.date,
        message: short.message,
        entities: short.entities,
        ttl_period: short.ttl_period,
        ..tl::types::Message::default()
    };
    new_message(message, short.pts, short.pts_count)
}

fn new_message(message: tl::types::Message, pts: i32, pts_count: i32) -> tl::Update {
    tl::types::UpdateNewMessage { message: message.into(), pts, pts_count }.into()
}
