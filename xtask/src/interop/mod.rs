//! Strangers on our stage: stock clients, unmodified and pinned, each run against a cloud of its own.
//!
//! `interop/SCENARIO.md` says what they play, `interop/<stranger>/stranger.toml` which scripts do it.
//! This module installs a stranger, starts a cloud with a cast of people, runs the scripts and counts.

mod cloud;
mod play;
mod stranger;
mod task;
mod venv;

pub(crate) use task::run;
