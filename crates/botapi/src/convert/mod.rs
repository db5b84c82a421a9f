//! From the wire to the Bot API: what the data centre says, as bots are told it.

mod callback;
mod chat;
mod entities;
mod files;
mod markup;
mod media;
mod member;
mod message;
mod peers;
mod service;
mod user;

pub(crate) use callback::{callback_query, inline_callback_query};
pub(crate) use chat::{chat, private_chat};
pub(crate) use files::photo_sizes;
pub(crate) use member::{channel_member, chat_member, in_channel, in_group, stopped};
pub(crate) use message::{Reply, is_news, message, same_content};
pub(crate) use peers::{message_id, peer, peers_of, reply_target, where_and_when};
pub(crate) use user::{me, user};
