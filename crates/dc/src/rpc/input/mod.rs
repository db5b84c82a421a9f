//! TL input to domain types: what a caller says, checked once at the edge.

mod markup;
mod peer;
mod reply;
mod text;

pub(super) use markup::markup;
pub(super) use peer::{message_id, offset_peer, peer, user};
pub(super) use reply::reply_to;
pub(super) use text::{caption, text};
