//! The built-in client: `login`, `send`, `read`, `upload` and `download`.
//!
//! Each command is one short run of `heliogram-client` on a session file. What a program wants
//! goes to standard output; questions, progress and everything for people go to standard error.

mod download;
mod login;
mod print;
mod progress;
mod read;
mod send;
mod upload;
mod via;

pub(crate) use download::download;
pub(crate) use login::login;
pub(crate) use read::read;
pub(crate) use send::send;
pub(crate) use upload::upload;
