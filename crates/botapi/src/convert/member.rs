//! Membership, and how it changes.

use heliogram_ids::{ChannelId, ChatId, Peer};
use heliogram_tl as tl;

use crate::roster::Roster;
use crate::types;

/// A user blocked the bot, or started it again.
pub(crate) fn stopped(
    roster: &Roster,
    me: types::User,
    update: &tl::types::UpdateBotStopped,
) -> types::ChatMemberUpdated {
    let member = types::ChatMember::Member(types::ChatMemberMember {
        user: me.clone(),
        ..types::ChatMemberMember::default()
    });
    let banned = types::ChatMember::Banned(types::ChatMemberBanned { user: me, until_date: 0 });
    let (old, new) = if update.stopped { (member, banned) } else { (banned, member) };
    let from = roster.user_or_stranger(update.user_id);
    types::ChatMemberUpdated {
        chat: super::private_chat(&from),
        from,
        date: update.date.into(),
        old_chat_member: old,
        new_chat_member: new,
        ..types::ChatMemberUpdated::default()
    }
}

/// Somebody's place in a basic group changed.
pub(crate) fn chat_member(
    roster: &Roster,
    update: &tl::types::UpdateChatParticipant,
) -> Option<(i64, types::ChatMemberUpdated)> {
    let chat = Peer::Chat(ChatId::new(update.chat_id)?);
    let user = || roster.user_or_stranger(update.user_id);
    let side = |side: Option<&tl::ChatParticipant>| in_group(side, user());
    let updated = types::ChatMemberUpdated {
        chat: roster.chat(chat),
        from: roster.user_or_stranger(update.actor_id),
        date: update.date.into(),
        old_chat_member: side(update.prev_participant.as_ref()),
        new_chat_member: side(update.new_participant.as_ref()),
        ..types::ChatMemberUpdated::default()
    };
    Some((update.user_id, updated))
}

/// Somebody's place in a supergroup or channel changed.
pub(crate) fn channel_member(
    roster: &Roster,
    update: &tl::types::UpdateChannelParticipant,
) -> Option<(i64, types::ChatMemberUpdated)> {
    let chat = Peer::Channel(ChannelId::new(update.channel_id)?);
    let user = || roster.user_or_stranger(update.user_id);
    let side = |side: Option<&tl::ChannelParticipant>| in_channel(side, user());
    let updated = types::ChatMemberUpdated {
        chat: roster.chat(chat),
        from: roster.user_or_stranger(update.actor_id),
        date: update.date.into(),
        old_chat_member: side(update.prev_participant.as_ref()),
        new_chat_member: side(update.new_participant.as_ref()),
        via_chat_folder_invite_link: update.via_chatlist.then_some(true),
        ..types::ChatMemberUpdated::default()
    };
    Some((update.user_id, updated))
}

/// A place in a basic group; none is that of somebody who left.
pub(crate) fn in_group(
    participant: Option<&tl::ChatParticipant>,
    user: types::User,
) -> types::ChatMember {
    match participant {
        None => types::ChatMember::Left(types::ChatMemberLeft { user }),
        Some(tl::ChatParticipant::ChatParticipant(_)) => plain(user),
        Some(tl::ChatParticipant::ChatParticipantCreator(owner)) => {
            let custom_title = owner.rank.as_ref().map(|rank| rank.to_string());
            let owner = types::ChatMemberOwner { user, is_anonymous: false, custom_title };
            types::ChatMember::Owner(owner)
        }
        // Administrators of basic groups have everything that there is to have.
        Some(tl::ChatParticipant::ChatParticipantAdmin(admin)) => {
            types::ChatMember::Administrator(types::ChatMemberAdministrator {
                user,
                can_manage_chat: true,
                can_delete_messages: true,
                can_manage_video_chats: true,
                can_restrict_members: true,
                can_change_info: true,
                can_invite_users: true,
                can_pin_messages: Some(true),
                custom_title: admin.rank.as_ref().map(|rank| rank.to_string()),
                ..types::ChatMemberAdministrator::default()
            })
        }
    }
}

