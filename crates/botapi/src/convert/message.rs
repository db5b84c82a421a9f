//! Messages.

use heliogram_ids::{Peer, UserId};
use heliogram_tl as tl;

use super::entities::entities;
use super::peers::peer;
use super::{markup, media, service};
use crate::roster::Roster;
use crate::types;

/// The message that another one answers or pins, once it was looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Reply {
    /// There is none, or it cannot be had.
    #[default]
    None,
    /// As bots see it.
    Found(Box<types::Message>),
    /// It is gone: only its number is left.
    Gone(i64),
}

/// A message as bots see it; nothing if there is none.
pub(crate) fn message(
    roster: &Roster,
    me: UserId,
    message: &tl::Message,
    reply: Reply,
) -> Option<types::Message> {
    match message {
        tl::Message::Message(message) => content(roster, me, message, reply),
        tl::Message::MessageService(message) => {
            let chat = peer(&message.peer_id)?;
            let sender = Sender { from: message.from_id.as_ref(), out: message.out, chat, me };
            let mut shown = types::Message {
                message_id: message.id.into(),
                date: message.date.into(),
                chat: roster.chat(chat),
                ..types::Message::default()
            };
            sender.fill(&mut shown, roster, None);
            service::fill(&mut shown, message, roster, reply);
            Some(shown)
        }
        tl::Message::MessageEmpty(_) => None,
    }
}

/// Whether a new message is told to the bot at all.
///
/// Its own messages are not, but for those of its own doings that change the chat.
pub(crate) fn is_news(message: &tl::Message) -> bool {
    match message {
        tl::Message::Message(message) => {
            let imported = message.fwd_from.as_ref().is_some_and(|header| {
                let tl::MessageFwdHeader::MessageFwdHeader(header) = header;
                header.imported
            });
            !message.out && !imported && !is_vanishing(message.media.as_ref())
        }
        tl::Message::MessageService(message) => service::is_news(message),
        tl::Message::MessageEmpty(_) => false,
    }
}

/// Whether an edit left everything that bots are told of as it was.
pub(crate) fn same_content(old: &tl::Message, new: &tl::Message) -> bool {
    let (tl::Message::Message(old), tl::Message::Message(new)) = (old, new) else { return false };
    old.message == new.message
        && old.entities == new.entities
        && old.media == new.media
        && old.reply_markup == new.reply_markup
}

fn is_vanishing(media: Option<&tl::MessageMedia>) -> bool {
    match media {
        Some(tl::MessageMedia::MessageMediaPhoto(media)) => media.ttl_seconds.is_some(),
        Some(tl::MessageMedia::MessageMediaDocument(media)) => media.ttl_seconds.is_some(),
        _ => false,
    }
}

fn content(
    roster: &Roster,
    me: UserId,
    message: &tl::types::Message,
    reply: Reply,
) -> Option<types::Message> {
    let chat = peer(&message.peer_id)?;
    let mut shown = types::Message {
        message_id: message.id.into(),
        date: message.date.into(),
        chat: roster.chat(chat),
        via_bot: message.via_bot_id.map(|id| Box::new(roster.user_or_stranger(id))),
        edit_date: message.edit_date.filter(|_| !message.edit_hide).map(i64::from),
        has_protected_content: message.noforwards,
        is_from_offline: message.offline,
        media_group_id: message.grouped_id.map(|id| id.to_string()),
        author_signature: message.post_author.as_ref().map(|author| author.to_string()),
        sender_boost_count: message.from_boosts_applied.map(i64::from),
        sender_tag: message.from_rank.as_ref().map(|rank| rank.to_string()),
        effect_id: message.effect.map(|id| id.to_string()),
        paid_star_count: message.paid_message_stars,
        reply_markup: message.reply_markup.as_ref().and_then(markup::inline).map(Box::new),
        ..types::Message::default()
    };
    let sender = Sender { from: message.from_id.as_ref(), out: message.out, chat, me };
    sender.fill(&mut shown, roster, message.fwd_from.as_ref());
    if let Some(tl::MessageFwdHeader::MessageFwdHeader(header)) = &message.fwd_from {
        forward(&mut shown, header, roster);
    }
    if let Some(tl::MessageReplyHeader::MessageReplyHeader(header)) = &message.reply_to {
        answered(&mut shown, header, roster, chat);
    }
    if let Reply::Found(reply) = reply {
        shown.reply_to_message = Some(reply);
    }
    words(&mut shown, message, roster);
    if let Some(media) = &message.media {
        media::fill(&mut shown, media, roster);
    }
    Some(shown)
}

