//! Service messages of the client and their replies. None of the replies is an `rpc_result`,
//! except to `rpc_drop_answer`.

use std::time::Duration;

use heliogram_ids::{MsgId, SessionId, Timestamp};
use heliogram_tl::{Encode as _, mtproto as tl};

use super::session::Fate;
use super::{HttpWait, KeyDestruction, ServerSession, SessionEvent};
use crate::Fault;
use crate::session::acks::IDS_MAX;
use crate::session::service::FromClient;
use crate::session::{Answer, Packing, SaltSchedule};

impl ServerSession {
    pub(super) fn on_service(
        &mut self,
        now: Timestamp,
        salts: &SaltSchedule,
        id: MsgId,
        message: FromClient,
    ) -> Result<(), Fault> {
        match message {
            FromClient::Ack(acks) => self.on_acks(&acks.msg_ids)?,
            FromClient::Ping(ping) => self.pong(id, ping.ping_id),
            FromClient::PingDelayDisconnect(ping) => {
                self.pong(id, ping.ping_id);
                let delay =
                    Duration::from_secs(u64::from(ping.disconnect_delay.max(0).unsigned_abs()));
                self.events.push_back(SessionEvent::DisconnectAfter(delay));
            }
            FromClient::FutureSalts(request) => {
                self.reply(salts.future_salts(id, now, request.num).to_bytes());
            }
            FromClient::StateReq(request) => self.on_state_req(id, now, &request.msg_ids)?,
            FromClient::ResendReq(request) => self.on_resend_req(id, &request.msg_ids)?,
            FromClient::ResendAnsReq(request) => self.on_resend_ans_req(&request.msg_ids)?,
            FromClient::DropAnswer(request) => self.on_drop_answer(id, MsgId(request.req_msg_id)),
            FromClient::DestroySession(request) => {
                self.on_destroy_session(SessionId(request.session_id))
            }
            FromClient::DestroyAuthKey => self.events.push_back(SessionEvent::DestroyAuthKey),
            FromClient::HttpWait(wait) => self.events.push_back(SessionEvent::HttpWait(HttpWait {
                max_wait: millis(wait.max_wait),
                wait_after: millis(wait.wait_after),
                max_delay: millis(wait.max_delay),
            })),
            FromClient::Report | FromClient::Request => {}
        }
        Ok(())
    }

    /// The other session of this key is gone, or there was none.
    // Seen: Telethon 1.x expects the answer bare.
    pub fn session_destroyed(&mut self, session_id: SessionId, existed: bool) {
        let session_id = session_id.get();
        self.reply(if existed {
            tl::types::DestroySessionOk { session_id }.to_bytes()
        } else {
            tl::types::DestroySessionNone { session_id }.to_bytes()
        });
    }

    /// What became of the key. After [`KeyDestruction::Done`], send this and close the link.
    // Seen: TDLib 1.8, mtcute and Telethon expect it bare; tdesktop 5 waits for an rpc_result, but
    // takes the error -404 that follows for success.
    pub fn key_destroyed(&mut self, outcome: KeyDestruction) {
        let answer = match outcome {
            KeyDestruction::Done => tl::DestroyAuthKeyRes::DestroyAuthKeyOk,
            KeyDestruction::Unknown => tl::DestroyAuthKeyRes::DestroyAuthKeyNone,
            KeyDestruction::Failed => tl::DestroyAuthKeyRes::DestroyAuthKeyFail,
        };
        self.reply(answer.to_bytes());
    }

    // Ids that are unknown, repeated, or of messages that need none are no offence.
    // Seen: Telethon 1.x acknowledges every id, containers and pongs included.
    fn on_acks(&mut self, ids: &[i64]) -> Result<(), Fault> {
        for id in bounded(ids)? {
            self.kept.acknowledge(MsgId(*id));
            self.repeats.remove(&MsgId(*id));
        }
        Ok(())
    }

    fn pong(&mut self, id: MsgId, ping_id: i64) {
        self.reply(tl::types::Pong { msg_id: id.get(), ping_id }.to_bytes());
    }

    fn on_resend_req(&mut self, id: MsgId, ids: &[i64]) -> Result<(), Fault> {
        let ids = bounded(ids)?;
        let known = |session: &Self, id: &i64| session.kept.contains(MsgId(*id));
        let found: Vec<bool> = ids.iter().map(|id| known(self, id)).collect();
        self.repeats.extend(ids.iter().map(|id| MsgId(*id)).filter(|id| self.kept.contains(*id)));
        if found.contains(&false) {
            let info: Vec<u8> = found.iter().map(|found| if *found { 4 } else { 1 }).collect();
            self.reply(
                tl::types::MsgsStateInfo { req_msg_id: id.get(), info: info.into() }.to_bytes(),
            );
        }
        Ok(())
    }

    fn on_resend_ans_req(&mut self, ids: &[i64]) -> Result<(), Fault> {
        for id in bounded(ids)? {
            if let Some(Fate::Answered(answer)) = self.received.fate(MsgId(*id)).copied()
                && self.kept.contains(answer)
            {
                self.repeats.insert(answer);
            }
        }
        Ok(())
    }

    // Spec: mtproto/service_messages#request-for-cancellation-of-rpc-query
    fn on_drop_answer(&mut self, id: MsgId, target: MsgId) {
        let outcome = match self.received.fate(target).copied() {
            Some(Fate::Running | Fate::Queued) => self.drop_unsent(target),
            Some(Fate::Answered(answer)) => match self.kept.acknowledge(answer) {
                Some(kept) => {
                    self.repeats.remove(&answer);
                    tl::types::RpcAnswerDropped {
                        msg_id: answer.get(),
                        seq_no: kept.seq_no,
                        bytes: i32::try_from(kept.body.len()).unwrap_or(i32::MAX),
                    }
                    .into()
                }
                None => tl::RpcDropAnswer::RpcAnswerUnknown,
            },
            _ => tl::RpcDropAnswer::RpcAnswerUnknown,
        };
        self.queue_answer(id, &Answer::Object(outcome.to_bytes().into()), Packing::Plain);
    }

    /// The dropped request is answered too, with the same object in place of its result.
    fn drop_unsent(&mut self, target: MsgId) -> tl::RpcDropAnswer {
        let outcome = tl::RpcDropAnswer::RpcAnswerDroppedRunning;
        if let Some(answer) = self.answers.iter_mut().find(|answer| answer.request == target) {
            let instead = Answer::Object(outcome.to_bytes().into());
            let body = instead.encode(target, Packing::Plain, usize::MAX);
            self.answer_bytes = self.answer_bytes - answer.body.len() + body.len();
            answer.body = body;
        } else {
            if let Some(fate) = self.received.fate_mut(target) {
                *fate = Fate::Dropped;
            }
            self.events.push_back(SessionEvent::DropAnswer { msg_id: target });
        }
        outcome
    }

    fn on_destroy_session(&mut self, session_id: SessionId) {
        if session_id == self.id {
            // A session cannot outlive its own answer; it is not there to be destroyed.
            self.session_destroyed(session_id, false);
        } else {
            self.events.push_back(SessionEvent::DestroySession { session_id });
        }
    }
}

/// The ids of a service message, if they are no more than the protocol allows.
pub(super) fn bounded(ids: &[i64]) -> Result<&[i64], Fault> {
    if ids.len() > IDS_MAX {
        return Err(Fault::Limit { what: "ids in a service message", limit: IDS_MAX });
    }
    Ok(ids)
}

fn millis(raw: i32) -> Duration {
    Duration::from_millis(u64::from(raw.max(0).unsigned_abs()))
}
