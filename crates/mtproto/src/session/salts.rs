//! The server's salts of one authorization key: a function of the key and the time.
//!
//! Nothing is stored, so a restart changes nothing: clients keep the salts they were told of.

use std::time::Duration;

use heliogram_crypto::{AuthKey, sha256};
use heliogram_ids::{MsgId, Salt, Timestamp};
use heliogram_tl::mtproto as tl;

/// How often the current salt changes.
// Spec: mtproto/description#server-salt
const PERIOD: Duration = Duration::from_secs(30 * 60);
/// A salt is accepted in its own period and in the next.
const PERIODS_VALID: u64 = 2;
/// Most salts one `future_salts` carries.
const LISTED_MAX: i32 = 64;

/// Which salt of a key is current, accepted and to come.
#[derive(Clone)]
pub struct SaltSchedule {
    seed: [u8; 32],
    /// The salt that the handshake agreed on, and how long it is accepted.
    agreed: Option<(Salt, Timestamp)>,
}

/// The salts of one period, so that a message costs a comparison instead of a hash.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SaltWindow {
    period: u64,
    pub(crate) current: Salt,
    previous: Salt,
    next: Salt,
}

impl SaltSchedule {
    /// The schedule of `key`; the same each time it is asked for.
    pub fn of(key: &AuthKey) -> Self {
        Self { seed: sha256(&[b"salt schedule", key.bytes()]), agreed: None }
    }

    /// Also accepts the salt that the handshake of a key made at `created` agreed on.
    #[must_use]
    pub fn with_agreed(mut self, salt: Salt, created: Timestamp) -> Self {
        self.agreed = Some((salt, created + 2 * PERIOD));
        self
    }

    /// The salt that the server writes and recommends at `now`.
    pub fn current(&self, now: Timestamp) -> Salt {
        self.of_period(period(now))
    }

    /// Whether a client may use `salt` at `now`.
    pub fn accepts(&self, salt: Salt, now: Timestamp) -> bool {
        self.window(now).accepts(self, salt, now)
    }

    /// The salts of the period of `now`.
    pub(crate) fn window(&self, now: Timestamp) -> SaltWindow {
        let period = period(now);
        SaltWindow {
            period,
            current: self.of_period(period),
            previous: self.of_period(period.saturating_sub(1)),
            next: self.of_period(period + 1),
        }
    }

    /// The answer to `get_future_salts`: never empty, and the first is valid at `now`.
    // Seen: TDLib 1.8 stops all queries while it knows no salt for the next minute, and asks for
    // 64; grammers 0.8 finds the request by req_msg_id.
    pub(crate) fn future_salts(
        &self,
        request: MsgId,
        now: Timestamp,
        count: i32,
    ) -> tl::types::FutureSalts {
        let first = period(now);
        let count = u64::from(count.clamp(1, LISTED_MAX).unsigned_abs());
        let salts = (first..first + count).map(|period| self.listed(period)).collect();
        tl::types::FutureSalts { req_msg_id: request.get(), now: now.unix(), salts }
    }

    fn listed(&self, period: u64) -> tl::types::FutureSalt {
        let valid_since = Timestamp::from_secs(period * PERIOD.as_secs());
        let valid_until = Timestamp::from_secs((period + PERIODS_VALID) * PERIOD.as_secs());
        tl::types::FutureSalt {
            valid_since: valid_since.unix(),
            valid_until: valid_until.unix(),
            salt: self.of_period(period).get(),
        }
    }

    fn of_period(&self, period: u64) -> Salt {
        let hash = sha256(&[&self.seed, &period.to_le_bytes()]);
        let salt = hash.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
        // Clients that know no salt send 0; it must stay wrong.
        Salt(if salt == 0 { 1 } else { salt })
    }
}

impl SaltWindow {
    /// Moves on when the period is over.
    pub(crate) fn follow(&mut self, schedule: &SaltSchedule, now: Timestamp) {
        if self.period != period(now) {
            *self = schedule.window(now);
        }
    }

    /// Whether a client may use `salt` now. The next salt is accepted too: it was announced, and
    /// the client's clock may be ahead.
    pub(crate) fn accepts(&self, schedule: &SaltSchedule, salt: Salt, now: Timestamp) -> bool {
        [self.current, self.previous, self.next].contains(&salt)
            || schedule.agreed.is_some_and(|(agreed, until)| agreed == salt && now <= until)
    }
}

impl std::fmt::Debug for SaltSchedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SaltSchedule").finish_non_exhaustive()
    }
}

fn period(now: Timestamp) -> u64 {
    now.nanos() / 1_000_000_000 / PERIOD.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    fn schedule() -> SaltSchedule {
        SaltSchedule::of(&AuthKey::new([7; 256]))
    }

    #[test]
    fn a_salt_lives_for_two_periods() {
        let salts = schedule();
        let start = Timestamp::from_secs(period(NOW) * 1800);
        let salt = salts.current(start);
        assert_eq!(salts.current(start + Duration::from_secs(1799)), salt);
        assert_ne!(salts.current(start + Duration::from_secs(1800)), salt);
        assert!(salts.accepts(salt, start + Duration::from_secs(3599)));
        assert!(!salts.accepts(salt, start + Duration::from_secs(3600)));
        assert!(!salts.accepts(Salt(0), start));
    }

    #[test]
    fn a_restart_changes_no_salt() {
        assert_eq!(schedule().current(NOW), schedule().current(NOW));
        let other = SaltSchedule::of(&AuthKey::new([8; 256]));
        assert_ne!(other.current(NOW), schedule().current(NOW));
    }

    #[test]
    fn the_agreed_salt_is_accepted_for_an_hour() {
        let salts = schedule().with_agreed(Salt(99), NOW);
        assert!(salts.accepts(Salt(99), NOW + Duration::from_secs(3600)));
        assert!(!salts.accepts(Salt(99), NOW + Duration::from_secs(3601)));
    }

    #[test]
    fn future_salts_overlap_without_a_gap_and_begin_now() {
        let answer = schedule().future_salts(MsgId(4), NOW, 64);
        assert_eq!((answer.req_msg_id, answer.now, answer.salts.len()), (4, 1_700_000_000, 64));
        assert_eq!(answer.salts[0].salt, schedule().current(NOW).get());
        for pair in answer.salts.windows(2) {
            assert_eq!(pair[1].valid_since - pair[0].valid_since, 1800);
            assert_eq!(pair[0].valid_until - pair[0].valid_since, 3600);
        }
        assert!((answer.salts[0].valid_since..=answer.salts[0].valid_until).contains(&answer.now));
    }

    #[test]
    fn any_count_gets_at_least_one_and_at_most_64() {
        for (asked, given) in [(i32::MIN, 1), (0, 1), (3, 3), (i32::MAX, 64)] {
            assert_eq!(schedule().future_salts(MsgId(4), NOW, asked).salts.len(), given);
        }
    }
}
