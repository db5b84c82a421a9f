//! What an operator decides before the start.

use std::net::SocketAddr;
use std::path::PathBuf;

use heliogram_ids::DcId;

use crate::limits::Limits;

/// Settings of one data centre.
#[derive(Clone, Debug)]
pub struct Config {
    /// The number by which clients know this data centre.
    pub dc_id: DcId,
    /// Development or production.
    pub mode: Mode,
    /// Addresses that clients are told to dial, the first one first.
    pub addresses: Vec<SocketAddr>,
    /// How a login code reaches a person whose account has no other session.
    pub code_delivery: CodeDelivery,
    /// Bounds.
    pub limits: Limits,
}

/// What may be relaxed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Test phone numbers with fixed codes; no flood limits.
    Development,
    /// Nothing is relaxed.
    Production,
}

/// Where login codes go besides account 777000 and the server's log.
#[derive(Clone, Debug, Default)]
pub enum CodeDelivery {
    /// Nowhere else.
    #[default]
    LogOnly,
    /// A command that is run with the phone number and the code as its arguments.
    Hook(PathBuf),
}
