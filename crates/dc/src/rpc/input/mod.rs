//! TL input to domain types: what a caller says, checked once at the edge.

mod channel;
mod file;
mod markup;
mod media;
mod notify;
mod password;
mod peer;
mod reply;
mod schedule;
mod text;

pub(super) use channel::channel;
pub(super) use file::{document, location, photo, upload};
pub(super) use markup::{inline_markup, markup};
pub(super) use media::media;
pub(super) use notify::notify_scope;
pub(super) use password::password;
pub(super) use peer::{dialog_peer, message_id, message_ids, offset_peer, peer, user};
pub(super) use reply::reply_to;
pub(super) use schedule::schedule;
pub(super) use text::{caption, draft_text, text};
