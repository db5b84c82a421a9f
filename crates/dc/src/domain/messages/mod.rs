//! Messages: posting, reading, editing, deleting.

mod copies;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod forward;
pub(crate) mod history;
pub(crate) mod pin;
pub(crate) mod post;
pub(crate) mod read;
pub(crate) mod saved;
pub(crate) mod search;

pub(crate) use copies::copies;
