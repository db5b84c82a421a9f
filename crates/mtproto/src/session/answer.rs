//! `rpc_result`: the answer to a request, an object or an error, packed if that pays.

use bytes::Bytes;
use heliogram_ids::MsgId;
use heliogram_tl::{
    Constructor as _, Decode as _, DecodeError, Encode as _, Reader, mtproto as tl,
};

use crate::message::gzip;

/// Constructor id of `rpc_result`, which the schema cannot describe: its object is of any type.
pub(crate) const RESULT_ID: u32 = 0xf35c_6d01;

/// What a request came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// The boxed result.
    Object(Bytes),
    /// `rpc_error`.
    Error {
        /// The class of error, as HTTP numbers them.
        code: i32,
        /// Its name: `PEER_ID_INVALID`, `FLOOD_WAIT_5`.
        text: String,
    },
}

/// Whether compressing a body is worth a try.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Packing {
    /// Compress when the body is large enough and gets smaller.
    #[default]
    Auto,
    /// Leave it: parts of files are compressed already.
    Plain,
}

impl Answer {
    /// The `rpc_result` that carries this answer.
    pub(crate) fn encode(
        &self,
        request: MsgId,
        packing: Packing,
        packed_bytes_min: usize,
    ) -> Bytes {
        let mut out = Vec::with_capacity(self.encoded_len());
        out.extend_from_slice(&RESULT_ID.to_le_bytes());
        out.extend_from_slice(&request.get().to_le_bytes());
        match self {
            Self::Object(object) => {
                let worth_it = packing == Packing::Auto && object.len() >= packed_bytes_min;
                let packed = if worth_it { gzip::pack(object) } else { None };
                out.extend_from_slice(packed.as_ref().unwrap_or(object));
            }
            Self::Error { code, text } => {
                let error_message = text.as_str().into();
                tl::types::RpcError { error_code: *code, error_message }.encode(&mut out);
            }
        }
        debug_assert!(out.len().is_multiple_of(4), "objects are whole words");
        out.into()
    }

    /// Reads the body of an `rpc_result`: the request it answers, and the answer unpacked.
    ///
    /// A packed object that cannot be unpacked becomes an error of our own, so that its request
    /// ends all the same.
    pub(crate) fn decode(body: &Bytes, bytes_max: usize) -> Result<(MsgId, Self), DecodeError> {
        let mut reader = Reader::of(body);
        reader.u32()?;
        let request = MsgId(reader.i64()?);
        let object = reader.rest();
        if !gzip::is_packed(&object) {
            return Ok((request, Self::of_object(object)?));
        }
        match gzip::unpack(&object, bytes_max) {
            Ok(object) => Ok((request, Self::of_object(object)?)),
            Err(bad) => Ok((request, Self::Error { code: -500, text: bad.to_string() })),
        }
    }

    fn of_object(object: Bytes) -> Result<Self, DecodeError> {
        if Reader::of(&object).peek_u32()? != tl::types::RpcError::ID {
            return Ok(Self::Object(object));
        }
        let error = tl::types::RpcError::from_bytes(&object)?;
        Ok(Self::Error { code: error.error_code, text: error.error_message.to_string() })
    }

    fn encoded_len(&self) -> usize {
        match self {
            Self::Object(object) => 12 + object.len(),
            Self::Error { text, .. } => 32 + text.len(),
        }
    }
}

/// Whether a body is an `rpc_result` that holds an error.
pub(crate) fn is_error(body: &Bytes) -> bool {
    let word = |at: usize| body.get(at..)?.first_chunk().map(|word| u32::from_le_bytes(*word));
    word(0) == Some(RESULT_ID) && word(12) == Some(tl::types::RpcError::ID)
}

/// Whether a body refuses a message of the client's for its time, its number or its salt.
pub(crate) fn is_refusal(body: &Bytes) -> bool {
    let id = body.first_chunk().map(|word| u32::from_le_bytes(*word));
    [tl::types::BadMsgNotification::ID, tl::types::BadServerSalt::ID].map(Some).contains(&id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_round_trip(answer: &Answer) -> usize {
        let body = answer.encode(MsgId(4), Packing::Auto, 512);
        assert_eq!(Answer::decode(&body, 1 << 20), Ok((MsgId(4), answer.clone())));
        body.len()
    }

    #[test]
    fn every_kind_of_answer_survives_the_wire() {
        check_round_trip(&Answer::Object(Bytes::from_static(b"boolTrue")));
        check_round_trip(&Answer::Error { code: 420, text: "FLOOD_WAIT_5".to_owned() });
        assert!(check_round_trip(&Answer::Object(vec![7; 4096].into())) < 200);
    }

    #[test]
    fn a_result_that_cannot_be_unpacked_is_an_error() {
        let bomb = Answer::Object(vec![0; 1 << 16].into()).encode(MsgId(4), Packing::Auto, 512);
        let (request, answer) = Answer::decode(&bomb, 1 << 10).unwrap();
        assert_eq!(request, MsgId(4));
        assert!(matches!(answer, Answer::Error { code: -500, .. }));
    }
}
