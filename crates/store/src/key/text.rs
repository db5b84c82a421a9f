//! Text and byte strings as keys: a zero byte becomes 00 FF, and 00 00 ends the string, so that
//! a string sorts before its own continuations and nothing inside can look like the end.

use super::{Key, KeyReader};
use crate::StoreError;

const ESCAPED_ZERO: u8 = 0xFF;
const END: u8 = 0;

impl Key for Vec<u8> {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_escaped(self, out);
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        let mut bytes = Self::new();
        loop {
            match input.take()? {
                [0] => match input.take()? {
                    [END] => return Ok(bytes),
                    [ESCAPED_ZERO] => bytes.push(0),
                    _ => return Err(StoreError::BadKey("unknown escape")),
                },
                [byte] => bytes.push(byte),
            }
        }
    }
}

impl Key for String {
    fn encode(&self, out: &mut Vec<u8>) {
        encode_escaped(self.as_bytes(), out);
    }

    fn decode(input: &mut KeyReader<'_>) -> Result<Self, StoreError> {
        Self::from_utf8(Vec::decode(input)?).map_err(|_| StoreError::BadKey("not UTF-8"))
    }
}

fn encode_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len() + 2);
    for &byte in bytes {
        out.push(byte);
        if byte == 0 {
            out.push(ESCAPED_ZERO);
        }
    }
    out.extend_from_slice(&[0, END]);
}
