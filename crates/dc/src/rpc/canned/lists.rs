//! Lists of things that do not exist here yet: communities, channels, top peers, sponsors.

use heliogram_tl as tl;
use heliogram_tl::types;
use tl::{aicompose, bots, channels, communities, contacts, users};

use super::answer::answers;
use crate::cx::Cx;
use crate::error::Rpc;

answers! {
    /// Nothing is composed by machines.
    tones: aicompose::GetTones = types::aicompose::Tones::default().into();
    /// Nobody counts how much bots are used.
    popular_app_bots: bots::GetPopularAppBots = types::bots::PopularAppBots::default().into();
    /// See there.
    bot_recommendations: bots::GetBotRecommendations = types::users::Users::default().into();
    /// Bots show no pictures of their apps.
    preview_medias: bots::GetPreviewMedias = Vec::new();
    /// There are no channels.
    admined_public_channels: channels::GetAdminedPublicChannels = types::messages::Chats::default().into();
    /// See there.
    channel_recommendations: channels::GetChannelRecommendations = types::messages::Chats::default().into();
    /// See there.
    groups_for_discussion: channels::GetGroupsForDiscussion = types::messages::Chats::default().into();
    /// See there.
    inactive_channels: channels::GetInactiveChannels = types::messages::InactiveChats::default().into();
    /// See there.
    left_channels: channels::GetLeftChannels = types::messages::Chats::default().into();
    /// There are no communities.
    joined_communities: communities::GetJoinedCommunities = types::messages::Chats::default().into();
    /// Address books of takeouts: there are no takeouts.
    saved: contacts::GetSaved = Vec::new();
    /// Birthdays are not kept.
    birthdays: contacts::GetBirthdays = types::contacts::ContactBirthdays::default().into();
    /// Nobody pays to be found.
    sponsored_peers: contacts::GetSponsoredPeers = contacts::SponsoredPeers::SponsoredPeersEmpty;
    /// Nobody counts with whom one talks most.
    top_peers: contacts::GetTopPeers = types::contacts::TopPeers::default().into();
    /// Profiles carry no music.
    saved_music: users::GetSavedMusic = types::users::SavedMusic::default().into();
    /// See there.
    saved_music_by_id: users::GetSavedMusicById = types::users::SavedMusic::default().into();
}

/// Whoever may be written to may be written to for nothing.
pub(super) fn requirements_to_contact<D, M>(
    _: &mut Cx<'_, D, M>,
    req: users::GetRequirementsToContact,
) -> Rpc<Vec<tl::RequirementToContact>> {
    Ok(vec![tl::RequirementToContact::RequirementToContactEmpty; req.id.len()])
}
