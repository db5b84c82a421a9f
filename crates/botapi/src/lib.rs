//! The Bot API server: HTTP and JSON over the client framework.
//!
//! A request comes in through [`http`], its arguments are read by `body` into [`Args`], the token
//! finds its [`Bot`], and the table in `methods` the function that answers. Updates go the other
//! way: pushed into the bot's [`Feed`], and fetched by polling or sent to a webhook.

mod args;
mod body;
mod bots;
mod chat_ref;
mod clock;
mod error;
pub mod file_id;
mod http;
mod json;
mod methods;
mod multipart;
mod options;
pub mod params;
mod reply;
mod reply_markup;
mod route;
mod token;
pub mod types;
mod updates;

pub use args::{Args, InputFile, Upload};
pub use bots::{Bot, Bots};
pub use chat_ref::ChatRef;
pub use error::{ApiError, Content};
pub use http::serve;
pub use json::Fault;
pub use multipart::{Headers, Malformed, Multipart, Piece};
pub use options::{Limits, Options};
pub use reply::{Answer, Success};
pub use reply_markup::ReplyMarkup;
pub use token::Token;
pub use updates::{Allowed, Feed, NewUpdate, UpdateKind};
