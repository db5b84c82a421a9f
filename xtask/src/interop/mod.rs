//! Strangers on our stage: stock clients, unmodified and pinned, each run against a cloud of its own.
//!
//! `interop/README.md` says what they play, `interop/ACTOR.md` how they are told, and
//! `interop/<stranger>/stranger.toml` who they are. This module installs a stranger, starts a cloud
//! with a cast of people, has the scenario played and the scripts run, and counts.

mod actor;
mod bill;
mod cable;
mod cast;
mod certificate;
mod claim;
mod cloud;
mod install;
mod job;
mod play;
mod readme;
mod record;
mod scenario;
mod stage;
mod stranger;
mod table;
mod task;
mod transport;
mod voice;

pub(crate) use readme::rewrite;
pub(crate) use task::run;
