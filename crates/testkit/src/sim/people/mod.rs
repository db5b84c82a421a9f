//! The people of a world: their sessions, what each of these believes, and the bot among them.

mod bot;
mod http;
mod notebook;
mod picture;
mod seat;

pub(super) use bot::{Bot, BotRecord};
pub(super) use notebook::Notebook;
pub(super) use picture::{Picture, chat_of, id_of, is_forwarded, plain, text_of};
pub(super) use seat::{Person, Seat};
