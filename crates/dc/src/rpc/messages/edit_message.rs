//! `messages.editMessage`, and what may be edited at all.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::{Reading, Writing};
use crate::domain::files::ready::{self, Ready, album_sort};
use crate::domain::messages::edit::{self, Edit};
use crate::domain::text::Text;
use crate::error::{Rpc, RpcError};
use crate::record::{Media, MessageRow};
use crate::render;
use crate::rpc::input;

/// The slow half of `messages.editMessage`: the files of new media.
///
/// # Errors
/// Those of [`input::media`], `PEER_ID_INVALID`, `MESSAGE_ID_INVALID`, `MESSAGE_AUTHOR_REQUIRED`,
/// `MESSAGE_EDIT_TIME_EXPIRED`, `MEDIA_NEW_INVALID`, `MEDIA_PREV_INVALID`.
pub(super) fn prepare_edit(
    cx: &mut Reading<'_>,
    req: &tl::messages::EditMessage,
) -> Rpc<Vec<Ready>> {
    let Some(media) = new_media(req)? else { return Ok(Vec::new()) };
    let peer = input::peer(cx, &req.peer)?;
    let id = input::message_id(req.id).ok_or(RpcError::MESSAGE_ID_INVALID)?;
    let message = edit::editable(cx, peer, id)?;
    if !message.media.as_ref().is_none_or(is_exchangeable) {
        return Err(RpcError::MEDIA_PREV_INVALID);
    }
    Ok(vec![input::media(cx, media)?])
}

/// `messages.editMessage`: changes a message of one's own, in every box that has it.
///
/// The keyboard is always replaced: an edit without one takes the old one away.
///
/// # Errors
/// Those of [`prepare_edit`], `MESSAGE_NOT_MODIFIED`, `MESSAGE_EMPTY`, `MESSAGE_TOO_LONG`,
/// `MEDIA_CAPTION_TOO_LONG`, `MEDIA_GROUPED_INVALID`, `ENTITY_BOUNDS_INVALID`,
/// `REPLY_MARKUP_INVALID`, `BUTTON_DATA_INVALID`.
pub(super) fn edit_message(
    cx: &mut Writing<'_>,
    req: tl::messages::EditMessage,
    ready: &[Ready],
) -> Rpc<tl::Updates> {
    let peer = input::peer(cx, &req.peer)?;
    let id = input::message_id(req.id).ok_or(RpcError::MESSAGE_ID_INVALID)?;
    let markup = input::inline_markup(cx, req.reply_markup.as_ref())?;

    let message = edit::editable(cx, peer, id)?;

    let media = exchange(cx, &message, ready)?;
    let text = text(cx, &req, &message, media.as_ref())?;
    let (no_webpage, invert_media) = (req.no_webpage, req.invert_media);
    edit::apply(cx, message, Edit { text, media, markup, no_webpage, invert_media })?;

    render::own_log(cx.mine(), &cx.outbox.logged)
}

/// The new text: a caption where the message has media, and may be empty then.
fn text(
    cx: &Writing<'_>,
    req: &tl::messages::EditMessage,
    message: &MessageRow,
    media: Option<&Media>,
) -> Rpc<Option<Text>> {
    let Some(raw) = &req.message else { return Ok(None) };
    let entities = req.entities.as_deref();
    if message.media.is_some() || media.is_some() {
        return input::caption(cx, raw, entities).map(Some);
    }
    input::text(cx, raw, entities).map(Some)
}

/// The new media. A link preview is no media of its own: it follows the text.
fn new_media(req: &tl::messages::EditMessage) -> Rpc<Option<&tl::InputMedia>> {
    use tl::InputMedia as M;
    match &req.media {
        None | Some(M::InputMediaEmpty | M::InputMediaWebPage(_)) => Ok(None),
        Some(
            media @ (M::InputMediaUploadedPhoto(_)
            | M::InputMediaPhoto(_)
            | M::InputMediaUploadedDocument(_)
            | M::InputMediaDocument(_)
            | M::InputMediaPhotoExternal(_)
            | M::InputMediaDocumentExternal(_)),
        ) => Ok(Some(media)),
        Some(_) => Err(RpcError::MEDIA_NEW_INVALID),
    }
}

/// Whether media can give way to other media: files can, what was said once cannot.
const fn is_exchangeable(media: &Media) -> bool {
    matches!(media, Media::Photo { .. } | Media::Document { .. })
}

/// Keeps the rows of new media. What stands in an album must still fit there.
fn exchange(cx: &mut Writing<'_>, message: &MessageRow, ready: &[Ready]) -> Rpc<Option<Media>> {
    let [new] = ready else { return Ok(None) };
    if let (Some(_), Some(old)) = (message.grouped_id, &message.media)
        && album_sort(cx.db, new)? != album_sort(cx.db, &Ready::Known(old.clone()))?
    {
        return Err(RpcError::MEDIA_GROUPED_INVALID);
    }
    ready::keep(cx, new)
}

/// `messages.getMessageEditData`: whether a message may be edited, and if that is a caption.
///
/// # Errors
/// `PEER_ID_INVALID`, `MESSAGE_ID_INVALID`, `MESSAGE_AUTHOR_REQUIRED`, `MESSAGE_EDIT_TIME_EXPIRED`.
pub(super) fn get_message_edit_data(
    cx: &mut Reading<'_>,
    req: tl::messages::GetMessageEditData,
) -> Rpc<tl::messages::MessageEditData> {
    let peer = input::peer(cx, &req.peer)?;
    let id = input::message_id(req.id).ok_or(RpcError::MESSAGE_ID_INVALID)?;

    let message = edit::editable(cx, peer, id)?;

    Ok(types::messages::MessageEditData { caption: message.media.is_some() }.into())
}
