//! Acknowledgements owed to the peer: collected, then sent together.

use heliogram_ids::{MsgId, Timestamp};

/// Ids a single `msgs_ack`, `msgs_state_req` or `msg_resend_req` may name.
// Spec: mtproto/service_messages_about_messages#acknowledgment-of-receipt
pub(crate) const IDS_MAX: usize = 8192;

/// Ids of received messages that are not acknowledged yet.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    owed: Vec<MsgId>,
    due: Option<Timestamp>,
}

impl Acks {
    /// Owes an acknowledgement that should leave by `due`.
    pub(crate) fn owe(&mut self, id: MsgId, due: Timestamp) {
        if !self.owed.contains(&id) {
            self.owed.push(id);
        }
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
    }

    /// The debt is paid otherwise: a result acknowledges its request.
    pub(crate) fn settle(&mut self, id: MsgId) {
        if let Some(at) = self.owed.iter().position(|owed| *owed == id) {
            self.owed.swap_remove(at);
        }
        if self.owed.is_empty() {
            self.due = None;
        }
    }

    /// When something must be sent.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// How many are owed.
    pub(crate) fn len(&self) -> usize {
        self.owed.len()
    }

    /// Takes the ids for one `msgs_ack`, if any are owed.
    pub(crate) fn take(&mut self) -> Option<Vec<i64>> {
        let count = self.owed.len().min(IDS_MAX);
        if count == 0 {
            return None;
        }
        let ids = self.owed.drain(..count).map(MsgId::get).collect();
        if self.owed.is_empty() {
            self.due = None;
        }
        Some(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_debt_sets_the_hour() {
        let mut acks = Acks::default();
        acks.owe(MsgId(4), Timestamp::from_secs(9));
        acks.owe(MsgId(8), Timestamp::from_secs(5));
        acks.owe(MsgId(8), Timestamp::from_secs(7));
        assert_eq!(acks.due(), Some(Timestamp::from_secs(5)));
        assert_eq!(acks.take(), Some(vec![4, 8]));
        assert_eq!((acks.due(), acks.take()), (None, None));
    }

    #[test]
    fn an_answered_request_is_not_acknowledged_apart() {
        let mut acks = Acks::default();
        acks.owe(MsgId(4), Timestamp::from_secs(9));
        acks.settle(MsgId(4));
        assert_eq!((acks.due(), acks.take()), (None, None));
    }
}
