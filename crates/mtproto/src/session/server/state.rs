//! `msgs_state_req`: one byte for each id that the client is unsure about.
//!
//! Spec: mtproto/service_messages_about_messages#request-for-message-status-information.

use heliogram_ids::{MsgId, Timestamp};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::ServerSession;
use super::service::bounded;
use super::session::Fate;
use crate::Fault;
use crate::session::msg_id::{Skew, skew};
use crate::session::received::Novelty;

const UNKNOWN: u8 = 1;
const NOT_RECEIVED: u8 = 2;
const NOT_RECEIVED_HIGH: u8 = 3;
const RECEIVED: u8 = 4;
const PROCESSING: u8 = 32;
const ANSWERED: u8 = 64;
const ANSWER_ARRIVED: u8 = 128;

impl ServerSession {
    // Seen: TDLib 1.8 closes the connection if the lengths differ, sends a request again on 1 to
    // 3, and on 4 waits for the answer without end.
    pub(super) fn on_state_req(
        &mut self,
        id: MsgId,
        now: Timestamp,
        ids: &[i64],
    ) -> Result<(), Fault> {
        let info: Vec<u8> = bounded(ids)?.iter().map(|id| self.state(MsgId(*id), now)).collect();
        let answer = tl::types::MsgsStateInfo { req_msg_id: id.get(), info: info.into() };
        self.reply(answer.to_bytes());
        Ok(())
    }

    fn state(&self, id: MsgId, now: Timestamp) -> u8 {
        match self.received.fate(id) {
            Some(Fate::Done) => RECEIVED,
            Some(Fate::Running | Fate::Dropped) => RECEIVED | PROCESSING,
            Some(Fate::Queued) => RECEIVED | ANSWERED,
            Some(Fate::Answered(answer)) if self.kept.contains(*answer) => RECEIVED | ANSWERED,
            Some(Fate::Answered(_)) => RECEIVED | ANSWERED | ANSWER_ARRIVED,
            // Received, but saying so would leave the client waiting for an answer that no
            // longer exists.
            Some(Fate::NotKept | Fate::Lost) => UNKNOWN,
            None => self.state_of_unseen(id, now),
        }
    }

    fn state_of_unseen(&self, id: MsgId, now: Timestamp) -> u8 {
        match self.received.range() {
            _ if skew(id, now) == Err(Skew::High) => NOT_RECEIVED_HIGH,
            Some((_, newest)) if id > newest => NOT_RECEIVED_HIGH,
            _ if self.received.novelty(id) == Novelty::Forgotten => UNKNOWN,
            Some((oldest, _)) if id > oldest => NOT_RECEIVED,
            _ => UNKNOWN,
        }
    }
}
