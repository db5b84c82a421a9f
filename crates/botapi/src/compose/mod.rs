//! From the Bot API to the wire: what bots ask for, as the data centre is asked.

mod again;
mod envelope;
mod fetch;
mod markup;
mod media;
mod source;
mod text;

pub(crate) use again::again;
pub(crate) use envelope::{Addressed, Envelope, envelope};
pub(crate) use markup::{inline, reply_markup};
pub(crate) use media::{Medium, store};
pub(crate) use text::{Words, caption, required_text};
