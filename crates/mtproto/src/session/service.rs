//! Service messages: told apart from requests and updates by their constructor ids.

use bytes::Bytes;
use heliogram_tl::{Constructor, Decode, DecodeError, Function, Reader, mtproto as tl};

use super::answer::RESULT_ID;

/// What a client sends outside of requests.
#[derive(Debug, PartialEq)]
pub(crate) enum FromClient {
    Ack(tl::types::MsgsAck),
    Ping(tl::Ping),
    PingDelayDisconnect(tl::PingDelayDisconnect),
    FutureSalts(tl::GetFutureSalts),
    StateReq(tl::types::MsgsStateReq),
    ResendReq(tl::types::MsgResendReq),
    ResendAnsReq(tl::types::MsgResendAnsReq),
    DropAnswer(tl::RpcDropAnswerRequest),
    DestroySession(tl::DestroySession),
    DestroyAuthKey,
    HttpWait(tl::types::HttpWait),
    /// Reports that nothing has to be done about.
    Report,
    /// None of these: for the API.
    Request,
}

/// What a server sends.
#[derive(Debug, PartialEq)]
pub(crate) enum FromServer {
    Result,
    Ack(tl::types::MsgsAck),
    Bad(tl::types::BadMsgNotification),
    BadSalt(tl::types::BadServerSalt),
    NewSession(tl::types::NewSessionCreated),
    Pong(tl::types::Pong),
    FutureSalts(tl::types::FutureSalts),
    StateInfo(tl::types::MsgsStateInfo),
    Detailed(tl::types::MsgDetailedInfo),
    NewDetailed(tl::types::MsgNewDetailedInfo),
    SessionDestroyed(i64),
    KeyDestroyed(tl::DestroyAuthKeyRes),
    /// Requests and reports that a client may leave alone.
    Report,
    /// None of these: an update.
    Update,
}

impl FromClient {
    /// Classifies a message body and reads it, if it is of the service schema.
    pub(crate) fn parse(body: &Bytes) -> Result<Self, DecodeError> {
        use tl::types;
        Ok(match Reader::of(body).peek_u32()? {
            types::MsgsAck::ID => Self::Ack(decode(body)?),
            tl::Ping::ID => Self::Ping(decode(body)?),
            tl::PingDelayDisconnect::ID => Self::PingDelayDisconnect(decode(body)?),
            tl::GetFutureSalts::ID => Self::FutureSalts(decode(body)?),
            types::MsgsStateReq::ID => Self::StateReq(decode(body)?),
            types::MsgResendReq::ID => Self::ResendReq(decode(body)?),
            types::MsgResendAnsReq::ID => Self::ResendAnsReq(decode(body)?),
            tl::RpcDropAnswerRequest::ID => Self::DropAnswer(decode(body)?),
            tl::DestroySession::ID => Self::DestroySession(decode(body)?),
            tl::DestroyAuthKey::ID => Self::DestroyAuthKey,
            types::HttpWait::ID => Self::HttpWait(decode(body)?),
            types::MsgsStateInfo::ID | types::MsgsAllInfo::ID | types::Pong::ID => Self::Report,
            _ => Self::Request,
        })
    }
}

impl FromServer {
    /// Classifies a message body and reads it, if it is of the service schema; an `rpc_result`
    /// is left to [`Answer::decode`](super::Answer::decode).
    pub(crate) fn parse(body: &Bytes) -> Result<Self, DecodeError> {
        use tl::types;
        Ok(match Reader::of(body).peek_u32()? {
            RESULT_ID => Self::Result,
            types::MsgsAck::ID => Self::Ack(decode(body)?),
            types::BadMsgNotification::ID => Self::Bad(decode(body)?),
            types::BadServerSalt::ID => Self::BadSalt(decode(body)?),
            types::NewSessionCreated::ID => Self::NewSession(decode(body)?),
            types::Pong::ID => Self::Pong(decode(body)?),
            types::FutureSalts::ID => Self::FutureSalts(decode(body)?),
            types::MsgsStateInfo::ID => Self::StateInfo(decode(body)?),
            types::MsgDetailedInfo::ID => Self::Detailed(decode(body)?),
            types::MsgNewDetailedInfo::ID => Self::NewDetailed(decode(body)?),
            types::DestroySessionOk::ID | types::DestroySessionNone::ID => {
                Self::SessionDestroyed(destroyed_session(body)?)
            }
            KEY_DESTROYED | KEY_UNKNOWN | KEY_KEPT => Self::KeyDestroyed(decode(body)?),
            types::MsgsStateReq::ID | types::MsgResendReq::ID | types::MsgsAllInfo::ID => {
                Self::Report
            }
            _ => Self::Update,
        })
    }
}

/// The constructors of `DestroyAuthKeyRes`, which have no fields and hence no types.
const KEY_DESTROYED: u32 = 0xf660_e1d4;
const KEY_UNKNOWN: u32 = 0x0a9f_2259;
const KEY_KEPT: u32 = 0xea10_9b13;

fn destroyed_session(body: &Bytes) -> Result<i64, DecodeError> {
    match decode(body)? {
        tl::DestroySessionRes::DestroySessionOk(answer) => Ok(answer.session_id),
        tl::DestroySessionRes::DestroySessionNone(answer) => Ok(answer.session_id),
    }
}

fn decode<T: Decode>(body: &Bytes) -> Result<T, DecodeError> {
    T::from_bytes(body)
}

#[cfg(test)]
mod tests {
    use heliogram_tl::Encode;

    use super::*;

    #[track_caller]
    fn check(message: &impl Encode, expected: FromClient) {
        assert_eq!(FromClient::parse(&message.to_bytes().into()), Ok(expected));
    }

    #[test]
    fn clients_service_messages_are_told_from_requests() {
        let ping = tl::Ping { ping_id: 7 };
        check(&ping, FromClient::Ping(ping.clone()));
        check(&tl::DestroyAuthKey {}, FromClient::DestroyAuthKey);
        check(&heliogram_tl::help::GetConfig {}, FromClient::Request);
    }

    #[test]
    fn the_answers_to_destroy_auth_key_are_recognised() {
        for answer in [
            tl::DestroyAuthKeyRes::DestroyAuthKeyOk,
            tl::DestroyAuthKeyRes::DestroyAuthKeyNone,
            tl::DestroyAuthKeyRes::DestroyAuthKeyFail,
        ] {
            let parsed = FromServer::parse(&answer.to_bytes().into());
            assert_eq!(parsed, Ok(FromServer::KeyDestroyed(answer)));
        }
    }

    #[test]
    fn a_service_message_cut_short_is_no_request() {
        let ping = Bytes::from(tl::Ping { ping_id: 7 }.to_bytes());
        assert!(FromClient::parse(&ping.slice(..8)).is_err());
        assert!(FromClient::parse(&ping.slice(..2)).is_err());
    }
}
