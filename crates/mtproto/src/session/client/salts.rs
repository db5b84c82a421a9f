//! The server's salts as a client knows them: one in use, some for later.

use std::time::Duration;

use heliogram_ids::{Salt, Timestamp};
use heliogram_tl::mtproto as tl;

/// How many salts to ask for; at two an hour they last half a day.
pub(super) const WANTED: i32 = 24;
/// Time before a question that got no answer is asked again.
const ASK_EVERY: Duration = Duration::from_secs(60);
/// Salts to come below which more are asked for.
const LEFT_MIN: usize = 2;

/// Which salt to send with.
#[derive(Debug)]
pub(super) struct Salts {
    current: Salt,
    /// Announced salts, by the time from which they are valid.
    to_come: Vec<tl::types::FutureSalt>,
    asked: Option<Timestamp>,
}

impl Salts {
    pub(super) fn new(current: Salt) -> Self {
        Self { current, to_come: Vec::new(), asked: None }
    }

    /// The salt to use at this time of the server's.
    pub(super) fn at(&mut self, server_now: Timestamp) -> Salt {
        let now = server_now.unix();
        let begun = self.to_come.iter().take_while(|salt| salt.valid_since <= now).count();
        if let Some(salt) = self.to_come.drain(..begun).next_back() {
            self.current = Salt(salt.salt);
        }
        self.current
    }

    pub(super) fn current(&self) -> Salt {
        self.current
    }

    /// The server has named the salt of this moment.
    pub(super) fn adopt(&mut self, salt: Salt) {
        self.current = salt;
    }

    /// The server has announced salts.
    pub(super) fn announce(&mut self, salts: Vec<tl::types::FutureSalt>) {
        self.to_come = salts;
        self.to_come.sort_by_key(|salt| salt.valid_since);
    }

    /// Whether to ask for more now; notes that it was done.
    pub(super) fn wants_more(&mut self, now: Timestamp) -> bool {
        let recently = self.asked.is_some_and(|asked| now < asked + ASK_EVERY);
        if self.to_come.len() >= LEFT_MIN || recently {
            return false;
        }
        self.asked = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salt(valid_since: i32, salt: i64) -> tl::types::FutureSalt {
        tl::types::FutureSalt { valid_since, valid_until: valid_since + 3600, salt }
    }

    #[test]
    fn salts_take_over_when_their_time_comes() {
        let mut salts = Salts::new(Salt(1));
        salts.announce(vec![salt(200, 3), salt(100, 2)]);
        let mut check =
            |at, expected| assert_eq!(salts.at(Timestamp::from_secs(at)), Salt(expected));
        check(99, 1);
        check(100, 2);
        check(250, 3);
        check(9999, 3);
    }

    #[test]
    fn more_are_asked_for_in_time_and_not_too_often() {
        let mut salts = Salts::new(Salt(1));
        let now = Timestamp::from_secs(50);
        assert!(salts.wants_more(now));
        assert!(!salts.wants_more(now + Duration::from_secs(59)));
        assert!(salts.wants_more(now + Duration::from_secs(60)));
        salts.announce(vec![salt(100, 2), salt(200, 3)]);
        assert!(!salts.wants_more(now + Duration::from_secs(600)));
    }
}
