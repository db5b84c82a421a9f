//! Lists of things that do not exist here yet: stories, communities, top peers, sponsors.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::{aicompose, communities, contacts, stories, users};

use super::answer::answers;
use crate::cx::Cx;
use crate::error::Rpc;

answers! {
    /// Nothing is composed by machines.
    tones: aicompose::GetTones = types::aicompose::Tones::default().into();
    /// There are no communities.
    joined_communities: communities::GetJoinedCommunities = types::messages::Chats::default().into();
    /// Address books of takeouts: there are no takeouts.
    saved: contacts::GetSaved = Vec::new();
    /// Nobody pays to be found.
    sponsored_peers: contacts::GetSponsoredPeers = contacts::SponsoredPeers::SponsoredPeersEmpty;
    /// Nobody counts with whom one talks most.
    top_peers: contacts::GetTopPeers = types::contacts::TopPeers::default().into();
    /// There are no stories.
    all_stories: stories::GetAllStories = types::stories::AllStories {
        stealth_mode: types::StoriesStealthMode::default().into(),
        ..Default::default()
    }.into();
    /// See there.
    pinned_stories: stories::GetPinnedStories = types::stories::Stories::default().into();
    /// See there.
    stories_archive: stories::GetStoriesArchive = types::stories::Stories::default().into();
    /// Profiles carry no music.
    saved_music: users::GetSavedMusic = types::users::SavedMusic::default().into();
}

/// Whoever may be written to may be written to for nothing.
pub(super) fn requirements_to_contact<D, M>(
    _: &mut Cx<'_, D, M>,
    req: users::GetRequirementsToContact,
) -> Rpc<Vec<tl::RequirementToContact>> {
    Ok(vec![tl::RequirementToContact::RequirementToContactEmpty; req.id.len()])
}
