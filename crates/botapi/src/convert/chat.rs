//! Chats.

use heliogram_ids::{ChannelId, ChatId, Peer};
use heliogram_tl as tl;

use super::user::username;
use crate::roster::KnownChat;
use crate::types;

/// A group or channel; nothing if it says too little to be one.
pub(crate) fn chat(chat: &tl::Chat) -> Option<(Peer, KnownChat)> {
    match chat {
        tl::Chat::Chat(chat) => {
            let peer = ChatId::new(chat.id)?.into();
            let successor = chat.migrated_to.as_ref().and_then(successor);
            let open = chat.default_banned_rights.as_ref().is_none_or(everybody_administers);
            let known = types::Chat {
                all_members_are_administrators: Some(open),
                ..titled(peer, "group", &chat.title)
            };
            Some((peer, KnownChat { chat: known, successor }))
        }
        tl::Chat::ChatForbidden(chat) => {
            let peer = ChatId::new(chat.id)?.into();
            Some((peer, known(titled(peer, "group", &chat.title))))
        }
        tl::Chat::Channel(channel) => {
            let peer = ChannelId::new(channel.id)?.into();
            let chat = types::Chat {
                username: username(channel.username.as_ref(), channel.usernames.as_deref()),
                is_forum: channel.forum,
                is_direct_messages: channel.monoforum,
                ..titled(peer, kind(channel.broadcast), &channel.title)
            };
            Some((peer, known(chat)))
        }
        tl::Chat::ChannelForbidden(channel) => {
            let peer = ChannelId::new(channel.id)?.into();
            Some((peer, known(titled(peer, kind(channel.broadcast), &channel.title))))
        }
        _ => None,
    }
}

/// The chat that a user is.
pub(crate) fn private_chat(user: &types::User) -> types::Chat {
    types::Chat {
        id: user.id,
        r#type: "private".to_owned(),
        username: user.username.clone(),
        first_name: Some(user.first_name.clone()),
        last_name: user.last_name.clone(),
        ..types::Chat::default()
    }
}

fn known(chat: types::Chat) -> KnownChat {
    KnownChat { chat, successor: None }
}

const fn kind(broadcast: bool) -> &'static str {
    if broadcast { "channel" } else { "supergroup" }
}

fn titled(peer: Peer, kind: &str, title: &tl::Str) -> types::Chat {
    types::Chat {
        id: peer.marked(),
        r#type: kind.to_owned(),
        title: Some(title.to_string()),
        ..types::Chat::default()
    }
}

fn successor(channel: &tl::InputChannel) -> Option<Peer> {
    match channel {
        tl::InputChannel::InputChannel(channel) => {
            ChannelId::new(channel.channel_id).map(Peer::Channel)
        }
        _ => None,
    }
}

/// Whether members may do what officially only administrators of old groups did.
fn everybody_administers(rights: &tl::ChatBannedRights) -> bool {
    let tl::ChatBannedRights::ChatBannedRights(banned) = rights;
    !(banned.send_messages || banned.change_info || banned.invite_users || banned.pin_messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_told_from_a_supergroup() {
        let channel = |broadcast| tl::types::Channel {
            id: 9,
            broadcast,
            title: "News".into(),
            username: Some("news".into()),
            ..Default::default()
        };
        let (peer, known) = chat(&channel(true).into()).unwrap();
        assert_eq!(peer.marked(), -1_000_000_000_009);
        let expected = serde_json::json!({
            "id": -1_000_000_000_009_i64, "type": "channel", "title": "News", "username": "news",
        });
        assert_eq!(serde_json::to_value(known.chat).unwrap(), expected);
        assert_eq!(chat(&channel(false).into()).unwrap().1.chat.r#type, "supergroup");
    }

    #[test]
    fn an_upgraded_group_names_its_successor() {
        let migrated_to = Some(tl::types::InputChannel { channel_id: 3, access_hash: 1 }.into());
        let group = tl::types::Chat { id: 5, migrated_to, ..Default::default() };
        let (_, known) = chat(&group.into()).unwrap();
        assert_eq!(known.successor.map(Peer::marked), Some(-1_000_000_000_003));
    }
}
