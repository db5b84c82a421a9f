//! Records of application data: the envelope of everything behind the hellos.

use super::{APPLICATION_DATA, CHANGE_CIPHER_SPEC, RECORD_HEAD_BYTES};
use crate::Fault;

/// Takes a stream of records apart, however it is chopped.
#[derive(Debug, Default)]
pub(crate) struct Records {
    head: [u8; RECORD_HEAD_BYTES],
    head_len: usize,
    /// Bytes of the record at hand that have not come yet.
    missing: usize,
    kind: Kind,
    /// Whether application data has been seen.
    is_open: bool,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Kind {
    #[default]
    Data,
    /// Read and forgotten.
    Dressing,
}

impl Records {
    /// Moves the content of records to the front of `bytes`, over their heads; gives its length.
    pub(crate) fn open(&mut self, bytes: &mut [u8]) -> Result<usize, Fault> {
        let (mut from, mut to) = (0, 0);
        while from < bytes.len() {
            if self.missing == 0 {
                from += self.take_head(bytes.get(from..).unwrap_or_default())?;
                continue;
            }
            let taken = self.missing.min(bytes.len() - from);
            if self.kind == Kind::Data {
                bytes.copy_within(from..from + taken, to);
                to += taken;
            }
            from += taken;
            self.missing -= taken;
        }
        Ok(to)
    }

    /// Appends a record around bytes from the front of `bytes`; gives how many.
    pub(crate) fn seal(bytes: &[u8], out: &mut Vec<u8>) -> usize {
        let (content, _) = bytes.split_at(bytes.len().min(usize::from(CONTENT_BYTES_MAX)));
        let len = u16::try_from(content.len()).unwrap_or(CONTENT_BYTES_MAX);
        out.extend_from_slice(&APPLICATION_DATA);
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(content);
        content.len()
    }

    /// Takes bytes of a head; gives how many.
    fn take_head(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let (_, slots) = self.head.split_at_mut(self.head_len);
        let taken = slots.len().min(bytes.len());
        for (slot, byte) in slots.iter_mut().zip(bytes) {
            *slot = *byte;
        }
        self.head_len += taken;
        if self.head_len == RECORD_HEAD_BYTES {
            self.head_len = 0;
            self.begin()?;
        }
        Ok(taken)
    }

    /// Judges a whole head.
    // Clients say "change cipher spec" once, in front of their first data, as TLS 1.3 does.
    fn begin(&mut self) -> Result<(), Fault> {
        let [kind, major, minor, len @ ..] = self.head;
        let len = u16::from_be_bytes(len);
        self.kind = match (kind, len) {
            (0x17, 1..=SEALED_BYTES_MAX) => Kind::Data,
            (0x14, 1) if !self.is_open => Kind::Dressing,
            _ => return Err(UNFIT),
        };
        if [major, minor] != [3, 3] {
            return Err(UNFIT);
        }
        self.is_open |= self.kind == Kind::Data;
        self.missing = usize::from(len);
        Ok(())
    }
}

const _: () = assert!(CHANGE_CIPHER_SPEC.len() == RECORD_HEAD_BYTES + 1);

/// The longest record that servers write, filled to the brim.
// Seen: tdlib 2026-07 writes at most 2878 bytes and reads anything.
const CONTENT_BYTES_MAX: u16 = 1 << 14;

/// The longest that TLS 1.3 allows: the content, its kind, padding and a seal.
const SEALED_BYTES_MAX: u16 = (1 << 14) + 256;

const UNFIT: Fault = Fault::Protocol("no record of a TLS session");

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(contents: &[&[u8]]) -> Vec<u8> {
        let mut out = CHANGE_CIPHER_SPEC.to_vec();
        for content in contents {
            assert_eq!(Records::seal(content, &mut out), content.len());
        }
        out
    }

    #[track_caller]
    fn open(stream: &[u8], chunk: usize) -> Result<Vec<u8>, Fault> {
        let mut records = Records::default();
        let mut opened = Vec::new();
        for piece in stream.to_vec().chunks_mut(chunk) {
            let len = records.open(piece)?;
            opened.extend_from_slice(&piece[..len]);
        }
        Ok(opened)
    }

    #[test]
    fn records_open_however_they_are_chopped() {
        let stream = sealed(&[b"one", b"and", &[7; 300], b"!"]);
        let expected = [&b"oneand"[..], &[7; 300], b"!"].concat();
        for chunk in [1, 2, 3, 4, 5, 6, 7, 11, 64, 4096] {
            assert_eq!(open(&stream, chunk).as_ref(), Ok(&expected), "{chunk}");
        }
    }

    #[test]
    fn long_output_takes_several_records() {
        let long = vec![5; 40_000];
        let (mut rest, mut out) = (&long[..], Vec::new());
        let mut count = 0;
        while !rest.is_empty() {
            rest = &rest[Records::seal(rest, &mut out)..];
            count += 1;
        }
        assert_eq!((count, out.len()), (3, long.len() + 3 * RECORD_HEAD_BYTES));
        assert_eq!(open(&out, 1000), Ok(long));
    }

    #[test]
    fn what_no_session_holds_is_a_fault() {
        for head in [
            [0x17, 3, 3, 0, 0],
            [0x17, 3, 1, 0, 9],
            [0x17, 3, 3, 0x41, 1],
            [0x14, 3, 3, 0, 2],
            [0x15, 3, 3, 0, 2],
            [0x16, 3, 3, 0, 9],
            [0, 0, 0, 0, 0],
        ] {
            assert_eq!(open(&head, 9), Err(UNFIT), "{head:02x?}");
        }
        let late = [sealed(&[b"data"]), CHANGE_CIPHER_SPEC.to_vec()].concat();
        assert_eq!(open(&late, 9), Err(UNFIT));
    }
}