/// The text, or the caption, and how links in it are shown.
fn words(shown: &mut types::Message, message: &tl::types::Message, roster: &Roster) {
    let text = (!message.message.is_empty()).then(|| message.message.to_string());
    let entities = entities(roster, message.entities.as_deref());
    match &message.media {
        Some(media) if media::has_caption(media) => {
            (shown.caption, shown.caption_entities) = (text, entities);
            shown.show_caption_above_media = message.invert_media;
        }
        media => {
            (shown.text, shown.entities) = (text, entities);
            if let Some(tl::MessageMedia::MessageMediaWebPage(media)) = media {
                shown.link_preview_options = preview(media, message.invert_media).map(Box::new);
            }
        }
    }
}

fn preview(
    media: &tl::types::MessageMediaWebPage,
    above: bool,
) -> Option<types::LinkPreviewOptions> {
    let url = match &media.webpage {
        tl::WebPage::WebPage(page) => Some(page.url.to_string()),
        tl::WebPage::WebPagePending(page) => page.url.as_ref().map(|url| url.to_string()),
        tl::WebPage::WebPageEmpty(page) => page.url.as_ref().map(|url| url.to_string()),
        tl::WebPage::WebPageNotModified(_) => None,
    };
    let chosen = media.force_large_media || media.force_small_media || media.manual || above;
    chosen.then(|| types::LinkPreviewOptions {
        url,
        prefer_small_media: media.force_small_media.then_some(true),
        prefer_large_media: media.force_large_media.then_some(true),
        show_above_text: above.then_some(true),
        ..types::LinkPreviewOptions::default()
    })
}

/// Who wrote a message.
struct Sender<'a> {
    from: Option<&'a tl::Peer>,
    out: bool,
    chat: Peer,
    me: UserId,
}

impl Sender<'_> {
    fn fill(
        &self,
        shown: &mut types::Message,
        roster: &Roster,
        forwarded: Option<&tl::MessageFwdHeader>,
    ) {
        let user = |id: i64| Some(Box::new(roster.user_or_stranger(id)));
        match self.from.and_then(peer).unwrap_or_else(|| self.implied()) {
            Peer::User(id) => shown.from = user(id.get()),
            sender if shown.chat.r#type == "channel" && sender == self.chat => {
                shown.sender_chat = Some(Box::new(roster.chat(sender)));
            }
            sender => {
                shown.sender_chat = Some(Box::new(roster.chat(sender)));
                shown.is_automatic_forward = forwarded.is_some_and(|header| {
                    let tl::MessageFwdHeader::MessageFwdHeader(header) = header;
                    header.saved_from_peer.as_ref().and_then(peer) == Some(sender)
                });
                // Seen: old bots expect a user behind every message of a group; the official
                // server puts one of its own in place of a chat.
                let (id, name) = if shown.is_automatic_forward {
                    (SERVICE, "Telegram")
                } else if sender == self.chat {
                    (ANONYMOUS_ADMIN, "Group")
                } else {
                    (CHANNEL, "Channel")
                };
                shown.from = Some(Box::new(stand_in(id, name)));
            }
        }
    }

    /// Private chats do not name the writer, and channels are their own.
    fn implied(&self) -> Peer {
        match self.chat {
            Peer::User(_) if self.out => Peer::User(self.me),
            chat => chat,
        }
    }
}

const ANONYMOUS_ADMIN: i64 = 1_087_968_824;
const CHANNEL: i64 = 136_817_688;
const SERVICE: i64 = 777_000;

