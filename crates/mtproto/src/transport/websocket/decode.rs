//! Frames of a client, taken apart as they arrive: nothing but a control frame is ever collected.

/// The receiving half of a WebSocket.
#[derive(Debug, Default)]
pub(crate) struct WebSocket {
    head: [u8; HEAD_BYTES_MAX],
    head_len: usize,
    frame: Option<Frame>,
    /// Whether the next frame of data goes on with a message.
    is_within_message: bool,
    control: Vec<u8>,
}

/// What a client sent, piece by piece.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Piece<'a> {
    /// Bytes of the stream.
    Data(&'a mut [u8]),
    /// A question that wants its content back.
    Ping(Vec<u8>),
    /// The client hangs up.
    Close,
}

/// A breach of the WebSocket protocol, by the code that closes it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Violation(pub(crate) u16);

#[derive(Clone, Copy, Debug)]
struct Frame {
    kind: Kind,
    missing: usize,
    /// Turned so that its first byte belongs to the next one that arrives.
    mask: [u8; 4],
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Data,
    Ping,
    Pong,
    Close,
}

impl WebSocket {
    /// Takes bytes from the front of `input` until there is a piece, unmasked in place.
    ///
    /// `None` when the input is used up.
    pub(crate) fn next<'a>(
        &mut self,
        input: &mut &'a mut [u8],
    ) -> Result<Option<Piece<'a>>, Violation> {
        loop {
            let Some(frame) = &mut self.frame else {
                if !self.read_head(input)? {
                    return Ok(None);
                }
                continue;
            };
            let available = input.len().min(frame.missing);
            if available == 0 && frame.missing > 0 {
                return Ok(None);
            }
            let (taken, rest) = std::mem::take(input).split_at_mut(available);
            *input = rest;
            frame.unmask(taken);
            let (kind, is_whole) = (frame.kind, frame.missing == 0);
            if is_whole {
                self.frame = None;
            }
            if kind == Kind::Data {
                if taken.is_empty() {
                    continue;
                }
                return Ok(Some(Piece::Data(taken)));
            }
            self.control.extend_from_slice(taken);
            if is_whole && let Some(piece) = self.control(kind) {
                return Ok(Some(piece));
            }
        }
    }

    /// Reads one head; false if it needs more bytes than there are.
    fn read_head(&mut self, input: &mut &mut [u8]) -> Result<bool, Violation> {
        loop {
            let head = self.head.get(..self.head_len).unwrap_or_default();
            if let Some((frame, fin)) = parse_head(head)? {
                self.head_len = 0;
                self.begin(frame, fin)?;
                return Ok(true);
            }
            if input.is_empty() {
                return Ok(false);
            }
            let (byte, rest) = std::mem::take(input).split_at_mut(1);
            *input = rest;
            let (Some(slot), Some(byte)) = (self.head.get_mut(self.head_len), byte.first()) else {
                return Err(Violation(PROTOCOL_ERROR));
            };
            *slot = *byte;
            self.head_len += 1;
        }
    }

    /// Judges a frame by those before it.
    fn begin(&mut self, (opcode, frame): (u8, Frame), fin: bool) -> Result<(), Violation> {
        if frame.kind == Kind::Data {
            if (opcode == CONTINUATION) != self.is_within_message {
                return Err(Violation(PROTOCOL_ERROR));
            }
            self.is_within_message = !fin;
        } else if !fin || frame.missing > CONTROL_BYTES_MAX {
            return Err(Violation(PROTOCOL_ERROR));
        }
        self.frame = Some(frame);
        Ok(())
    }

    fn control(&mut self, kind: Kind) -> Option<Piece<'static>> {
        let content = std::mem::take(&mut self.control);
        match kind {
            Kind::Ping => Some(Piece::Ping(content)),
            Kind::Close => Some(Piece::Close),
            Kind::Data | Kind::Pong => None,
        }
    }
}

impl Frame {
    fn unmask(&mut self, bytes: &mut [u8]) {
        for four in bytes.chunks_mut(4) {
            for (byte, mask) in four.iter_mut().zip(self.mask) {
                *byte ^= mask;
            }
        }
        self.mask.rotate_left(bytes.len() % 4);
        self.missing -= bytes.len();
    }
}

type Head = ((u8, Frame), bool);

/// Reads the head of a frame; `None` while it is incomplete.
fn parse_head(head: &[u8]) -> Result<Option<Head>, Violation> {
    let &[first, second, ref rest @ ..] = head else { return Ok(None) };
    let kind = match first & !FIN {
        CONTINUATION | BINARY => Kind::Data,
        TEXT => return Err(Violation(UNSUPPORTED)),
        CLOSE => Kind::Close,
        PING => Kind::Ping,
        PONG => Kind::Pong,
        // No extension was agreed upon that could give the reserved bits a meaning.
        _ => return Err(Violation(PROTOCOL_ERROR)),
    };
    if second & MASKED == 0 {
        return Err(Violation(PROTOCOL_ERROR));
    }
    let Some((len, rest)) = parse_len(second & !MASKED, rest) else { return Ok(None) };
    let missing = usize::try_from(len).ok().filter(|len| *len <= FRAME_BYTES_MAX);
    let missing = missing.ok_or(Violation(TOO_BIG))?;
    let Some(mask) = rest.first_chunk() else { return Ok(None) };
    Ok(Some(((first & !FIN, Frame { kind, missing, mask: *mask }), first & FIN != 0)))
}

