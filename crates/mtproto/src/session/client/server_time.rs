//! The server's clock as seen from here: ids must be of its time, not of ours.

use std::time::Duration;

use heliogram_ids::Timestamp;

/// The distance between the two clocks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ServerTime {
    ahead_nanos: i64,
    known: bool,
}

impl ServerTime {
    /// The server's time at our `now`.
    pub(super) fn at(self, now: Timestamp) -> Timestamp {
        Timestamp::from_nanos(now.nanos().saturating_add_signed(self.ahead_nanos))
    }

    /// Whether the server has told its time, so that its messages may be judged by it.
    pub(super) fn is_known(self) -> bool {
        self.known
    }

    /// The server has just said that it is `server_now`.
    pub(super) fn set(&mut self, now: Timestamp, server_now: Timestamp) {
        let ahead = i128::from(server_now.nanos()) - i128::from(now.nanos());
        self.ahead_nanos = i64::try_from(ahead).unwrap_or(0);
        self.known = true;
    }

    /// A first message tells the time well enough; the journey's length is no reason to shift. It may
    /// have waited for us, as while a computer was asleep: a later one shows that the server is
    /// further on, for none comes from the future.
    pub(super) fn learn(&mut self, now: Timestamp, server_now: Timestamp) {
        let (here, there) = (self.at(now), server_now);
        let behind = there.saturating_since(here);
        let ahead = if self.known { Duration::ZERO } else { here.saturating_since(there) };
        self.known = true;
        if behind.max(ahead) > NEGLIGIBLE {
            self.set(now, server_now);
        }
    }

    /// What was believed cannot be right: the next message tells the time anew.
    pub(super) fn doubt(&mut self) {
        self.known = false;
    }
}

const NEGLIGIBLE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_message_and_corrections_set_the_time_back() {
        let now = Timestamp::from_secs(1000);
        let mut time = ServerTime::default();
        time.learn(now, Timestamp::from_secs(500));
        assert_eq!(time.at(now), Timestamp::from_secs(500));
        time.learn(now, Timestamp::from_secs(400));
        assert_eq!(time.at(now), Timestamp::from_secs(500));
        time.learn(now, Timestamp::from_secs(900));
        assert_eq!(time.at(now), Timestamp::from_secs(900), "the first had been waiting");
        time.doubt();
        time.learn(now, Timestamp::from_secs(700));
        assert_eq!(time.at(now), Timestamp::from_secs(700));
        time.set(now, Timestamp::from_secs(1100));
        assert_eq!(time.at(now), Timestamp::from_secs(1100));
    }
}