fn stand_in(id: i64, first_name: &str) -> types::User {
    let username = match id {
        ANONYMOUS_ADMIN => Some("GroupAnonymousBot"),
        CHANNEL => Some("Channel_Bot"),
        _ => None,
    };
    types::User {
        id,
        is_bot: id != SERVICE,
        first_name: first_name.to_owned(),
        username: username.map(str::to_owned),
        ..types::User::default()
    }
}

/// Where a forwarded message came from, in today's words and in those of old.
fn forward(shown: &mut types::Message, header: &tl::types::MessageFwdHeader, roster: &Roster) {
    let Some(origin) = origin(header, roster) else { return };
    shown.forward_date = Some(header.date.into());
    match &origin {
        types::MessageOrigin::User(origin) => {
            shown.forward_from = Some(Box::new(origin.sender_user.clone()));
        }
        types::MessageOrigin::HiddenUser(origin) => {
            shown.forward_sender_name = Some(origin.sender_user_name.clone());
        }
        types::MessageOrigin::Chat(origin) => {
            shown.forward_from_chat = Some(Box::new(origin.sender_chat.clone()));
            shown.forward_signature.clone_from(&origin.author_signature);
        }
        types::MessageOrigin::Channel(origin) => {
            shown.forward_from_chat = Some(Box::new(origin.chat.clone()));
            shown.forward_from_message_id = Some(origin.message_id);
            shown.forward_signature.clone_from(&origin.author_signature);
        }
    }
    shown.forward_origin = Some(Box::new(origin));
}

fn origin(header: &tl::types::MessageFwdHeader, roster: &Roster) -> Option<types::MessageOrigin> {
    let date = header.date.into();
    let author_signature = header.post_author.as_ref().map(|author| author.to_string());
    Some(match (header.from_id.as_ref().and_then(peer), &header.from_name) {
        (Some(Peer::User(id)), _) => {
            let sender_user = roster.user_or_stranger(id.get());
            types::MessageOrigin::User(types::MessageOriginUser { date, sender_user })
        }
        (Some(sender), _) => {
            let chat = roster.chat(sender);
            match header.channel_post {
                Some(id) => types::MessageOrigin::Channel(types::MessageOriginChannel {
                    date,
                    chat,
                    message_id: id.into(),
                    author_signature,
                }),
                None => types::MessageOrigin::Chat(types::MessageOriginChat {
                    date,
                    sender_chat: chat,
                    author_signature,
                }),
            }
        }
        (None, Some(name)) => types::MessageOrigin::HiddenUser(types::MessageOriginHiddenUser {
            date,
            sender_user_name: name.to_string(),
        }),
        (None, None) => return None,
    })
}

/// What the header of a reply says beyond the message that is answered.
fn answered(
    shown: &mut types::Message,
    header: &tl::types::MessageReplyHeader,
    roster: &Roster,
    chat: Peer,
) {
    let is_group = matches!(chat, Peer::Channel(_)) && shown.chat.r#type == "supergroup";
    if header.forum_topic || is_group {
        let thread = header.reply_to_top_id.or(header.reply_to_msg_id);
        shown.message_thread_id = thread.map(i64::from);
        shown.is_topic_message = header.forum_topic;
    }
    shown.reply_to_checklist_task_id = header.todo_item_id.map(i64::from);
    if header.quote || header.quote_text.is_some() {
        shown.quote = Some(Box::new(types::TextQuote {
            text: header.quote_text.as_ref().map(|text| text.to_string()).unwrap_or_default(),
            entities: entities(roster, header.quote_entities.as_deref()),
            position: header.quote_offset.unwrap_or_default().into(),
            is_manual: header.quote,
        }));
    }
    let Some(tl::MessageFwdHeader::MessageFwdHeader(from)) = &header.reply_from else { return };
    if let Some(origin) = origin(from, roster) {
        let elsewhere = header.reply_to_peer_id.as_ref().and_then(peer);
        shown.external_reply = Some(Box::new(types::ExternalReplyInfo {
            origin,
            chat: elsewhere.map(|chat| Box::new(roster.chat(chat))),
            message_id: header.reply_to_msg_id.map(i64::from),
            ..types::ExternalReplyInfo::default()
        }));
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
