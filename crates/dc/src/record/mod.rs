//! Stored records: what a row of each table holds. Ours, versioned, never a TL type.

mod auth;
mod bot;
mod dialog;
mod file;
mod markup;
mod message;
mod privacy;
mod text;
mod update;
mod user;

pub(crate) use auth::{AuthKeyRow, ClientInfo, LoginCode, LoginToken, Password, WrongCodesRow};
pub(crate) use bot::{BotCommand, BotCommands, BotProfile, FatherDialogue};
pub(crate) use dialog::{BoxState, Contact, DialogRow, Draft, NotifyScope, NotifySettings};
pub(crate) use file::{DocumentAttribute, DocumentRow, PhotoRow, PhotoSize};
pub(crate) use markup::{Button, ButtonKind, Markup};
pub(crate) use message::{
    Degrees, Forward, ForwardFrom, Media, MessageRow, Quote, Reply, Sent, ServiceAction,
};
pub(crate) use privacy::{Audience, PrivacyKey, PrivacyRule, PrivacyRules};
pub(crate) use text::{Entity, EntityKind};
pub(crate) use update::UpdateRow;
pub(crate) use user::UserRow;
