//! The targets, one file each: what an input is, and what must hold whatever it says.

mod bot_request;
mod both_sessions;
mod cloud;
mod files;
mod frames;
mod gaps;
mod handshake;
mod http_port;
mod identifiers;
mod layers;
mod packed;
mod params;
mod proxy;
mod seal;
mod server_session;
mod text;
mod tl;
mod websocket;

mod script;
mod table;

use script::{noise, script};
pub(crate) use table::{check, choose};
