//! `messages.search`, searching everywhere, and counting.

use heliogram_tl as tl;
use heliogram_tl::types;

use crate::cx::Reading;
use crate::domain::messages::search::{self, Found, Kind, Page, Wanted, Words};
use crate::error::{Rpc, RpcError};
use crate::render::{self, Peers};
use crate::rpc::input;

/// `messages.search`: messages of one dialog by words, kind, author and date, the newest first.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn search(
    cx: &mut Reading<'_>,
    req: tl::messages::Search,
) -> Rpc<tl::messages::Messages> {
    let Some(peer) = input::offset_peer(cx, &req.peer)? else {
        // Seen: TDLib asks so for the list of calls, which is empty here.
        return render_found(cx, Found::default());
    };
    let from = match &req.from_id {
        Some(from) => input::offset_peer(cx, from)?,
        None => None,
    };
    let saved = match &req.saved_peer_id {
        Some(saved) => input::offset_peer(cx, saved)?,
        None => None,
    };
    let date = |date: i32| (date > 0).then_some(date);
    let wanted = Wanted {
        words: Words::parse(&req.q),
        kind: kind(&req.filter),
        from,
        saved,
        min_date: date(req.min_date),
        max_date: date(req.max_date),
    };
    let page = Page {
        offset_id: input::message_id(req.offset_id),
        add_offset: req.add_offset,
        limit: limit(cx, req.limit),
        max_id: input::message_id(req.max_id),
        min_id: input::message_id(req.min_id),
    };

    let found = search::dialog(cx.db, cx.me, peer, &wanted, page)?;

    render_found(cx, found)
}

/// `messages.searchGlobal`: the same over all dialogs.
///
/// # Errors
/// `SEARCH_QUERY_EMPTY` if everything would be wanted.
pub(super) fn search_global(
    cx: &mut Reading<'_>,
    req: tl::messages::SearchGlobal,
) -> Rpc<tl::messages::Messages> {
    let date = |date: i32| (date > 0).then_some(date);
    let wanted = Wanted {
        words: Words::parse(&req.q),
        kind: kind(&req.filter),
        from: None,
        saved: None,
        min_date: date(req.min_date),
        max_date: date(req.max_date),
    };
    if wanted.words.is_empty() && wanted.kind == Kind::Any {
        return Err(RpcError::SEARCH_QUERY_EMPTY);
    }
    if req.broadcasts_only || req.groups_only {
        return render_found(cx, Found::default());
    }
    let page = Page {
        offset_id: input::message_id(req.offset_id),
        limit: limit(cx, req.limit),
        ..Page::default()
    };

    let found = search::everywhere(cx.db, cx.me, &wanted, page)?;

    render_found(cx, found)
}

/// `messages.getSearchCounters`: how many messages of each kind a dialog has.
///
/// # Errors
/// `PEER_ID_INVALID`, `LIMIT_INVALID` for more kinds than there are.
pub(super) fn get_search_counters(
    cx: &mut Reading<'_>,
    req: tl::messages::GetSearchCounters,
) -> Rpc<Vec<tl::messages::SearchCounter>> {
    let peer = input::peer(cx, &req.peer)?;
    if req.filters.len() > KINDS {
        return Err(RpcError::LIMIT_INVALID);
    }

    let mut counters = Vec::with_capacity(req.filters.len());
    for filter in req.filters {
        let wanted = Wanted { kind: kind(&filter), ..Wanted::default() };
        let found = search::dialog(cx.db, cx.me, peer, &wanted, Page::default())?;
        let count = i32::try_from(found.count).unwrap_or(i32::MAX);
        counters.push(types::messages::SearchCounter { inexact: false, filter, count }.into());
    }

    Ok(counters)
}

/// The number of filters in the schema.
const KINDS: usize = 18;

fn limit(cx: &Reading<'_>, asked: i32) -> usize {
    usize::try_from(asked).unwrap_or(0).min(cx.world.limits().history_page_max)
}

pub(super) fn render_found(cx: &Reading<'_>, found: Found) -> Rpc<tl::messages::Messages> {
    let viewer = cx.mine();
    let mut peers = Peers::default();
    let mut messages = Vec::with_capacity(found.messages.len());
    for (id, row) in &found.messages {
        messages.push(render::message(viewer, *id, row, &mut peers)?);
    }
    let (users, chats) = peers.render(viewer)?;
    let topics = Vec::new();
    if messages.len() == found.count {
        return Ok(types::messages::Messages { messages, topics, chats, users }.into());
    }
    let next_rate = found.messages.last().map(|(_, row)| row.date);
    Ok(types::messages::MessagesSlice {
        count: i32::try_from(found.count).unwrap_or(i32::MAX),
        next_rate,
        offset_id_offset: Some(i32::try_from(found.before).unwrap_or(i32::MAX)),
        messages,
        topics,
        chats,
        users,
        ..Default::default()
    }
    .into())
}

fn kind(filter: &tl::MessagesFilter) -> Kind {
    use tl::MessagesFilter as F;
    match filter {
        F::InputMessagesFilterEmpty => Kind::Any,
        F::InputMessagesFilterPhotos => Kind::Photo,
        F::InputMessagesFilterVideo => Kind::Video,
        F::InputMessagesFilterPhotoVideo => Kind::PhotoOrVideo,
        F::InputMessagesFilterDocument => Kind::Document,
        F::InputMessagesFilterUrl => Kind::Link,
        F::InputMessagesFilterGif => Kind::Gif,
        F::InputMessagesFilterVoice => Kind::Voice,
        F::InputMessagesFilterMusic => Kind::Music,
        F::InputMessagesFilterRoundVoice => Kind::VoiceOrRoundVideo,
        F::InputMessagesFilterRoundVideo => Kind::RoundVideo,
        F::InputMessagesFilterGeo => Kind::Place,
        F::InputMessagesFilterContacts => Kind::Contact,
        F::InputMessagesFilterPinned => Kind::Pinned,
        F::InputMessagesFilterChatPhotos
        | F::InputMessagesFilterMyMentions
        | F::InputMessagesFilterPhoneCalls(_)
        | F::InputMessagesFilterPoll => Kind::Nothing,
    }
}
