//! Messages: sending, changing, forwarding, reading. Requests are values that are awaited.

mod change;
mod history;
mod media;
mod send;
mod sent;

pub use history::Page;
pub use media::SendMedia;
pub use send::SendMessage;
pub use sent::Sent;
