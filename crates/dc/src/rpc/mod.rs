//! Every method that is answered, by namespace: `messages.sendMessage` is
//! `rpc/messages/send_message.rs`, and its row stands in the table of `rpc/messages/mod.rs`.

mod account;
mod auth;
mod bots;
pub(crate) mod call;
mod canned;
mod channels;
mod contacts;
mod coverage;
pub(crate) mod dispatch;
mod help;
mod input;
mod messages;
mod photos;
pub(crate) mod route;
mod updates;
mod upload;
mod users;

pub use coverage::{Coverage, coverage};

use route::Route;

/// All tables of routes.
const TABLES: &[&[Route]] = &[
    account::ROUTES,
    auth::ROUTES,
    bots::ROUTES,
    canned::ROUTES,
    channels::ROUTES,
    contacts::ROUTES,
    help::ROUTES,
    messages::ROUTES,
    photos::ROUTES,
    updates::ROUTES,
    upload::ROUTES,
    users::ROUTES,
];
