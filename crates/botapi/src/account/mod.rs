//! A bot's own account at the data centre: its client, whom it has met, what was said lately.

mod errors;
mod login;
mod messages;
mod peers;
mod pump;
mod session;

pub(crate) use errors::{download, refusal, upload};
pub(crate) use login::{Account, log_in};
pub(crate) use messages::Sent;
pub(crate) use peers::Place;
pub(crate) use pump::run as pump;
