//! `getChat`: everything that is known about a chat.

use heliogram_ids::{ChannelId, ChatId, MessageId, Peer, UserId};
use heliogram_tl as tl;

use crate::account::{Account, Place};
use crate::args::Args;
use crate::bots::Bot;
use crate::convert;
use crate::error::ApiError;
use crate::file_id::{FileRef, FileType, Location, PhotoSource};
use crate::params;
use crate::reply::{Answer, Success};
use crate::types::{self, ChatFullInfo};

/// `getChat`: a chat with everything that is known about it.
///
/// # Errors
/// `chat not found`.
pub(super) async fn get_chat(bot: &Bot, args: &Args) -> Answer {
    let params = params::GetChat::read(args)?;
    let account = bot.account()?;
    let place = account.place(&params.chat_id).await?;
    let info = match place.peer {
        Peer::User(id) => user(account, &place, id).await?,
        Peer::Chat(id) => group(account, &place, id).await?,
        Peer::Channel(id) => channel(account, &place, id).await?,
    };
    Success::of(&info)
}

async fn user(account: &Account, place: &Place, id: UserId) -> Result<ChatFullInfo, ApiError> {
    let request = tl::users::GetFullUser { id: account.input_user(id).await? };
    let tl::users::UserFull::UserFull(answer) = account.invoke_or(&request, NOT_FOUND).await?;
    account.roster().learn(&answer.users, &answer.chats);
    let tl::UserFull::UserFull(full) = answer.full_user;
    let mut info = plain(account, place);
    info.bio = full.about.as_ref().map(ToString::to_string).filter(|about| !about.is_empty());
    info.has_private_forwards = full.private_forward_name.is_some();
    info.has_restricted_voice_and_video_messages = full.voice_messages_forbidden;
    info.message_auto_delete_time = full.ttl_period.map(i64::from);
    info.photo = full.profile_photo.as_ref().and_then(|photo| chat_photo(photo, place));
    info.birthdate = full.birthday.as_ref().map(|tl::Birthday::Birthday(birthday)| {
        let (day, month) = (birthday.day.into(), birthday.month.into());
        Box::new(types::Birthdate { day, month, year: birthday.year.map(i64::from) })
    });
    info.personal_chat = full
        .personal_channel_id
        .and_then(ChannelId::new)
        .map(|id| Box::new(account.roster().chat(id.into())));
    info.pinned_message = pinned(account, place, full.pinned_msg_id).await;
    Ok(info)
}

async fn group(account: &Account, place: &Place, id: ChatId) -> Result<ChatFullInfo, ApiError> {
    let request = tl::messages::GetFullChat { chat_id: id.get() };
    let tl::messages::ChatFull::ChatFull(answer) = account.invoke_or(&request, NOT_FOUND).await?;
    account.roster().learn(&answer.users, &answer.chats);
    let tl::ChatFull::ChatFull(full) = answer.full_chat else { return Err(not_found()) };
    let group = answer.chats.iter().find_map(|chat| match chat {
        tl::Chat::Chat(chat) if chat.id == id.get() => Some(chat),
        _ => None,
    });
    let mut info = plain(account, place);
    info.description = text(&full.about);
    info.photo = full.chat_photo.as_ref().and_then(|photo| chat_photo(photo, place));
    info.invite_link = full.exported_invite.as_ref().and_then(link);
    info.message_auto_delete_time = full.ttl_period.map(i64::from);
    info.max_reaction_count = full.reactions_limit.map_or(REACTIONS_MAX, i64::from);
    info.has_visible_history = true;
    if let Some(group) = group {
        info.has_protected_content = group.noforwards;
        info.permissions = group.default_banned_rights.as_ref().map(permissions).map(Box::new);
    }
    info.pinned_message = pinned(account, place, full.pinned_msg_id).await;
    Ok(info)
}

async fn channel(
    account: &Account,
    place: &Place,
    id: ChannelId,
) -> Result<ChatFullInfo, ApiError> {
    let channel = Account::input_channel(&place.input).ok_or_else(not_found)?;
    let request = tl::channels::GetFullChannel { channel };
    let tl::messages::ChatFull::ChatFull(answer) = account.invoke_or(&request, NOT_FOUND).await?;
    account.roster().learn(&answer.users, &answer.chats);
    let tl::ChatFull::ChannelFull(full) = answer.full_chat else { return Err(not_found()) };
    let channel = answer.chats.iter().find_map(|chat| match chat {
        tl::Chat::Channel(channel) if channel.id == id.get() => Some(channel),
        _ => None,
    });
    let mut info = plain(account, place);
    info.description = text(&full.about);
    info.photo = chat_photo(&full.chat_photo, place);
    info.invite_link = full.exported_invite.as_ref().and_then(link);
    info.message_auto_delete_time = full.ttl_period.map(i64::from);
    info.max_reaction_count = full.reactions_limit.map_or(REACTIONS_MAX, i64::from);
    info.has_visible_history = !full.hidden_prehistory;
    info.has_hidden_members = full.participants_hidden;
    info.has_aggressive_anti_spam_enabled = full.antispam;
    info.can_set_sticker_set = full.can_set_stickers;
    info.can_send_paid_media = full.paid_media_allowed;
    info.slow_mode_delay = full.slowmode_seconds.map(i64::from);
    info.unrestrict_boost_count = full.boosts_unrestrict.map(i64::from);
    info.linked_chat_id =
        full.linked_chat_id.and_then(ChannelId::new).map(|id| Peer::Channel(id).marked());
    if let Some(channel) = channel {
        info.has_protected_content = channel.noforwards;
        info.join_to_send_messages = channel.join_to_send;
        info.join_by_request = channel.join_request;
        info.active_usernames = usernames(channel);
        if channel.megagroup {
            let rights = channel.default_banned_rights.as_ref();
            info.permissions = rights.map(permissions).map(Box::new);
        }
    }
    info.pinned_message = pinned(account, place, full.pinned_msg_id).await;
    Ok(info)
}

