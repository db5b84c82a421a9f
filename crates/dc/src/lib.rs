//! The data centre: a Telegram-compatible cloud in one process.
//!
//! A request enters at [`gateway`], is unwrapped and brought to the newest layer, finds its handler
//! in the tables of [`rpc`], which parses, asks for permission, does its work in [`domain`] over one
//! transaction, and renders the answer ([`render`]). What others must learn goes into the update log
//! in the same transaction; [`fanout`] tells live sessions after the commit.

mod admin;
mod audit;
mod check;
mod config;
mod cx;
mod domain;
mod effects;
mod error;
mod fanout;
mod gateway;
mod image;
mod limits;
mod meters;
mod record;
mod render;
mod restored;
mod rpc;
mod server;
mod server_key;
mod tables;
mod workers;
mod world;

#[cfg(any(test, fuzzing))]
#[cfg_attr(fuzzing, allow(dead_code))]
mod fixture;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;

pub use admin::{NewBot, NewUser};
pub use audit::Audit;
pub use check::{Finding, check};
pub use config::{CodeDelivery, Config, FurtherDc, Mode};
pub use error::RpcError;
pub use gateway::{Ailment, Health};
pub use image::Image;
pub use limits::Limits;
pub use restored::{POSITIONS_SKIPPED, UNFINISHED, after_restore};
pub use rpc::{Coverage, coverage};
pub use server::{Foundations, Home, Server, StartError};
pub use workers::{Worker, Workers};
