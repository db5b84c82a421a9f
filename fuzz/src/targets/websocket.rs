//! A client's WebSocket: the same stream and the same control frames however it is cut, and whatever
//! framing a stream gets, it comes out as it was.

use heliogram_mtproto::fuzzing::{Control, WebSocketReader};

use crate::chunks::chunks;

type Reading = (Vec<u8>, Vec<Control>, Result<(), u16>);

pub(super) fn check(input: &[u8]) {
    let Some((&pattern, stream)) = input.split_first() else { return };
    let whole = read(stream, 0);
    assert_eq!(read(stream, pattern), whole, "cut otherwise");
    assert_eq!(read(stream, 1), whole, "byte by byte");
    let (content, controls, _) = whole;
    assert!(content.len() + controls.len() <= stream.len(), "more came out than went in");
    for control in &controls {
        assert!(!matches!(control, Control::Ping(content) if content.len() > 125));
    }
    check_framed(stream, pattern);
}

fn read(stream: &[u8], pattern: u8) -> Reading {
    let (mut content, mut controls) = (Vec::new(), Vec::new());
    let mut reader = WebSocketReader::default();
    for piece in chunks(stream, pattern) {
        let mut bytes = piece.to_vec();
        if let Err(code) = reader.read(&mut bytes, &mut content, &mut controls) {
            assert!((1002..=1009).contains(&code), "{code}");
            return (content, controls, Err(code));
        }
    }
    (content, controls, Ok(()))
}

/// Takes the input for what lies in the socket instead.
fn check_framed(content: &[u8], pattern: u8) {
    let mut stream = Vec::new();
    for piece in chunks(content, pattern) {
        frame(0x82, piece, [pattern, 20, 33, 254], &mut stream);
    }
    assert_eq!(read(&stream, pattern.wrapping_add(7)), (content.to_vec(), Vec::new(), Ok(())));
}

fn frame(first: u8, content: &[u8], mask: [u8; 4], out: &mut Vec<u8>) {
    out.push(first);
    match content.len() {
        len @ ..126 => out.push(0x80 | len as u8),
        len => {
            out.push(0x80 | 126);
            out.extend_from_slice(&u16::try_from(len.min(65_535)).unwrap_or(0).to_be_bytes());
        }
    }
    out.extend_from_slice(&mask);
    out.extend(content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut input = vec![2];
    frame(0x02, b"one ", [1, 2, 3, 4], &mut input);
    frame(0x89, b"there?", [9, 9, 9, 9], &mut input);
    frame(0x00, &[7; 300], [0; 4], &mut input);
    frame(0x80, b"", [5; 4], &mut input);
    frame(0x88, &[3, 232], [1; 4], &mut input);
    vec![input]
}
