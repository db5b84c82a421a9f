//! `messages.sendMedia`, `messages.sendMultiMedia` and `messages.uploadMedia`.
//!
//! Each comes in two halves. The first joins uploads and takes pictures apart, which may take
//! seconds and needs no transaction; the second keeps rows and posts.

use heliogram_ids::{Peer, RandomId};
use heliogram_tl as tl;

use crate::cx::{Reading, Writing};
use crate::domain::files::ready::{self, Ready, album_sort};
use crate::domain::messages::post::{self, Draft, Notify};
use crate::domain::text::Text;
use crate::domain::{dialogs, permit};
use crate::error::{Rpc, RpcError};
use crate::render::{self, Peers, Repeated};
use crate::rpc::input;

/// The slow half of `messages.sendMedia`. What was sent already needs no media.
///
/// # Errors
/// Those of [`input::media`], `PEER_ID_INVALID`, `SCHEDULE_DATE_INVALID`, `SCHEDULE_BOT_NOT_ALLOWED`.
pub(super) fn prepare_media(
    cx: &mut Reading<'_>,
    req: &tl::messages::SendMedia,
) -> Rpc<Vec<Ready>> {
    let peer = input::peer(cx, &req.peer)?;
    input::schedule(cx.caller, cx.now, req.schedule_date)?;
    permit::post(cx.db, cx.me, cx.caller.is_bot, peer)?;
    if post::was_sent(cx.db, cx.me, RandomId(req.random_id))? {
        return Ok(Vec::new());
    }
    Ok(vec![input::media(cx, &req.media)?])
}

/// `messages.sendMedia`: posts one photo, document, place, contact or die, with a caption.
///
/// A repeated `random_id` returns the first result and posts nothing.
///
/// # Errors
/// Those of [`prepare_media`], `MEDIA_CAPTION_TOO_LONG`, `ENTITY_BOUNDS_INVALID`, `USER_IS_BLOCKED`,
/// `YOU_BLOCKED_USER`, `REPLY_MESSAGE_ID_INVALID`, `QUOTE_TEXT_INVALID`, `RANDOM_ID_EMPTY`.
pub(super) fn send_media(
    cx: &mut Writing<'_>,
    req: tl::messages::SendMedia,
    ready: &[Ready],
) -> Rpc<tl::Updates> {
    let peer = input::peer(cx, &req.peer)?;
    let entities = req.entities.as_deref();
    let text = match ready {
        // Sent before: what was said then counts.
        [] => Text::default(),
        [Ready::Nothing] => input::text(cx, &req.message, entities)?,
        _ => input::caption(cx, &req.message, entities)?,
    };
    let reply_to = input::reply_to(cx, peer, req.reply_to.as_ref())?;
    let markup = input::markup(cx, req.reply_markup.as_ref())?;

    permit::post(cx.db, cx.me, cx.caller.is_bot, peer)?;

    let draft = Draft {
        text,
        reply_to,
        markup,
        notify: if req.silent { Notify::Silent } else { Notify::Loud },
        noforwards: req.noforwards,
        invert_media: req.invert_media,
        ..Draft::default()
    };
    let random_id = RandomId(req.random_id);
    let posted = post_ready(cx, peer, random_id, draft, ready.first())?;
    if req.clear_draft {
        dialogs::clear_draft(cx, peer)?;
    }

    render::own_post(cx.mine(), &[(posted.id(), random_id, Repeated::of(posted))])
}

/// Keeps the rows of the media and posts it, unless that has been done before.
fn post_ready(
    cx: &mut Writing<'_>,
    peer: Peer,
    random_id: RandomId,
    mut draft: Draft,
    ready: Option<&Ready>,
) -> Rpc<post::Posted> {
    if !post::was_sent(cx.db, cx.me, random_id)? {
        // Only what was sent before is not prepared, and nobody forgets what was sent.
        let ready = ready.ok_or(RpcError::MEDIA_EMPTY)?;
        draft.media = ready::keep(cx, ready)?;
        draft.media_unread = match &draft.media {
            Some(media) => ready::is_listened_to(cx.db, media)?,
            None => false,
        };
    }
    post::post_once(cx, peer, random_id, draft)
}

