//! What a proxy knows: its keys, the data centres behind it, and who has been there.

use std::time::Duration;

use heliogram_ids::DcId;

use super::replays::Replays;
use super::{ProxyGuise, ProxyKey};

/// What all connections of one proxy share.
#[derive(Debug)]
pub struct ProxyDoor {
    pub(super) keys: Vec<ProxyKey>,
    dc_ids: Vec<DcId>,
    pub(super) limits: ProxyLimits,
    pub(super) seen: Replays,
}

/// Bounds of a proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ProxyLimits {
    /// How far the clock of a client in fake TLS may be off, in either direction.
    pub clock_skew_max: Duration,
    /// Openings that are remembered, lest somebody plays them back; the oldest are forgotten.
    pub openings_max: usize,
}

impl ProxyLimits {
    /// Clocks of phones are off by minutes; memory for a busy quarter of an hour.
    pub const DEFAULT: Self =
        Self { clock_skew_max: Duration::from_secs(15 * 60), openings_max: 1 << 17 };
}

impl ProxyDoor {
    /// A door for who has one of `keys` and means one of `dc_ids`.
    pub fn new(keys: Vec<ProxyKey>, dc_ids: Vec<DcId>, limits: ProxyLimits) -> Self {
        Self { keys, dc_ids, limits, seen: Replays::new(limits.openings_max) }
    }

    /// The keys, as they were given.
    pub fn keys(&self) -> &[ProxyKey] {
        &self.keys
    }

    pub(super) fn has_tls(&self) -> bool {
        self.keys.iter().any(|key| matches!(key.guise, ProxyGuise::Tls { .. }))
    }

    pub(super) fn has_bare(&self) -> bool {
        self.keys.iter().any(|key| !matches!(key.guise, ProxyGuise::Tls { .. }))
    }

    /// The data centre of a preamble: negative for media, 10,000 more in the test environment.
    pub(super) fn dc(&self, named: i16) -> Option<DcId> {
        let number = named.unsigned_abs();
        let number = i32::from(number.checked_sub(TEST_DC_OFFSET).unwrap_or(number));
        self.dc_ids.iter().copied().find(|id| id.get() == number)
    }
}

const TEST_DC_OFFSET: u16 = 10_000;