fn parse_len(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    match short {
        126 => rest.split_first_chunk().map(|(len, rest)| (u16::from_be_bytes(*len).into(), rest)),
        127 => rest.split_first_chunk().map(|(len, rest)| (u64::from_be_bytes(*len), rest)),
        short => Some((short.into(), rest)),
    }
}

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

const PROTOCOL_ERROR: u16 = 1002;
const UNSUPPORTED: u16 = 1003;
const TOO_BIG: u16 = 1009;

/// Two bytes, eight of length, four of mask.
const HEAD_BYTES_MAX: usize = 14;
/// Longest content of a control frame.
const CONTROL_BYTES_MAX: usize = 125;
/// Longest frame of data. It is not collected; a longer one is nobody's message.
const FRAME_BYTES_MAX: usize = 32 << 20;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MASK: [u8; 4] = [1, 20, 33, 254];

    fn frame(first: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![first];
        match content.len() {
            len @ ..126 => out.push(0x80 | u8::try_from(len).unwrap()),
            len @ ..65_536 => {
                out.push(0x80 | 126);
                out.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
            }
            len => {
                out.push(0x80 | 127);
                out.extend_from_slice(&u64::try_from(len).unwrap().to_be_bytes());
            }
        }
        out.extend_from_slice(&MASK);
        out.extend(content.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        out
    }

    /// The stream and everything else, in order.
    fn decoded(bytes: &[u8], chunk: usize) -> Result<(Vec<u8>, Vec<Piece<'static>>), Violation> {
        let (mut stream, mut others) = (Vec::new(), Vec::new());
        let mut socket = WebSocket::default();
        for piece in bytes.to_vec().chunks_mut(chunk) {
            let mut input = piece;
            while let Some(piece) = socket.next(&mut input)? {
                match piece {
                    Piece::Data(data) => stream.extend_from_slice(data),
                    Piece::Ping(content) => others.push(Piece::Ping(content)),
                    Piece::Close => others.push(Piece::Close),
                }
            }
        }
        Ok((stream, others))
    }

    #[track_caller]
    fn check_violation(bytes: &[u8], code: u16) {
        assert_eq!(decoded(bytes, 3), Err(Violation(code)));
    }

    #[test]
    fn lengths_have_three_forms() {
        for len in [0, 1, 125, 126, 65_535, 65_536] {
            let content = vec![7; len];
            assert_eq!(decoded(&frame(0x82, &content), 1000).unwrap().0, content);
        }
    }

    #[test]
    fn control_frames_may_stand_between_the_parts_of_a_message() {
        let parts = [frame(0x02, b"one "), frame(0x89, b"there?"), frame(0x8a, b"unasked")];
        let rest = [frame(0x00, b"message "), frame(0x80, b"in three"), frame(0x88, &[3, 232])];
        let bytes = [parts.concat(), rest.concat()].concat();
        for chunk in [1, 2, 5, bytes.len()] {
            let (stream, others) = decoded(&bytes, chunk).unwrap();
            assert_eq!(stream, b"one message in three");
            assert_eq!(others, [Piece::Ping(b"there?".to_vec()), Piece::Close]);
        }
    }

    #[test]
    fn breaches_have_their_codes() {
        check_violation(&frame(0x81, b"text"), UNSUPPORTED);
        check_violation(&frame(0xc2, b"reserved bit"), PROTOCOL_ERROR);
        check_violation(&frame(0x83, b"reserved code"), PROTOCOL_ERROR);
        check_violation(&[0x82, 4, 1, 2, 3, 4], PROTOCOL_ERROR);
        check_violation(&frame(0x80, b"goes on with nothing"), PROTOCOL_ERROR);
        check_violation(&[frame(0x02, b"a"), frame(0x82, b"b")].concat(), PROTOCOL_ERROR);
        check_violation(&frame(0x09, b"ping in parts"), PROTOCOL_ERROR);
        check_violation(&frame(0x89, &[0; 126]), PROTOCOL_ERROR);
        check_violation(&[0x82, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0], TOO_BIG);
    }

    proptest! {
        #[test]
        fn the_stream_survives_any_framing(
            content in proptest::collection::vec(any::<u8>(), 1..600),
            cuts in proptest::collection::vec(1_usize..200, 1..8),
            chunk in 1_usize..50,
        ) {
            let mut bytes = Vec::new();
            let mut rest = &content[..];
            for cut in cuts.iter().cycle() {
                let (part, left) = rest.split_at(rest.len().min(*cut));
                bytes.extend(frame(0x82, part));
                rest = left;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(decoded(&bytes, chunk).unwrap().0, content);
        }

        #[test]
        fn anything_may_arrive(bytes in proptest::collection::vec(any::<u8>(), 0..200), chunk in 1_usize..50) {
            let _ = decoded(&bytes, chunk);
        }
    }
}
