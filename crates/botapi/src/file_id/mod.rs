//! `file_id`, `file_unique_id` and `inline_message_id`: byte for byte as the official server
//! codes them, so that ids issued elsewhere keep working here and ours work there.

mod code;
mod file_type;
mod inline_message;
#[cfg(test)]
mod tests;

pub use code::{FileIdError, FileRef, Location, PhotoSource};
pub use file_type::{FileClass, FileType};
pub use inline_message::InlineMessageId;
