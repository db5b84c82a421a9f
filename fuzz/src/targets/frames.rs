//! Streams of frames, in every framing and from either side.
//!
//! The first byte says which, the second how the stream is cut; the rest is the stream. However it is
//! cut, it says the same; what was read, written again, is what was read; and no more is held back
//! than has come and a frame may hold.

use heliogram_crypto::{SeededRandom, Side};
use heliogram_mtproto::Fault;
use heliogram_mtproto::fuzzing::{Frame, FrameReader, FrameWriter};
use heliogram_mtproto::transport::Framing;

use crate::chunks::chunks;

/// What a stream turned out to say, and how it ended.
#[derive(Debug, Eq, PartialEq)]
struct Reading {
    frames: Vec<Frame>,
    fault: Option<Fault>,
}

#[derive(Clone, Copy)]
struct Setting {
    framing: Framing,
    from: Side,
    /// Whether long frames are dropped as soon as they are announced.
    drops: bool,
}

pub(super) fn check(input: &[u8]) {
    let Some((&[setting, pattern], stream)) = input.split_first_chunk() else { return };
    let setting = Setting::of(setting);
    let whole = read(setting, stream, 0);
    assert_eq!(read(setting, stream, pattern), whole, "cut otherwise");
    assert_eq!(read(setting, stream, 1), whole, "byte by byte");
    if !setting.drops {
        check_written(setting, stream, &whole);
    }
}

impl Setting {
    fn of(byte: u8) -> Self {
        let framing = Framing::ALL[usize::from(byte & 3)];
        let from = if byte & 4 == 0 { Side::Client } else { Side::Server };
        Self { framing, from, drops: byte & 8 != 0 }
    }
}

fn read(setting: Setting, stream: &[u8], pattern: u8) -> Reading {
    let Setting { framing, from, drops } = setting;
    let mut reader = FrameReader::new(framing, from, BYTES_MAX, UNANNOUNCED_BYTES_MAX);
    let mut frames = Vec::new();
    let mut come = 0;
    for piece in chunks(stream, pattern) {
        let mut input = piece;
        come += piece.len();
        loop {
            match reader.next(&mut input) {
                Ok(None) => break,
                Ok(Some(frame)) => {
                    if drops && matches!(frame, Frame::Announced { .. }) {
                        reader.discard();
                    }
                    let is_error = matches!(frame, Frame::Error(_));
                    frames.push(frame);
                    if is_error {
                        return Reading { frames, fault: None };
                    }
                }
                Err(fault) => return Reading { frames, fault: Some(fault) },
            }
        }
        assert!(input.is_empty(), "nothing came of {} bytes, and they were left", input.len());
        assert!(reader.buffered() <= BYTES_MAX + 8, "{} bytes are held back", reader.buffered());
        let promised = RESERVED_BYTES_MAX.max(2 * come);
        assert!(reader.buffered() <= promised, "{come} bytes cost {}", reader.buffered());
    }
    Reading { frames, fault: None }
}

/// Writes again what was read. All framings have one way to say a thing, but for the padding of the
/// padded one, which comes back as part of its payload.
fn check_written(setting: Setting, stream: &[u8], reading: &Reading) {
    let Setting { framing, from, .. } = setting;
    let mut writer = FrameWriter::new(framing, from);
    let mut rng = SeededRandom::new(1);
    let mut written = Vec::new();
    for frame in &reading.frames {
        match frame {
            Frame::Announced { .. } | Frame::Error(_) => {}
            Frame::QuickAck(token) => writer.quick_ack(&mut written, *token),
            Frame::Payload { payload, is_quick_ack_wanted } => {
                writer.payload(&mut written, payload, *is_quick_ack_wanted, &mut rng);
            }
        }
    }
    if framing != Framing::Padded {
        assert_eq!(stream.get(..written.len()), Some(&written[..]), "written otherwise");
        return;
    }
    let mut again = read(setting, &written, 0).frames.into_iter().filter(is_whole);
    for frame in reading.frames.iter().filter(|frame| is_whole(frame)) {
        match (frame, again.next()) {
            (
                Frame::Payload { payload, is_quick_ack_wanted },
                Some(Frame::Payload { payload: padded, is_quick_ack_wanted: still }),
            ) => assert!(padded.starts_with(payload) && *is_quick_ack_wanted == still),
            // A bare token is understood, but would give the transport away, so it gets a frame.
            (Frame::QuickAck(token), Some(Frame::Payload { payload, .. })) => {
                assert_eq!(payload, [[0xff; 4], token.to_le_bytes()].concat());
            }
            (frame, again) => assert_eq!(Some(frame), again.as_ref()),
        }
    }
}

fn is_whole(frame: &Frame) -> bool {
    matches!(frame, Frame::Payload { .. } | Frame::QuickAck(_))
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut rng = SeededRandom::new(2);
    (0..8_u8)
        .map(|setting| {
            let Setting { framing, from, .. } = Setting::of(setting);
            let mut writer = FrameWriter::new(framing, from);
            let mut input = vec![setting, 3];
            for len in [4, 40, 508, 1024] {
                writer.payload(&mut input, &vec![7; len], len == 40, &mut rng);
            }
            writer.quick_ack(&mut input, 1 << 31 | 5);
            input
        })
        .collect()
}

/// Longest frame, below what a fuzzer sends at once, so that its refusal is met too.
const BYTES_MAX: usize = 3000;
const UNANNOUNCED_BYTES_MAX: usize = 64;
/// What a frame costs before its content has come.
const RESERVED_BYTES_MAX: usize = 16 << 10;
