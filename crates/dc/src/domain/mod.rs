//! The rules of the cloud, over rows. Knows neither TL nor links.

pub(crate) mod access;
pub(crate) mod bot_father;
pub(crate) mod bots;
pub(crate) mod boxes;
pub(crate) mod callbacks;
pub(crate) mod codes;
pub(crate) mod contacts;
pub(crate) mod dialogs;
pub(crate) mod drafts;
pub(crate) mod files;
pub(crate) mod homes;
pub(crate) mod leftovers;
pub(crate) mod login_tokens;
pub(crate) mod logins;
pub(crate) mod messages;
pub(crate) mod names;
pub(crate) mod passwords;
pub(crate) mod permit;
pub(crate) mod presence;
pub(crate) mod privacy;
pub(crate) mod service;
pub(crate) mod text;
pub(crate) mod typing;
pub(crate) mod users;