/// The slow half of `messages.sendMultiMedia`.
///
/// # Errors
/// Those of [`prepare_media`], `MULTI_MEDIA_TOO_LONG`, `MEDIA_EMPTY`.
pub(super) fn prepare_multi_media(
    cx: &mut Reading<'_>,
    req: &tl::messages::SendMultiMedia,
) -> Rpc<Vec<Ready>> {
    if req.multi_media.len() > cx.world.limits().album_items_max {
        return Err(RpcError::MULTI_MEDIA_TOO_LONG);
    }
    let peer = input::peer(cx, &req.peer)?;
    input::schedule(cx.caller, cx.now, req.schedule_date)?;
    permit::post(cx.db, cx.me, cx.caller.is_bot, peer)?;
    let mut ready = Vec::with_capacity(req.multi_media.len());
    for tl::InputSingleMedia::InputSingleMedia(single) in &req.multi_media {
        // An album is posted as a whole: either all of it was sent before, or nothing.
        if post::was_sent(cx.db, cx.me, RandomId(single.random_id))? {
            return Ok(Vec::new());
        }
        ready.push(input::media(cx, &single.media)?);
    }
    Ok(ready)
}

/// `messages.sendMultiMedia`: posts an album, all of it or nothing.
///
/// # Errors
/// Those of [`prepare_multi_media`] and [`send_media`], `MEDIA_GROUPED_INVALID`.
pub(super) fn send_multi_media(
    cx: &mut Writing<'_>,
    req: tl::messages::SendMultiMedia,
    ready: &[Ready],
) -> Rpc<tl::Updates> {
    let peer = input::peer(cx, &req.peer)?;
    let reply_to = input::reply_to(cx, peer, req.reply_to.as_ref())?;
    let items = items(cx, &req)?;

    permit::post(cx.db, cx.me, cx.caller.is_bot, peer)?;

    // Seen: Telethon 1.44 sends the last file of a long list as an album of one.
    let grouped_id = (items.len() > 1).then(|| cx.rng.i64());
    let draft = Draft {
        reply_to,
        grouped_id,
        notify: if req.silent { Notify::Silent } else { Notify::Loud },
        noforwards: req.noforwards,
        invert_media: req.invert_media,
        ..Draft::default()
    };
    let mut posts = Vec::with_capacity(items.len());
    let mut sort = None;
    for (index, (random_id, text)) in items.into_iter().enumerate() {
        let one = ready.get(index);
        if let Some(one) = one
            && *sort.get_or_insert(album_sort(cx.db, one)?) != album_sort(cx.db, one)?
        {
            return Err(RpcError::MEDIA_GROUPED_INVALID);
        }
        let posted = post_ready(cx, peer, random_id, Draft { text, ..draft.clone() }, one)?;
        posts.push((posted.id(), random_id, Repeated::of(posted)));
    }
    if req.clear_draft {
        dialogs::clear_draft(cx, peer)?;
    }

    render::own_post(cx.mine(), &posts)
}

fn items(cx: &Writing<'_>, req: &tl::messages::SendMultiMedia) -> Rpc<Vec<(RandomId, Text)>> {
    if req.multi_media.is_empty() {
        return Err(RpcError::MEDIA_EMPTY);
    }
    let item = |tl::InputSingleMedia::InputSingleMedia(single): &tl::InputSingleMedia| {
        let caption = input::caption(cx, &single.message, single.entities.as_deref())?;
        Ok((RandomId(single.random_id), caption))
    };
    req.multi_media.iter().map(item).collect()
}

/// The slow half of `messages.uploadMedia`.
///
/// # Errors
/// Those of [`input::media`], `PEER_ID_INVALID`.
pub(super) fn prepare_upload(
    cx: &mut Reading<'_>,
    req: &tl::messages::UploadMedia,
) -> Rpc<Vec<Ready>> {
    input::peer(cx, &req.peer)?;
    Ok(vec![input::media(cx, &req.media)?])
}

/// `messages.uploadMedia`: makes a photo or document of an upload without sending it.
///
/// # Errors
/// Those of [`prepare_upload`], `MEDIA_INVALID`.
pub(super) fn upload_media(
    cx: &mut Writing<'_>,
    _req: tl::messages::UploadMedia,
    ready: &[Ready],
) -> Rpc<tl::MessageMedia> {
    let [ready] = ready else { return Err(RpcError::MEDIA_INVALID) };
    let media = ready::keep(cx, ready)?.ok_or(RpcError::MEDIA_INVALID)?;

    render::media(cx.mine(), &media, &mut Peers::default())
}
