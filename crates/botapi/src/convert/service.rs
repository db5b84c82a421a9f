//! Service messages: what happened to a chat.

use heliogram_ids::{ChannelId, ChatId, Peer};
use heliogram_tl as tl;

use super::files;
use super::message::Reply;
use super::peers::peer;
use crate::roster::Roster;
use crate::types;

/// Fills in the field that tells what happened.
pub(super) fn fill(
    shown: &mut types::Message,
    message: &tl::types::MessageService,
    roster: &Roster,
    reply: Reply,
) {
    use tl::MessageAction as A;
    match &message.action {
        A::MessageActionChatCreate(_) => shown.group_chat_created = true,
        A::MessageActionChannelCreate(_) if shown.chat.r#type == "channel" => {
            shown.channel_chat_created = true;
        }
        A::MessageActionChannelCreate(_) => shown.supergroup_chat_created = true,
        A::MessageActionChatEditTitle(action) => {
            shown.new_chat_title = Some(action.title.to_string());
        }
        A::MessageActionChatEditPhoto(action) => {
            shown.new_chat_photo = files::photo_sizes(&action.photo);
        }
        A::MessageActionChatDeletePhoto => shown.delete_chat_photo = true,
        A::MessageActionChatAddUser(action) => {
            joined(shown, action.users.iter().map(|id| roster.user_or_stranger(*id)).collect());
        }
        A::MessageActionChatJoinedByLink(_) | A::MessageActionChatJoinedByRequest => {
            joined(shown, shown.from.iter().map(|user| (**user).clone()).collect());
        }
        A::MessageActionChatDeleteUser(action) => {
            let user = Box::new(roster.user_or_stranger(action.user_id));
            shown.left_chat_participant = Some(user.clone());
            shown.left_chat_member = Some(user);
        }
        A::MessageActionChatMigrateTo(action) => {
            let peer = ChannelId::new(action.channel_id).map(Peer::Channel);
            shown.migrate_to_chat_id = peer.map(Peer::marked);
        }
        A::MessageActionChannelMigrateFrom(action) => {
            shown.migrate_from_chat_id =
                ChatId::new(action.chat_id).map(|id| Peer::Chat(id).marked());
        }
        A::MessageActionPinMessage => shown.pinned_message = pinned(shown, reply),
        A::MessageActionSetMessagesTtl(action) => {
            shown.message_auto_delete_timer_changed =
                Some(Box::new(types::MessageAutoDeleteTimerChanged {
                    message_auto_delete_time: action.period.into(),
                }));
        }
        A::MessageActionTopicCreate(_) | A::MessageActionTopicEdit(_) => topic(shown, message),
        action => rarely(shown, action, roster),
    }
}

/// What happens less often.
fn rarely(shown: &mut types::Message, action: &tl::MessageAction, roster: &Roster) {
    use tl::MessageAction as A;
    match action {
        A::MessageActionBotAllowed(action) => {
            shown.connected_website = action.domain.as_ref().map(|domain| domain.to_string());
            if action.domain.is_none() {
                shown.write_access_allowed = Some(Box::new(types::WriteAccessAllowed {
                    from_request: action.from_request.then_some(true),
                    from_attachment_menu: action.attach_menu.then_some(true),
                    ..types::WriteAccessAllowed::default()
                }));
            }
        }
        A::MessageActionWebViewDataSentMe(action) => {
            let (data, button_text) = (action.data.to_string(), action.text.to_string());
            shown.web_app_data = Some(Box::new(types::WebAppData { data, button_text }));
        }
        A::MessageActionGeoProximityReached(action) => {
            let user = |side: &tl::Peer| match peer(side) {
                Some(Peer::User(id)) => Some(roster.user_or_stranger(id.get())),
                _ => None,
            };
            if let (Some(traveler), Some(watcher)) = (user(&action.from_id), user(&action.to_id)) {
                let distance = action.distance.into();
                let alert = types::ProximityAlertTriggered { traveler, watcher, distance };
                shown.proximity_alert_triggered = Some(Box::new(alert));
            }
        }
        A::MessageActionGroupCall(action) => match action.duration {
            Some(duration) => {
                let ended = Box::new(types::VideoChatEnded { duration: duration.into() });
                shown.voice_chat_ended = Some(ended.clone());
                shown.video_chat_ended = Some(ended);
            }
            None => {
                shown.voice_chat_started = Some(Box::default());
                shown.video_chat_started = Some(Box::default());
            }
        },
        A::MessageActionGroupCallScheduled(action) => {
            let start_date = action.schedule_date.into();
            let scheduled = Box::new(types::VideoChatScheduled { start_date });
            shown.voice_chat_scheduled = Some(scheduled.clone());
            shown.video_chat_scheduled = Some(scheduled);
        }
        A::MessageActionInviteToGroupCall(action) => {
            let users = action.users.iter().map(|id| roster.user_or_stranger(*id)).collect();
            let invited = Box::new(types::VideoChatParticipantsInvited { users });
            shown.voice_chat_participants_invited = Some(invited.clone());
            shown.video_chat_participants_invited = Some(invited);
        }
        A::MessageActionRequestedPeer(action) => shared(shown, action, roster),
        _ => {}
    }
}

