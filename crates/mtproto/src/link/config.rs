//! What a link is told when it is made, and all of its limits.

use std::time::Duration;

use heliogram_crypto::rsa;
use heliogram_ids::DcId;

use crate::transport::{Framing, ProxySecret};

/// What all links of a server share.
#[derive(Debug)]
pub struct ServerConfig {
    /// Keys the server proves itself with, the preferred one first.
    pub rsa_keys: Vec<rsa::PrivateKey>,
    /// Data centres that clients may mean when they come here; empty if that does not matter.
    pub dc_ids: Vec<DcId>,
    /// Secret without which obfuscated connections are noise, as told to clients by `dcOption`.
    pub secret: Option<ProxySecret>,
    /// Limits of each link.
    pub limits: LinkLimits,
}

impl ServerConfig {
    /// The data centre that a client means by `dc`, if it is one of [`Self::dc_ids`].
    ///
    /// Clients negate the number for media connections and add 10,000 in the test environment.
    // Seen: tdesktop 2025-09 and mtcute do so.
    pub fn dc(&self, dc: i32) -> Option<DcId> {
        let number = dc.unsigned_abs();
        let number = number.checked_sub(TEST_DC_OFFSET).unwrap_or(number);
        self.dc_ids.iter().copied().find(|accepted| accepted.get().unsigned_abs() == number)
    }

    /// Whether a client that names `dc` in its handshake is in the right place.
    pub(crate) fn is_dc_accepted(&self, dc: i32) -> bool {
        self.dc_ids.is_empty() || self.dc(dc).is_some()
    }
}

/// Bounds of what one link may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LinkLimits {
    /// Longest frame; a longer one is a fault.
    pub frame_bytes_max: usize,
    /// Longest frame of a sender that names no key we know; a longer one is not buffered.
    pub stranger_bytes_max: usize,
    /// Handshakes that may be under way at once; a further one displaces the oldest.
    pub exchanges_max: usize,
    /// How long a handshake may take, and its last answer be repeated.
    pub exchange_lifetime: Duration,
    /// How long a client waits for its handshake.
    pub handshake_timeout: Duration,
}

impl LinkLimits {
    /// Fits all known clients.
    pub const DEFAULT: Self = Self {
        frame_bytes_max: 1 << 24,
        stranger_bytes_max: 16 << 10,
        exchanges_max: 4,
        // Spec: mtproto/auth_key: a repeated query within ten minutes gets the same answer.
        exchange_lifetime: Duration::from_secs(600),
        // Seen: tdlib 2026-07 gives up after as long.
        handshake_timeout: Duration::from_secs(10),
    };
}

impl Default for LinkLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

// The longest answer of the handshake, and tdesktop's random tail, are below 4 KiB.
const _: () = assert!(LinkLimits::DEFAULT.stranger_bytes_max >= 4096);
const _: () = assert!(LinkLimits::DEFAULT.frame_bytes_max.is_multiple_of(4));

/// What a client's link is to speak.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// Framing and disguise.
    pub transport: ClientTransport,
    /// Limits of the link.
    pub limits: LinkLimits,
}

/// How a client's bytes look on the network.
#[derive(Clone, Copy, Debug)]
pub enum ClientTransport {
    /// In the open.
    Plain(Framing),
    /// Behind key streams.
    Obfuscated(Disguise),
}

/// An obfuscated transport.
#[derive(Clone, Copy, Debug)]
pub struct Disguise {
    pub(super) framing: Framing,
    pub(super) tag: [u8; 4],
    pub(super) dc: i16,
    pub(super) secret: Option<ProxySecret>,
}

impl Disguise {
    /// Obfuscates `framing`; `None` for the full transport, which cannot be.
    ///
    /// `dc` matters to proxies only: the data centre's number, plus 10,000 in the test
    /// environment, negative for media.
    pub fn new(framing: Framing, dc: i16, secret: Option<ProxySecret>) -> Option<Self> {
        framing.tag().map(|tag| Self { framing, tag, dc, secret })
    }
}

const TEST_DC_OFFSET: u32 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dc: i32, expected: bool) {
        let dc_ids = [2, 4].map(|id| DcId::new(id).unwrap()).to_vec();
        let limits = LinkLimits::DEFAULT;
        let config = ServerConfig { rsa_keys: Vec::new(), dc_ids, secret: None, limits };
        assert_eq!(config.is_dc_accepted(dc), expected);
        assert!(ServerConfig { dc_ids: Vec::new(), ..config }.is_dc_accepted(dc));
    }

    #[test]
    fn media_and_test_numbers_mean_the_same_data_centre() {
        for dc in [2, -2, 10_002, -10_002, 4] {
            check(dc, true);
        }
        for dc in [0, 1, 3, -3, 20_002, i32::MIN, i32::MAX] {
            check(dc, false);
        }
    }
}