/// What every chat has.
fn plain(account: &Account, place: &Place) -> ChatFullInfo {
    let chat = account.roster().chat(place.peer);
    ChatFullInfo {
        id: chat.id,
        active_usernames: chat.username.clone().map(|username| vec![username]),
        r#type: chat.r#type,
        title: chat.title,
        username: chat.username,
        first_name: chat.first_name,
        last_name: chat.last_name,
        is_forum: chat.is_forum,
        is_direct_messages: chat.is_direct_messages,
        all_members_are_administrators: chat.all_members_are_administrators,
        max_reaction_count: REACTIONS_MAX,
        ..ChatFullInfo::default()
    }
}

fn usernames(channel: &tl::types::Channel) -> Option<Vec<String>> {
    let one = || channel.username.as_ref().map(|name| vec![name.to_string()]);
    let several = channel.usernames.as_ref().map(|names| {
        let active = names.iter().filter(|tl::Username::Username(name)| name.active);
        active.map(|tl::Username::Username(name)| name.username.to_string()).collect()
    });
    several.filter(|names: &Vec<String>| !names.is_empty()).or_else(one)
}

/// Both sizes of the photo that stands for a chat.
fn chat_photo(photo: &tl::Photo, place: &Place) -> Option<Box<types::ChatPhoto>> {
    let tl::Photo::Photo(photo) = photo else { return None };
    let access_hash = match &place.input {
        tl::InputPeer::InputPeerUser(user) => user.access_hash,
        tl::InputPeer::InputPeerChannel(channel) => channel.access_hash,
        _ => 0,
    };
    let side = |big| {
        let dialog_id = place.peer.marked();
        let source = PhotoSource::Dialog { big, dialog_id, access_hash };
        let location = Location::Photo { id: photo.id, access_hash: 0, source };
        let file_reference = Vec::new();
        let (file_type, dc_id) = (FileType::ProfilePhoto, photo.dc_id);
        FileRef { file_type, dc_id, file_reference, location }
    };
    let (small, big) = (side(false), side(true));
    Some(Box::new(types::ChatPhoto {
        small_file_id: small.encode(),
        small_file_unique_id: small.unique_id(),
        big_file_id: big.encode(),
        big_file_unique_id: big.unique_id(),
    }))
}

/// What members may do, from what they may not.
fn permissions(rights: &tl::ChatBannedRights) -> types::ChatPermissions {
    let tl::ChatBannedRights::ChatBannedRights(banned) = rights;
    let media = !banned.send_media;
    let may = |allowed: bool| Some(allowed);
    types::ChatPermissions {
        can_send_messages: may(!banned.send_messages && !banned.send_plain),
        can_send_audios: may(media && !banned.send_audios),
        can_send_documents: may(media && !banned.send_docs),
        can_send_photos: may(media && !banned.send_photos),
        can_send_videos: may(media && !banned.send_videos),
        can_send_video_notes: may(media && !banned.send_roundvideos),
        can_send_voice_notes: may(media && !banned.send_voices),
        can_send_polls: may(!banned.send_polls),
        can_send_other_messages: may(!banned.send_stickers),
        can_add_web_page_previews: may(!banned.embed_links),
        can_react_to_messages: may(!banned.send_reactions),
        can_edit_tag: may(!banned.edit_rank),
        can_change_info: may(!banned.change_info),
        can_invite_users: may(!banned.invite_users),
        can_pin_messages: may(!banned.pin_messages),
        can_manage_topics: may(!banned.manage_topics),
        can_send_media_messages: may(media),
    }
}

fn link(invite: &tl::ExportedChatInvite) -> Option<String> {
    match invite {
        tl::ExportedChatInvite::ChatInviteExported(invite) => Some(invite.link.to_string()),
        _ => None,
    }
}

async fn pinned(account: &Account, place: &Place, id: Option<i32>) -> Option<Box<types::Message>> {
    let id = MessageId::new(id?)?;
    let message = account.find(place.peer, &place.input, id).await.ok()??;
    let shown = convert::message(account.roster(), account.me(), &message, convert::Reply::None);
    shown.map(Box::new)
}

fn text(text: &tl::Str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

fn not_found() -> ApiError {
    ApiError::bad_request("chat not found")
}

const NOT_FOUND: Option<&str> = Some("chat not found");
/// Kinds of reactions below one message, where the chat does not say otherwise.
const REACTIONS_MAX: i64 = 11;