/// A place in a supergroup or channel; none is that of somebody who left.
pub(crate) fn in_channel(
    participant: Option<&tl::ChannelParticipant>,
    user: types::User,
) -> types::ChatMember {
    use tl::ChannelParticipant as P;
    match participant {
        None | Some(P::ChannelParticipantLeft(_)) => {
            types::ChatMember::Left(types::ChatMemberLeft { user })
        }
        Some(P::ChannelParticipant(member)) => types::ChatMember::Member(types::ChatMemberMember {
            user,
            tag: member.rank.as_ref().map(|rank| rank.to_string()),
            until_date: member.subscription_until_date.map(i64::from),
        }),
        Some(P::ChannelParticipantSelf(member)) => {
            types::ChatMember::Member(types::ChatMemberMember {
                user,
                tag: member.rank.as_ref().map(|rank| rank.to_string()),
                until_date: member.subscription_until_date.map(i64::from),
            })
        }
        Some(P::ChannelParticipantCreator(owner)) => {
            let tl::ChatAdminRights::ChatAdminRights(rights) = &owner.admin_rights;
            types::ChatMember::Owner(types::ChatMemberOwner {
                user,
                is_anonymous: rights.anonymous,
                custom_title: owner.rank.as_ref().map(|rank| rank.to_string()),
            })
        }
        Some(P::ChannelParticipantAdmin(admin)) => administrator(admin, user),
        Some(P::ChannelParticipantBanned(banned)) => restricted(banned, user),
    }
}

fn plain(user: types::User) -> types::ChatMember {
    types::ChatMember::Member(types::ChatMemberMember {
        user,
        ..types::ChatMemberMember::default()
    })
}

fn administrator(
    admin: &tl::types::ChannelParticipantAdmin,
    user: types::User,
) -> types::ChatMember {
    let tl::ChatAdminRights::ChatAdminRights(rights) = &admin.admin_rights;
    types::ChatMember::Administrator(types::ChatMemberAdministrator {
        user,
        can_be_edited: admin.can_edit,
        is_anonymous: rights.anonymous,
        can_manage_chat: true,
        can_delete_messages: rights.delete_messages,
        can_manage_video_chats: rights.manage_call,
        can_restrict_members: rights.ban_users,
        can_promote_members: rights.add_admins,
        can_change_info: rights.change_info,
        can_invite_users: rights.invite_users,
        can_post_stories: rights.post_stories,
        can_edit_stories: rights.edit_stories,
        can_delete_stories: rights.delete_stories,
        can_post_messages: rights.post_messages.then_some(true),
        can_edit_messages: rights.edit_messages.then_some(true),
        can_pin_messages: Some(rights.pin_messages),
        can_manage_topics: Some(rights.manage_topics),
        can_manage_direct_messages: rights.manage_direct_messages.then_some(true),
        can_manage_tags: Some(rights.manage_ranks),
        can_send_welcome_messages: rights.manage_welcome_messages,
        custom_title: admin.rank.as_ref().map(|rank| rank.to_string()),
    })
}

fn restricted(
    banned: &tl::types::ChannelParticipantBanned,
    user: types::User,
) -> types::ChatMember {
    let tl::ChatBannedRights::ChatBannedRights(rights) = &banned.banned_rights;
    // The greatest date is how the data centre spells "for ever".
    let until_date = if rights.until_date == i32::MAX { 0 } else { rights.until_date.into() };
    if rights.view_messages {
        return types::ChatMember::Banned(types::ChatMemberBanned { user, until_date });
    }
    let media = !rights.send_media;
    types::ChatMember::Restricted(types::ChatMemberRestricted {
        tag: banned.rank.as_ref().map(|rank| rank.to_string()),
        user,
        is_member: !banned.left,
        can_send_messages: !rights.send_messages && !rights.send_plain,
        can_send_audios: media && !rights.send_audios,
        can_send_documents: media && !rights.send_docs,
        can_send_photos: media && !rights.send_photos,
        can_send_videos: media && !rights.send_videos,
        can_send_video_notes: media && !rights.send_roundvideos,
        can_send_voice_notes: media && !rights.send_voices,
        can_send_polls: !rights.send_polls,
        can_send_other_messages: !rights.send_stickers,
        can_add_web_page_previews: !rights.embed_links,
        can_react_to_messages: !rights.send_reactions,
        can_edit_tag: !rights.edit_rank,
        can_change_info: !rights.change_info,
        can_invite_users: !rights.invite_users,
        can_pin_messages: !rights.pin_messages,
        can_manage_topics: !rights.manage_topics,
        until_date,
        can_send_media_messages: Some(media),
    })
}
