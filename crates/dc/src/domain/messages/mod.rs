//! Messages: posting, reading, editing, deleting.

mod copies;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod history;
pub(crate) mod post;
pub(crate) mod read;

pub(crate) use copies::copies;
