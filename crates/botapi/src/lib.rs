//! The Bot API server: HTTP and JSON over the client framework.
//!
//! A request comes in through [`http`], its arguments are read by `body` into [`Args`], the token
//! finds its [`Bot`], and the table in `methods` the function that answers: `compose` puts what
//! the bot asks for into the words of the wire, `account` asks, `convert` puts the answer into
//! those of the Bot API. Updates go the other way: pumped from the data centre into the bot's
//! [`Feed`], and fetched by polling or sent to a webhook.

mod account;
mod args;
mod body;
mod bots;
mod chat_ref;
mod compose;
mod convert;
mod error;
pub mod file_id;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod generations;
mod http;
mod json;
mod keeping;
mod meters;
mod methods;
mod multipart;
mod options;
pub mod params;
mod reply;
mod reply_markup;
mod roster;
mod route;
mod seats;
mod throttle;
mod tls;
mod together;
mod token;
pub mod types;
mod updates;

pub use args::{Args, InputFile, Upload};
pub use bots::{Bot, Bots};
pub use chat_ref::ChatRef;
pub use error::{ApiError, Content};
pub use http::{serve, serve_connection};
pub use json::Fault;
pub use keeping::{after_restore, check};
pub use methods::coverage;
pub use multipart::{Headers, Malformed, Multipart, Piece};
pub use options::{Limits, Options, Upstream};
pub use reply::{Answer, Success};
pub use reply_markup::ReplyMarkup;
pub use token::Token;
pub use updates::{Allowed, Feed, NewUpdate, UpdateKind};
