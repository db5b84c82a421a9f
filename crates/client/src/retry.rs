//! Whether a refused request is worth another try, and when.

use std::time::Duration;

use crate::RpcError;

/// How patient a client is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Policy {
    /// The longest wait imposed by the server that is kept in silence.
    pub(crate) flood_wait_max: Duration,
    /// Tries after trouble on the server's side.
    pub(crate) transient_tries: u32,
}

/// The tries of one request.
#[derive(Debug)]
pub(crate) struct Retry {
    policy: Policy,
    waits: u32,
    tries: u32,
}

impl Policy {
    pub(crate) const DEFAULT: Self =
        Self { flood_wait_max: Duration::from_secs(60), transient_tries: 4 };
}

impl Retry {
    pub(crate) const fn new(policy: Policy) -> Self {
        Self { policy, waits: 0, tries: 0 }
    }

    /// The pause before the next try, or that there will be none.
    pub(crate) fn after(&mut self, error: &RpcError) -> Option<Duration> {
        if let Some(wait) = error.wait() {
            self.waits += 1;
            let kept = wait <= self.policy.flood_wait_max && self.waits <= WAITS_MAX;
            // The server rounds down; a request sent at the very second is refused again.
            return kept.then(|| wait + Duration::from_millis(200));
        }
        if !error.is_transient() || self.tries >= self.policy.transient_tries {
            return None;
        }
        let pause = TRANSIENT_PAUSE * (1 << self.tries.min(6));
        self.tries += 1;
        Some(pause)
    }
}

/// Waits kept for one request.
const WAITS_MAX: u32 = 5;
/// Pause after the first failure of the server; doubles.
const TRANSIENT_PAUSE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    fn retry() -> Retry {
        Retry::new(Policy { flood_wait_max: Duration::from_secs(30), transient_tries: 2 })
    }

    #[test]
    fn a_wait_is_kept_to_its_end() {
        let pause = retry().after(&RpcError::parse(420, "FLOOD_WAIT_30"));
        assert!(pause.is_some_and(|pause| pause > Duration::from_secs(30)));
    }

    #[test]
    fn a_wait_beyond_the_limit_is_told() {
        assert_eq!(retry().after(&RpcError::parse(420, "FLOOD_WAIT_31")), None);
    }

    #[test]
    fn the_servers_own_trouble_is_tried_again_a_few_times() {
        let mut retry = retry();
        let pauses: Vec<_> =
            (0..3).map(|_| retry.after(&RpcError::parse(500, "RPC_CALL_FAIL"))).collect();
        assert_eq!(
            pauses,
            [Some(Duration::from_millis(250)), Some(Duration::from_millis(500)), None]
        );
    }

    #[test]
    fn a_bad_request_stays_bad() {
        assert_eq!(retry().after(&RpcError::parse(400, "PEER_ID_INVALID")), None);
    }
}
