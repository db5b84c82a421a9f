//! Peers, replies and colours that were spelt with fewer words once.

use crate::layer::TranslateError;
use crate::layer::object::Object;
use crate::layer::table::Field;
use crate::layer::transcode::Transcoder;
use crate::{Encode as _, Reader};

/// `reply_to_msg_id` and `top_msg_id` beside each other became an `inputReplyToMessage`.
///
// Seen: Telegram Desktop 4.6.5 and Pyrogram 2.0.106 send the plain numbers.
pub(super) fn reply_to(
    transcoder: &Transcoder,
    source: &Object<'_>,
    _: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    let Some(target) = transcoder.layer().constructor("inputReplyToMessage") else {
        return Ok(false);
    };
    let top = source.field("top_msg_id");
    // Within a topic, what replies to nothing else replies to the topic's first message.
    let Some(message) = source.field("reply_to_msg_id").or(top) else { return Ok(false) };
    // Only these two belong to the reply: other fields of the call may bear names of its fields.
    let mut ready = vec![("reply_to_msg_id", message.bytes.to_vec())];
    ready.extend(top.map(|top| ("top_msg_id", top.bytes.to_vec())));
    transcoder.compose(target, &[], &ready, out).map(|()| true)
}

/// A group call's chat, when it was known by its number alone.
pub(super) fn chat_id(
    _: &Transcoder,
    source: &Object<'_>,
    _: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    let Some(peer) = source.field("peer") else { return Ok(false) };
    let peer = peer.object()?;
    let id = peer.field("chat_id").or_else(|| peer.field("channel_id"));
    let Some(id) = id else { return Ok(false) };
    Reader::new(id.bytes).i64()?.encode(out);
    Ok(true)
}

/// A colour's number and its pattern beside each other became a `peerColor`.
pub(super) fn color(
    transcoder: &Transcoder,
    source: &Object<'_>,
    _: &Field,
    out: &mut Vec<u8>,
) -> Result<bool, TranslateError> {
    if source.field("color").is_none() && source.field("background_emoji_id").is_none() {
        return Ok(false);
    }
    match transcoder.layer().constructor("peerColor") {
        Some(target) => transcoder.compose(target, &[source], &[], out).map(|()| true),
        None => Ok(false),
    }
}
