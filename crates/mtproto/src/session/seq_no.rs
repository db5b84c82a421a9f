//! Sequence numbers: twice the count of content-related messages before, odd if this is one.
//!
//! Ours are exact. The peer's are only asked for their parity: the wire order is not the order of
//! generation, and stock clients differ in what they count as content.
// Seen: Pyrogram 2.0 sends ping even and ping_delay_disconnect odd, TDLib 1.8 sends both even,
// MTKruto sends everything odd but acknowledgements and containers.

/// Whether a message must be acknowledged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    Related,
    Service,
}

/// Numbers the messages of one sender in one session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SeqNos {
    content_sent: i32,
}

impl SeqNos {
    /// The number of the next message.
    pub(crate) fn next(&mut self, content: Content) -> i32 {
        let even = self.content_sent.wrapping_mul(2);
        match content {
            Content::Service => even,
            Content::Related => {
                self.content_sent = self.content_sent.wrapping_add(1);
                even | 1
            }
        }
    }
}

/// Whether the receiver of this number owes an acknowledgement.
pub(crate) fn needs_ack(seq_no: i32) -> bool {
    seq_no & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_content_counts() {
        use Content::{Related, Service};
        let mut numbers = SeqNos::default();
        let kinds = [Service, Related, Service, Related, Related, Service];
        assert_eq!(kinds.map(|kind| numbers.next(kind)), [0, 1, 2, 3, 5, 6]);
    }
}
