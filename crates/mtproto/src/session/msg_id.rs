//! Message ids: time in 2⁻³² seconds, strictly increasing, the lowest two bits naming the sender.

use std::time::Duration;

use heliogram_ids::{MsgId, Timestamp};

/// Who sends a message, and why: the remainder of its id modulo 4.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// From a client.
    Client = 0,
    /// From a server, in reply to a message of the client.
    Reply = 1,
    /// From a server, of its own accord.
    Notice = 3,
}

/// What the receiver's clock says about an id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Skew {
    Low,
    High,
}

/// Gives out the ids of one sender in one session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct MsgIds {
    last: i64,
}

impl MsgIds {
    /// The next id: of this moment, or right behind the last if that is not past yet.
    pub(crate) fn next(&mut self, now: Timestamp, origin: Origin) -> MsgId {
        self.last = self.base(now) | origin as i64;
        MsgId(self.last)
    }

    /// Whether an id is so late that a container of this moment cannot hold it.
    pub(crate) fn is_early(&self, now: Timestamp, id: MsgId) -> bool {
        id.get() >= self.base(now)
    }

    fn base(&self, now: Timestamp) -> i64 {
        at(now).max(self.last.saturating_add(STEP)) & !(STEP - 1)
    }

    /// Lets ids follow a clock that was found to be ahead, and shows `now` at last. Ids that the other
    /// side may have taken are not given out again: it may complain more than once.
    pub(crate) fn rewind(&mut self, now: Timestamp) {
        if skew(MsgId(self.last), now) == Err(Skew::High) {
            self.last = 0;
        }
    }
}

/// When a message was sent, by its sender's clock.
pub fn sent_at(id: MsgId) -> Timestamp {
    let raw = id.get().cast_unsigned();
    let nanos = ((raw & 0xffff_ffff) * NANOS) >> 32;
    Timestamp::from_nanos((raw >> 32) * NANOS + nanos)
}

/// Judges the id of an outermost message; those inside a container may be older, which is how
/// they are sent again.
// Spec: mtproto/description#message-identifier-msg-id
pub(crate) fn skew(id: MsgId, now: Timestamp) -> Result<(), Skew> {
    let sent = sent_at(id);
    if sent + BEHIND_MAX < now {
        Err(Skew::Low)
    } else if sent > now + AHEAD_MAX {
        Err(Skew::High)
    } else {
        Ok(())
    }
}

/// Whether an id can be one of a client's.
///
/// Nothing is asked of the lower half: the documentation wants it non-zero, but
// Seen: Pyrogram 2.0 makes ids of whole seconds and a counter that starts at 0.
pub(crate) fn is_clients(id: MsgId) -> bool {
    id.get() & (STEP - 1) == 0
}

fn at(moment: Timestamp) -> i64 {
    let (seconds, nanos) = (moment.nanos() / NANOS, moment.nanos() % NANOS);
    ((seconds << 32) | ((nanos << 32) / NANOS)).cast_signed()
}

const NANOS: u64 = 1_000_000_000;
const STEP: i64 = 4;
const BEHIND_MAX: Duration = Duration::from_secs(300);
const AHEAD_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

    #[test]
    fn a_second_complaint_at_the_same_moment_gives_no_id_out_again() {
        let mut ids = MsgIds::default();
        ids.next(NOW + Duration::from_secs(3600), Origin::Client);
        ids.rewind(NOW);
        let first = ids.next(NOW, Origin::Client);
        assert_eq!(sent_at(first), NOW);
        ids.rewind(NOW);
        assert!(ids.next(NOW, Origin::Client) > first);
    }

    #[test]
    fn ids_rise_even_when_time_stands_still() {
        let mut ids = MsgIds::default();
        let first = ids.next(NOW, Origin::Notice);
        let second = ids.next(NOW, Origin::Reply);
        let third = ids.next(NOW - Duration::from_secs(60), Origin::Client);
        assert!(first < second && second < third);
        assert_eq!([first, second, third].map(|id| id.get() & 3), [3, 1, 0]);
    }

    #[test]
    fn an_id_tells_its_time() {
        let id = MsgIds::default().next(NOW + Duration::from_millis(250), Origin::Client);
        assert_eq!(id.get() >> 32, 1_700_000_000);
        let error = (NOW + Duration::from_millis(250)).saturating_since(sent_at(id));
        assert!(error < Duration::from_nanos(10));
    }

    #[track_caller]
    fn check(offset_secs: i64, expected: Result<(), Skew>) {
        let id = MsgId((1_700_000_000 + offset_secs) << 32);
        assert_eq!(skew(id, NOW), expected);
    }

    #[test]
    fn the_window_reaches_five_minutes_back_and_half_a_minute_ahead() {
        check(0, Ok(()));
        check(-300, Ok(()));
        check(-301, Err(Skew::Low));
        check(30, Ok(()));
        check(31, Err(Skew::High));
        assert_eq!(skew(MsgId(0), NOW), Err(Skew::Low));
        assert_eq!(skew(MsgId(-4), NOW), Err(Skew::High));
    }
}
