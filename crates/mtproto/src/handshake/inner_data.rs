//! `p_q_inner_data` in its four forms: with or without a data centre, for ever or for a time.

use bytes::Bytes;
use heliogram_tl::mtproto::types;
use heliogram_tl::{Constructor as _, DecodeError, Reader, write_bytes};

/// What a client proves and asks for, encrypted to the server's RSA key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct InnerData {
    /// The number the server gave, and its factors; big-endian.
    pub(crate) pq: Bytes,
    pub(crate) p: Bytes,
    pub(crate) q: Bytes,
    pub(crate) nonce: [u8; 16],
    pub(crate) server_nonce: [u8; 16],
    /// The secret of this exchange.
    pub(crate) new_nonce: [u8; 32],
    /// Data centre the client believes to talk to.
    pub(crate) dc: Option<i32>,
    /// Lifetime of a temporary key in seconds.
    pub(crate) expires_in: Option<i32>,
}

impl InnerData {
    /// Reads any of the four forms and leaves the reader behind it.
    pub(crate) fn parse(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (has_dc, has_expires_in) = match reader.u32()? {
            types::PQInnerData::ID => (false, false),
            types::PQInnerDataDc::ID => (true, false),
            types::PQInnerDataTemp::ID => (false, true),
            types::PQInnerDataTempDc::ID => (true, true),
            id => return Err(DecodeError::UnexpectedConstructor { id, wanted: "P_Q_inner_data" }),
        };
        Ok(Self {
            pq: reader.bytes()?,
            p: reader.bytes()?,
            q: reader.bytes()?,
            nonce: reader.array()?,
            server_nonce: reader.array()?,
            new_nonce: reader.array()?,
            dc: if has_dc { Some(reader.i32()?) } else { None },
            expires_in: if has_expires_in { Some(reader.i32()?) } else { None },
        })
    }

    /// Writes the form that has just the fields that are there.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let id = match (self.dc, self.expires_in) {
            (None, None) => types::PQInnerData::ID,
            (Some(_), None) => types::PQInnerDataDc::ID,
            (None, Some(_)) => types::PQInnerDataTemp::ID,
            (Some(_), Some(_)) => types::PQInnerDataTempDc::ID,
        };
        let mut out = Vec::with_capacity(108);
        out.extend_from_slice(&id.to_le_bytes());
        for number in [&self.pq, &self.p, &self.q] {
            write_bytes(number, &mut out);
        }
        out.extend_from_slice(&self.nonce);
        out.extend_from_slice(&self.server_nonce);
        out.extend_from_slice(&self.new_nonce);
        for field in [self.dc, self.expires_in].into_iter().flatten() {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out
    }
}

/// A big-endian number of at most 64 bits; zeros in front are allowed, as some clients send four
/// bytes whatever the number.
pub(super) fn parse_number(bytes: &[u8]) -> Option<u64> {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    let (_, digits) = bytes.split_at(zeros);
    (digits.len() <= 8).then(|| digits.iter().fold(0, |n, &byte| n << 8 | u64::from(byte)))
}

/// The number as a big-endian string without zeros in front.
pub(super) fn encode_number(number: u64) -> Bytes {
    let bytes = number.to_be_bytes();
    let zeros = (number.leading_zeros() / 8) as usize;
    Bytes::copy_from_slice(bytes.split_at(zeros.min(7)).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_as_it_was_written() {
        let forms = [(None, None), (Some(-2), None), (None, Some(86_400)), (Some(2), Some(1))];
        for (dc, expires_in) in forms {
            let inner = InnerData {
                pq: encode_number(1_468_428_376_148_703_121),
                p: encode_number(1_008_949_199),
                q: encode_number(1_455_403_679),
                nonce: [1; 16],
                server_nonce: [2; 16],
                new_nonce: [3; 32],
                dc,
                expires_in,
            };
            let bytes = Bytes::from(inner.encode());
            let mut reader = Reader::of(&bytes);
            assert_eq!(InnerData::parse(&mut reader), Ok(inner));
            assert_eq!(reader.remaining(), 0);
        }
    }

    #[track_caller]
    fn check_number(bytes: &[u8], expected: Option<u64>) {
        assert_eq!(parse_number(bytes), expected);
    }

    #[test]
    fn numbers_may_have_zeros_in_front() {
        check_number(&[], Some(0));
        check_number(&[0, 0, 1, 2], Some(0x0102));
        check_number(&[0xff; 8], Some(u64::MAX));
        check_number(&[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Some(u64::MAX));
        check_number(&[1, 0, 0, 0, 0, 0, 0, 0, 0], None);
        assert_eq!(encode_number(0x0102)[..], [1, 2]);
        assert_eq!(encode_number(0)[..], [0]);
    }
}
