//! Stored records to TL, as one viewer may see them. Only reads.

mod authorization;
mod bot;
mod dialog;
mod entity;
mod file;
mod markup;
mod media;
mod message;
mod notice;
mod peers;
mod privacy;
mod update;
mod user;
mod user_full;
mod viewer;

pub(crate) use authorization::authorization;
pub(crate) use bot::bot_info;
pub(crate) use dialog::{dialog, draft, notify_settings};
pub(crate) use entity::entities;
pub(crate) use file::{document, photo};
pub(crate) use markup::markup;
pub(crate) use media::media;
pub(crate) use message::message;
pub(crate) use notice::notice;
pub(crate) use peers::{Peers, peer};
pub(crate) use privacy::{privacy_key, privacy_rules};
pub(crate) use update::{
    Repeated, affected, affected_history, log, own_log, own_post, state, updates,
};
pub(crate) use user::{status, user, usernames};
pub(crate) use user_full::{peer_settings, user_full};
pub(crate) use viewer::Viewer;
