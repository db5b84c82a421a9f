//! Translation between layers: one server, clients of many schemas.
//!
//! A client's layer fixes which constructors it can read and which it sends. Handlers know the
//! newest layer only; [`upgrade_request`] lifts what came in, [`downgrade_result`] and
//! [`downgrade_object`] lower what goes out. Bytes become bytes, driven by tables of every
//! imported layer, and nothing is generated per layer.
//!
//! An id fixes its byte layout for ever (no id ever changed its fields), so values are read by id
//! alone. A value is written as the target layer's definition of the same *name*, field by field;
//! what has no counterpart takes a fallback or disappears: an optional field is cleared, a vector
//! element dropped. So whatever comes in, what goes out is valid in the target layer. The rules in
//! `rules` only make it nicer.

mod compose;
mod downgrade;
mod error;
mod object;
mod plan;
mod rules;
mod table;
mod transcode;
mod upgrade;
mod walk;

#[cfg(fuzzing)]
pub(crate) mod fuzzing;
#[cfg(fuzzing)]
#[path = "tests/sample.rs"]
mod sample;

#[cfg(test)]
mod tests;

pub use downgrade::{downgrade_object, downgrade_result};
pub use error::TranslateError;
pub use table::{function_id, function_name, functions, is_known, nearest};
pub use upgrade::upgrade_request;