fn joined(shown: &mut types::Message, users: Vec<types::User>) {
    let first = users.first().cloned().map(Box::new);
    shown.new_chat_participant.clone_from(&first);
    shown.new_chat_member = first;
    shown.new_chat_members = Some(users);
}

fn pinned(shown: &types::Message, reply: Reply) -> Option<Box<types::MaybeInaccessibleMessage>> {
    let pinned = match reply {
        Reply::Found(message) => types::MaybeInaccessibleMessage::Message(*message),
        Reply::Gone(message_id) => {
            let chat = shown.chat.clone();
            let gone = types::InaccessibleMessage { chat, message_id, date: 0 };
            types::MaybeInaccessibleMessage::InaccessibleMessage(gone)
        }
        Reply::None => return None,
    };
    Some(Box::new(pinned))
}

fn topic(shown: &mut types::Message, message: &tl::types::MessageService) {
    shown.is_topic_message = true;
    match &message.action {
        tl::MessageAction::MessageActionTopicCreate(action) => {
            shown.message_thread_id = Some(message.id.into());
            shown.forum_topic_created = Some(Box::new(types::ForumTopicCreated {
                name: action.title.to_string(),
                icon_color: action.icon_color.into(),
                icon_custom_emoji_id: action.icon_emoji_id.map(|id| id.to_string()),
                is_name_implicit: action.title_missing,
            }));
        }
        tl::MessageAction::MessageActionTopicEdit(action) => {
            let header = message.reply_to.as_ref();
            if let Some(tl::MessageReplyHeader::MessageReplyHeader(header)) = header {
                let thread = header.reply_to_top_id.or(header.reply_to_msg_id);
                shown.message_thread_id = thread.map(i64::from);
            }
            match (action.hidden, action.closed) {
                (Some(true), _) => shown.general_forum_topic_hidden = Some(Box::default()),
                (Some(false), _) => shown.general_forum_topic_unhidden = Some(Box::default()),
                (None, Some(true)) => shown.forum_topic_closed = Some(Box::default()),
                (None, Some(false)) => shown.forum_topic_reopened = Some(Box::default()),
                (None, None) => {
                    shown.forum_topic_edited = Some(Box::new(types::ForumTopicEdited {
                        name: action.title.as_ref().map(|title| title.to_string()),
                        icon_custom_emoji_id: action.icon_emoji_id.map(|id| id.to_string()),
                    }));
                }
            }
        }
        _ => {}
    }
}

/// What a user picked on a keyboard's request: users, or one chat.
fn shared(
    shown: &mut types::Message,
    action: &tl::types::MessageActionRequestedPeer,
    roster: &Roster,
) {
    let request_id = action.button_id.into();
    let mut users = Vec::new();
    for picked in action.peers.iter().filter_map(peer) {
        match picked {
            Peer::User(id) => {
                let user = roster.user_or_stranger(id.get());
                users.push(types::SharedUser { user_id: user.id, ..types::SharedUser::default() });
            }
            chat => {
                let chat_id = chat.marked();
                let shared =
                    types::ChatShared { request_id, chat_id, ..types::ChatShared::default() };
                shown.chat_shared = Some(Box::new(shared));
            }
        }
    }
    if !users.is_empty() {
        shown.users_shared = Some(Box::new(types::UsersShared { request_id, users }));
    }
}

/// Whether bots are told: of everything they understand, and of their own doings only those
/// that others may have caused as well.
pub(super) fn is_news(message: &tl::types::MessageService) -> bool {
    use tl::MessageAction as A;
    match &message.action {
        A::MessageActionChatEditTitle(_)
        | A::MessageActionChatEditPhoto(_)
        | A::MessageActionChatDeletePhoto
        | A::MessageActionChatDeleteUser(_)
        | A::MessageActionPinMessage
        | A::MessageActionGeoProximityReached(_)
        | A::MessageActionGroupCall(_)
        | A::MessageActionGroupCallScheduled(_)
        | A::MessageActionInviteToGroupCall(_)
        | A::MessageActionTopicCreate(_)
        | A::MessageActionTopicEdit(_) => true,
        A::MessageActionChatCreate(_)
        | A::MessageActionChannelCreate(_)
        | A::MessageActionChatAddUser(_)
        | A::MessageActionChatJoinedByLink(_)
        | A::MessageActionChatJoinedByRequest
        | A::MessageActionChatMigrateTo(_)
        | A::MessageActionChannelMigrateFrom(_)
        | A::MessageActionSetMessagesTtl(_)
        | A::MessageActionBotAllowed(_)
        | A::MessageActionWebViewDataSentMe(_)
        | A::MessageActionRequestedPeer(_) => !message.out,
        _ => false,
    }
}
