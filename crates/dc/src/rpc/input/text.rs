//! Text with its formatting, as a caller sends it.

use heliogram_store::engine::View;
use heliogram_tl as tl;

use super::user;
use crate::cx::Cx;
use crate::domain::text::{Formatting, Text, utf16_len};
use crate::error::{Rpc, RpcError};
use crate::record::{Entity, EntityKind};

/// The text of a message.
///
/// # Errors
/// `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`, `ENTITY_BOUNDS_INVALID`, `ENTITY_MENTION_USER_INVALID`.
pub(in crate::rpc) fn text<D: View>(
    cx: &Cx<'_, D>,
    raw: &str,
    entities: Option<&[tl::MessageEntity]>,
) -> Rpc<Text> {
    Text::parse_message(raw, cx.world.limits().message_utf16_max, formatting(cx, entities)?)
}

/// The caption of a media message; may be empty.
///
/// # Errors
/// `MEDIA_CAPTION_TOO_LONG`, `ENTITY_BOUNDS_INVALID`, `ENTITY_MENTION_USER_INVALID`.
pub(in crate::rpc) fn caption<D: View>(
    cx: &Cx<'_, D>,
    raw: &str,
    entities: Option<&[tl::MessageEntity]>,
) -> Rpc<Text> {
    let too_long = RpcError::MEDIA_CAPTION_TOO_LONG;
    Text::parse(raw, cx.world.limits().caption_utf16_max, too_long, formatting(cx, entities)?)
}

/// The text of a draft, kept as it was typed.
///
/// # Errors
/// `MESSAGE_TOO_LONG`, `ENTITY_BOUNDS_INVALID`, `ENTITY_MENTION_USER_INVALID`.
pub(in crate::rpc) fn draft_text<D: View>(
    cx: &Cx<'_, D>,
    raw: &str,
    entities: Option<&[tl::MessageEntity]>,
) -> Rpc<(String, Vec<Entity>)> {
    let length = utf16_len(raw);
    if usize::try_from(length).unwrap_or(usize::MAX) > cx.world.limits().message_utf16_max {
        return Err(RpcError::MESSAGE_TOO_LONG);
    }
    let entities = formatting(cx, entities)?.entities;
    let fits = |one: &Entity| one.offset.checked_add(one.length).is_some_and(|end| end <= length);
    if entities.iter().all(fits) {
        Ok((raw.to_owned(), entities))
    } else {
        Err(RpcError::ENTITY_BOUNDS_INVALID)
    }
}

pub(super) fn formatting<D: View>(
    cx: &Cx<'_, D>,
    entities: Option<&[tl::MessageEntity]>,
) -> Rpc<Formatting> {
    let max = cx.world.limits().entities_max;
    let mut stored = Vec::new();
    for one in entities.unwrap_or_default().iter().take(max) {
        if let Some(entity) = entity(cx, one)? {
            stored.push(entity);
        }
    }
    Ok(Formatting { entities: stored, max })
}

/// One entity; kinds that only the server may give, or that we do not keep, are passed over.
fn entity<D: View>(cx: &Cx<'_, D>, input: &tl::MessageEntity) -> Rpc<Option<Entity>> {
    use tl::MessageEntity as E;
    let (offset, length, kind) = match input {
        E::MessageEntityBold(e) => (e.offset, e.length, EntityKind::Bold),
        E::MessageEntityItalic(e) => (e.offset, e.length, EntityKind::Italic),
        E::MessageEntityUnderline(e) => (e.offset, e.length, EntityKind::Underline),
        E::MessageEntityStrike(e) => (e.offset, e.length, EntityKind::Strike),
        E::MessageEntitySpoiler(e) => (e.offset, e.length, EntityKind::Spoiler),
        E::MessageEntityCode(e) => (e.offset, e.length, EntityKind::Code),
        E::MessageEntityPre(e) => (e.offset, e.length, EntityKind::Pre(e.language.to_string())),
        E::MessageEntityBlockquote(e) => (e.offset, e.length, EntityKind::Blockquote(e.collapsed)),
        E::MessageEntityTextUrl(e) => (e.offset, e.length, EntityKind::TextUrl(e.url.to_string())),
        E::MessageEntityCustomEmoji(e) => {
            (e.offset, e.length, EntityKind::CustomEmoji(heliogram_ids::FileId(e.document_id)))
        }
        E::InputMessageEntityMentionName(e) => {
            let user = user(cx, &e.user_id).map_err(|_| RpcError::ENTITY_MENTION_USER_INVALID)?;
            (e.offset, e.length, EntityKind::MentionName(user))
        }
        _ => return Ok(None),
    };
    match (u32::try_from(offset), u32::try_from(length)) {
        (Ok(offset), Ok(length)) => Ok(Some(Entity { offset, length, kind })),
        _ => Err(RpcError::ENTITY_BOUNDS_INVALID),
    }
}
