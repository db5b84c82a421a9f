//! Messages: posting, reading, editing, deleting.

pub(crate) mod history;
pub(crate) mod post;
