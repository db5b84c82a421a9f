//! TL input to domain types: what a caller says, checked once at the edge.

mod markup;
mod password;
mod peer;
mod reply;
mod text;

pub(super) use markup::{inline_markup, markup};
pub(super) use password::password;
pub(super) use peer::{dialog_peer, message_id, message_ids, offset_peer, peer, user};
pub(super) use reply::reply_to;
pub(super) use text::{caption, text};
