//! Stories: nobody can post one.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::stories as request;

use super::answer::answers;
use crate::cx::{Cx, Reading};
use crate::error::{Rpc, RpcError};
use crate::render::{self, Peers};
use crate::rpc::input;

answers! {
    /// There are no stories.
    all_stories: request::GetAllStories = types::stories::AllStories {
        stealth_mode: types::StoriesStealthMode::default().into(),
        ..Default::default()
    }.into();
    /// See there.
    pinned_stories: request::GetPinnedStories = types::stories::Stories::default().into();
    /// See there.
    stories_archive: request::GetStoriesArchive = types::stories::Stories::default().into();
    /// See there.
    stories_by_id: request::GetStoriesById = types::stories::Stories::default().into();
    /// Nor are there albums of them.
    albums: request::GetAlbums = types::stories::Albums::default().into();
    /// See there.
    album_stories: request::GetAlbumStories = types::stories::Stories::default().into();
    /// Nobody can post one for a channel either.
    chats_to_send: request::GetChatsToSend = types::messages::Chats::default().into();
    /// None was read.
    read_stories: request::ReadStories = Vec::new();
}

/// `stories.getPeerStories`: somebody's stories, of which there are none.
///
/// # Errors
/// `PEER_ID_INVALID`.
pub(super) fn peer_stories(
    cx: &mut Reading<'_>,
    req: request::GetPeerStories,
) -> Rpc<tl::stories::PeerStories> {
    let peer = input::peer(cx, &req.peer)?;
    let mut peers = Peers::default();
    peers.mention(peer);
    let (users, chats) = peers.render(cx.mine())?;
    let stories = types::PeerStories { peer: render::peer(peer), ..Default::default() }.into();
    Ok(types::stories::PeerStories { stories, chats, users }.into())
}

/// The newest story of each peer: none.
pub(super) fn peer_max_ids<D, M>(
    _: &mut Cx<'_, D, M>,
    req: request::GetPeerMaxIDs,
) -> Rpc<Vec<tl::RecentStory>> {
    Ok(vec![types::RecentStory::default().into(); req.id.len()])
}

/// `stories.canSendStory`: no.
///
/// # Errors
/// `PREMIUM_ACCOUNT_REQUIRED`, by which clients keep the button back.
pub(super) fn can_send_story(
    _: &mut Reading<'_>,
    _: request::CanSendStory,
) -> Rpc<tl::stories::CanSendStoryCount> {
    Err(RpcError::PREMIUM_ACCOUNT_REQUIRED)
}
